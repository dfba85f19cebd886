"""facts.tsv: what schema.org states about each of its terms that kg uses.

`make remake VOCABULARY=FILE` writes it from a release of the vocabulary, such as
https://schema.org/version/latest/schemaorg-current-https.ttl. Without VOCABULARY it only drops the
terms that kg no longer uses.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rdflib import RDF, RDFS, Graph, URIRef

from kg.mapping.language import TriplesMap
from kg.mapping.schema_org import MANIFEST, MAPS, METADATA
from kg.model.namespaces import SDO
from kg.model.site import Site
from kg.resources import TOPICS_FILE, VOCABULARY_FILE, bundled_files
from tests.golden import Files, golden

NAMESPACES: Final = tuple(iri for name, iri in Site().prefixes.items() if name != "kg")
TABLE: Final = Path(__file__).with_name("facts.tsv")
COLUMNS: Final = ("term", "kind", "superclasses", "domainIncludes", "rangeIncludes")
RELEASE: Final = "https://schema.org/version/latest/schemaorg-current-https.ttl"


def read_facts() -> dict[str, list[str]]:
    """Return the other columns of the table for each term."""
    rows = csv.reader(golden(TABLE).splitlines()[1:], delimiter="\t")
    return {term: columns for term, *columns in rows}


def missing_facts() -> str:
    """Return what to do about terms in use that are not in the table; "" if there are none."""
    terms = ", ".join(sorted(in_use() - set(read_facts())))
    command = f"make remake VOCABULARY={RELEASE.rpartition('/')[2]}"
    return terms and f"tests/schemaorg/facts.tsv lacks {terms}; get {RELEASE} and run `{command}`"


def mapped() -> Iterator[str]:
    """Yield every property and class of the mapping, as IRIs; those of kg itself are relative."""
    tables = (MAPS, METADATA, MANIFEST)
    for one in (one for table in tables for one in table.values()):
        if isinstance(one, TriplesMap):
            yield from one.classes
            yield from (row.property for row in one.rows)
            yield from (row.inverse for row in one.rows if row.inverse)
            yield from (iri for iri, _ in one.constants)
            yield from (term for _, term in one.constants if not term.startswith('"'))


def written() -> Iterator[str]:
    """Yield every term of a vocabulary that the bundled files write; in most, it has a prefix."""
    files = [*bundled_files("shapes", ".ttl"), *bundled_files("queries", ".rq")]
    for path in (VOCABULARY_FILE, TOPICS_FILE):
        named = re.findall(r"<([^>]*)>", path.read_text(encoding="utf-8"))
        yield from (iri for iri in named if iri.startswith(NAMESPACES))
    for path in files:
        text = path.read_text(encoding="utf-8")
        namespaces = dict(re.findall(r"(?i)\bprefix\s+(\w+):\s*<([^>]*)>", text))
        for prefix, local in re.findall(r"(?<![\w<])(\w+):(\w+)", text):
            if prefix in namespaces:
                yield namespaces[prefix] + local


def in_use() -> frozenset[str]:
    """Return the names of the schema.org terms kg uses."""
    return frozenset(
        iri.removeprefix(str(SDO)) for iri in (*mapped(), *written()) if iri.startswith(str(SDO))
    )


def facts_of(vocabulary: Graph, term: str) -> tuple[str, ...]:
    """Return one line of the table: IRIs of schema.org by their names, sorted."""
    node = URIRef(SDO[term])

    def names(nodes: Iterator[object]) -> str:
        return " ".join(sorted(str(one).removeprefix(str(SDO)) for one in nodes if one != node))

    if (node, RDF.type, RDF.Property) in vocabulary:
        domain, range_ = URIRef(SDO.domainIncludes), URIRef(SDO.rangeIncludes)
        ends = (names(vocabulary.objects(node, domain)), names(vocabulary.objects(node, range_)))
        return (term, "property", "", *ends)
    if (node, RDF.type, RDFS.Class) in vocabulary:
        return (term, "class", names(vocabulary.transitive_objects(node, RDFS.subClassOf)), "", "")
    raise SystemExit(f"schema.org has no term {term!r}")


def generate_facts() -> Files:
    """Yield the table, from the release that VOCABULARY names or from the lines there are."""
    terms = sorted(in_use())
    if path := os.environ.get("VOCABULARY"):
        release = Graph().parse(path)
        lines = [facts_of(release, term) for term in terms]
    else:
        if problem := missing_facts():
            raise SystemExit(problem)
        facts = read_facts()
        lines = [(term, *facts[term]) for term in terms]
    yield TABLE, "".join("\t".join(line) + "\n" for line in (COLUMNS, *lines))
