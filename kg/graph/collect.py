"""The graph of many sources, ready to be written: mapped file by file, over several processes."""

from __future__ import annotations

import heapq
import marshal
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from io import SEEK_CUR
from operator import itemgetter
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO, Final, Protocol, TypeAlias, TypeVar

from kg.graph.named import MappedSource, graph_name, map_source
from kg.graph.payloads import Payload, digest_lines, payload_lines
from kg.graph.shared_index import SharedSeenIndex
from kg.graph.sorted_runs import KeyRange, SortedRun, read_run
from kg.graph.statistics import GraphCounts, VoidStatistics
from kg.graph.union import SubjectLines, Union, merge_blocks_of_subjects, merge_subjects
from kg.mapping import DescriptionMemo, Mapper, SeenNodes
from kg.model import Finding, Site, Source, Term
from kg.sources import is_rdf, with_lines
from kg.workers import map_in_processes, worthwhile_jobs

T = TypeVar("T")

NumberedSource: TypeAlias = tuple[int, Source]
"""A source with its number among all of them."""


class Progress(Protocol):
    """Passes items through, and may show how many have passed."""

    def __call__(self, items: Iterable[T], total: int) -> Iterable[T]:
        """Yield the items, of which there are `total`."""


def no_progress(items: Iterable[T], total: int) -> Iterable[T]:  # noqa: ARG001 - a Progress
    """Pass items through and show nothing."""
    return items


class Keep(Enum):
    """What is kept of each source besides the union of all."""

    NOTHING = "nothing"
    GRAPHS = "graphs"
    """The named graph, to be written."""
    PAYLOADS = "payloads"
    """The named graph as a payload, to be compared with a store and perhaps sent."""


@dataclass(frozen=True, slots=True)
class CollectOptions:
    """How to collect: `folder` holds what does not fit into `memory` bytes, and what is kept."""

    folder: Path
    memory: int
    keep: Keep = Keep.NOTHING


@dataclass(slots=True)
class CollectedGraph:
    """The union of sources, what was kept of each, and the findings.

    It lives as long as the folder of its options. `jobs` is how many processes the work is worth.
    """

    union: Union
    files: list[Path] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    records: int = 0
    skipped: int = 0
    jobs: int = 1

    def count(self, statistics: VoidStatistics) -> None:
        """Count the union: over several processes, each counts a range of its subjects."""
        if self.jobs == 1:
            statistics.add(self.union)
            return
        ranges = self.union.ranges(self.jobs)
        count_range = partial(_count_range, runs=self.union.runs, site=statistics.site)
        for counts in map_in_processes(count_range, ranges, self.jobs):
            statistics.merge(counts)

    def graphs(self) -> Iterator[tuple[Term, list[SubjectLines]]]:
        """Yield the named graphs, sorted by name; none for a source that states nothing."""
        yield from heapq.merge(*map(_read_graphs, self.files), key=itemgetter(0))

    def payloads(self) -> dict[Term, Payload]:
        """Return the payloads by the names of their graphs."""
        return dict(pair for path in self.files for pair in _read_payloads(path))


def _count_range(within: KeyRange, runs: Sequence[SortedRun], site: Site) -> GraphCounts:
    """Count the subjects of some runs that are in a range."""
    statistics = VoidStatistics(site)
    statistics.add(merge_blocks_of_subjects(read_run(run, within) for run in runs))
    return statistics.counts


