"""The output of `kg diff`: words, statements, and that applying them to A gives B."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

import pyoxigraph
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.cli import kg
from kg.cli.diff import FORMATS
from kg.graph.convert import from_rdflib, oxigraph_store, rdflib_graph
from kg.graph.differences import (
    Change,
    Difference,
    Side,
    Verb,
    comparable_triples,
    compare_graphs,
    without_metadata,
)
from kg.graph.named import map_sources
from kg.graph.statistics import dataset_metadata
from kg.mapping.language import TriplesMap
from kg.mapping.project import make_mapper
from kg.mapping.schema_org import MAPS
from kg.model.errors import FormatError
from kg.model.namespaces import RDF, SDO, VOID
from kg.model.records import Source, Term, Triple
from kg.model.site import Site
from kg.model.terms import literal
from kg.writers.differences import DIFFERENCE_WRITERS, choose_difference_format
from kg.writers.names import PrefixedNames

Triples: TypeAlias = set[Triple]

SITE: Final = Site()
A: Final = f"<{RDF.type}>"
ARTICLE: Final = """\
---
category: news
type: article
title: Cameras in the city
publishedDateTime: 2020-07-03T05:43:00Z
webUrl: https://a.example/1
quality: 50
provider: {name: A, domain: a.example}
topics: [AI]
images: [{url: "https://a.example/i.png", width: 640, height: 480}]
related:
  - {title: More cameras, webUrl: "https://b.example/2", type: article}
  - {title: Fewer cameras, webUrl: "https://b.example/3", type: article}
