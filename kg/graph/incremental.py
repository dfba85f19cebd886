"""An export made from the last one: what changed sources said is taken out, what they say put in.

It is a bag of nodes that is changed (see `bags`), not their union: only a bag tells whether another
source says the same. The chunks that no changed source speaks of are not even looked into.
"""

from __future__ import annotations

import marshal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from kg.graph import cache as caches
from kg.graph import counted_union as bags
from kg.graph import payloads as bodies
from kg.graph.cache import Cache, Chunk, Known, Stat
from kg.graph.collect import Export, Progress, Wanted
from kg.graph.counted_union import Bag, Item
from kg.graph.named import MappedSource, graph_name, map_source
from kg.graph.payloads import Body
from kg.graph.sorted_runs import Run
from kg.graph.statistics import Tally
from kg.graph.union import Node, Union, united
from kg.mapping.authority import names_nodes
from kg.mapping.mapper import Mapper
from kg.mapping.memo import SeenNodes
from kg.model.errors import CacheError, SourceError
from kg.model.findings import Finding, Place, Severity
from kg.model.records import Source, Term
from kg.sources.locations import with_lines
from kg.sources.reading import is_rdf, read_source
from kg.workers import map_in_processes, worthwhile_jobs

Stats: TypeAlias = Mapping[str, Stat | None]
"""The stats of sources, by name."""


def gather(  # noqa: PLR0913 - what `exports.gather` takes, and a cache
    found: Sequence[Source],
    using: Mapper,
    wanted: Wanted,
    cache: Cache,
    *,
    jobs: int = 1,
    progress: Progress,
) -> Export:
    """Return what `exports.gather` does, mapping only what changed since the cache was saved.

    A damaged cache is made anew. Raises KgError as `exports.gather` does, and OutputError when the
    cache cannot be written.
    """
    cache.use(caches.key(using))
    step = _Step(found, using, wanted, cache, jobs, progress)
    try:
        return step.take()
    except CacheError:
        cache.forget()
        return step.take()


class _Step(NamedTuple):
    """From the last export to this one."""

    found: Sequence[Source]
    using: Mapper
    wanted: Wanted
    cache: Cache
    jobs: int
    progress: Progress

    def take(self) -> Export:
        """Map what changed. Raises CacheError before anything is written of what is damaged."""
        cache = self.cache
        known = {one.name: known for one in self.found if (known := cache.known(one))}
        for name in self._needed(known):
            cache.content(name)
        changes = Bag(self.wanted.folder, self.wanted.memory)
        for name, one in cache.sources.items():
            if name not in known:
                changes.add(cache.graph(one.object)[1] if one.object else (), -1)
        known |= self._map([one for one in self.found if one.name not in known], changes)
        cache.save(known, list(_changed(cache, changes, self.using)))
        return _made(self)

    def _needed(self, known: Mapping[str, Known]) -> Iterator[str]:
        """Yield the objects that will be written, all of which may be damaged."""
        if not self.wanted.bodies:
            yield from (chunk.object for chunk in self.cache.chunks)
        if self.wanted.graphs:
            yield from (one.object for one in known.values() if one.object)

    def _map(self, changed: Sequence[Source], changes: Bag) -> dict[str, Known]:
        """Map sources over the processes they are worth, and add what they say to the changes."""
        jobs = worthwhile_jobs(self.jobs, len(changed))
        stats = {source.name: self.cache.stat(source) for source in changed}
        folder = self.cache.folder
        if jobs == 1:
            watched = self.progress(changed, len(changed))
            return _learned(watched, stats, self.using, folder, changes)
        shares = [changed[number::jobs] for number in range(jobs)]
        do = partial(_apart, stats=stats, using=self.using, folder=folder, wanted=self.wanted)
        done = list(self.progress(map_in_processes(do, shares, jobs), jobs))
        changes.runs += [run for _, runs in done for run in runs]
        return {name: known for learned, _ in done for name, known in learned.items()}


# ---- mapping


def _apart(
    share: Iterable[Source], stats: Stats, using: Mapper, folder: Path, wanted: Wanted
) -> tuple[dict[str, Known], list[Run]]:
    """Map a share in a process of its own: all of it goes to files."""
    changes = Bag(wanted.folder, wanted.memory)
    learned = _learned(share, stats, using, folder, changes)
    changes.spill()
    return learned, changes.runs


def _learned(
    share: Iterable[Source], stats: Stats, using: Mapper, folder: Path, changes: Bag
) -> dict[str, Known]:
    """Map sources, add what they say to the changes, and keep it in the folder of the cache."""
    learned = {}
    for source in share:
        held = _held(source)
        said = _said(held, using)
        changes.add(said.nodes)
        findings = [_plain(one) for one in with_lines(said.findings)]
        learned[source.name] = Known(
            *_seen(held, stats[source.name]),
            source.named,
            *_kept(held, said, folder),
            said.records,
            findings,
        )
    return learned


def _said(held: Source, using: Mapper) -> MappedSource:
    """Return what a source says, its nodes sorted, each once."""
    said = map_source(held, using, SeenNodes(_STATED))
    return said._replace(nodes=united(said.nodes))


