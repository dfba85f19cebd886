"""The manifest: a graph of the store that records the graphs loaded into it, and who may write.

kg keeps nothing else about a store, so a load can start on any machine. A graph is marked dirty
before anything is sent, and the mark is removed after all of it arrived: wherever a load is
interrupted, the next one knows what to repeat.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from kg.graph import METADATA_GRAPH, Payload
from kg.mapping import MANIFEST, Mapper, TriplesMap, lease_iri
from kg.model import (
    VERSION,
    Origin,
    Record,
    Site,
    Source,
    StoreError,
    Term,
    Triple,
    escape_for_sparql,
    lexical_form,
    unquote,
)
from kg.stores.store import Row, Store, values_clause

MANIFEST_GRAPH: Final = "manifest"
"""The named graph that holds the manifest, relative to the base IRI."""
PAGE_ROWS: Final = 5000
"""Rows of one page: Virtuoso cuts results at 10,000 rows without notice."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A graph in the store. `digest` is empty if it was never there in full."""

    digest: str = ""
    triples: int = 0
    exporter: str = ""
    dirty: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to write: who holds it, and a number that grows while they are at work."""

    token: str
    holder: str
    heartbeat: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The graphs of a site by name, and the name of the one that holds its metadata."""

    entries: Mapping[Term, Entry] = field(default_factory=dict)
    metadata: Term = ""


def manifest_name(site: Site) -> Term:
    """Return the name of the manifest's graph, which is its node as well."""
    return site.iri(MANIFEST_GRAPH)


def sites_in_store(store: Store) -> list[Site]:
    """Return every site whose graphs a store holds, by base."""
    base_row = _map("manifest").rows[0]
    (property_, value) = _map("manifest").constants[0]
    rows = store.select(
        f"SELECT DISTINCT ?manifest ?base WHERE {{ GRAPH ?manifest "
        f"{{ ?manifest <{property_}> {value} ; <{base_row.property}> ?base }} }} ORDER BY ?base"
    )
    return [_read_site(store, unquote(row["base"])[0]) for row in rows]


def _read_site(store: Store, base: str) -> Site:
    site = Site(base)
    node = manifest_name(site)
    rows = store.select(
        f"SELECT ?s ?p ?o WHERE {{ GRAPH {node} {{ ?s ?p ?o FILTER (?s = {node}) }} }}"
    )
    fields = _fields_by_node(_triples(rows), "manifest", site)[node]
    return Site(base, fields.get("url"), fields.get("schema", site.schema), fields.get("title"))


def read_manifest(store: Store, site: Site) -> Manifest:
    """Return the manifest of a site; an empty one if nothing was loaded yet."""
    by_node = _fields_by_node(_read_triples(store, site), "graph", site)
    entries = {
        node: _entry(fields)
        for node, fields in by_node.items()
        if {"digest", "dirty"} & set(fields)
    }
    return Manifest(entries, site.iri(METADATA_GRAPH))


def read_leases(store: Store, site: Site) -> list[Lease]:
    """Return the leases in a manifest, by token."""
    beats, graph = property_of("lease", "heartbeat", site), manifest_name(site)
    rows = store.select(
        f"SELECT ?s ?p ?o WHERE {{ GRAPH {graph} {{ ?s ?p ?o . ?s {beats} ?beats }} }}"
    )
    return [
        Lease(node.rpartition("/")[2][:-1], fields["holder"], _number(fields["heartbeat"]))
        for node, fields in sorted(_fields_by_node(_triples(rows), "lease", site).items())
        if {"holder", "heartbeat"} <= set(fields)
    ]


def lease_node(token: str, site: Site) -> Term:
    """Return the node of a lease."""
    return site.iri(lease_iri(site, token))


def property_of(kind: str, reference: str, site: Site) -> Term:
    """Return the property that holds a field of a node."""
    return next(site.iri(row.property) for row in _map(kind).rows if row.reference == reference)


def _entry(fields: Mapping[str, str]) -> Entry:
    return Entry(
        fields.get("digest", ""),
        _number(fields.get("triples", "")),
        fields.get("exporter", ""),
        fields.get("dirty") in {"true", "1"},
    )


def _read_triples(store: Store, site: Site) -> list[Triple]:
    """Return the triples of the manifest: at once, or if the store cuts its results, in pages.

    As triples they are faster than as solutions, and pages are the slowest.
    """
    pattern = f"GRAPH {manifest_name(site)} {{ ?s ?p ?o }}"
    (row,) = store.select(f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}")
    triples = store.construct(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}")
    complete = len(triples) == _number(unquote(row["n"])[0])
    return triples if complete else list(_read_pages(store, site))