---
"""


def triples_of(text: str, site: Site = SITE, name: str = "a.md") -> Triples:
    """Return the triples of a file with this text."""
    sources = [Source(name, name, content=text.encode())]
    named = map_sources(sources, make_mapper(site))
    return {statement[:3] for one in named for statement in one.statements()}


def edit_article(*replacements: tuple[str, str]) -> str:
    text = ARTICLE
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text


def summary_of(before: Triples, after: Triples, site: Site = SITE) -> str:
    """Return the difference in words."""
    return ", ".join(str(change) for change in compare_graphs(before, after, site).changes)


def render(form: str, before: Triples, after: Triples) -> str:
    short = PrefixedNames(SITE).short
    return "".join(DIFFERENCE_WRITERS[form](compare_graphs(before, after, SITE), short))


# ---- in words


def test_equal_graphs_do_not_differ() -> None:
    assert Difference((), ()) == compare_graphs(triples_of(ARTICLE), triples_of(ARTICLE), SITE)
    assert not compare_graphs(triples_of(ARTICLE), triples_of(ARTICLE), SITE)


def test_a_new_file_is_summarized_by_its_new_nodes() -> None:
    expected = (
        "3 news articles added, 1 provider added, 1 topic added, 1 image added, "
        "1 record added, 1 file added"
    )
    assert expected == summary_of(set(), triples_of(ARTICLE))


def test_additions_in_one_direction_are_removals_in_the_other() -> None:
    there, back = summary_of(set(), triples_of(ARTICLE)), summary_of(triples_of(ARTICLE), set())
    assert there == back.replace("removed", "added")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Cameras in", "Microphones in", "1 news article renamed"),
        ("name: A,", "name: Aa,", "1 provider renamed"),
        ("[AI]", "[ai]", "1 topic renamed"),
        ("quality: 50", "quality: 51", "1 news article changed"),
        ("width: 640", "width: 641", "1 image changed"),
        ("example/1", "example/9", "1 news article added, 1 news article removed"),
        ("quality: 50", "published: true", "1 news article changed, 1 record changed"),
        ("category: news\n", "", "3 articles added, 3 news articles removed"),
        ("[AI]", "[AI, Law]", "1 topic added, 1 topic link added"),
        (
            "[AI]",
            "[Law]",
            "1 topic added, 1 topic removed, 1 topic link added, 1 topic link removed",
        ),
        (
            "domain: a",
            "domain: b",
            "1 news article changed, 1 provider added, 1 provider removed",
        ),
        (
            "a.example}",
            "a.example, images: [https://a.example/l]}",
            "1 image added, 1 image link added",
        ),
    ],
)
def test_an_edit_is_summarized_in_the_words_of_the_mapping(
    old: str, new: str, expected: str
) -> None:
    news = summary_of(triples_of(ARTICLE), triples_of(edit_article((old, new))))
    assert sorted([*expected.split(", "), "1 file changed"]) == sorted(news.split(", "))


def test_a_removed_related_item_counts_as_one_link_not_as_its_two_triples() -> None:
    shorter = re.sub(r"  - \{title: Fewer.*\n", "", ARTICLE)
    expected = "1 news article removed, 1 related link removed, 1 file changed"
    assert expected == summary_of(triples_of(ARTICLE), triples_of(shorter))


def test_a_related_work_does_not_change_when_it_gets_its_own_file() -> None:
    own = "---\ncategory: news\ntype: article\nwebUrl: https://b.example/2\n---\n"
    both = triples_of(ARTICLE) | triples_of(own, name="b.md")
    assert "1 record added, 1 file added" == summary_of(triples_of(ARTICLE), both)


def test_an_edit_that_changes_no_field_changes_only_the_file() -> None:
    assert "1 file changed" == summary_of(
        triples_of(ARTICLE), triples_of(edit_article(("type:", "# kind\ntype:")))
    )


def test_works_come_first_then_links_then_the_files() -> None:
    after = edit_article(("[AI]", "[Law]"), ("name: A,", "name: Aa,"), ("50", "60"))
    nouns = [
        change.noun
        for change in compare_graphs(triples_of(ARTICLE), triples_of(after), SITE).changes
    ]
    expected = ["news article", "provider", "topic", "topic", "topic link", "topic link", "file"]
    assert expected == nouns


def test_a_second_name_renames_nothing() -> None:
    both = triples_of(ARTICLE) | triples_of(edit_article(("name: A,", "name: Aa,")))
    assert "1 provider changed" in summary_of(triples_of(ARTICLE), both)


def test_a_class_without_a_map_has_its_short_name() -> None:
    event = {(f"<a:{number}>", A, f"<{SDO.Event}>") for number in range(1200)}
    assert "1,200 schema:Event nodes added" == summary_of(set(), event)


def test_a_node_without_a_class_is_called_node() -> None:
    before = {("<a:1>", "<a:p>", '"1"'), ("<a:2>", "<a:p>", '"1"')}
    after = {("<a:1>", "<a:p>", '"2"'), ("<a:3>", "<a:p>", '"1"')}
    assert "1 node added, 1 node removed, 1 node changed" == summary_of(before, after)


def test_a_node_that_gets_a_class_is_added_once() -> None:
    before = {("<a:1>", "<a:p>", '"1"')}
    assert "1 schema:Event node added" == summary_of(
        before, before | {("<a:1>", A, f"<{SDO.Event}>")}
    )


def test_a_node_that_loses_its_class_is_removed_once() -> None:
    after = {("<a:1>", "<a:p>", '"1"')}
    assert "1 schema:Event node removed" == summary_of(
        after | {("<a:1>", A, f"<{SDO.Event}>")}, after
    )


def test_a_node_of_two_kinds_is_summarized_as_both() -> None:
    both = triples_of(ARTICLE) | triples_of(edit_article(("category: news\n", "")))
    assert "3 articles added, 1 file changed" == summary_of(triples_of(ARTICLE), both)


def test_words_are_found_in_the_http_spelling_of_schema_org_too() -> None:
    site = Site(schema="http://schema.org/")
    after = triples_of(edit_article(("name: A,", "name: Aa,")), site)
    assert "1 provider renamed, 1 file changed" == summary_of(
        triples_of(ARTICLE, site), after, site
    )


@pytest.mark.parametrize("name", MAPS)
def test_every_map_has_words_for_its_nodes(name: str) -> None:
    one = MAPS[name]
    classes = one.classes if isinstance(one, TriplesMap) else ()
    assert ":" not in summary_of(set(), {("<a:1>", A, SITE.iri(class_)) for class_ in classes})


def test_the_metadata_of_an_export_has_words_too() -> None:
    event = {("<a:1>", A, f"<{SDO.Event}>")}
    one, two = (set(dataset_metadata(triples, SITE)) for triples in (set(), event))
    assert "1 dataset changed, 1 class partition added" == summary_of(one, two)


# ---- as text


def test_text_lists_each_removed_value_before_its_replacement() -> None:
    expected = """\
