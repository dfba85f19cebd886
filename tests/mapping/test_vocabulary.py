"""The output of kg is checked against the vocabularies that it uses.

The facts about schema.org are in tests/schemaorg/facts.tsv: facts.py there generates them. The
output is that of the seeds, and of the made-up site tests/site, which has one file of each kind,
also of one that is added to the mapping.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
import rdflib

from kg.graph.named import map_sources
from kg.graph.statistics import dataset_metadata
from kg.mapping.language import Choice, TriplesMap
from kg.mapping.project import make_mapper
from kg.mapping.schema_org import MAPS, METADATA, WORK
from kg.model.errors import InvalidValue
from kg.model.namespaces import KG, RDF, RDFS, SDO, XSD
from kg.model.site import Site
from kg.model.terms import unquote
from kg.resources import VOCABULARY_FILE, bundled_files
from kg.sites import read_settings
from kg.sources.discovery import discover_sources
from kg.sources.rdf import read_rdf
from kg.writers.formats import merge_dataset
from tests.schemaorg.facts import in_use, mapped, missing_facts, read_facts, written

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.mapping.language import Row
    from kg.mapping.term_maps import TermMap
    from kg.model.records import Term, Triple
    from tests.conftest import Dataset

WHOLE: Final = Path(__file__).parents[1] / "site"

CLOSED: Final = (
    rdflib.DCAT,
    rdflib.DCTERMS,
    rdflib.OWL,
    rdflib.PROV,
    rdflib.RDF,
    rdflib.RDFS,
    rdflib.SH,
    rdflib.SKOS,
    rdflib.VOID,
    rdflib.XSD,
)
"""Namespaces of which rdflib knows every term."""

TYPE: Final = f"<{RDF.type}>"
DATATYPES: Final = {
    "": {"Text"},
    f"^^<{XSD.date}>": {"Date"},
    f"^^<{XSD.dateTime}>": {"DateTime"},
    f"^^<{XSD.integer}>": {"Integer", "Number"},
    f"^^<{XSD.decimal}>": {"Number"},
    f"^^<{XSD.boolean}>": {"Boolean"},
    f"^^<{XSD.duration}>": {"Duration"},
}
"""schema.org's data types of a literal, by what follows its closing quote."""
VALUES: Final = (
    *("2020-07-03", "2020-07-03T05:43:00Z", "PT1H"),
    *("12", "Free", "yes", "en-gb", "example.org"),
    *("https://example.org/", '<iframe src="https://example.org/">'),
)
"""Each kind of term accepts some of these values and makes each of its data types."""


class Fact(NamedTuple):
    kind: str
    superclasses: set[str]
    domain: set[str]
    range: set[str]


UNLISTED: Final = {"Offer", "Person"}
"""A collection could list these, but they are not parts of a creative work in schema.org."""

FACTS: Final = {
    term: Fact(kind, *(set(names.split()) for names in sets))
    for term, (kind, *sets) in read_facts().items()
}
TABLES: Final = {**MAPS, **METADATA}
ROWS: Final = [
    (name, row)
    for name, entry in TABLES.items()
    if isinstance(entry, TriplesMap)
    for row in entry.rows
]
needs_facts = pytest.mark.skipif(bool(missing_facts()), reason=missing_facts())
"""For tests that a term without facts would also fail: the first test reports it."""


@pytest.fixture(scope="module")
def whole() -> list[Triple]:
    """The triples of an export of the whole site, with its people and with metadata."""
    site = replace(
        read_settings([str(WHOLE)]).site(), base=Site().base, license="https://example.org/terms"
    )
    sources = discover_sources([str(WHOLE)])
    mapper = make_mapper(site, sources, include=("people",))
    statements = {
        statement[:3]
        for mapped_source in map_sources(sources, mapper)
        for statement in mapped_source.statements()
    }
    return [*statements, *dataset_metadata(statements, site)]


@pytest.fixture(scope="module", params=["seeds", "whole"])
def triples(request: pytest.FixtureRequest, export: Dataset, whole: list[Triple]) -> list[Triple]:
    return merge_dataset(export) if request.param == "seeds" else whole


