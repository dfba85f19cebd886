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

from kg.graph.cache import (
    Cache,
    CachedSource,
    FileStat,
    UnionChunk,
    cache_key,
    graph_object,
    put_object,
)
from kg.graph.collect import CollectedGraph, CollectOptions, Progress
from kg.graph.counted_union import (
    CountedUnion,
    SupportedLines,
    cut_into_chunks,
    merge_counts,
    merge_supported,
    share_by_chunk,
)
from kg.graph.named import MappedSource, graph_name, map_source
from kg.graph.payloads import Payload, digest, payload_lines
from kg.graph.sorted_runs import SortedRun
from kg.graph.statistics import VoidStatistics
from kg.graph.union import SubjectLines, Union, merge_subjects
from kg.mapping.authority import names_nodes
from kg.mapping.mapper import Mapper
from kg.mapping.memo import SeenNodes
from kg.model.errors import CacheError, SourceError
from kg.model.findings import Finding, Place, Severity
from kg.model.records import Source, Term
from kg.sources.locations import with_lines
from kg.sources.reading import is_rdf, read_source
from kg.workers import map_in_processes, worthwhile_jobs

Stats: TypeAlias = Mapping[str, FileStat | None]
"""The stats of sources, by name."""


def collect_with_cache(  # noqa: PLR0913 - what `exports.gather` takes, and a cache
    found: Sequence[Source],
    using: Mapper,
    wanted: CollectOptions,
    cache: Cache,
    *,
    jobs: int = 1,
    progress: Progress,
) -> CollectedGraph:
    """Return what `exports.gather` does, mapping only what changed since the cache was saved.

    A damaged cache is made anew. Raises KgError as `exports.gather` does, and OutputError when the
    cache cannot be written.
    """
    cache.use(cache_key(using))
    step = IncrementalRun(found, using, wanted, cache, jobs, progress)
    try:
        return step.take()
    except CacheError:
        cache.forget()
        return step.take()


class IncrementalRun(NamedTuple):
    """From the last export to this one."""

    found: Sequence[Source]
    using: Mapper
    wanted: CollectOptions
    cache: Cache
    jobs: int
    progress: Progress

    def take(self) -> CollectedGraph:
        """Map what changed. Raises CacheError before anything is written of what is damaged."""
        cache = self.cache
        known = {one.name: known for one in self.found if (known := cache.known(one))}
        for name in self._needed(known):
            cache.content(name)
        changes = CountedUnion(self.wanted.folder, self.wanted.memory)
        for name, one in cache.sources.items():
            if name not in known:
                changes.add(cache.graph(one.object)[1] if one.object else (), -1)
        known |= self._map([one for one in self.found if one.name not in known], changes)
        cache.save(known, list(_changed(cache, changes, self.using)))
        return _cached_graph(self)

    def _needed(self, known: Mapping[str, CachedSource]) -> Iterator[str]:
        """Yield the objects that will be written, all of which may be damaged."""
        if not self.wanted.bodies:
            yield from (chunk.object for chunk in self.cache.chunks)
        if self.wanted.graphs:
            yield from (one.object for one in known.values() if one.object)

    def _map(self, changed: Sequence[Source], changes: CountedUnion) -> dict[str, CachedSource]:
        """Map sources over the processes they are worth, and add what they say to the changes."""
        jobs = worthwhile_jobs(self.jobs, len(changed))
        stats = {source.name: self.cache.stat(source) for source in changed}
        folder = self.cache.folder
        if jobs == 1:
            watched = self.progress(changed, len(changed))
            return _map_changed(watched, stats, self.using, folder, changes)
        shares = [changed[number::jobs] for number in range(jobs)]
        do = partial(_apart, stats=stats, using=self.using, folder=folder, wanted=self.wanted)
        done = list(self.progress(map_in_processes(do, shares, jobs), jobs))
        changes.runs += [run for _, runs in done for run in runs]
        return {name: known for learned, _ in done for name, known in learned.items()}


# ---- mapping


def _apart(
    share: Iterable[Source], stats: Stats, using: Mapper, folder: Path, wanted: CollectOptions
) -> tuple[dict[str, CachedSource], list[SortedRun]]:
    """Map a share in a process of its own: all of it goes to files."""
    changes = CountedUnion(wanted.folder, wanted.memory)
    learned = _map_changed(share, stats, using, folder, changes)
    changes.spill()
    return learned, changes.runs


def _map_changed(
    share: Iterable[Source], stats: Stats, using: Mapper, folder: Path, changes: CountedUnion
) -> dict[str, CachedSource]:
    """Map sources, add what they say to the changes, and keep it in the folder of the cache."""
    learned = {}
    for source in share:
        held = _with_content(source)
        said = _map_whole(held, using)
        changes.add(said.nodes)
        findings = [_plain_finding(one) for one in with_lines(said.findings)]
        learned[source.name] = CachedSource(
            *_source_state(held, stats[source.name]),
            source.named,
            *_store_object(held, said, folder),
            said.records,
            findings,
        )
    return learned


def _map_whole(held: Source, using: Mapper) -> MappedSource:
    """Return what a source says, its nodes sorted, each once."""
    said = map_source(held, using, SeenNodes(_SEEN_ITEMS))
    return said._replace(nodes=merge_subjects(said.nodes))


def _store_object(source: Source, said: MappedSource, folder: Path) -> tuple[str, str, int]:
    """Keep what a source says; return the name of its object, and digest and lines of its body."""
    if not said.nodes:
        return "", "", 0
    name = put_object(folder, graph_object(said.name, said.nodes))
    return name, *digest(_lines(source, said.nodes))