1 news article renamed, 1 file changed

<article/a.example/d817b80f9a5befb9> # news article: B
- schema:headline "Cameras in the city"
+ schema:headline "B"
- schema:name "Cameras in the city"
+ schema:name "B"
"""
    assert expected == render(
        "text", triples_of(ARTICLE), triples_of(edit_article(("Cameras in the city", "B")))
    )


def test_text_lists_the_statements_about_a_removed_file() -> None:
    assert "- schema:sha256" in render("text", triples_of(ARTICLE), set())


def test_a_node_with_several_names_is_shown_with_the_first() -> None:
    event = ("<a:1>", A, f"<{SDO.Event}>")
    names = {("<a:1>", f"<{SDO.name}>", f'"{letter}"') for letter in "qabcdefghijklmnop"}
    assert "<a:1> # schema:Event node: a\n" in render("text", set(), {event, *names})


def test_markdown_fences_each_node_as_a_diff() -> None:
    expected = """\
- 1 news article changed
- 1 file changed

```diff
<article/a.example/d817b80f9a5befb9> # news article: Cameras in the city
- kg:quality 50
+ kg:quality 5
```
"""
    assert expected == render(
        "markdown", triples_of(ARTICLE), triples_of(edit_article(("50", "5")))
    )


def test_json_has_a_version_the_words_and_every_statement() -> None:
    after = triples_of(edit_article(("quality: 50", "quality: 51")))
    document = json.loads(render("json", triples_of(ARTICLE), after))
    assert [1, False] == [document["version"], document["equal"]]
    assert {"number": 1, "noun": "news article", "verb": "changed"} == document["changes"][0]
    for side, triples in (
        ("removed", triples_of(ARTICLE) - after),
        ("added", after - triples_of(ARTICLE)),
    ):
        assert sorted(triples) == [tuple(statement.values()) for statement in document[side]]


def test_numbers_have_a_separator_and_nouns_a_plural() -> None:
    changes = [Change(1, "image", Verb.ADDED), Change(1234, "image", Verb.REMOVED)]
    assert ["1 image added", "1,234 images removed"] == [str(change) for change in changes]


# ---- applied


def update_oxigraph(before: Triples, after: Triples) -> Triples:
    store = oxigraph_store(before)
    store.update(render("sparql", before, after))
    return {(str(q.subject), str(q.predicate), str(q.object)) for q in store}


def update_rdflib(before: Triples, after: Triples) -> Triples:
    graph = rdflib_graph(before, SITE)
    graph.update(render("sparql", before, after))
    return {tuple(from_rdflib(node) or "" for node in triple) for triple in graph}  # type: ignore[misc]


def apply_patch(before: Triples, after: Triples) -> Triples:
    """Read RDF Patch: a transaction of statements to delete, which must be there, and to add."""
    first, *rows, last, end = render("patch", before, after).split("\n")
    assert ("TX .", "TC .", "") == (first, last, end)
    triples = set(before)
    for row in rows:
        (quad,) = pyoxigraph.parse(row[2:], pyoxigraph.RdfFormat.N_TRIPLES)
        triple = (str(quad.subject), str(quad.predicate), str(quad.object))
        (triples.remove if row.startswith("D ") else triples.add)(triple)
        assert row[:2] in {"D ", "A "}
    return triples


APPLIED: Final[Mapping[str, Callable[[Triples, Triples], Triples]]] = {
    "oxigraph": update_oxigraph,
    "rdflib": update_rdflib,
    "patch": apply_patch,
}
each_way = pytest.mark.parametrize("apply", APPLIED.values(), ids=APPLIED)

NASTY: Final = (
    *("\\u0041", "\\\\u0041", "\\U00000041", "\\\x01abcd", "\x01abcd", "\\", "a\\n", '"', "\n\r\t"),
    *("\x7f\x00\ufffe", "é\u2028\U0001f600", "} ; DROP ALL", "# no comment", "' '''", "", " "),
)
iris = st.sampled_from([f"<https://a.example/{number}>" for number in range(4)])
texts = st.text(st.sampled_from("\\uU0041abn\"'\n\t\x01é {}#")) | st.sampled_from(NASTY)
literals = st.builds("{}{}".format, texts.map(literal), st.sampled_from(["", "@en", "^^<a:t>"]))
graphs_ = st.sets(st.tuples(iris, iris, iris | literals), max_size=8)


@each_way
@settings(max_examples=40)
@given(before=graphs_, after=graphs_)
def test_applying_a_difference_to_the_first_graph_gives_the_second(
    apply: Callable[[Triples, Triples], Triples], before: Triples, after: Triples
) -> None:
    assert after == apply(before, after)


@each_way
@pytest.mark.parametrize("text", NASTY)
def test_any_text_survives_being_applied(
    apply: Callable[[Triples, Triples], Triples], text: str
) -> None:
    before = {("<a:s>", "<a:p>", literal(text))}
    after = {("<a:s>", "<a:p>", literal(f"{text}0041"))}
    assert [after, before] == [apply(before, after), apply(after, before)]


@each_way
def test_an_edited_site_is_brought_up_to_date(
    apply: Callable[[Triples, Triples], Triples], seeds: dict[Term, Triples]
) -> None:
    before: Triples = set().union(*seeds.values())
    after: Triples = set().union(*list(seeds.values())[1:], triples_of(ARTICLE))
    assert after == apply(before, after)


def test_an_operation_has_at_most_a_thousand_statements() -> None:
    before = {(f"<a:{number}>", "<a:p>", "<a:o>") for number in range(2001)}
    update = render("sparql", before, set())
    sizes = [block.count(" .\n") for block in update.split("DELETE DATA")[1:]]
    assert [1000, 1000, 1] == sizes
    assert set() == update_oxigraph(before, set())


# ---- the metadata of an export


def test_an_export_without_its_metadata_equals_the_sources(
    seeds: dict[Term, Triples], export: dict[Term, Triples]
) -> None:
    triples: Triples = set().union(*seeds.values())
    assert triples == without_metadata(set().union(*export.values()), SITE)


def test_metadata_is_recognized_by_its_base() -> None:
    base = "https://elsewhere.example/"
    metadata = {
        (f"<{base}dataset>", f"<{VOID.uriSpace}>", literal(base)),
        (f"<{base}dataset/schema-Person>", A, f"<{VOID.Dataset}>"),
        (f"<{base}vocab#quality>", A, f"<{RDF.Property}>"),
    }
    others = {(f"<{base}datasets>", A, f"<{VOID.Dataset}>"), (f"<{base}topic/ai>", A, "<a:b>")}
    assert others == without_metadata(metadata | others, SITE)


def test_sources_get_the_metadata_of_an_export_that_has_some() -> None:
    triples = triples_of(ARTICLE)
    exported = triples | set(dataset_metadata(triples, SITE))
    sources, export = Side(triples, SITE, is_export=False), Side(exported, SITE, is_export=True)
    assert (exported, exported) == comparable_triples(sources, export, metadata=True)
    assert (triples, triples) == comparable_triples(sources, export, metadata=False)


def test_an_export_without_metadata_gets_none() -> None:
    triples = triples_of(ARTICLE)
    sources, export = Side(triples, SITE, is_export=False), Side(triples, SITE, is_export=True)
    assert (triples, triples) == comparable_triples(sources, export, metadata=True)
    exported = Side(triples | set(dataset_metadata(triples, SITE)), SITE, is_export=True)
    assert (triples, exported.triples) == comparable_triples(export, exported, metadata=True)


# ---- the command


def run(*words: str) -> Result:
    return CliRunner().invoke(kg, ["diff", *words])


@pytest.fixture
def sites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders `old` and `new`, and the same as N-Triples."""
    monkeypatch.chdir(tmp_path)
    for name, text in (("old", ARTICLE), ("new", edit_article(("quality: 50", "quality: 51")))):
        Path(name).mkdir()
        Path(name, "a.md").write_text(text)
        CliRunner().invoke(kg, ["export", name, "-q", "-o", f"{name}.nt", "-o", f"{name}.trig.gz"])
    return tmp_path


