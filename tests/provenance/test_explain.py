"""Every statement has its field, line and row; every missing statement has its reason."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from kg.graph.named import map_sources
from kg.mapping.project import make_mapper
from kg.model.errors import SourceError
from kg.model.records import Source
from kg.model.site import Site
from kg.provenance.explain import (
    Explanation,
    explain_absence,
    explain_nodes,
    explain_resource,
    find_nodes,
    is_metadata,
)
from kg.sites import read_settings
from kg.sources.discovery import discover_sources

MAPPER: Final = make_mapper(Site())
SEEDS: Final = discover_sources([str(Path(__file__).parents[2] / "seeds")])
CASES: Final = [
    case
    for case in sorted((Path(__file__).parents[1] / "cases").iterdir())
    if re.match("a-|people-|post-|topics?-|organizations-", case.name)
]
"""Those about the kinds of things that a site holds."""
BBC: Final = "https://example.org/kg/article/bbc.co.uk/dbd2e37c957e9b38"


def file(folder: Path, name: str, text: str) -> Source:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return Source(str(path), name)


def article(rest: str) -> str:
    return f"---\ncategory: news\ntype: article\nwebUrl: https://a.example/1\n{rest}---\n"


def explanations_of(word: str, *sources: Source) -> list[Explanation]:
    return explain_resource(word, sources, MAPPER)


def reasons_of_absence(
    word: str, predicate: str, *sources: Source
) -> list[tuple[int, int, str, str]]:
    nodes = find_nodes(word, sources, MAPPER)
    return [
        (one.places[0].line, one.places[0].column, one.field, one.message)
        for one in explain_absence(nodes, predicate, sources, MAPPER)
    ]


def test_every_statement_of_the_seeds_comes_from_a_line() -> None:
    triples = {
        statement[:3] for one in map_sources(SEEDS, MAPPER) for statement in one.statements()
    }
    nodes = {subject for subject, _, _ in triples}
    explanations = explain_nodes(nodes, SEEDS, MAPPER)
    assert sorted(triples) == [one.triple for one in explanations]
    assert all(reason.place.line and reason.text for one in explanations for reason in one.reasons)
    assert all(one.reasons for one in explanations)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_statement_of_a_site_comes_from_a_rule(case: Path) -> None:
    sources, site = discover_sources([str(case)]), read_settings([str(case)]).site()
    mapper = make_mapper(site, sources, include=["people"])
    triples = {one[:3] for graph in map_sources(sources, mapper) for one in graph.statements()}
    explanations_of = explain_nodes({subject for subject, _, _ in triples}, sources, mapper)
    assert sorted(triples) == [one.triple for one in explanations_of]
    assert [] == [one.triple for one in explanations_of if not all(r.rule for r in one.reasons)]


def test_a_rule_names_the_row_that_made_the_statement() -> None:
    rules = {
        (one.triple[1].rpartition("/")[2], reason.rule)
        for one in explanations_of(BBC, *SEEDS)
        for reason in one.reasons
    }
    assert ("headline>", "news article: title or name is schema:headline") in rules
    assert ("mainEntityOfPage>", "news article: ampWebUrl is schema:mainEntityOfPage") in rules


@pytest.mark.parametrize(
    "word",
    [
        BBC,
        f"<{BBC}>",
        "article/bbc.co.uk/dbd2e37c957e9b38",
        "https://www.bbc.co.uk/news/business-53015468",
        "http://bbc.co.uk/news/business-53015468/?utm_source=x",
        "https://www.bbc.co.uk/news/amp/business-53015468",
    ],
)
def test_an_iri_a_url_and_an_amp_url_find_the_resource(word: str) -> None:
    assert {f"<{BBC}>"} == find_nodes(word, SEEDS, MAPPER)


def test_an_iri_that_is_not_in_the_graph_is_refused() -> None:
    message = "nothing in the graph has the IRI or URL https://nowhere.example/"
    for find in (find_nodes, explain_resource):
        with pytest.raises(SourceError, match=f"^{re.escape(message)}$"):
            find("https://nowhere.example/", SEEDS, MAPPER)


@pytest.mark.parametrize("word", ["dataset", "https://example.org/kg/vocab#quality"])
def test_the_metadata_of_an_export_comes_from_no_field(word: str) -> None:
    assert is_metadata(word, Site())


def test_different_values_in_two_files_are_disputed(tmp_path: Path) -> None:
    sources = (
        file(tmp_path, "a.md", article("title: One\nexcerpt: Same\n")),
        file(tmp_path, "b.md", article("title: Two\nexcerpt: Same\n")),
    )
    reasons_by_object = {
        one.triple[2]: (one.disputed, [reason.place.source.name for reason in one.reasons])
        for one in explanations_of("https://a.example/1", *sources)
    }
    assert (True, ["a.md"]) == reasons_by_object['"One"']
    assert (True, ["b.md"]) == reasons_by_object['"Two"']
    assert (False, ["a.md", "b.md"]) == reasons_by_object['"Same"']


def test_a_line_that_also_has_a_withheld_value_is_not_shown(tmp_path: Path) -> None:
    text = '---\n{webUrl: https://a.example/1, title: T, secured: "blob"}\n---\n'
    one = file(tmp_path, "a.md", text)
    assert {None} == {
        r.text for e in explanations_of("https://a.example/1", one) for r in e.reasons
    }


@pytest.mark.parametrize(
    ("expected", "predicate", "rest"),
    [
        ((2, 1, "", "no field publishedDateTime, or nothing in it"), "schema:datePublished", ""),
        (
            (5, 20, "publishedDateTime", "not a date and time"),
            "datePublished",
            "publishedDateTime: soon\n",
        ),
        ((5, 7, "heat", "ignored: makes no statement as count"), "kg:heat", "heat: -1\n"),
        ((2, 1, "", "the map of a news article has no row for this property"), "schema:isbn", ""),
        (
            (5, 1, "provider", "no domain, so it cannot be identified; give it one"),
            "https://schema.org/publisher",
            "provider: {title: A}\n",
        ),
    ],
)
def test_a_missing_statement_has_its_reason(
    tmp_path: Path, expected: tuple[int, int, str, str], predicate: str, rest: str
) -> None:
    found = reasons_of_absence(
        "https://a.example/1", predicate, file(tmp_path, "a.md", article(rest))
    )
    assert [expected[0], *expected[2:]] == [found[0][0], *found[0][2:]]


def test_an_existing_statement_is_not_missing(tmp_path: Path) -> None:
    one = file(tmp_path, "a.md", article("title: T\n"))
    assert [] == reasons_of_absence("https://a.example/1", "schema:headline", one)
