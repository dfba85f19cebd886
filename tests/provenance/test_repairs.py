from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from click.testing import CliRunner, Result
from hypothesis import assume, given
from hypothesis import strategies as st

from kg.cli import kg
from kg.graph.named import map_sources
from kg.mapping.project import make_mapper
from kg.model.errors import SourceError
from kg.model.namespaces import SDO
from kg.model.records import Source
from kg.model.site import Site
from kg.provenance.repairs import RepairedSource, patch_of, repair_source, repair_sources
from kg.sources.discovery import discover_sources
from kg.sources.frontmatter import read_documents
from kg.sources.frontmatter.blocks import Block
from kg.sources.frontmatter.positions import Positions
from kg.sources.reading import read_positions, read_records

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.mapping.mapper import Mapper
    from kg.model.records import Statement, Term

ROOT: Final = Path(__file__).parents[2]
MAPPER: Final[Mapper] = make_mapper(Site())

HEAD: Final = "category: news\ntype: article\nwebUrl: https://a.example/1\n"


def repair_content(content: str | bytes, name: str = "a.md") -> RepairedSource:
    data = content.encode() if isinstance(content, str) else content
    return repair_source(Source(name, name, content=data), MAPPER)


def article(lines: str) -> RepairedSource:
    """Return an article with these additional lines of front matter, repaired."""
    return repair_content(f"---\n{HEAD}{lines}\n---\n")


def lines_of(one: RepairedSource) -> str:
    """Return the repaired lines of an article."""
    return one.after.removeprefix(f"---\n{HEAD}").removesuffix("\n---\n")


def changes(one: RepairedSource) -> dict[str, tuple[str | None, str | None]]:
    """Return each repaired field with its value before and after."""
    return {finding.field: (finding.value, finding.expected) for finding in one.repairs}


def why_left(one: RepairedSource) -> dict[str, str]:
    return {finding.field: finding.message for finding in one.left}


# ---- the places of scalars


YAML: Final = """# whole
a: &x   # c1
  "quo &amp;
   ted"  # c2
b: !!str 'sing''le'   # c
c: plain x   # c
d: plain one
  two   three

  four # c
e: |  # hd
  lit

  two

# com
f: [a b , !!str "c" , {g: 'd' }]
h: *x
i:
j: {<<: {k: v}}
"""


@pytest.mark.parametrize(
    ("style", "written", "field"),
    [
        ('"', '"quo &amp;\n   ted"', ("a",)),
        ('"', '"quo &amp;\n   ted"', ("h",)),
        ("'", "'sing''le'", ("b",)),
        (None, "plain x", ("c",)),
        (None, "plain one\n  two   three\n\n  four", ("d",)),
        ("|", "|  # hd\n  lit\n\n  two\n\n", ("e",)),
        (None, "a b", ("f", 0)),
        ('"', '"c"', ("f", 1)),
        ("'", "'d'", ("f", 2, "g")),
        (None, "", ("i",)),
        (None, "v", ("j", "k")),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_scalar_is_found_without_its_anchor_tag_and_comment(
    style: str | None, written: str, field: tuple[str | int, ...], newline: str
) -> None:
    whole = f"---\n{YAML}---\n".replace("\n", newline)
    block = Block(YAML.replace("\n", newline), 2, len(f"---{newline}"))
    scalar = Positions(block).scalar(0, field)
    assert scalar
    assert (style, written.replace("\n", newline)) == (
        scalar.style,
        whole[scalar.start : scalar.end],
    )


@pytest.mark.parametrize("field", [("f",), ("z",), ("a", "z"), ("f", 9), ("j", "z")])
def test_a_collection_has_no_extent(field: tuple[str | int, ...]) -> None:
    assert Positions(Block(YAML, 1)).scalar(0, field) is None


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (["s: 1"], "s: 1\na: 2"),
        (["s:\n  a: 1\n  b: 2"], "s:\n  a: 1\n  b: 2\n\nc: 3"),
        (["s: |\n  x\n\n  y"], "s: |\n  x\n\n  y\n\nc: 3"),
        (["s: 1", '"s": 2'], 'a: [{b: 1, "s": 2}]\ns: 1'),
        (["s: &x [*x, 1]"], "s: &x [*x, 1]"),
        (["s: {s: 1}"], "s: {s: 1}"),
        (["s: 1"], "a: &a {s: 1}\nb: *a\nc: {<<: *a}"),
        (["s:"], "s:\na: 1"),
    ],
)
def test_an_extent_goes_from_a_key_to_the_end_of_its_value(expected: list[str], text: str) -> None:
    extents = Positions(Block(text, 1)).extents({"s"})
    assert expected == [text[start:end] for start, end in extents]