WORDS: Final = "1 news article changed, 1 file changed\n"


def test_every_format_can_be_chosen() -> None:
    assert tuple(DIFFERENCE_WRITERS) == FORMATS


def test_a_format_name_wins_over_the_suffix_and_text_is_the_default() -> None:
    cases = (("patch", Path("d.md")), (None, Path("d.md")), (None, Path("d.txt")), (None, None))
    formats = [choose_difference_format(word, path) for word, path in cases]
    assert ["patch", "markdown", "text", "text"] == formats


def test_an_unknown_format_is_refused_with_a_list_of_the_formats() -> None:
    with pytest.raises(FormatError, match="unknown format: 'yaml'; one of text, json, markdown,"):
        choose_difference_format("yaml", None)


@pytest.mark.parametrize("a", ["old", "old/a.md", "old.nt", "old.trig.gz"])
@pytest.mark.parametrize("b", ["new", "new/a.md", "new.nt", "new.trig.gz"])
@pytest.mark.usefixtures("sites")
def test_sources_and_rdf_of_any_format_are_compared(a: str, b: str) -> None:
    result = run(a, b)
    assert (1, True) == (result.exit_code, result.stdout.startswith(WORDS))
    assert "2 statements added, 2 removed\n" == result.stderr


@pytest.mark.parametrize("b", ["old", "old.nt", "old.trig.gz"])
@pytest.mark.usefixtures("sites")
def test_equal_sides_give_code_0_and_nothing_on_stdout(b: str) -> None:
    result = run("old", b)
    assert (0, "", "no difference in 52 statements\n") == (
        result.exit_code,
        result.stdout,
        result.stderr,
    )


