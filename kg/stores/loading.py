"""Make a store say what bodies say: lease, marks, statements, marks, and the lease back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeAlias

from kg.graph.payloads import Payloads, to_nquads
from kg.model.errors import StoreError
from kg.model.records import Term
from kg.model.site import Site
from kg.stores.lease import Heartbeat, Writer, hold_lease
from kg.stores.manifest import (
    Manifest,
    claim_update,
    delete_entries,
    manifest_name,
    mark_clean,
    mark_dirty,
    read_manifest,
    sites_in_store,
)
from kg.stores.plan import Plan, Scope, plan_sync
from kg.stores.proof import Mismatch
from kg.stores.store import Store
from kg.workers import batches

BULK_SHARE: Final = 0.2
"""How many graphs to send, for each that is there, before sending them in bulk is faster."""
BULK_MINIMUM: Final = 50
"""Graphs that are sent one by one in the time of the smallest bulk request (0.3 s, measured)."""
REQUEST_BYTES: Final = 8_000_000
"""Bytes of one bulk request. Measured for 2.6 million quads to Oxigraph: 15 s; 18 s with 32 MB."""
MARKS_PER_UPDATE: Final = 200
"""Graphs that are named in one update."""

OnProgress: TypeAlias = Callable[[int], object]
"""Called with how many more graphs are done."""
Proof: TypeAlias = Callable[[Sequence[Term], Payloads, Store], Iterable[Mismatch]]


@dataclass(frozen=True, slots=True)
class Sync:
    """What a store shall say: bodies by the names of their graphs, within a scope.

    `unreadable` are graphs whose source is broken: what the store has of them stays.
    """

    wanted: Payloads
    site: Site
    scope: Scope
    unreadable: frozenset[Term] = frozenset()

    def plan(self, store: Store) -> Plan:
        """Compare with what the store has.

        Raises StoreError when that is of another base or another site.
        """
        check_owner(store, self.site)
        known = read_manifest(store, self.site)
        made = plan_sync(self.wanted, known.entries, self.scope, self.unreadable)
        _check_related(made, known, store.address)
        return made

    def rehearse(self, store: Store) -> SyncResult:
        """Return what would be done. Raises StoreError when it cannot be."""
        made = self.plan(store)
        _check_payloads(made.sent, self.wanted)
        return SyncResult(made)

    def run(self, store: Store, proof: Proof, told: OnProgress, pulse: Heartbeat) -> SyncResult:
        """Do it, and prove it. The plan is made anew when nobody else may write any more.

        Raises StoreError when it cannot be done; what is not finished stays marked, and what does
        not hold is marked too.
        """
        made = self.plan(store)
        if not made:
            wrong = tuple(proof(made.same, self.wanted, store))
            if wrong:
                with hold_lease(store, self.site, pulse) as writer:
                    _mark([one.graph for one in wrong], writer)
            return SyncResult(made, wrong)
        with hold_lease(store, self.site, pulse) as writer:
            made = self.plan(store)
            _check_payloads(made.sent, self.wanted)
            _carry_out(made, self.wanted, writer, told)
            wrong = tuple(proof(sorted({*made.changed, *made.same}), self.wanted, store))
            _mark([one.graph for one in wrong], writer)
            return SyncResult(made, wrong)


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What was done, and what does not hold in spite of it."""

    plan: Plan
    wrong: tuple[Mismatch, ...] = ()


def delete_site(store: Store, site: Site, told: OnProgress, pulse: Heartbeat) -> Plan:
    """Remove every graph of a site, and its manifest. Raises StoreError when it cannot be done."""
    with hold_lease(store, site, pulse) as writer:
        made = Plan(delete=tuple(sorted(read_manifest(store, site).entries)))
        _carry_out(made, {}, writer, told)
        writer.check()
        store.drop(manifest_name(site))
        return made


def check_owner(store: Store, site: Site) -> None:
    """Raise StoreError when a store holds the graphs of another base or another site."""
    for other in sites_in_store(store):
        if other.base != site.base:
            raise StoreError(
                f"{store.address}: holds the graphs of the site at {other.base}, and this one is "
                f"at {site.base}; use another store, or that --base-iri; kg load --delete "
                f"--base-iri {other.base} removes them"
            )
        theirs, ours = (
            (other.url, site.url) if other.url and site.url else (other.title, site.title)
        )
        if theirs and ours and theirs != ours:
            raise StoreError(
                f"{store.address}: holds the graphs of {theirs} below {site.base}, and this is "
                f"{ours}; use another store or another --base-iri, or remove them with "
                "kg load --delete"
            )


