"""Remake facts.tsv: what schema.org says about each of its terms that kg uses.

    python tests/schemaorg/remake.py VOCABULARY.ttl

The argument is a release of the vocabulary, such as schemaorg-current-https.ttl from schema.org.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rdflib import RDF, RDFS, Graph, URIRef

from kg.mapping.language import TriplesMap
from kg.mapping.schema_org import MANIFEST, MAPS, METADATA
from kg.model.namespaces import SDO
from kg.model.site import Site
from kg.resources import TOPICS_FILE, VOCABULARY_FILE, bundled_files

NAMESPACES: Final = tuple(iri for name, iri in Site().prefixes.items() if name != "kg")
TABLE: Final = Path(__file__).with_name("facts.tsv")
COLUMNS: Final = ("term", "kind", "superclasses", "domainIncludes", "rangeIncludes")


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


def facts(vocabulary: Graph, term: str) -> tuple[str, ...]:
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


if __name__ == "__main__":
    release = Graph().parse(sys.argv[1])
    lines = [COLUMNS, *(facts(release, term) for term in sorted(in_use()))]
    TABLE.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")