# ---- which fields


def test_a_field_is_repaired_by_its_type_in_the_mapping() -> None:
    one = article(
        'title: "A &amp; B"\n'
        "publishedDateTime: 2020-07-03 05:43:00Z\n"
        "ampWebUrl: https://a.example/&amp;b\n"
        "provider: {name: X &amp; Y, domain: ' a.example '}\n"
        "topics: [A&amp;I]\n"
        "images: https://a.example/ü.png\n"
        "related:\n"
        "  - title: C &amp; D\n"
        "    webUrl: https://a.example/2\n"
        "    images: [{url: https://a.example/ü.png, title: C &amp; D}]"
    )
    expected = {
        "title": "A & B",
        "publishedDateTime": "2020-07-03T05:43:00Z",
        "ampWebUrl": "https://a.example/&b",
        "provider.name": "X & Y",
        "provider.domain": "a.example",
        "topics[0]": "A&I",
        "images": "https://a.example/%C3%BC.png",
        "related[0].title": "C & D",
        "related[0].images[0].url": "https://a.example/%C3%BC.png",
        "related[0].images[0].title": "C & D",
    }
    assert expected == {field: after for field, (_, after) in changes(one).items()}


@pytest.mark.parametrize(
    "lines",
    [
        'unheard: "A &amp; B"',
        'secured: "A &amp; B"',
        'secured: {title: "A &amp; B"}',
        'related: [{secured: "A &amp; B", webUrl: https://a.example/2}]',
        'images: [{isCached: "A &amp; B", url: https://a.example/2}]',
        "quality: ' 5 '",
        'provider: {domain: a.example, unheard: {title: "A &amp; B"}}',
        'title: ["A &amp; B"]',
        'title: {name: "A &amp; B"}',
        '# title: "A &amp; B"',
        "title: ''",
        'title: "&nbsp;"',
        "publishedDateTime: 07/03/2020",
    ],
)
def test_values_that_the_mapping_does_not_read_as_text_are_unchanged(lines: str) -> None:
    one = article(lines)
    assert RepairedSource(one.source) == one


def test_the_body_is_unchanged() -> None:
    text = "---\ntitle: A &amp; B\n---\nA &amp; B\n---\ntitle: A &amp; B\n---\n"
    assert text.replace("&amp;", "&", 1) == repair_content(text).after


def test_the_seeds_have_two_urls_to_repair() -> None:
    found = repair_sources(discover_sources([str(ROOT / "seeds")]), MAPPER)
    repair_or_discard = [finding.field for one in found for finding in one.repairs]
    assert ["related[9].images[0].url", "related[22].images[0].url"] == repair_or_discard


# ---- how they are written


SPELLINGS: Final[list[tuple[str, str]]] = [
    # plain
    ("title: A & B  # &amp;", "title: A &amp; B  # &amp;"),
    ("title: A\n  B & C\n\n  D", "title: A\n  B &amp; C\n\n  D"),
    ('title: "A: B"', "title: A&#58; B"),
    ('title: "A #B"', "title: A &#35;B"),
    ('title: "12"', "title: 1&#50;"),
    ('title: "no"', "title: n&#111;"),
    ('title: "2020-07-03"', "title: 2020-07-0&#51;"),
    ("title: 12 A", "title: 1&#50; A"),
    ('title: A "B" \\', "title: A &quot;B&quot; \\"),
    ("publishedDateTime: 2020-07-03T05:43:00Z", "publishedDateTime: 2020-07-03 05:43 UTC"),
    # in flow collections
    ("topics: [A & B, C]", "topics: [A &amp; B, C]"),
    ('topics: ["A, B", C]', "topics: [A&#44; B, C]"),
    ("provider: {name: A & B , domain: a.b}", "provider: {name: A &amp; B , domain: a.b}"),
    # single-quoted
    ("title: 'A & B''s'", "title: ' A &amp; B''s '"),
    ("title: 'it''s'", "title: 'it&#39;s'"),
    ("title: 'A\n  & B'", "title: 'A\n  &amp; B'"),
    # double-quoted
    (r'title: "\u00e9 & \"B\""', r'title: "\u00e9 &amp; \"B\""'),
    ('title: "A \\\n  & B"', 'title: "A \\\n  &amp; B"'),
    ('title: "A \\"B\\""', 'title: "A &quot;B&quot;"'),
    (r'title: "A \\ B"', 'title: "A &#92; B"'),
    ('title: "A B"', r'title: "A\u200b\_B\n"'),
    (r'title: "A\u0085B"', r'title: "A\NB\n"'),
    (r'title: "A 😀 B\tC"', r'title: "A 😀 B\tC "'),
    ('title: "é 😀"', r'title: "é 😀\n"'),
    # blocks
    ("excerpt: |-\n  A & B\n   C  \n\n  D", "excerpt: |-\n  A &amp; B\n   C  \n\n  D"),
    ("excerpt: |-\n  A \n   B \n  C", "excerpt: |-\n  A\u00a0\n   \u200bB\u00a0\n  C"),
    ("excerpt: |-\n  A\n   B", "excerpt: |-\n  A\n  \u00a0B"),
    ("excerpt: |-  # c\n  A &\n\n  B\nheat: 1", "excerpt: |  # c\n  A &amp;\n\n  B\nheat: 1"),
    ("excerpt: >-\n  A\n  B\n\n\nheat: 1", "excerpt: >+\n  A\n  B\n\n\nheat: 1"),
    ("excerpt: |2-\n  A\n  B\n \nheat: 1", "excerpt: |2\n  A\n  B \t\n \nheat: 1"),
    ("excerpt: >-2\n  A & B", "excerpt: >-2\n  A &amp; B"),
    ("webUrl: >-\n  https://a.org/%20", "webUrl: >-\n  https://a.org/&#32;"),
    # behind an anchor or a tag
    ("title: &x  # c\n  A & B", "title: &x  # c\n  A &amp; B"),
    ('title: !!str "A & B"', 'title: !!str "A &amp; B"'),
    ("title: ! 'A & B'", "title: ! 'A &amp; B'"),
]


