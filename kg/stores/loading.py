"""Apply a plan to a store: mark the graphs, send or drop them, and remove the marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Final, TypeAlias

from kg.graph import Payloads, to_nquads
from kg.model import StoreError, Term
from kg.stores.lease import HeldLease
from kg.stores.manifest import claim_update, delete_entries, mark_clean, mark_dirty
from kg.stores.plan import Plan
from kg.workers import batches

BULK_SHARE: Final = 0.2
"""Graphs to send, for each graph in the store, from which a bulk request is faster."""
BULK_MINIMUM: Final = 50
"""Graphs that are sent one by one in the time of the smallest bulk request."""
REQUEST_BYTES: Final = 8_000_000
"""Bytes of one bulk request: larger ones are slower to build and to commit."""
MARKS_PER_UPDATE: Final = 200
"""Graphs that one update of the manifest names."""

OnProgress: TypeAlias = Callable[[int], object]
"""Called with the number of graphs that were done since the last call."""


def ignore_progress(_graphs: int) -> None:
    """Do nothing: the default of `OnProgress`."""


def apply_plan(plan: Plan, payloads: Payloads, lease: HeldLease, on_progress: OnProgress) -> None:
    """Delete and send the graphs of a plan.

    Every graph is marked in the manifest before, and its mark removed after all of it arrived.
    Raises StoreError if a request fails: the graphs done until then are recorded.
    """
    store, site = lease.store, lease.site
    store.update(claim_update(site))
    mark_graphs(plan.changed, lease)
    for names in _in_updates(_for_each(store.drop, plan.delete, lease)):
        store.update(delete_entries(names, site))
        on_progress(len(names))
    for names in _in_updates(_send(plan, payloads, lease)):
        for batch in batches(names, MARKS_PER_UPDATE):
            store.update(mark_clean({name: payloads[name] for name in batch}, site))
        on_progress(len(names))


def check_payloads(graphs: Iterable[Term], payloads: Payloads) -> None:
    """Raise StoreError for a graph that Oxigraph's strict parser rejects: a store would, too.

    Called before anything is marked, so the store is unchanged if it raises.
    """
    import pyoxigraph

    for graph in graphs:
        try:
            for _ in pyoxigraph.parse(payloads[graph].read(), pyoxigraph.RdfFormat.N_TRIPLES):
                pass
        except SyntaxError as error:
            raise StoreError(f"{graph}: cannot be loaded: {error}") from error


def mark_graphs(graphs: Sequence[Term], lease: HeldLease) -> None:
    """Mark graphs in the manifest as to be sent again."""
    for names in batches(graphs, MARKS_PER_UPDATE):
        lease.check()
        lease.store.update(mark_dirty(names, lease.site))


def _send(plan: Plan, payloads: Payloads, lease: HeldLease) -> Iterator[Sequence[Term]]:
    """Send graphs, and yield the names of those that have arrived."""
    store = lease.store
    few = len(plan.sent) <= max(BULK_MINIMUM, BULK_SHARE * plan.graphs_in_store)
    if few or not store.bulk:
        yield from _for_each(lambda name: store.put(name, payloads[name].read()), plan.sent, lease)
        return
    for _ in _for_each(store.drop, plan.replace, lease):
        pass
    for names, content in _bulk_requests(plan.sent, payloads):
        lease.check()
        store.add(content)
        yield names


def _bulk_requests(
    graphs: Iterable[Term], payloads: Payloads
) -> Iterator[tuple[list[Term], bytes]]:
    """Yield names and N-Quads of graphs, about `REQUEST_BYTES` at a time."""
    names: list[Term] = []
    content = bytearray()
    for graph in graphs:
        names.append(graph)
        content += to_nquads(payloads[graph].read(), graph)
        if len(content) >= REQUEST_BYTES:
            yield names, bytes(content)
            names, content = [], bytearray()
    if names:
        yield names, bytes(content)


def _for_each(
    do: Callable[[Term], None], graphs: Sequence[Term], lease: HeldLease
) -> Iterator[Sequence[Term]]:
    """Call a function with each graph, as many at once as the store accepts; yield those done.

    Nothing more is started after a failure.
    """
    remaining, limit = iter(graphs), lease.store.connections
    with ThreadPoolExecutor(limit) as pool:
        running: dict[Future[None], Term] = {}
        while True:
            lease.check()
            for graph in islice(remaining, 2 * limit - len(running)):
                running[pool.submit(do, graph)] = graph
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            yield [running.pop(future) for future in done if future.exception() is None]
            for future in done:
                future.result()


def _in_updates(parts: Iterable[Sequence[Term]]) -> Iterator[list[Term]]:
    """Join names into batches worth an update; if a part fails, yield those done, then raise."""
    names: list[Term] = []
    try:
        for part in parts:
            names += part
            if len(names) >= MARKS_PER_UPDATE:
                yield names
                names = []
    except StoreError:
        if names:
            yield names
        raise
    if names:
        yield names
