"""Prove that a store holds the statements of the files: by counting, or statement by statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple, TypeAlias

from kg.graph import Payloads
from kg.model import StoreError, Term, Triple, unquote
from kg.stores.store import Store, values_clause
from kg.workers import batches

GRAPHS_PER_QUERY: Final = 200
EXAMPLES: Final = 3
"""Statements of one graph that a mismatch names."""


class Mismatch(NamedTuple):
    """A graph whose statements in the store are not those of its file, with both counts.

    After comparing statements: some that are missing from the store, and some that it has besides.
    """

    graph: Term
    expected: int
    found: int
    missing: tuple[Triple, ...] = ()
    extra: tuple[Triple, ...] = ()


Proof: TypeAlias = Callable[[Sequence[Term], Payloads, Store], Iterable[Mismatch]]
"""Compares some graphs of a store with their payloads; a graph without one must be empty."""


def compare_nothing(_graphs: Sequence[Term], _: Payloads, _store: Store) -> Iterator[Mismatch]:
    """Compare nothing."""
    return iter(())


def compare_counts(graphs: Sequence[Term], payloads: Payloads, store: Store) -> Iterator[Mismatch]:
    """Compare the numbers of statements, with one query for many graphs."""
    for names in batches(graphs, GRAPHS_PER_QUERY):
        counts = _counts(names, store)
        for name in names:
            expected, found = _expected_count(name, payloads), counts.get(name, 0)
            if found != expected:
                yield Mismatch(name, expected, found)


def _expected_count(graph: Term, payloads: Payloads) -> int:
    return payloads[graph].triples if graph in payloads else 0


def _counts(graphs: Sequence[Term], store: Store) -> Mapping[Term, int]:
    rows = store.select(
        f"SELECT ?graph (COUNT(*) AS ?number) WHERE {{ {values_clause(graphs)} "
        "GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"
    )
    return {row["graph"]: int(unquote(row["number"])[0]) for row in rows if "graph" in row}


def compare_statements(
    graphs: Sequence[Term], payloads: Payloads, store: Store
) -> Iterator[Mismatch]:
    """Compare the statements, literals by their values."""
    for name, found in graph_triples(graphs, store):
        expected = _parse(payloads[name].read() if name in payloads else b"", name, store)
        missing, extra = sorted(expected - found), sorted(found - expected)
        if missing or extra:
            examples = tuple(missing[:EXAMPLES]), tuple(extra[:EXAMPLES])
            yield Mismatch(name, len(expected), len(found), *examples)


PROOFS: Final[Mapping[str | None, Proof]] = {
    "counts": compare_counts,
    "full": compare_statements,
    None: compare_nothing,
}


def _parse(content: bytes, graph: Term, store: Store) -> set[Triple]:
    """Parse N-Triples, with terms as a store writes them: `"1"^^xsd:string` is `"1"` there."""
    import pyoxigraph

    copy = pyoxigraph.Store()
    try:
        copy.bulk_load(content, pyoxigraph.RdfFormat.N_TRIPLES)
    except SyntaxError as error:
        raise StoreError(
            f"{store.address}: cannot parse what it returned for {graph}: {error}"
        ) from error
    return {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in copy}


def fetch_graphs(graphs: Sequence[Term], store: Store) -> Iterator[tuple[Term, bytes]]:
    """Yield graphs of a store as N-Triples, several fetched at once."""
    with ThreadPoolExecutor(store.connections) as pool:
        for names in batches(graphs, GRAPHS_PER_QUERY):
            yield from zip(names, pool.map(store.get, names), strict=True)


def graph_triples(graphs: Sequence[Term], store: Store) -> Iterator[tuple[Term, set[Triple]]]:
    """Yield graphs of a store with their triples."""
    for name, content in fetch_graphs(graphs, store):
        yield name, _parse(content, name, store)