@pytest.mark.usefixtures("sites")
def test_quiet_prints_only_the_difference() -> None:
    assert "" == run("old", "new", "-q").stderr


@pytest.mark.usefixtures("sites")
def test_checksums_are_listed_when_all_is_asked_for() -> None:
    assert "schema:sha256" not in run("old", "new").stdout
    assert "schema:sha256" in run("old", "new", "--all").stdout


@pytest.mark.usefixtures("sites")
def test_metadata_is_compared_when_all_is_asked_for() -> None:
    Path("other.nt").write_text(Path("old.nt").read_text().replace('"AMP URL"', '"AMP page"'))
    codes = [run("old.nt", "other.nt", *words).exit_code for words in ([], ["--all"])]
    assert [0, 1] == codes


@pytest.mark.usefixtures("sites")
def test_sources_are_compared_with_an_export_as_they_would_be_exported() -> None:
    sides = (("old", "old.nt"), ("old.nt", "old"))
    assert [0, 0] == [run(*two, "--all").exit_code for two in sides]


@pytest.mark.parametrize("b", ["new.nt", "new"])
@pytest.mark.usefixtures("sites")
def test_an_export_is_brought_up_to_date_with_its_metadata(b: str) -> None:
    Path("new/b.md").write_text(ARTICLE.replace("/1", "/9"))
    CliRunner().invoke(kg, ["export", "new", "-q", "-o", "new.nt"])
    store = pyoxigraph.Store()
    store.load(path="old.nt")
    store.update(run("old.nt", b, "-f", "sparql", "-q").stdout)
    lines = sorted(f"{quad.triple!s} ." for quad in store)
    assert Path("new.nt").read_text().splitlines() == lines


@pytest.mark.parametrize(
    ("name", "start"),
    [("d.json", "{"), ("d.md", "- 1"), ("d.rdfp", "TX"), ("d.ru", "DELETE"), ("d.txt", "1 news")],
)
@pytest.mark.usefixtures("sites")
def test_the_suffix_of_the_output_selects_the_format(name: str, start: str) -> None:
    assert "" == run("old", "new", "-o", name).stdout
    assert Path(name).read_text().startswith(start)


