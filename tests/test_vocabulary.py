"""What kg says is held against the vocabularies it says it with.

The facts about schema.org stand in tests/schemaorg/facts.tsv; remake.py there remakes them.
"""

from __future__ import annotations

import csv
import re
import runpy
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
import rdflib

from kg import graphs, resources, writers
from kg.namespaces import KG, RDF, RDFS, SDO, XSD, Site
from kg.terms import unquote

if TYPE_CHECKING:
    from kg.records import Term, Triple
    from tests.conftest import Dataset

TABLE: Final = Path(__file__).parent / "schemaorg" / "facts.tsv"
REMAKE: Final = runpy.run_path(str(TABLE.with_name("remake.py")))

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
}
"""schema.org's data types of a literal, by what follows its closing quote."""


class Fact(NamedTuple):
    kind: str
    superclasses: set[str]
    domain: set[str]
    range: set[str]


def _facts() -> dict[str, Fact]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return {
            term: Fact(kind, *(set(names.split()) for names in sets))
            for term, kind, *sets in list(csv.reader(lines, delimiter="\t"))[1:]
        }


FACTS: Final = _facts()


@pytest.fixture(scope="module")
def triples(export: Dataset) -> list[Triple]:
    return writers.merged(export)


@pytest.fixture(scope="module")
def classes(triples: list[Triple]) -> dict[Term, set[str]]:
    """The classes of each node, with their superclasses: those of schema.org by name."""
    found: dict[Term, set[str]] = defaultdict(set)
    for subject, predicate, term in triples:
        if predicate == TYPE:
            found[subject] |= {_name(term)} | _fact(term).superclasses
    return found


def _name(iri: Term) -> str:
    return iri[1:-1].removeprefix(str(SDO))


def _fact(iri: Term) -> Fact:
    return FACTS.get(_name(iri), Fact("", set(), set(), set()))


def test_the_table_holds_exactly_the_terms_of_schema_org_in_use() -> None:
    assert set(FACTS) == REMAKE["in_use"](), "remake it: tests/schemaorg/remake.py says how"


def test_schema_org_knows_each_class_as_a_class_and_each_property_as_a_property(
    triples: list[Triple],
) -> None:
    types = {_fact(term).kind for _, predicate, term in triples if predicate == TYPE}
    properties = {_fact(predicate).kind for _, predicate, _ in triples}
    assert ({"class", ""}, {"property", ""}) == (types, properties)


def test_every_subject_is_in_the_domain_of_its_property(
    triples: list[Triple], classes: dict[Term, set[str]]
) -> None:
    misfits = [
        (subject, predicate)
        for subject, predicate, _ in triples
        if _fact(predicate).kind and not _fact(predicate).domain & classes[subject]
    ]
    assert [] == misfits


def test_every_object_is_in_the_range_of_its_property(
    triples: list[Triple], classes: dict[Term, set[str]]
) -> None:
    def kinds(term: Term) -> set[str]:
        """A node without a class is no more than its URL."""
        return (
            (classes.get(term) or {"URL"}) if term.startswith("<") else DATATYPES[unquote(term)[1]]
        )

    misfits = [
        (predicate, term)
        for _, predicate, term in triples
        if _fact(predicate).kind and not _fact(predicate).range & kinds(term)
    ]
    assert [] == misfits


@pytest.mark.parametrize("iri", sorted({*REMAKE["mapped"](), *REMAKE["written"]()}))
def test_every_term_is_known_to_its_vocabulary(iri: str) -> None:
    own = {f"{KG}{term}" for term in _defined()}
    schema = {SDO[name] for name in FACTS}
    assert iri in own | schema or any(rdflib.URIRef(iri) in namespace for namespace in CLOSED)


@pytest.mark.parametrize("namespace", CLOSED)
def test_rdflib_knows_a_misspelt_term_from_a_term(
    namespace: type[rdflib.namespace.DefinedNamespace],
) -> None:
    assert f"{namespace}mispelt" not in namespace


def _vocabulary() -> list[Triple]:
    path = resources.VOCABULARY
    return graphs.read_rdf(path.read_bytes(), str(path), Site())


def _defined() -> set[str]:
    subjects = {subject[1:-1] for subject, _, _ in _vocabulary()}
    return {subject.removeprefix(f"{Site().base}{KG}") for subject in subjects}


@pytest.mark.parametrize("term", sorted(_defined()))
@pytest.mark.parametrize("name", ["label", "comment", "domain", "range"])
def test_every_own_term_has_exactly_one_of_each(term: str, name: str) -> None:
    about = [s for s, p, _ in _vocabulary() if s.endswith(f"#{term}>") and p == f"<{RDFS[name]}>"]
    assert 1 == len(about)


def test_the_own_terms_are_exactly_those_the_mapping_says() -> None:
    said = {iri.removeprefix(str(KG)) for iri in REMAKE["mapped"]() if iri.startswith(str(KG))}
    assert _defined() == said


def test_shapes_and_queries_name_only_own_terms_that_are_defined() -> None:
    files = [*resources.bundled("shapes", ".ttl"), *resources.bundled("queries", ".rq")]
    texts = [path.read_text(encoding="utf-8") for path in files]
    named = {name for text in texts for name in re.findall(r"<vocab#(\w*)>", text)}
    assert named - {""} <= _defined()


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
    used = [triple for triple in triples if triple[1].startswith(own)]
    assert used
    assert [] == [triple for triple in used if not fits(*triple)]