@pytest.mark.parametrize(("expected", "dirty"), SPELLINGS)
def test_a_scalar_keeps_its_style_if_it_can_express_the_new_value(
    expected: str, dirty: str
) -> None:
    for newline, mark in product(("\n", "\r\n", "\r"), ("", "\ufeff")):
        before, after = (
            f"{mark}---\n# c\n{lines}\n\nunheard: 1 \n---\nbody &amp;".replace("\n", newline)
            for lines in (dirty, expected)
        )
        assert after == repair_content(before).after


@pytest.mark.parametrize(
    ("message", "lines"),
    [
        ("it cannot be rewritten without changing more", "excerpt: |2\n     A\n    B"),
        ("it cannot be rewritten without changing more", "excerpt: |\n  A &#10; B"),
        ("it cannot be rewritten without changing more", "title: &x A &amp; B\n*x : 1"),
        ("escaped more than once, so the right text is unknown", "title: A &amp;amp; B"),
        ("escaped more than once, so the right text is unknown", "title: ' A &am\u200bp; B'"),
        ("escaped more than once, so the right text is unknown", "title: A &amp;#8203; B"),
    ],
)
def test_an_uncertain_repair_is_not_made_but_reported(message: str, lines: str) -> None:
    one = article(lines)
    assert (one.before, ()) == (one.after, one.repairs)
    assert [f"not repaired: {message}"] == list(why_left(one).values())


def test_a_block_stays_a_block() -> None:
    assert ["excerpt"] == list(why_left(repair_content("excerpt: |\n  A &#10; B", "a.yml")))


def test_an_unrepaired_value_does_not_prevent_other_repairs() -> None:
    one = article("title: A &amp;amp; B\nexcerpt: A &amp; B\ntopics: [A &amp;amp; B, A &amp; B]")
    assert "title: A &amp;amp; B\nexcerpt: A & B\ntopics: [A &amp;amp; B, A & B]" == lines_of(one)
    assert ["title", "topics[0]"] == list(why_left(one))


# ---- aliases and merge keys


@pytest.mark.parametrize(
    ("expected", "dirty"),
    [
        ("title: &x A & B\nexcerpt: *x", "title: &x A &amp; B\nexcerpt: *x"),
        ("unheard: &x A & B\nexcerpt: *x", "unheard: &x A &amp; B\nexcerpt: *x"),
        ("title: &x A & B\nunheard: [*x]", "title: &x A &amp; B\nunheard: [*x]"),
        ("a: &a {title: A & B}\n<<: *a", "a: &a {title: A &amp; B}\n<<: *a"),
        (
            "related: [&r {title: A & B, webUrl: http://b.c}, {<<: *r, heat: 1}, *r]",
            "related: [&r {title: A &amp; B, webUrl: http://b.c}, {<<: *r, heat: 1}, *r]",
        ),
    ],
)
def test_a_value_that_an_alias_repeats_is_repaired_once_at_its_anchor(
    expected: str, dirty: str
) -> None:
    one = article(dirty)
    assert expected == lines_of(one)
    assert 1 == len(one.repairs)


