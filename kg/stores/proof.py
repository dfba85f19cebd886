"""Prove that a store holds what the files say: by counting, or statement by statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

from kg.graph.payloads import Payloads
from kg.model.errors import StoreError
from kg.model.records import Term, Triple
from kg.model.terms import unquote
from kg.stores.store import Store, values_clause
from kg.workers import batches

PAGE: Final = 200
"""Graphs that are counted by one query."""
SHOWN: Final = 3
"""Statements of one graph that a mismatch names."""


class Mismatch(NamedTuple):
    """A graph whose statements in the store are not those of its file.

    After comparing statements: some that are missing from the store, and some it has besides.
    """

    graph: Term
    expected: int
    found: int
    missing: tuple[Triple, ...] = ()
    extra: tuple[Triple, ...] = ()


def prove_nothing(_graphs: Sequence[Term], _wanted: Payloads, _store: Store) -> Iterator[Mismatch]:
    """Compare nothing."""
    return iter(())


def compare_counts(graphs: Sequence[Term], wanted: Payloads, store: Store) -> Iterator[Mismatch]:
    """Compare how many statements graphs have, asking for many graphs at once."""
    for names in batches(graphs, PAGE):
        found = _counts(names, store)
        for name in names:
            expected = wanted[name].triples if name in wanted else 0
            if found.get(name, 0) != expected:
                yield Mismatch(name, expected, found.get(name, 0))


def _counts(graphs: Sequence[Term], store: Store) -> Mapping[Term, int]:
    rows = store.select(
        f"SELECT ?graph (COUNT(*) AS ?number) WHERE {{ {values_clause(graphs)} "
        "GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"
    )
    return {row["graph"]: int(unquote(row["number"])[0]) for row in rows if "graph" in row}


def compare_statements(
    graphs: Sequence[Term], wanted: Payloads, store: Store
) -> Iterator[Mismatch]:
    """Compare the statements of graphs, literals by their values."""
    for name, found in graph_triples(graphs, store):
        expected = _read(wanted[name].read() if name in wanted else b"", name, store)
        missing, extra = sorted(expected - found), sorted(found - expected)
        if missing or extra:
            some = tuple(missing[:SHOWN]), tuple(extra[:SHOWN])
            yield Mismatch(name, len(expected), len(found), *some)


def _read(content: bytes, graph: Term, store: Store) -> set[Triple]:
    """Parse N-Triples, with terms as a store writes them: `"1"^^xsd:string` is `"1"` there."""
    import pyoxigraph

    held = pyoxigraph.Store()
    try:
        held.bulk_load(content, pyoxigraph.RdfFormat.N_TRIPLES)
    except SyntaxError as error:
        raise StoreError(f"{store.address}: {graph} comes back unreadable: {error}") from error
    return {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in held}


def fetch_graphs(graphs: Sequence[Term], store: Store) -> Iterator[tuple[Term, bytes]]:
    """Yield graphs of a store as N-Triples, several fetched at once."""
    with ThreadPoolExecutor(store.connections) as pool:
        for names in batches(graphs, PAGE):
            yield from zip(names, pool.map(store.get, names), strict=True)


def graph_triples(graphs: Sequence[Term], store: Store) -> Iterator[tuple[Term, set[Triple]]]:
    """Yield what graphs of a store say."""
    for name, content in fetch_graphs(graphs, store):
        yield name, _read(content, name, store)