@pytest.fixture(scope="module")
def classes(triples: list[Triple]) -> dict[Term, set[str]]:
    """The classes of each node, with their superclasses: those of schema.org by name."""
    classes_: dict[Term, set[str]] = defaultdict(set)
    for subject, predicate, term in triples:
        if predicate == TYPE:
            classes_[subject] |= {_name(term)} | _fact(term).superclasses
    return classes_


def _name(iri: Term) -> str:
    return iri[1:-1].removeprefix(str(SDO))


def _terms_of(entry: TriplesMap) -> set[str]:
    """The terms that a map says of its node: its classes, and the properties of its rows."""
    inverses = (row.inverse for row in entry.rows if row.inverse)
    return {*entry.classes, *(row.property for row in entry.rows), *inverses}


def _whole(classes: Iterable[str]) -> set[str]:
    """Classes by name, with their superclasses; a node without a class is only its URL."""
    nodes = [f"<{iri}>" for iri in classes]
    return {class_ for node in nodes for class_ in (_name(node), *_fact(node).superclasses)} or {
        "URL"
    }


def _objects(kind: str | TermMap) -> list[set[str]]:
    """The classes or data types of each thing that the object of a row can be."""
    if not isinstance(kind, str):
        return [_types(term) for value in VALUES for term in _terms(kind, value)]
    entry = TABLES[kind]
    if isinstance(entry, Choice):
        names = [*(name for _, name in entry.choices), entry.otherwise]
        return [classes for name in names for classes in _objects(name)]
    if entry.subject.alias_only:
        return [classes for classes in _objects(WORK) if classes.isdisjoint(UNLISTED)]
    return [_whole(entry.classes)]


def _terms(kind: TermMap, value: str) -> list[Term]:
    try:
        term = kind(value, Site(url="https://example.org/"))
    except InvalidValue:
        return []
    return [term] if term else []


def _types(term: Term) -> set[str]:
    """The data types of a literal, or those of a node without a known class.

    A class is used for its members, as schema.org's own examples use the class of the actions that
    an interaction counter counts.
    """
    if not term.startswith("<"):
        return DATATYPES[unquote(term)[1]]
    fact = _fact(term)
    return {_name(term), *fact.superclasses} if fact.kind else {"URL"}


def _fact(iri: Term) -> Fact:
    return FACTS.get(_name(iri), Fact("", set(), set(), set()))


def test_there_are_facts_about_the_terms_of_schema_org_in_use() -> None:
    assert not missing_facts(), missing_facts()


@needs_facts
def test_there_are_facts_about_no_other_terms() -> None:
    assert set(FACTS) == in_use(), "`make remake` deletes them"


def _problems(name: str, row: Row) -> list[str]:
    """Return in which way a row does not fit what schema.org states about its property."""
    (subject,), objects = _objects(name), _objects(row.object)
    fact, inverse = _fact(f"<{row.property}>"), _fact(f"<{row.inverse}>")
    problems = {
        "no object": not objects,
        "domain": fact.kind and not fact.domain & subject,
        "range": fact.kind and not all(fact.range & types for types in objects),
        "range of the inverse": inverse.kind and not inverse.range & subject,
        "domain of the inverse": inverse.kind
        and not all(inverse.domain & types for types in objects),
    }
    return [problem for problem, fails in problems.items() if fails]


@needs_facts
def test_every_row_of_the_mapping_is_in_the_domain_and_the_range_of_its_property() -> None:
    problems = {
        f"{name}: {row.reference} {row.property}": what
        for name, row in ROWS
        if (what := _problems(name, row))
    }
    assert {} == problems


def test_the_whole_site_uses_every_term_of_the_mapping(whole: list[Triple]) -> None:
    site = Site()
    terms = {predicate for _, predicate, _ in whole} | {o for _, p, o in whole if p == TYPE}
    missing = {
        name: sorted(term for term in _terms_of(entry) if site.iri(term) not in terms)
        for name, entry in TABLES.items()
        if isinstance(entry, TriplesMap)
    }
    assert {} == {name: terms for name, terms in missing.items() if terms}, (
        "add a file or a field to tests/site"
    )


