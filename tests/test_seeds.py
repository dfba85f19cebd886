"""The graph of the seeds, to the last triple, and its expected numbers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from kg import KnowledgeGraph
from kg.graph.named import MappedSource, map_sources
from kg.mapping.project import make_mapper
from kg.model.namespaces import DCTERMS, RDF, SDO
from kg.model.site import Site
from kg.sources.discovery import discover_sources
from tests.golden import assert_golden

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.model.findings import Finding
    from kg.model.records import Term, Triple
    from tests.golden import Files

GOLDEN: Final = Path(__file__).with_name("seeds.nt")
SEEDS: Final = Path(__file__).parents[1] / "seeds"


def ntriples(triples: Iterable[Triple]) -> str:
    return "".join(f"{' '.join(triple)} .\n" for triple in sorted(set(triples)))


def seed_graphs() -> list[MappedSource]:
    return list(map_sources(discover_sources([str(SEEDS)]), make_mapper(Site())))


def triples() -> list[Triple]:
    return [statement[:3] for graph in seed_graphs() for statement in graph.statements()]


def test_the_graph_of_the_seeds_is_exactly_the_golden_graph() -> None:
    assert_golden(GOLDEN, ntriples(triples()))


@pytest.fixture(scope="module")
def golden() -> set[Triple]:
    return set(triples())


def nodes(golden: Iterable[Triple], name: str) -> set[Term]:
    """The nodes of a class."""
    type_ = (f"<{RDF.type}>", f"<{SDO[name]}>")
    return {subject for subject, *rest in golden if tuple(rest) == type_}


def links(golden: Iterable[Triple], iri: str) -> set[tuple[Term, Term]]:
    """Subject and object of a property."""
    return {(subject, term) for subject, predicate, term in golden if predicate == f"<{iri}>"}


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        (49, "NewsArticle"),
        (5, "WebPage"),
        (5, "MediaObject"),
        (38, "Organization"),
        (4, "DefinedTerm"),
        (49, "ImageObject"),
    ],
)
def test_a_class_has_the_expected_number_of_nodes(
    golden: set[Triple], expected: int, name: str
) -> None:
    assert expected == len(nodes(golden, name))


@pytest.mark.parametrize(
    ("expected", "iri"),
    [
        (51, DCTERMS.relation),
        (51, SDO.relatedLink),
        (5, SDO.mainEntity),
        (47, SDO.image),
        (2, SDO.logo),
        (49, SDO.publisher),
        (10, SDO.about),
    ],
)
def test_a_property_has_the_expected_number_of_links(
    golden: set[Triple], expected: int, iri: str
) -> None:
    assert expected == len(links(golden, iri))


def test_44_of_45_related_works_have_no_record(golden: set[Triple]) -> None:
    related = {work for _, work in links(golden, DCTERMS.relation)}
    with_record = {work for _, work in links(golden, SDO.mainEntity)}
    assert (45, 44) == (len(related), len(related - with_record))
    assert 49 == len(related | with_record)


def test_a_work_that_has_a_record_and_is_related_is_one_node(golden: set[Triple]) -> None:
    buzzfeed = {work for work in nodes(golden, "NewsArticle") if "/buzzfeednews.com/" in work}
    (work,) = buzzfeed
    assert work in {work for _, work in links(golden, SDO.mainEntity)}
    assert work in {work for _, work in links(golden, DCTERMS.relation)}


def test_no_record_is_published(golden: set[Triple]) -> None:
    statuses = Counter(status for _, status in links(golden, SDO.creativeWorkStatus))
    assert Counter({'"Unpublished"': 5}) == statuses


def test_the_seeds_have_no_findings() -> None:
    findings: list[Finding] = [finding for graph in seed_graphs() for finding in graph.findings]
    assert [] == findings


def test_nothing_withheld_is_in_the_graph() -> None:
    secrets = [
        line.split('"')[1]
        for path in SEEDS.iterdir()
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("secured:")
    ]
    assert 5 == len(secrets)
    text = GOLDEN.read_text(encoding="utf-8")
    assert [] == [secret for secret in secrets if secret[:40] in text]


def test_the_golden_graph_is_sorted_and_has_no_blank_nodes() -> None:
    lines = GOLDEN.read_text(encoding="utf-8").splitlines()
    assert sorted(lines) == lines
    assert [] == [line for line in lines if "_:" in line.split('"')[0]]


def test_the_seeds_one_by_one_have_the_same_graph() -> None:
    one_by_one = [
        statement[:3]
        for path in sorted(SEEDS.iterdir(), reverse=True)
        for statement in KnowledgeGraph(path).statements()
    ]
    assert ntriples(triples()) == ntriples(one_by_one)


def generate_seeds() -> Files:
    """Yield the graph of the seeds."""
    yield GOLDEN, ntriples(triples())