def test_a_value_that_an_alias_gives_two_types_is_not_repaired() -> None:
    one = article("ampWebUrl: &u https://a.org/é\ntitle: *u")
    assert one.before == one.after
    assert "an alias makes it a value of another kind, too" in next(iter(why_left(one).values()))


def test_a_value_with_two_types_is_repaired_if_both_give_the_same_result() -> None:
    one = article('ampWebUrl: &u " https://a.org/ "\ntitle: *u')
    assert 'ampWebUrl: &u "https://a.org/"\ntitle: *u' == lines_of(one)


# ---- what is reported


def test_a_repair_names_its_place_its_rules_and_both_values() -> None:
    (one,) = article("topics:\n  - ' A &amp; \u200bB'").repairs
    assert ("a.md", 6, 5, "topics[0]") == (
        one.places[0].source.path,
        one.places[0].line,
        one.places[0].column,
        one.field,
    )
    assert "entities, invisible characters, surrounding white space" == one.message
    assert (" A &amp; \u200bB", "A & B") == (one.value, one.expected)


def test_repairs_are_in_the_order_of_the_file() -> None:
    one = article("topics: [A &amp;, B &amp;, C &amp;]\ntitle: A &amp;")
    assert ["topics[0]", "topics[1]", "topics[2]", "title"] == list(changes(one))


def test_each_document_of_a_yaml_file_is_repaired() -> None:
    one = repair_content("title: A &amp;\n---\n# none\n---\ntitle: B &amp;  # c\n", "a.yml")
    assert "title: A &\n---\n# none\n---\ntitle: B &  # c\n" == one.after
    assert [0, 2] == [finding.places[0].document for finding in one.repairs]


def test_a_file_that_cannot_be_read_is_a_finding_and_is_unchanged() -> None:
    source = Source("a.md", "a.md", content=b"---\ntitle: A &amp;\n  b: [\n---\n")
    (one,) = repair_sources([source], MAPPER)
    assert ("", "", ()) == (one.before, one.after, one.repairs)
    assert [("violation", 3)] == [(f.severity, f.places[0].line) for f in one.left]


@pytest.mark.parametrize(("expected", "named"), [(1, True), (0, False)])
def test_text_without_front_matter_is_a_finding_only_if_it_was_named(
    expected: int, named: bool
) -> None:
    source = Source("a.md", "a.md", named, content=b"# A &amp; B\n")
    assert expected == len(list(repair_sources([source], MAPPER)))


def test_rdf_is_not_repaired() -> None:
    assert [] == list(repair_sources([Source("a.ttl", "a.ttl", content=b"")], MAPPER))


def test_a_source_does_not_show_its_text() -> None:
    assert "A &amp;" not in repr(article("title: A &amp;").source)
    assert "SECRET" not in repr(article("title: A &amp;\nsecured: SECRET"))


# ---- any file


WORDS: Final = (
    *("tea", "R&D", "a: b", "x #y", "it's", 'say "x"', "\\", "é", "😀", "[", ",", "- ", "12", "no"),
    *("&amp;", "&#8217;", "&quot;", "&lt;b&gt;", "&nbsp;", "&amp;amp;", "&am", "p;", "&#10;"),
    *("\u200b", "\u00ad", "\ufeff", "\u00a0", "\u2060", "\u200d", "ก\u200bข", " ", "  ", "\t"),
)
URLS: Final = ("a b", "é", "&amp;", "&#038;", "|", "%zz", "%20", "?a=1&copy=2", "'", "#x", " ")
DATES: Final = (
    *("2020-07-03", "2020-07-03 05:43:00Z", "2020-07-03t05:43:00z", "2020-07-03T05:43+02"),
    *("07/03/2020", "2020-7-3", " 2020-07-03T05:43:00Z ", "2020-07-03\u00a005:43:00 UTC"),
)
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map("".join)
addresses = st.lists(st.sampled_from(URLS), max_size=3).map(lambda p: f"https://a.org/{''.join(p)}")
FIELDS: Final = {
    "title": texts,
    "excerpt": texts,
    "webUrl": addresses,
    "ampWebUrl": addresses | st.just("/a b"),
    "publishedDateTime": st.sampled_from(DATES),
    "unheard": texts,
}


def plain(value: str) -> str:
    """Return the value without quotes, if YAML allows that."""
    try:
        (document,) = read_documents(Block(f"a: {value} # c", 1))
    except (SourceError, ValueError):
        return json.dumps(value)
    return value if document.value == {"a": value} else json.dumps(value)