@pytest.mark.usefixtures("sites")
def test_json_has_a_switch_of_its_own() -> None:
    assert run("old", "new", "--json").stdout == run("old", "new", "-f", "json").stdout
    assert [1, 0] == [run("old", side, "--json").exit_code for side in ("new", "old")]


@pytest.mark.usefixtures("sites")
def test_colors_are_for_terminals_and_not_for_files() -> None:
    assert "\x1b[32m+ kg:quality 51\x1b[0m\n" in run("old", "new", "--color", "always").stdout
    run("old", "new", "--color", "always", "-o", "d.txt")
    assert "\x1b" not in Path("d.txt").read_text()


@pytest.mark.parametrize("words", [(), ("old",), ("old", "new", "old"), ("-", "-")])
@pytest.mark.usefixtures("sites")
def test_exactly_two_sides_are_required(words: tuple[str, ...]) -> None:
    assert 2 == run(*words).exit_code


@pytest.mark.usefixtures("sites")
def test_standard_input_can_be_a_side() -> None:
    result = CliRunner().invoke(kg, ["diff", "-", "old"], input=ARTICLE)
    assert "1 record added, 1 record removed, 1 file added, 1 file removed\n" in result.stdout


@pytest.mark.usefixtures("sites")
def test_an_rdf_file_may_be_empty() -> None:
    Path("none.ttl").touch()
    assert (0, 1) == (run("none.ttl", "none.ttl").exit_code, run("none.ttl", "new").exit_code)


@pytest.mark.usefixtures("sites")
def test_an_unreadable_side_is_an_error_and_not_a_difference() -> None:
    Path("new/a.md").write_text("---\ntitle: [\n---\n")
    result = run("old", "new")
    assert (3, "") == (result.exit_code, result.stdout)
    assert result.stderr.endswith(
        "kg: nothing could be read from new: kg reads front matter (a block between --- lines), "
        "YAML files and RDF files\n"
    )


@pytest.mark.usefixtures("sites")
def test_findings_give_code_1_for_equal_sides() -> None:
    Path("old/b.md").write_text("---\ntitle: [\n---\n")
    result = run("old", "old.nt")
    assert (1, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith("old/b.md:")


@pytest.mark.usefixtures("sites")
def test_strict_stops_at_the_first_finding() -> None:
    Path("old/b.md").write_text("---\ntitle: [\n---\n")
    assert 3 == run("old", "old.nt", "--strict").exit_code


@pytest.mark.usefixtures("sites")
def test_a_shared_notice_is_given_once() -> None:
    for name in ("old", "new"):
        Path(name, "a.md").write_text(ARTICLE.replace("type: article\ntitle", "type: odd\ntitle"))
    assert (
        "notice: no map for type: odd, category: news; exported as schema:CreativeWork (2 times"
        in (run("old", "new").stderr)
    )


@pytest.mark.usefixtures("sites")
def test_the_base_iri_applies_to_both_sides() -> None:
    base = ("--base-iri", "https://b.example/")
    CliRunner().invoke(kg, ["export", "old", *base, "-q", "-o", "b.nt"])
    assert [1, 0] == [run("old", "b.nt").exit_code, run("old", "b.nt", *base).exit_code]


@pytest.mark.slow
def test_a_hundred_thousand_statements_a_side_take_seconds(tmp_path: Path) -> None:
    def line(number: int) -> str:
        about = f"<{SITE.base}article/a.example/{number % 12_500:016x}>"
        return f'{about} <{SDO.description}> "{"some words " * 10}{number}" .\n'

    files = [str(tmp_path / "a.nt"), str(tmp_path / "b.nt")]
    for name, start in zip(files, (0, 500), strict=True):
        Path(name).write_text("".join(line(number) for number in range(start, start + 100_000)))
    started = time.process_time()
    assert run(*files).stderr == "500 statements added, 500 removed\n"
    assert time.process_time() - started < 10
