"""A graph collected from the last one: the statements of changed sources are replaced.

The cache holds a counted union (see `counted_union`): only with counts is it known whether another
source makes the same statement. The chunks that no change concerns are not even read.
"""

from __future__ import annotations

import marshal
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from kg.graph.cache import (
    Cache,
    CachedSource,
    FileStat,
    UnionChunk,
    cache_key,
    graph_object,
    put_object,
)
from kg.graph.collect import CollectedGraph, CollectOptions, Keep, Progress, no_progress
from kg.graph.counted_union import (
    CountedUnion,
    SupportedLines,
    cut_into_chunks,
    merge_counts,
    merge_supported,
    share_by_chunk,
)
from kg.graph.named import MappedSource, graph_name, map_source
from kg.graph.payloads import GraphDigest, Payload, digest_lines, payload_lines
from kg.graph.sorted_runs import SortedRun
from kg.graph.statistics import VoidStatistics
from kg.graph.union import SubjectLines, Union, merge_subjects
from kg.mapping import Mapper, SeenNodes, names_nodes
from kg.model import CacheError, Finding, Place, Severity, Source, SourceError, Term
from kg.sources import is_rdf, read_source, with_lines
from kg.workers import map_in_processes, worthwhile_jobs

T = TypeVar("T")
FileStats: TypeAlias = Mapping[str, FileStat | None]
"""The stats of sources, by name."""


def collect_with_cache(  # noqa: PLR0913 - what `collect_graph` takes, and a cache
    sources: Sequence[Source],
    mapper: Mapper,
    options: CollectOptions,
    cache: Cache,
    *,
    jobs: int = 1,
    progress: Progress = no_progress,
) -> CollectedGraph:
    """Return what `collect_graph` does, mapping only what changed since the cache was saved.

    A damaged cache is rebuilt. Raises KgError as `collect_graph` does, and OutputError when the
    cache cannot be written.
    """
    cache.use(cache_key(mapper))
    run = IncrementalRun(sources, mapper, options, cache, jobs, progress)
    try:
        return run.collect()
    except CacheError:
        cache.forget()
        return run.collect()


class IncrementalRun(NamedTuple):
    """One run from the last state of a cache to the next."""

    sources: Sequence[Source]
    mapper: Mapper
    options: CollectOptions
    cache: Cache
    jobs: int
    progress: Progress

    def collect(self) -> CollectedGraph:
        """Map what changed. Raises CacheError for damage, before anything is written."""
        cache = self.cache
        same = {
            source.name: entry
            for source in self.sources
            if (entry := cache.unchanged_entry(source))
        }
        for name in self._needed(same):
            cache.content(name)
        changes = CountedUnion(self.options.folder, self.options.memory)
        for name, entry in cache.sources.items():
            if name not in same and entry.object:
                changes.add(cache.graph(entry.object)[1], -1)
        changed = [source for source in self.sources if source.name not in same]
        entries = same | self._map(changed, changes)
        cache.save(entries, list(_changed_chunks(cache, changes, self.mapper)))
        return self._collected()

    def _needed(self, same: Mapping[str, CachedSource]) -> Iterator[str]:
        """Yield the names of the objects that will be read, any of which may be damaged."""
        if self.options.keep is not Keep.PAYLOADS:
            yield from (chunk.object for chunk in self.cache.chunks)
        if self.options.keep is Keep.GRAPHS:
            yield from (entry.object for entry in same.values() if entry.object)

    def _map(self, changed: Sequence[Source], changes: CountedUnion) -> dict[str, CachedSource]:
        """Map sources over the processes they are worth, and add their statements to `changes`."""
        jobs = worthwhile_jobs(self.jobs, len(changed))
        stats = {source.name: self.cache.stat(source) for source in changed}
        folder = self.cache.folder
        if jobs == 1:
            sources = self.progress(changed, len(changed))
            return _map_changed(sources, stats, self.mapper, folder, changes)
        shares = [changed[number::jobs] for number in range(jobs)]
        map_share = partial(
            _map_changed_apart,
            stats=stats,
            mapper=self.mapper,
            folder=folder,
            options=self.options,
        )
        results = list(self.progress(map_in_processes(map_share, shares, jobs), jobs))
        changes.runs += [run for _, runs in results for run in runs]
        return {name: entry for entries, _ in results for name, entry in entries.items()}

    def _collected(self) -> CollectedGraph:
        """Return the graph that the cache holds now."""
        entries = [(source, self.cache.sources[source.name]) for source in self.sources]
        return CachedGraph(
            CachedUnion(self.options.folder, self.cache),
            findings=[
                _finding(plain, source) for source, entry in entries for plain in entry.findings
            ],
            records=sum(entry.records for _, entry in entries),
            skipped=sum(not entry.object for _, entry in entries),
            cache=self.cache,
            mapper=self.mapper,
            entries=entries,
        )