STYLES: Final[dict[str, Callable[[str], str]]] = {
    "plain": plain,
    "single": lambda value: "'" + value.replace("'", "''") + "'",
    "double": lambda value: json.dumps(value, ensure_ascii=False),
    "escaped": lambda value: json.dumps(value).replace("/", "\\/"),
    "literal": lambda value: f"|\n      {value}",
    "folded": lambda value: f">-  # &amp;\n      {value}\n\n      {value}",
}
SECRET: Final = "c2VjcmV0IHRleHQgdGhhdCBtdXN0IG5vdCBsZWF2ZSB0aGUgZmlsZQ=="  # noqa: S105 - no real one
SECRETS: Final = (
    f'secured: "{SECRET}"',
    f"secured: |\n  {SECRET}\n\n  {SECRET}",
    f"secured:\n  - {{title: A &amp; B {SECRET}}}",
    f"# secured: {SECRET}",
    f"#  {SECRET}",
)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A readable file like the seeds, with dirt, comments and secrets in between."""

    def lines(indent: str) -> str:
        front_matter = ""
        for name in draw(st.lists(st.sampled_from(sorted(FIELDS)), unique=True, max_size=4)):
            value = STYLES[draw(st.sampled_from(sorted(STYLES)))](draw(FIELDS[name]))
            front_matter += f"{indent}{name}: {value}\n"
            front_matter += draw(st.sampled_from(["", "", "\n", f"{indent}# it&#39;s a comment\n"]))
        if draw(st.booleans()):
            secret = draw(st.sampled_from(SECRETS)).replace("\n", f"\n{indent}")
            at = draw(st.sampled_from([0, len(front_matter)]))
            front_matter = f"{front_matter[:at]}{indent}{secret}\n{front_matter[at:]}"
        return front_matter

    related = [f"  - heat: 1\n{lines('    ')}" for _ in range(draw(st.integers(0, 2)))]
    body = draw(st.sampled_from(["", "body &amp;\n", "no end"]))
    rest = f"related:\n{''.join(related)}" if related else ""
    text = f"---\ncategory: news\ntype: article\n{lines('')}{rest}---\n{body}"
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    return draw(st.sampled_from(["", "\ufeff"])) + text


def records(text: str) -> list[dict[str, Any]]:
    source = Source("a.md", "a.md", content=text.encode())
    return [record.fields for record in read_records(source)]


def statements(text: str) -> list[Statement]:
    source = Source("a.md", "a.md", content=text.encode())
    (graph,) = map_sources([source], MAPPER)
    return [*graph.statements()]


def at(fields: Any, name: str) -> Any:
    for part in re.findall(r"\w+", name):
        fields = fields[int(part) if part.isdigit() else part]
    return fields


def put(fields: Any, name: str, value: object) -> None:
    around, _, last = name.rpartition(".")
    at(fields, around)[last] = value


def repair_or_discard(text: str) -> RepairedSource:
    try:
        one = repair_content(text)
    except SourceError:
        assume(condition=False)
        raise
    return one if one.before else replace(one, before=text, after=text)


@given(files())
def test_only_the_repaired_values_of_a_file_change(text: str) -> None:
    one = repair_or_discard(text)
    (expected,) = records(text)
    for finding in one.repairs:
        assert finding.value == at(expected, finding.field)
        put(expected, finding.field, finding.expected)
    assert [expected] == records(one.after)


@given(files())
def test_a_second_run_has_nothing_to_repair(text: str) -> None:
    one = repair_or_discard(text)
    again = repair_or_discard(one.after)
    assert (one.after, ()) == (again.after, again.repairs)
    assert [finding.message for finding in one.left] == [f.message for f in again.left]


@given(files())
def test_only_repaired_scalars_change(text: str) -> None:
    one = repair_or_discard(text)
    positions = read_positions(Source("a.md", "a.md", content=text.encode()))
    mark = text.startswith("\ufeff")
    pattern, start = "", 0
    for finding in one.repairs:
        scalar = positions.scalar(0, finding.places[0].field)
        assert scalar
        pattern += re.escape(text[start : scalar.start + mark]) + "(?s:.+)"
        start = scalar.end + mark
    assert re.fullmatch(pattern + re.escape(text[start:]), one.after)


@given(files())
def test_only_statements_of_the_repaired_fields_change(text: str) -> None:
    one = repair_or_discard(text)
    fields = {finding.places[0].field for finding in one.repairs}

    def others(of: str) -> set[tuple[Term, ...]]:
        """Return statements of no repaired field, except the hash of a file."""
        return {
            statement[:3]
            for statement in statements(of)
            if statement.field not in fields and statement.predicate != f"<{SDO.sha256}>"
        }

    assert others(text) == others(one.after)


@given(files())
def test_unescaping_and_cleaning_change_no_statement(text: str) -> None:
    one = repair_or_discard(text)
    fields = {
        finding.places[0].field
        for finding in one.repairs
        if finding.message in {"entities", "characters not allowed in a URL"}
    }

    def statements_of_fields(of: str) -> set[tuple[Term, ...]]:
        return {
            statements_of_fields[:3]
            for statements_of_fields in statements(of)
            if statements_of_fields.field in fields
        }

    assert statements_of_fields(text) == statements_of_fields(one.after)


@given(files())
def test_a_patch_shows_nothing_withheld(text: str) -> None:
    one = repair_or_discard(text)
    assert SECRET not in patch_of(one, "a.md").text
    assert SECRET not in f"{one!r}"


# ---- patches beside withheld values


BESIDE: Final = {
    "above": f'secured: "{SECRET}"\ntitle: A &amp; B\nheat: 1',
    "below": f'heat: 1\ntitle: A &amp; B\nsecured: "{SECRET}"',
    "above and below": f"secured: {SECRET}\ntitle: A &amp; B\nrelated:\n- secured: {SECRET}",
    "a block below": f"title: A &amp; B\nsecured: |\n  {SECRET}\n\n  {SECRET}\nheat: 1",
    "a block above": f"secured: >\n  {SECRET}\n\n  {SECRET}\ntitle: A &amp; B",
    "a quoted text of many lines": f'secured: "{SECRET}\n  {SECRET}"\ntitle: A &amp; B',
    "a plain text of many lines": f"secured: {SECRET}\n  {SECRET}\n\ntitle: A &amp; B",
    "a mapping": f"secured:\n  title: {SECRET}\n  x:\n  - {SECRET}\ntitle: A &amp; B",
    "a nested mapping": f"related:\n- heat: 1\n  secured:\n    x: {SECRET}\n  title: A &amp; B",
    "two lines away": f"title: A &amp; B\nheat: 1\nquality: 1\nsecured: {SECRET}\n",
    "right between two": f"title: A &amp; B\nsecured: {SECRET}\nexcerpt: A &amp; B",
    "between two": f"title: A &amp; B\nheat: 1\nsecured: {SECRET}\nquality: 1\nexcerpt: A &amp; B",
    "with a quoted key": f'title: A &amp; B\n"sec\\u0075red": {SECRET}',
    "with an explicit key": f"title: A &amp; B\n? secured\n: {SECRET}",
    "with itself inside": f"title: A &amp; B\nsecured: &s [*s, {SECRET}]",
    "in a comment": f"# secured: {SECRET}\ntitle: A &amp; B",
    "in a comment of many lines": f"# secured: |\n#   {SECRET}\ntitle: A &amp; B",
    "in a comment behind a value": f"heat: 1  # {SECRET}\ntitle: A &amp; B",
    "under a misspelt name": f"secred: {SECRET[:-2] * 2}\ntitle: A &amp; B",
    "in the body": f"title: A &amp; B\n---\n{SECRET}",
    "in the body by name": f"title: A &amp; B\n---\nsecured: >\n  {SECRET}",
    "a short one in a comment": "heat: 1  # secured: SECRET\ntitle: A &amp; B",
    "a short one": "secured: SECRET\ntitle: A &amp; B\nrelated: [{secured: SECRET}]",
}
ON_THE_LINE: Final = {
    "in a flow mapping": f"related: [{{title: A &amp; B, secured: {SECRET}}}]",
    "in one of two lines": f"related: [{{title: A &amp;, secured: {SECRET}\n  {SECRET}}}]",
    "in a comment": f"title: A &amp; B  # secured: {SECRET}",
    "in a comment without a name": f"title: A &amp; B  # {SECRET}",
    "in a merged mapping": f"<<: {{title: A &amp; B, secured: {SECRET}}}",
}


@pytest.mark.process
@pytest.mark.parametrize("tool", ["git apply", "patch -p1 -i"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("beside", BESIDE)
def test_a_patch_beside_a_withheld_value_does_not_show_it_and_applies(
    tool: str, newline: str, beside: str, tmp_path: Path
) -> None:
    one = repair_content(f"---\n{HEAD}{BESIDE[beside]}\n---\nbody\n".replace("\n", newline))
    assert one.before.replace("&amp;", "&") == one.after
    patch = patch_of(one, "a.md")
    assert not any(secret in patch.text for secret in (SECRET, SECRET[:12], "SECRET"))
    assert 0 == patch.unshown
    command = tool.split()
    if not shutil.which(command[0]):
        pytest.skip(f"no {command[0]} here")
    if patch.needs_unidiff_zero and command[0] == "git":
        command.append("--unidiff-zero")
    (tmp_path / "a.md").write_bytes(one.before.encode())
    (tmp_path / "diff").write_bytes(patch.text.encode())
    subprocess.run([*command, "diff"], cwd=tmp_path, check=True, capture_output=True)
    assert one.after.encode() == (tmp_path / "a.md").read_bytes()


@pytest.mark.parametrize("where", ON_THE_LINE)
def test_a_repair_on_the_line_of_a_withheld_value_is_made_but_not_shown(where: str) -> None:
    one = article(ON_THE_LINE[where])
    assert one.before.replace("&amp;", "&") == one.after
    assert ("", 1) == patch_of(one, "a.md")[:2]


def test_a_patch_of_a_yaml_file_shows_the_context_of_a_repair() -> None:
    text = "a: 1\ntitle: A &amp; B\nb: 2\n---\nc: 3\n"
    expected = " a: 1\n-title: A &amp; B\n+title: A & B\n b: 2\n ---\n c: 3\n"
    assert patch_of(repair_content(text, "a.yml"), "a.yml").text.endswith(expected)


def test_a_file_whose_lines_end_in_carriage_returns_is_one_line_to_git() -> None:
    text = f"---\ntitle: A &amp; B\nsecured: {SECRET}\n---\n".replace("\n", "\r")
    assert ("", 1) == patch_of(repair_content(text), "a.md")[:2]


# ---- the command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a dirty file and a clean one."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "dirty.md").write_bytes(DIRTY.encode())
    (tmp_path / "site" / "clean.md").write_bytes(CLEAN.encode())
    return tmp_path / "site"


DIRTY: Final = (
    f"\ufeff---\r\n{HEAD}title: A &amp; B  \r\nsecured: {SECRET}\r\n---\r\nA &amp; B \r\n"
)
CLEAN: Final = f"---\n{HEAD}title: A & B\n---\n"


def fix(*arguments: str) -> Result:
    return CliRunner().invoke(kg, ["fix", *arguments])


def test_nothing_is_written_without_the_option_write(folder: Path) -> None:
    assert 1 == fix("site").exit_code
    assert DIRTY.encode() == (folder / "dirty.md").read_bytes()


def test_the_written_file_has_its_repairs_and_every_other_byte(folder: Path) -> None:
    assert (0, "") == (fix("site", "--write").exit_code, fix("site", "--write").stdout)
    expected = DIRTY.replace("title: A &amp; B", "title: A & B")
    assert expected.encode() == (folder / "dirty.md").read_bytes()
    assert CLEAN.encode() == (folder / "clean.md").read_bytes()


def test_after_writing_there_is_nothing_to_repair(folder: Path) -> None:
    fix("site", "--write")
    before = (folder / "dirty.md").stat()
    again = fix("site", "--write")
    assert (0, "nothing to fix in 2 files\n") == (again.exit_code, again.stderr)
    assert before.st_mtime_ns == (folder / "dirty.md").stat().st_mtime_ns


@pytest.mark.process
def test_the_diff_has_the_same_result_as_writing(folder: Path) -> None:
    diff = fix("site").stdout_bytes
    before = (folder / "dirty.md").read_bytes()
    fix("site", "--write")
    after = (folder / "dirty.md").read_bytes()
    (folder / "dirty.md").write_bytes(before)
    command = ["git", "apply", "--unidiff-zero", "-"]
    subprocess.run(command, cwd=folder.parent, check=True, capture_output=True, input=diff)
    assert after == (folder / "dirty.md").read_bytes()


def test_a_file_keeps_its_mode_and_a_link_is_still_a_link(folder: Path) -> None:
    (folder / "dirty.md").rename(folder.parent / "there.md")
    (folder / "dirty.md").symlink_to(folder.parent / "there.md")
    (folder.parent / "there.md").chmod(0o640)
    fix("site", "--write")
    assert (folder / "dirty.md").is_symlink()
    assert "title: A & B" in (folder.parent / "there.md").read_text(encoding="utf-8")
    assert 0o640 == stat.S_IMODE((folder.parent / "there.md").stat().st_mode)


def test_paths_of_the_diff_are_relative_to_the_current_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for named in ("site", "./site", str(folder), "site/../site/dirty.md"):
        assert "--- a/site/dirty.md\n+++ b/site/dirty.md\n" in fix(named).stdout
    monkeypatch.chdir(folder)
    assert "--- a/dirty.md\n" in fix().stdout


def test_json_lists_repairs_and_unrepaired_values(folder: Path) -> None:
    (folder / "clean.md").write_text(f"---\n{HEAD}title: A &amp;amp; B\n---\n", encoding="utf-8")
    document = json.loads(fix("site", "--json").stdout)
    place = {"line": 5, "column": 8, "field": "title"}
    assert {
        "version": 1,
        "written": False,
        "repairs": [
            {
                "file": "site/dirty.md",
                **place,
                "rule": "entities",
                "before": "A &amp; B",
                "after": "A & B",
            }
        ],
        "left": [
            {
                "file": "site/clean.md",
                **place,
                "message": "not repaired: escaped more than once, so the right text is unknown",
                "value": "A &amp;amp; B",
            }
        ],
    } == document


def test_json_states_whether_repairs_were_written(folder: Path) -> None:
    result = fix("site", "--json", "--write")
    document = json.loads(result.stdout)
    assert (0, True, 1) == (result.exit_code, document["written"], len(document["repairs"]))
    assert "A & B" in (folder / "dirty.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("write", ["--dry-run", "--write"])
@pytest.mark.parametrize(
    ("code", "lines"),
    [(0, "title: A &amp;amp; B"), (1, "excerpt: |\n  A &#10; B"), (1, "title: [")],
)
def test_a_value_to_fix_by_hand_fails_and_a_possibly_correct_one_does_not(
    code: int, lines: str, write: str, folder: Path
) -> None:
    (folder / "dirty.md").write_text(f"---\n{HEAD}{lines}\n---\n", encoding="utf-8")
    assert code == fix("site", write).exit_code


@pytest.mark.parametrize(
    ("expected", "lines", "write"),
    [
        ("nothing to fix in 2 files", "title: A &amp;amp; B", "--write"),
        ("1 repair in 1 file; --write makes it", "title: A &amp; B", "--dry-run"),
        ("2 repairs in 1 file; --write makes them", "topics: [A &amp; B, b &lt;]", "--dry-run"),
        ("1 repair in 1 file written", "title: A &amp; B", "--write"),
        ("1 value left to fix by hand", "excerpt: |\n  A &#10; B", "--write"),
        (
            "1 repair in 1 file written; 1 value left to fix by hand",
            "title: A &amp; B\nexcerpt: |\n  A &#10; B",
            "--write",
        ),
    ],
)
def test_the_last_line_summarizes_the_run(
    expected: str, lines: str, write: str, folder: Path
) -> None:
    (folder / "dirty.md").write_text(f"---\n{HEAD}{lines}\n---\n", encoding="utf-8")
    assert expected == fix("site", write).stderr.splitlines()[-1]


def test_a_broken_file_does_not_prevent_the_repair_of_others(folder: Path) -> None:
    (folder / "clean.md").write_text("---\ntitle: A &amp; B\na: [\n---\n", encoding="utf-8")
    result = fix("site", "--write")
    assert 1 == result.exit_code
    assert result.stderr.startswith("site/clean.md:4:1: not YAML")
    assert "title: A & B" in (folder / "dirty.md").read_text(encoding="utf-8")
    assert "title: A &amp; B" in (folder / "clean.md").read_text(encoding="utf-8")


def test_hidden_repairs_are_reported(folder: Path) -> None:
    (folder / "clean.md").write_text(
        f"---\n{HEAD}related: [{{title: A &amp; B, secured: SECRET}}]\n---\n", encoding="utf-8"
    )
    result = fix("site", "-q")
    assert 1 == result.exit_code
    expected = "site/clean.md: 1 change not shown: a withheld value is on the same line\n"
    assert expected == result.stderr
    assert "SECRET" not in result.output


@pytest.mark.parametrize(
    ("code", "arguments"), [(2, ["-"]), (3, ["none"]), (3, ["empty"]), (3, ["broken.md"])]
)
def test_an_error_ends_with_its_exit_code(code: int, arguments: list[str], folder: Path) -> None:
    (folder.parent / "empty").mkdir()
    (folder.parent / "broken.md").write_text("---\na: [\n---\n", encoding="utf-8")
    assert code == fix(*arguments).exit_code


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_write_permission_is_an_error_and_not_a_finding(folder: Path) -> None:
    folder.chmod(0o500)
    assert 3 == fix("site", "--write").exit_code