@needs_facts
def test_schema_org_defines_each_class_as_a_class_and_each_property_as_a_property(
    triples: list[Triple],
) -> None:
    types = {_fact(term).kind for _, predicate, term in triples if predicate == TYPE}
    properties = {_fact(predicate).kind for _, predicate, _ in triples}
    assert ({"class", ""}, {"property", ""}) == (types, properties)


@needs_facts
def test_every_subject_is_in_the_domain_of_its_property(
    triples: list[Triple], classes: dict[Term, set[str]]
) -> None:
    problems = [
        (subject, predicate)
        for subject, predicate, _ in triples
        if _fact(predicate).kind and not _fact(predicate).domain & classes[subject]
    ]
    assert [] == problems


@needs_facts
def test_every_object_is_in_the_range_of_its_property(
    triples: list[Triple], classes: dict[Term, set[str]]
) -> None:
    def kinds(term: Term) -> set[str]:
        return classes.get(term) or _types(term)

    problems = [
        (predicate, term)
        for _, predicate, term in triples
        if _fact(predicate).kind and not _fact(predicate).range & kinds(term)
    ]
    assert [] == problems


@needs_facts
def test_every_term_is_defined_in_its_vocabulary() -> None:
    defined = {*(f"{KG}{term}" for term in _defined()), *(SDO[name] for name in FACTS)}
    unknown = {
        iri
        for iri in {*mapped(), *written()} - defined
        if not any(rdflib.URIRef(iri) in namespace for namespace in CLOSED)
    }
    assert set() == unknown


@pytest.mark.parametrize("namespace", CLOSED)
def test_rdflib_detects_a_misspelt_term(
    namespace: type[rdflib.namespace.DefinedNamespace],
) -> None:
    assert f"{namespace}mispelt" not in namespace


def _vocabulary() -> list[Triple]:
    path = VOCABULARY_FILE
    return read_rdf(path.read_bytes(), str(path), Site())


def _defined() -> set[str]:
    subjects = {subject[1:-1] for subject, _, _ in _vocabulary()}
    return {subject.removeprefix(f"{Site().base}{KG}") for subject in subjects}


@pytest.mark.parametrize("name", ["label", "comment", "domain", "range"])
def test_every_own_term_has_exactly_one_of_each(name: str) -> None:
    subjects = [s[1:-1] for s, p, _ in _vocabulary() if p == f"<{RDFS[name]}>"]
    assert sorted(f"{Site().base}{KG}{term}" for term in _defined()) == sorted(subjects)


def test_the_own_terms_are_exactly_those_of_the_mapping() -> None:
    own = {iri.removeprefix(str(KG)) for iri in mapped() if iri.startswith(str(KG))}
    assert _defined() == own


def test_shapes_and_queries_name_only_own_terms_that_are_defined() -> None:
    files = [*bundled_files("shapes", ".ttl"), *bundled_files("queries", ".rq")]
    texts = [path.read_text(encoding="utf-8") for path in files]
    named = {name for text in texts for name in re.findall(r"<vocab#(\w*)>", text)}
    assert named - {""} <= _defined()


@needs_facts
def test_own_terms_are_used_within_their_domain_and_range(
    triples: list[Triple], classes: dict[Term, set[str]]
) -> None:
    ends = {(s, p): o for s, p, o in _vocabulary()}

    def fits(subject: Term, predicate: Term, term: Term) -> bool:
        domain = _name(ends[predicate, f"<{RDFS.domain}>"])
        range_ = ends[predicate, f"<{RDFS.range}>"]
        literal = f"^^{range_}" == unquote(term)[1]
        return domain in classes[subject] and (
            literal or (_name(range_) == "URL" and term[0] == "<")
        )

    own = f"<{Site().base}{KG}"
    own_triples = [triple for triple in triples if triple[1].startswith(own)]
    assert own_triples
    assert [] == [triple for triple in own_triples if not fits(*triple)]