def _lines(source: Source, found: Iterable[SubjectLines]) -> bytes:
    return payload_lines(found, foreign=is_rdf(source))


_SEEN_ITEMS: Final = 1 << 10
"""Items that are remembered as stated by one source."""


def _source_state(held: Source, stat: FileStat | None) -> tuple[FileStat | None, str, bool]:
    """Return stat and digest of a source, and whether it tells; nothing of what cannot be read."""
    if held.content is None:
        return None, "", False
    return stat, sha256(held.content).hexdigest(), names_nodes(held.content)


def _with_content(source: Source) -> Source:
    """Return a source with its content: what is mapped and what is digested must be the same."""
    try:
        return replace(source, content=read_source(source))
    except SourceError:  # it is read again when it is mapped, which tells why
        return source


def _plain_finding(finding: Finding) -> tuple[Any, ...]:
    """Write a finding about one source as plain values."""
    places = [(one.field, one.document, one.line, one.column, one.value) for one in finding.places]
    return finding.severity.value, finding.message, places, finding.value, finding.expected


def _finding(plain: tuple[Any, ...], source: Source) -> Finding:
    severity, message, places, value, expected = plain
    where = tuple(Place(source, *place) for place in places)
    return Finding(Severity(severity), message, where, value, expected)


# ---- the union


def _changed(
    cache: Cache, changes: Iterable[SupportedLines], using: Mapper
) -> Iterator[UnionChunk]:
    """Yield the chunks of a cache after changes; those that none of these reaches as they are."""
    old, done = cache.chunks, 0
    for number, share in share_by_chunk(changes, [chunk.first for chunk in old]):
        yield from old[done:number]
        before = _items(cache, old[number]) if old else []
        for items in cut_into_chunks(merge_counts(before, share)):
            tally = VoidStatistics(using.site)
            tally.add(merge_supported(items))
            name = put_object(cache.folder, marshal.dumps(items))
            yield UnionChunk(items[0][0], name, tally.counts)
        done = number + 1
    yield from old[done:]


def _items(cache: Cache, chunk: UnionChunk) -> list[SupportedLines]:
    items: list[SupportedLines] = marshal.loads(cache.content(chunk.object))  # noqa: S302 - has its digest
    return items


class _Union(Union):
    """The union that a cache holds; what is added is held in memory."""

    def __init__(self, folder: Path, cache: Cache) -> None:
        super().__init__(folder, sys.maxsize)
        self._cache = cache

    def __iter__(self) -> Iterator[SubjectLines]:
        chunks, done = self._cache.chunks, 0
        added = sorted(self._held.items())
        for number, share in share_by_chunk(added, [chunk.first for chunk in chunks]):
            for chunk in chunks[done:number]:
                yield from merge_supported(_items(self._cache, chunk))
            here = merge_supported(_items(self._cache, chunks[number])) if chunks else ()
            yield from merge_subjects([*here, *share])
            done = number + 1
        for chunk in chunks[done:]:
            yield from merge_supported(_items(self._cache, chunk))


@dataclass(slots=True)
class CachedGraph(CollectedGraph):
    """An export that is in a cache."""

    cache: Cache = field(kw_only=True)
    using: Mapper = field(kw_only=True)
    known: list[tuple[Source, CachedSource]] = field(kw_only=True)

    def count(self, tally: VoidStatistics) -> None:
        """Add up the counts of the chunks."""
        for chunk in self.cache.chunks:
            tally.merge(chunk.counts)

    def graphs(self) -> Iterator[tuple[Term, list[SubjectLines]]]:
        """Yield the named graphs from the cache, sorted by name."""
        for _, (_, known) in sorted(self._saying().items()):
            yield self.cache.graph(known.object)

    def bodies(self) -> dict[Term, Payload]:
        """Return the payloads, which are read from the cache."""
        return {
            name: Payload(known.digest, known.triples, partial(self._read, source, known))
            for name, (source, known) in self._saying().items()
        }

    def _saying(self) -> dict[Term, tuple[Source, CachedSource]]:
        """Return the sources that say something, by the names of their graphs."""
        site = self.using.site
        return {graph_name(one, site): (one, known) for one, known in self.known if known.object}

    def _read(self, source: Source, known: CachedSource) -> bytes:
        try:
            found = self.cache.graph(known.object)[1]
        except CacheError:
            self._mend(source, known)
            found = self.cache.graph(known.object)[1]
        return _lines(source, found)

    def _mend(self, source: Source, known: CachedSource) -> None:
        """Make a damaged object anew. Raises SourceError when its source is another by now."""
        self.cache.tell_damage()
        held = _with_content(source)
        said = _map_whole(held, self.using)
        if _store_object(held, said, self.cache.folder)[0] != known.object:
            raise SourceError(f"{source.path}: changed while kg was at work; try again")


def _cached_graph(step: IncrementalRun) -> CollectedGraph:
    """Return what a cache has come to hold."""
    cache, known = step.cache, [(one, step.cache.sources[one.name]) for one in step.found]
    return CachedGraph(
        _Union(step.wanted.folder, cache),
        findings=[_finding(plain, source) for source, one in known for plain in one.findings],
        records=sum(one.records for _, one in known),
        skipped=sum(not one.object for _, one in known),
        cache=cache,
        using=step.using,
        known=known,
    )