def collect_graph(
    sources: Sequence[Source],
    mapper: Mapper,
    options: CollectOptions,
    *,
    jobs: int = 1,
    progress: Progress = no_progress,
) -> CollectedGraph:
    """Map sources and merge their statements; the result is the same for any number of `jobs`.

    Raises KgError when a worker process ends before its work is done.
    """
    jobs = worthwhile_jobs(jobs, len(sources))
    order: Sequence[int] = range(len(sources))
    if options.keep is not Keep.NOTHING:
        order = sorted(order, key=lambda number: graph_name(sources[number], mapper.site))
    union = Union(options.folder, options.memory)
    if jobs == 1:  # its runs are those of the union already
        numbered = progress(((number, sources[number]) for number in order), len(order))
        results = [_map_share(numbered, mapper, options, union, SeenNodes(_SEEN_ITEMS))]
    else:
        shares = [[(number, sources[number]) for number in order[n::jobs]] for n in range(jobs)]
        map_share = partial(_map_share_apart, mapper=mapper, options=options)
        results = list(progress(map_in_processes(map_share, shares, jobs), len(shares)))
        union.runs = [run for result in results for run in result.runs]
    findings = sorted(pair for result in results for pair in result.findings)
    return CollectedGraph(
        union,
        [result.file for result in results],
        with_lines([finding for _, several in findings for finding in several]),
        sum(result.records for result in results),
        sum(result.skipped for result in results),
        jobs,
    )


@dataclass(slots=True)
class WorkerResult:
    """What one process made of its share; findings are paired with the number of their source."""

    file: Path
    runs: list[SortedRun] = field(default_factory=list)
    findings: list[tuple[int, list[Finding]]] = field(default_factory=list)
    records: int = 0
    skipped: int = 0


def _map_share_apart(
    share: Sequence[NumberedSource], mapper: Mapper, options: CollectOptions
) -> WorkerResult:
    """Map a share of the sources in a process of its own: its whole union goes to disk."""
    union = Union(options.folder, options.memory)
    memo = SeenNodes(_SEEN_ITEMS, SharedSeenIndex(options.folder))
    result = _map_share(share, mapper, options, union, memo)
    union.spill()
    return result


def _map_share(
    share: Iterable[NumberedSource],
    mapper: Mapper,
    options: CollectOptions,
    union: Union,
    memo: DescriptionMemo,
) -> WorkerResult:
    """Map a share of the sources, in their order."""
    result = WorkerResult(options.folder / f"{token_hex(8)}.graphs", union.runs)
    write = _WRITERS[options.keep]
    with result.file.open("wb") as file:
        for number, source in share:
            # A named graph is whole: what other files state is left out of the union only.
            mapped = map_source(source, mapper, SeenNodes(_SEEN_ITEMS) if write else memo)
            lines = mapped.subject_lines()
            if mapped.findings:
                result.findings.append((number, mapped.findings))
            if lines:
                result.records += len(mapped.records)
                union.add(lines)
            else:
                result.skipped += 1
            if lines and write:
                write(mapped, merge_subjects(lines), file)
    return result


_SEEN_ITEMS: Final = 100_000
"""Items that are remembered as stated; enough for 50,000 articles."""


# ---- what is kept of each source, in a file


def _write_graph(mapped: MappedSource, lines: list[SubjectLines], file: BinaryIO) -> None:
    marshal.dump((mapped.name, lines), file)


def _read_graphs(path: Path) -> Iterator[tuple[Term, list[SubjectLines]]]:
    with path.open("rb") as file:
        while file.peek(1):
            yield marshal.load(file)  # noqa: S302 - written by this very run of kg


def _write_payload(mapped: MappedSource, lines: list[SubjectLines], file: BinaryIO) -> None:
    content = payload_lines(lines, foreign=is_rdf(mapped.source))
    marshal.dump((mapped.name, *digest_lines(content), len(content)), file)
    file.write(content)


def _read_payloads(path: Path) -> Iterator[tuple[Term, Payload]]:
    with path.open("rb") as file:
        while file.peek(1):
            name, sha256, triples, length = marshal.load(file)  # noqa: S302 - as above
            yield name, Payload(sha256, triples, partial(_read_at, path, file.tell(), length))
            file.seek(length, SEEK_CUR)


def _read_at(path: Path, offset: int, length: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(length)


_WRITERS: Final[dict[Keep, Callable[[MappedSource, list[SubjectLines], BinaryIO], None] | None]] = {
    Keep.NOTHING: None,
    Keep.GRAPHS: _write_graph,
    Keep.PAYLOADS: _write_payload,
}