# ---- mapping


def _map_changed_apart(
    share: Iterable[Source],
    stats: FileStats,
    mapper: Mapper,
    folder: Path,
    options: CollectOptions,
) -> tuple[dict[str, CachedSource], list[SortedRun]]:
    """Map a share in a process of its own: all changes go to files."""
    changes = CountedUnion(options.folder, options.memory)
    entries = _map_changed(share, stats, mapper, folder, changes)
    changes.spill()
    return entries, changes.runs


def _map_changed(
    share: Iterable[Source], stats: FileStats, mapper: Mapper, folder: Path, changes: CountedUnion
) -> dict[str, CachedSource]:
    """Map sources, add their statements to the changes, and store them in the cache's folder."""
    entries = {}
    for source in map(_with_content, share):
        mapped, lines = _map_whole(source, mapper)
        changes.add(lines)
        object_name, digest = _store_object(mapped, lines, folder)
        content = source.content
        entries[source.name] = CachedSource(
            stat=stats[source.name] if content is not None else None,
            sha256=sha256(content).hexdigest() if content is not None else "",
            names_nodes=content is not None and names_nodes(content),
            named=source.named,
            object=object_name,
            digest=digest.sha256,
            triples=digest.triples,
            records=len(mapped.records) if lines else 0,
            findings=[_plain_finding(finding) for finding in with_lines(mapped.findings)],
        )
    return entries


def _with_content(source: Source) -> Source:
    """Return a source with its content: what is mapped and what is hashed must be the same."""
    try:
        return replace(source, content=read_source(source))
    except SourceError:  # mapping reads it again, and reports the reason
        return source


def _map_whole(source: Source, mapper: Mapper) -> tuple[MappedSource, list[SubjectLines]]:
    """Return a source mapped, with its statements by subject, sorted, each once."""
    mapped = map_source(source, mapper, SeenNodes(_SEEN_ITEMS))
    return mapped, merge_subjects(mapped.subject_lines())


_SEEN_ITEMS: Final = 1 << 10
"""Items of one source that are remembered as stated."""


def _store_object(
    mapped: MappedSource, lines: list[SubjectLines], folder: Path
) -> tuple[str, GraphDigest]:
    """Store a graph; return the name of its object, empty for no statements, and its digest."""
    if not lines:
        return "", GraphDigest("", 0)
    name = put_object(folder, graph_object(mapped.name, lines))
    return name, digest_lines(payload_lines(lines, foreign=is_rdf(mapped.source)))


def _plain_finding(finding: Finding) -> tuple[Any, ...]:
    """Return a finding about one source as plain values."""
    places = [
        (place.field, place.document, place.line, place.column, place.value)
        for place in finding.places
    ]
    return finding.severity.value, finding.message, places, finding.value, finding.expected


def _finding(plain: tuple[Any, ...], source: Source) -> Finding:
    severity, message, places, value, expected = plain
    placed = tuple(Place(source, *place) for place in places)
    return Finding(Severity(severity), message, placed, value, expected)


# ---- the union