def _kept(source: Source, said: MappedSource, folder: Path) -> tuple[str, str, int]:
    """Keep what a source says; return the name of its object, and digest and lines of its body."""
    if not said.nodes:
        return "", "", 0
    name = caches.stored(folder, caches.graph(said.name, said.nodes))
    return name, *bodies.digested(_lines(source, said.nodes))


def _lines(source: Source, found: Iterable[Node]) -> bytes:
    return bodies.content(found, foreign=is_rdf(source))


_STATED: Final = 1 << 10
"""Items that are remembered as stated by one source."""


def _seen(held: Source, stat: Stat | None) -> tuple[Stat | None, str, bool]:
    """Return stat and digest of a source, and whether it tells; nothing of what cannot be read."""
    if held.content is None:
        return None, "", False
    return stat, sha256(held.content).hexdigest(), names_nodes(held.content)


def _held(source: Source) -> Source:
    """Return a source with its content: what is mapped and what is digested must be the same."""
    try:
        return replace(source, content=read_source(source))
    except SourceError:  # it is read again when it is mapped, which tells why
        return source


def _plain(finding: Finding) -> tuple[Any, ...]:
    """Write a finding about one source as plain values."""
    places = [(one.field, one.document, one.line, one.column, one.value) for one in finding.places]
    return finding.severity.value, finding.message, places, finding.value, finding.expected


def _finding(plain: tuple[Any, ...], source: Source) -> Finding:
    severity, message, places, value, expected = plain
    where = tuple(Place(source, *place) for place in places)
    return Finding(Severity(severity), message, where, value, expected)


# ---- the union


def _changed(cache: Cache, changes: Iterable[Item], using: Mapper) -> Iterator[Chunk]:
    """Yield the chunks of a cache after changes; those that none of these reaches as they are."""
    old, done = cache.chunks, 0
    for number, share in bags.shares(changes, [chunk.first for chunk in old]):
        yield from old[done:number]
        before = _items(cache, old[number]) if old else []
        for items in bags.chunks(bags.summed(before, share)):
            tally = Tally(using.site)
            tally.add(bags.nodes(items))
            name = caches.stored(cache.folder, marshal.dumps(items))
            yield Chunk(items[0][0], name, tally.counts)
        done = number + 1
    yield from old[done:]


def _items(cache: Cache, chunk: Chunk) -> list[Item]:
    items: list[Item] = marshal.loads(cache.content(chunk.object))  # noqa: S302 - has its digest
    return items


class _Union(Union):
    """The union that a cache holds; what is added is held in memory."""

    def __init__(self, folder: Path, cache: Cache) -> None:
        super().__init__(folder, sys.maxsize)
        self._cache = cache

    def __iter__(self) -> Iterator[Node]:
        chunks, done = self._cache.chunks, 0
        added = sorted(self._held.items())
        for number, share in bags.shares(added, [chunk.first for chunk in chunks]):
            for chunk in chunks[done:number]:
                yield from bags.nodes(_items(self._cache, chunk))
            here = bags.nodes(_items(self._cache, chunks[number])) if chunks else ()
            yield from united([*here, *share])
            done = number + 1
        for chunk in chunks[done:]:
            yield from bags.nodes(_items(self._cache, chunk))


@dataclass(slots=True)
class _Made(Export):
    """An export that is in a cache."""

    cache: Cache = field(kw_only=True)
    using: Mapper = field(kw_only=True)
    known: list[tuple[Source, Known]] = field(kw_only=True)

    def count(self, tally: Tally) -> None:
        for chunk in self.cache.chunks:
            tally.merge(chunk.counts)

    def graphs(self) -> Iterator[tuple[Term, list[Node]]]:
        for _, (_, known) in sorted(self._saying().items()):
            yield self.cache.graph(known.object)

    def bodies(self) -> dict[Term, Body]:
        return {
            name: Body(known.digest, known.triples, partial(self._read, source, known))
            for name, (source, known) in self._saying().items()
        }

    def _saying(self) -> dict[Term, tuple[Source, Known]]:
        """Return the sources that say something, by the names of their graphs."""
        site = self.using.site
        return {graph_name(one, site): (one, known) for one, known in self.known if known.object}

    def _read(self, source: Source, known: Known) -> bytes:
        try:
            found = self.cache.graph(known.object)[1]
        except CacheError:
            self._mend(source, known)
            found = self.cache.graph(known.object)[1]
        return _lines(source, found)

    def _mend(self, source: Source, known: Known) -> None:
        """Make a damaged object anew. Raises SourceError when its source is another by now."""
        self.cache.tell_damage()
        held = _held(source)
        said = _said(held, self.using)
        if _kept(held, said, self.cache.folder)[0] != known.object:
            raise SourceError(f"{source.path}: changed while kg was at work; try again")


def _made(step: _Step) -> Export:
    """Return what a cache has come to hold."""
    cache, known = step.cache, [(one, step.cache.sources[one.name]) for one in step.found]
    return _Made(
        _Union(step.wanted.folder, cache),
        findings=[_finding(plain, source) for source, one in known for plain in one.findings],
        records=sum(one.records for _, one in known),
        skipped=sum(not one.object for _, one in known),
        cache=cache,
        using=step.using,
        known=known,
    )