def _read_pages(store: Store, site: Site) -> Iterator[Triple]:
    """Yield the triples of the manifest, read in pages by subject.

    The last subject of a full page may be incomplete: the next page begins with it.
    """
    start = ""
    while True:
        rows = store.select(
            f"SELECT ?s ?p ?o WHERE {{ GRAPH {manifest_name(site)} {{ ?s ?p ?o }} "
            f'FILTER (STR(?s) >= "{start}") }} ORDER BY STR(?s) LIMIT {PAGE_ROWS}'
        )
        last = rows[-1]["s"] if len(rows) == PAGE_ROWS else ""
        if last and last[1:-1] == start:
            raise StoreError(
                f"{store.address}: its manifest has more than {PAGE_ROWS:,} statements about "
                f"{last}, which kg did not write"
            )
        yield from (triple for triple in _triples(rows) if triple[0] != last)
        if not last:
            return
        start = last[1:-1]


def _triples(rows: Iterable[Row]) -> Iterator[Triple]:
    return ((row["s"], row["p"], row["o"]) for row in rows)


def _map(kind: str) -> TriplesMap:
    map_ = MANIFEST[kind]
    if not isinstance(map_, TriplesMap):
        raise TypeError(f"no map is named {kind!r}")
    return map_


def _fields_by_node(triples: Iterable[Triple], kind: str, site: Site) -> dict[Term, dict[str, str]]:
    """Return the fields that a map made triples of, by node: the inverse of the mapping."""
    references = {site.iri(row.property): str(row.reference) for row in _map(kind).rows}
    by_node: dict[Term, dict[str, str]] = defaultdict(dict)
    for subject, predicate, term in triples:
        if predicate in references:
            by_node[subject][references[predicate]] = lexical_form(term)
    return by_node


def _number(text: str) -> int:
    """Return a number, or 0 if another program has written something else."""
    return int(text) if text.isdecimal() else 0


def manifest_triples(kind: str, fields: Mapping[str, Any], site: Site) -> list[Triple]:
    """Return the triples of a node of the manifest, mapped from its fields."""
    record = Record(dict(fields), Origin(Source("", ""), "", ""))
    mapped = Mapper(MANIFEST, kind, site).map(record)
    for finding in mapped.findings:
        raise StoreError(f"{finding.field}: {finding.message}: {finding.value!r}")
    return [statement[:3] for statement in mapped.statements]


def claim_update(site: Site) -> str:
    """Return the update that records whose manifest it is."""
    fields = {"base": site.base, "schema": site.schema, "url": site.url, "title": site.title}
    triples = manifest_triples("manifest", fields, site)
    return f"{delete_entries([manifest_name(site)], site)} ;\n{_insert(triples, site)}"


def mark_dirty(graphs: Iterable[Term], site: Site) -> str:
    """Return the update that marks graphs as not completely loaded."""
    return _insert((_mark(graph, site) for graph in graphs), site)


def mark_clean(payloads: Mapping[Term, Payload], site: Site) -> str:
    """Return the update that records graphs with their digests, and removes their marks.

    The marks are removed last, so they stay if the store stops between the operations.
    """
    marks = [_mark(graph, site) for graph in payloads]
    entries = [
        triple for graph, payload in payloads.items() for triple in _record(graph, payload, site)
    ]
    (_, predicate, _) = marks[0]
    manifest = manifest_name(site)
    delete_outdated = (
        f"DELETE {{ GRAPH {manifest} {{ ?graph ?p ?o }} }} WHERE {{ {values_clause(payloads)} "
        f"GRAPH {manifest} {{ ?graph ?p ?o }} FILTER (?p != {predicate}) }}"
    )
    delete_marks = f"DELETE DATA {{ GRAPH {manifest} {{ {_lines(marks)} }} }}"
    return " ;\n".join([delete_outdated, _insert(entries, site), delete_marks])


def delete_entries(nodes: Iterable[Term], site: Site) -> str:
    """Return the update that deletes nodes from the manifest."""
    manifest = manifest_name(site)
    return (
        f"DELETE {{ GRAPH {manifest} {{ ?graph ?p ?o }} }} "
        f"WHERE {{ {values_clause(nodes)} GRAPH {manifest} {{ ?graph ?p ?o }} }}"
    )


def _mark(graph: Term, site: Site) -> Triple:
    (_, (_, property_, value)) = manifest_triples(
        "graph", {"name": graph[1:-1], "dirty": True}, site
    )
    return graph, property_, value


def _record(graph: Term, payload: Payload, site: Site) -> list[Triple]:
    fields = {"digest": payload.digest, "triples": payload.triples, "exporter": VERSION}
    return manifest_triples("graph", {"name": graph[1:-1], **fields}, site)


def _insert(triples: Iterable[Triple], site: Site) -> str:
    return f"INSERT DATA {{ GRAPH {manifest_name(site)} {{ {_lines(triples)} }} }}"


def _lines(triples: Iterable[Triple]) -> str:
    return " ".join(f"{' '.join(map(escape_for_sparql, triple))} ." for triple in triples)