def aligned(
    chunks: Sequence[UnionChunk], items: Iterable[tuple[Term, T]]
) -> Iterator[tuple[UnionChunk | None, Iterator[tuple[Term, T]] | None]]:
    """Yield each chunk with the sorted items that belong to it; None for no items.

    Where there are no chunks, all items belong to None.
    """
    done = 0
    for number, share in share_by_chunk(items, [chunk.first for chunk in chunks]):
        yield from ((chunk, None) for chunk in chunks[done:number])
        yield (chunks[number] if chunks else None), share
        done = number + 1
    yield from ((chunk, None) for chunk in chunks[done:])


def _changed_chunks(
    cache: Cache, changes: Iterable[SupportedLines], mapper: Mapper
) -> Iterator[UnionChunk]:
    """Yield the chunks of a cache after changes; one that no change concerns as it is."""
    for chunk, share in aligned(cache.chunks, changes):
        if chunk and share is None:
            yield chunk
            continue
        before = _items(cache, chunk) if chunk else []
        for items in cut_into_chunks(merge_counts(before, share or ())):
            statistics = VoidStatistics(mapper.site)
            statistics.add(merge_supported(items))
            name = put_object(cache.folder, marshal.dumps(items))
            yield UnionChunk(items[0][0], name, statistics.counts)


def _items(cache: Cache, chunk: UnionChunk) -> list[SupportedLines]:
    items: list[SupportedLines] = marshal.loads(cache.content(chunk.object))  # noqa: S302 - its digest is checked
    return items


class CachedUnion(Union):
    """The union in a cache; subjects that are added are held in memory."""

    def __init__(self, folder: Path, cache: Cache) -> None:
        super().__init__(folder, sys.maxsize)
        self._cache = cache

    def __iter__(self) -> Iterator[SubjectLines]:
        for chunk, added in aligned(self._cache.chunks, sorted(self._buffer.items())):
            lines = merge_supported(_items(self._cache, chunk)) if chunk else iter(())
            yield from lines if added is None else merge_subjects([*lines, *added])


@dataclass(slots=True)
class CachedGraph(CollectedGraph):
    """A collected graph whose union and named graphs are in a cache."""

    cache: Cache = field(kw_only=True)
    mapper: Mapper = field(kw_only=True)
    entries: list[tuple[Source, CachedSource]] = field(kw_only=True)

    def count(self, statistics: VoidStatistics) -> None:
        """Add up the counts of the chunks."""
        for chunk in self.cache.chunks:
            statistics.merge(chunk.counts)

    def graphs(self) -> Iterator[tuple[Term, list[SubjectLines]]]:
        """Yield the named graphs from the cache, sorted by name."""
        for _, (_, entry) in sorted(self._by_graph().items()):
            yield self.cache.graph(entry.object)

    def payloads(self) -> dict[Term, Payload]:
        """Return the payloads, which are read from the cache when they are needed."""
        return {
            name: Payload(entry.digest, entry.triples, partial(self._read, source, entry))
            for name, (source, entry) in self._by_graph().items()
        }

    def _by_graph(self) -> dict[Term, tuple[Source, CachedSource]]:
        """Return the sources that state something, by the names of their graphs."""
        site = self.mapper.site
        return {
            graph_name(source, site): (source, entry)
            for source, entry in self.entries
            if entry.object
        }

    def _read(self, source: Source, entry: CachedSource) -> bytes:
        try:
            lines = self.cache.graph(entry.object)[1]
        except CacheError:
            self._rebuild(source, entry)
            lines = self.cache.graph(entry.object)[1]
        return payload_lines(lines, foreign=is_rdf(source))

    def _rebuild(self, source: Source, entry: CachedSource) -> None:
        """Store a damaged object again. Raises SourceError when its source has changed since."""
        self.cache.report_damage()
        mapped, lines = _map_whole(_with_content(source), self.mapper)
        if _store_object(mapped, lines, self.cache.folder)[0] != entry.object:
            raise SourceError(f"{source.path}: changed while kg was at work; try again")
