"""Make a store say what bodies say: lease, marks, statements, marks, and the lease back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Final, TypeAlias

from kg.graph import payloads as bodies
from kg.graph.payloads import Bodies
from kg.model.errors import StoreError
from kg.model.records import Term
from kg.model.site import Site
from kg.stores import manifest, plan
from kg.stores.lease import Pulse, Writer, writing
from kg.stores.manifest import Manifest
from kg.stores.plan import Plan, Scope
from kg.stores.proof import Mismatch
from kg.stores.store import Store, batches

BULK: Final = 0.2
"""How many graphs to send, for each that is there, before sending them in bulk is faster."""
FEW: Final = 50
"""Graphs that are sent one by one in the time of the smallest bulk request (0.3 s, measured)."""
BODY: Final = 8_000_000
"""Bytes of one bulk request. Measured for 2.6 million quads to Oxigraph: 15 s; 18 s with 32 MB."""
MARKS: Final = 200
"""Graphs that are named in one update."""

Told: TypeAlias = Callable[[int], object]
"""Called with how many more graphs are done."""
Proof: TypeAlias = Callable[[Sequence[Term], Bodies, Store], Iterable[Mismatch]]


@dataclass(frozen=True, slots=True)
class Load:
    """What a store shall say: bodies by the names of their graphs, within a scope.

    `unreadable` are graphs whose source is broken: what the store has of them stays.
    """

    wanted: Bodies
    site: Site
    scope: Scope
    unreadable: frozenset[Term] = frozenset()

    def plan(self, store: Store) -> Plan:
        """Compare with what the store has.

        Raises StoreError when that is of another base or another site.
        """
        belongs(store, self.site)
        known = manifest.read(store, self.site)
        made = plan.plan(self.wanted, known.entries, self.scope, self.unreadable)
        _related(made, known, store.address)
        return made

    def rehearse(self, store: Store) -> Loaded:
        """Return what would be done. Raises StoreError when it cannot be."""
        made = self.plan(store)
        _check(made.sent, self.wanted)
        return Loaded(made)

    def run(self, store: Store, proof: Proof, told: Told, pulse: Pulse) -> Loaded:
        """Do it, and prove it. The plan is made anew when nobody else may write any more.

        Raises StoreError when it cannot be done; what is not finished stays marked, and what does
        not hold is marked too.
        """
        made = self.plan(store)
        if not made:
            wrong = tuple(proof(made.same, self.wanted, store))
            if wrong:
                with writing(store, self.site, pulse) as writer:
                    _mark([one.graph for one in wrong], writer)
            return Loaded(made, wrong)
        with writing(store, self.site, pulse) as writer:
            made = self.plan(store)
            _check(made.sent, self.wanted)
            _run(made, self.wanted, writer, told)
            wrong = tuple(proof(sorted({*made.changed, *made.same}), self.wanted, store))
            _mark([one.graph for one in wrong], writer)
            return Loaded(made, wrong)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was done, and what does not hold in spite of it."""

    plan: Plan
    wrong: tuple[Mismatch, ...] = ()


def delete(store: Store, site: Site, told: Told, pulse: Pulse) -> Plan:
    """Remove every graph of a site, and its manifest. Raises StoreError when it cannot be done."""
    with writing(store, site, pulse) as writer:
        made = Plan(delete=tuple(sorted(manifest.read(store, site).entries)))
        _run(made, {}, writer, told)
        writer.check()
        store.drop(manifest.name(site))
        return made


def belongs(store: Store, site: Site) -> None:
    """Raise StoreError when a store holds the graphs of another base or another site."""
    for other in manifest.sites(store):
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


def _related(made: Plan, known: Manifest, address: str) -> None:
    """Raise StoreError when a load would delete all there is and share no graph with it."""
    theirs = [graph for graph in made.delete if not known.entries[graph].dirty]
    files = [graph for graph in made.replace + made.same if graph != known.metadata]
    if theirs and not files:
        raise StoreError(
            f"{address}: holds {len(theirs):,} graphs below the same base, and SOURCES has none of "
            "them: are they another site's? Give one of the two its own --base-iri, or remove "
            "what is there with kg load --delete"
        )


def _check(graphs: Iterable[Term], wanted: Bodies) -> None:
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
    for names in batches(graphs, MARKS):
        writer.check()
        writer.store.update(manifest.dirty(names, writer.site))


def _run(made: Plan, wanted: Bodies, writer: Writer, told: Told) -> None:
    store, site = writer.store, writer.site
    store.update(manifest.begun(site))
    _mark(made.changed, writer)
    for names in _gathered(_each(store.drop, made.delete, writer)):
        store.update(manifest.forgotten(names, site))
        told(len(names))
    for names in _gathered(_sent(made, wanted, writer)):
        for some in batches(names, MARKS):
            store.update(manifest.clean({name: wanted[name] for name in some}, site))
        told(len(names))


def _sent(made: Plan, wanted: Bodies, writer: Writer) -> Iterator[Sequence[Term]]:
    """Send graphs, and yield the names of those that have arrived."""
    store, sent = writer.store, made.sent
    if not store.bulk or len(sent) <= max(FEW, BULK * made.held):
        yield from _each(lambda name: store.put(name, wanted[name].read()), sent, writer)
        return
    for _ in _each(store.drop, made.replace, writer):
        pass
    for names, content in _shares(sent, wanted):
        writer.check()
        store.add(content)
        yield names


def _shares(graphs: Iterable[Term], wanted: Bodies) -> Iterator[tuple[list[Term], bytes]]:
    """Cut graphs into shares, each of about `BODY` bytes of N-Quads."""
    names: list[Term] = []
    content = bytearray()
    for graph in graphs:
        names.append(graph)
        content += bodies.quads(wanted[graph].read(), graph)
        if len(content) >= BODY:
            yield names, bytes(content)
            names, content = [], bytearray()
    if names:
        yield names, bytes(content)


def _each(
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


def _gathered(parts: Iterable[Sequence[Term]]) -> Iterator[list[Term]]:
    """Join names into batches worth an update; what is done when a part fails comes first."""
    names: list[Term] = []
    try:
        for part in parts:
            names += part
            if len(names) >= MARKS:
                yield names
                names = []
    except StoreError:
        if names:
            yield names
        raise
    if names:
        yield names
