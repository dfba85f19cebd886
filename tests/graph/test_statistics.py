from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kg.graph.statistics import dataset_metadata
from kg.model.errors import ConfigurationError
from kg.model.namespaces import DCAT, DCTERMS, RDF, SDO, SKOS, VOID, XSD
from kg.model.site import Site
from kg.model.terms import unquote
from kg.writers.formats import merge_dataset

if TYPE_CHECKING:
    from collections.abc import Collection

    from kg.model.records import Triple
    from tests.conftest import Dataset

A = f"<{RDF.type}>"
SET = "<https://example.org/kg/dataset>"


def metadata_of(triples: Collection[Triple], site: Site | None = None) -> dict[str, list[str]]:
    """Return the metadata about the dataset itself: values by property, literals as their text."""
    values: dict[str, list[str]] = {}
    for subject, predicate, term in dataset_metadata(triples, site or Site()):
        if subject == SET:
            text = unquote(term)[0] if term.startswith('"') else term[1:-1]
            values.setdefault(predicate[1:-1], []).append(text)
    return values


GRAPH: list[Triple] = [
    ("<x:a>", A, f"<{SDO.Article}>"),
    ("<x:a>", f"<{SDO.datePublished}>", f'"2020-07-01"^^<{XSD.date}>'),
    ("<x:b>", A, f"<{SDO.Article}>"),
    ("<x:b>", A, f"<{SDO.Thing}>"),
    ("<x:b>", f"<{SDO.datePublished}>", f'"2020-06-11T18:51:00Z"^^<{XSD.dateTime}>'),
    ("<x:c>", f"<{DCTERMS.relation}>", "<x:a>"),
]


@pytest.mark.parametrize(
    ("expected", "property_"),
    [
        (["6"], VOID.triples),
        (["2"], VOID.entities),
        (["3"], VOID.distinctSubjects),
        (["3"], VOID.properties),
        ([str(DCTERMS), str(RDF), str(SDO)], VOID.vocabulary),
        (["x:a"], VOID.exampleResource),
        (["https://example.org/kg/"], VOID.uriSpace),
        (["2020-06-11/2020-07-01"], SDO.temporalCoverage),
        (["1"], "https://example.org/kg/vocab#keyVersion"),
    ],
)
def test_a_dataset_is_counted(expected: list[str], property_: str) -> None:
    assert expected == metadata_of(GRAPH)[property_]


def test_each_class_is_a_partition_with_its_entities() -> None:
    triples = dataset_metadata(GRAPH, Site())
    parts = [term for s, p, term in triples if (s, p) == (SET, f"<{VOID.classPartition}>")]
    counts = {
        part: [unquote(t)[0] for s, p, t in triples if (s, p) == (part, f"<{VOID.entities}>")]
        for part in parts
    }
    expected = {"<https://example.org/kg/dataset/schema-Article>": ["2"]}
    assert expected | {"<https://example.org/kg/dataset/schema-Thing>": ["1"]} == counts


def test_title_and_license_come_from_the_site() -> None:
    site = Site(title="T & T", license="https://a.org/by")
    metadata = metadata_of(GRAPH, site)
    assert [["T & T"]] * 2 == [metadata[SDO.name], metadata[DCTERMS.title]]
    assert [["https://a.org/by"]] * 2 == [metadata[SDO.license], metadata[DCTERMS.license]]


def test_title_and_license_are_missing_if_the_site_has_none() -> None:
    assert not {SDO.name, SDO.license, DCTERMS.title, DCTERMS.license} & set(metadata_of(GRAPH))


def test_a_license_that_is_not_a_url_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"^license: not an absolute .*: 'CC BY'$"):
        dataset_metadata(GRAPH, Site(license="CC BY"))


def test_an_empty_graph_can_be_described() -> None:
    metadata = metadata_of([])
    assert ["0"] == metadata[VOID.triples]
    assert not {SDO.temporalCoverage, VOID.exampleResource} & set(metadata)


def test_iris_of_any_scheme_are_unchanged_in_the_metadata() -> None:
    metadata = metadata_of([("<urn:a?x&amp;y>", A, "<urn:C>")])
    assert ["urn:a?x&amp;y"] == metadata[VOID.exampleResource]


def test_only_dates_count_for_the_temporal_coverage() -> None:
    property_ = f"<{SDO.datePublished}>"
    others: list[Triple] = [("<x:a>", property_, '"June 2020"'), ("<x:a>", property_, "<x:june>")]
    assert ["2020-06-11/2020-07-01"] == metadata_of([*GRAPH, *others])[SDO.temporalCoverage]


def test_only_the_date_of_publication_counts() -> None:
    other = ("<x:a>", f"<{SDO.dateModified}>", f'"2021-01-01"^^<{XSD.date}>')
    assert ["2020-06-11/2020-07-01"] == metadata_of([*GRAPH, other])[SDO.temporalCoverage]


def test_the_topics_are_the_themes() -> None:
    topic = ("<urn:topic>", A, f"<{SKOS.Concept}>")
    assert ["urn:topic"] == metadata_of([*GRAPH, topic])[DCAT.theme]


def test_the_metadata_of_equal_graphs_is_equal(seeds: Dataset, site: Site) -> None:
    triples = merge_dataset(seeds)
    metadata = [set(dataset_metadata(one, site)) for one in (triples, triples[::-1])]
    assert metadata[0] == metadata[1]


def test_the_counts_of_the_seeds_exclude_the_metadata(seeds: Dataset) -> None:
    triples = merge_dataset(seeds)
    assert [str(len(triples))] == metadata_of(triples)[VOID.triples]


def test_the_example_is_the_first_iri_though_another_begins_with_it() -> None:
    graph = [(f"<x:a{more}>", A, f"<{SDO.Article}>") for more in ("/b", "", "-c")]
    assert ["x:a"] == metadata_of(graph)[VOID.exampleResource]