def _check_related(made: Plan, known: Manifest, address: str) -> None:
    """Raise StoreError when a load would delete all there is and share no graph with it."""
    theirs = [graph for graph in made.delete if not known.entries[graph].dirty]
    files = [graph for graph in made.replace + made.same if graph != known.metadata]
    if theirs and not files:
        raise StoreError(
            f"{address}: holds {len(theirs):,} graphs below the same base, and SOURCES has none of "
            "them: are they another site's? Give one of the two its own --base-iri, or remove "
            "what is there with kg load --delete"
        )


def _check_payloads(graphs: Iterable[Term], wanted: Payloads) -> None:
    """Raise StoreError for what Oxigraph's strict parser refuses: a store would refuse it too.

    Nothing is marked yet, and what cannot be read is found out, too.
    """
    import pyoxigraph

    for graph in graphs:
        try:
            for _ in pyoxigraph.parse(wanted[graph].read(), pyoxigraph.RdfFormat.N_TRIPLES):
                pass
        except SyntaxError as error:
            raise StoreError(f"{graph}: cannot be loaded: {error}") from error


def _mark(graphs: Sequence[Term], writer: Writer) -> None:
    for names in batches(graphs, MARKS_PER_UPDATE):
        writer.check()
        writer.store.update(mark_dirty(names, writer.site))


def _carry_out(made: Plan, wanted: Payloads, writer: Writer, told: OnProgress) -> None:
    store, site = writer.store, writer.site
    store.update(claim_update(site))
    _mark(made.changed, writer)
    for names in _in_updates(_for_each(store.drop, made.delete, writer)):
        store.update(delete_entries(names, site))
        told(len(names))
    for names in _in_updates(_send(made, wanted, writer)):
        for some in batches(names, MARKS_PER_UPDATE):
            store.update(mark_clean({name: wanted[name] for name in some}, site))
        told(len(names))


def _send(made: Plan, wanted: Payloads, writer: Writer) -> Iterator[Sequence[Term]]:
    """Send graphs, and yield the names of those that have arrived."""
    store, sent = writer.store, made.sent
    if not store.bulk or len(sent) <= max(BULK_MINIMUM, BULK_SHARE * made.held):
        yield from _for_each(lambda name: store.put(name, wanted[name].read()), sent, writer)
        return
    for _ in _for_each(store.drop, made.replace, writer):
        pass
    for names, content in _bulk_requests(sent, wanted):
        writer.check()
        store.add(content)
        yield names


def _bulk_requests(graphs: Iterable[Term], wanted: Payloads) -> Iterator[tuple[list[Term], bytes]]:
    """Cut graphs into shares, each of about `BODY` bytes of N-Quads."""
    names: list[Term] = []
    content = bytearray()
    for graph in graphs:
        names.append(graph)
        content += to_nquads(wanted[graph].read(), graph)
        if len(content) >= REQUEST_BYTES:
            yield names, bytes(content)
            names, content = [], bytearray()
    if names:
        yield names, bytes(content)


def _for_each(
    work: Callable[[Term], None], names: Sequence[Term], writer: Writer
) -> Iterator[Sequence[Term]]:
    """Do something with each graph, as many at once as the store takes; yield those done.

    After a failure nothing more is begun.
    """
    ahead, most = iter(names), writer.store.connections
    with ThreadPoolExecutor(most) as pool:
        doing: dict[Future[None], Term] = {}
        while True:
            writer.check()
            for name in islice(ahead, 2 * most - len(doing)):
                doing[pool.submit(work, name)] = name
            if not doing:
                return
            done, _ = wait(doing, return_when=FIRST_COMPLETED)
            yield [doing.pop(future) for future in done if future.exception() is None]
            for future in done:
                future.result()


def _in_updates(parts: Iterable[Sequence[Term]]) -> Iterator[list[Term]]:
    """Join names into batches worth an update; what is done when a part fails comes first."""
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
