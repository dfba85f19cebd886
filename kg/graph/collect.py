"""What many sources say, ready to be written: mapped file by file, over the cores there are."""

from __future__ import annotations

import heapq
import marshal
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from io import SEEK_CUR
from operator import itemgetter
from pathlib import Path
from secrets import token_hex
from typing import Final, Protocol, TypeAlias, TypeVar

from kg.graph.named import graph_name, map_source
from kg.graph.payloads import Payload, digest, payload_lines
from kg.graph.shared_index import SharedSeenIndex
from kg.graph.sorted_runs import KeyRange, SortedRun, read_run
from kg.graph.statistics import GraphCounts, VoidStatistics
from kg.graph.union import SubjectLines, Union, merge_blocks_of_subjects, merge_subjects
from kg.mapping.mapper import Mapper
from kg.mapping.memo import DescriptionMemo, SeenNodes
from kg.model.findings import Finding
from kg.model.records import Source, Term
from kg.model.site import Site
from kg.sources.reading import is_rdf
from kg.workers import map_in_processes, worthwhile_jobs

T = TypeVar("T")

NumberedSource: TypeAlias = tuple[int, Source]
"""A source, and which of all it is."""


class Progress(Protocol):
    """Passes things through, and shows how many of them went by."""

    def __call__(self, items: Iterable[T], total: int) -> Iterable[T]:
        """Yield the items, of which there are `total`."""


@dataclass(frozen=True, slots=True)
class CollectOptions:
    """What is made of sources: their union, and if `graphs`, their named graphs.

    With `bodies` it is not to be written but compared with a store: the union is only counted, and
    a few of the named graphs will be read. `folder` is for what does not fit into `memory` bytes,
    and for named graphs.
    """

    folder: Path
    memory: int
    graphs: bool = False
    bodies: bool = False


@dataclass(slots=True)
class CollectedGraph:
    """What sources say, and what is wrong with them. It lives as long as the folder it is in.

    `jobs` is how many processes it is worth, for what is still to be done with it.
    """

    union: Union
    spools: list[Path] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    records: int = 0
    skipped: int = 0
    jobs: int = 1

    def count(self, tally: VoidStatistics) -> None:
        """Count the union: each process a range of its subjects, where many are at work."""
        if self.jobs == 1:
            tally.add(self.union)
            return
        ranges = self.union.ranges(self.jobs)
        do = partial(_counts, among=self.union.runs, site=tally.site)
        for counts in map_in_processes(do, ranges, self.jobs):
            tally.merge(counts)

    def graphs(self) -> Iterator[tuple[Term, list[SubjectLines]]]:
        """Yield the named graphs, sorted by name; of sources that say nothing, none."""
        yield from heapq.merge(*map(_graphs, self.spools), key=itemgetter(0))

    def bodies(self) -> dict[Term, Payload]:
        """Return the named graphs as bodies, where those are wanted."""
        return {name: body for spool in self.spools for name, body in _bodies(spool)}


def _counts(within: KeyRange, among: Sequence[SortedRun], site: Site) -> GraphCounts:
    """Count what is in a range of some runs."""
    tally = VoidStatistics(site)
    tally.add(merge_blocks_of_subjects(read_run(run, within) for run in among))
    return tally.counts


@dataclass(frozen=True, slots=True)
class WorkerResult:
    """What a process made of its share; findings stand beside the number of their source."""

    runs: list[SortedRun]
    spool: Path
    findings: list[tuple[int, list[Finding]]]
    records: int
    skipped: int


def collect_graph(
    found: Sequence[Source],
    using: Mapper,
    wanted: CollectOptions,
    *,
    jobs: int = 1,
    progress: Progress,
) -> CollectedGraph:
    """Map sources and bring together what they say; the same for any number of `jobs`.

    Raises KgError when a worker process ends before its work does.
    """
    jobs = worthwhile_jobs(jobs, len(found))
    order: Sequence[int] = range(len(found))
    if wanted.graphs or wanted.bodies:
        order = sorted(order, key=lambda number: graph_name(found[number], using.site))
    union = Union(wanted.folder, wanted.memory)
    if jobs == 1:  # its runs are those of the union already
        numbered = progress(((number, found[number]) for number in order), len(order))
        done = [_map_share(numbered, using, wanted, union, SeenNodes(_SEEN_ITEMS))]
    else:
        shares = [[(number, found[number]) for number in order[n::jobs]] for n in range(jobs)]
        do = partial(_map_share_apart, using=using, wanted=wanted)
        done = list(progress(map_in_processes(do, shares, jobs), len(shares)))
        union.runs = [run for share in done for run in share.runs]
    told = sorted(one for share in done for one in share.findings)
    return CollectedGraph(
        union,
        [share.spool for share in done],
        [finding for _, findings in told for finding in findings],
        sum(share.records for share in done),
        sum(share.skipped for share in done),
        jobs,
    )


def _map_share_apart(
    share: Sequence[NumberedSource], using: Mapper, wanted: CollectOptions
) -> WorkerResult:
    """Map a share of the sources in a process of its own; all it says goes to disk."""
    union = Union(wanted.folder, wanted.memory)
    done = _map_share(
        share, using, wanted, union, SeenNodes(_SEEN_ITEMS, SharedSeenIndex(wanted.folder))
    )
    union.spill()
    return done


def _map_share(
    share: Iterable[NumberedSource],
    using: Mapper,
    wanted: CollectOptions,
    union: Union,
    memory: DescriptionMemo,
) -> WorkerResult:
    """Map a share of the sources, in their order."""
    findings: list[tuple[int, list[Finding]]] = []
    records = skipped = 0
    spool = wanted.folder / f"{token_hex(8)}.graphs"
    with spool.open("wb") as file:
        for number, source in share:
            # A named graph is whole; what another file has said is left out of the union only.
            alone = wanted.graphs or wanted.bodies
            said = map_source(source, using, SeenNodes(_SEEN_ITEMS) if alone else memory)
            if said.findings:
                findings.append((number, said.findings))
            records += said.records
            skipped += not said.nodes
            union.add(said.nodes)
            if wanted.graphs and said.nodes:
                marshal.dump((said.name, merge_subjects(said.nodes)), file)
            if wanted.bodies and said.nodes:
                lines = payload_lines(merge_subjects(said.nodes), foreign=is_rdf(source))
                marshal.dump((said.name, *digest(lines), len(lines)), file)
                file.write(lines)
    return WorkerResult(union.runs, spool, findings, records, skipped)


_SEEN_ITEMS: Final = 100_000
"""Items that are remembered as stated: some 20 MB when full, as with 50,000 articles.

With 65,536, those that name items at random take 7 % more CPU, and 6 MB of 83 less.
"""


def _graphs(spool: Path) -> Iterator[tuple[Term, list[SubjectLines]]]:
    with spool.open("rb") as file:
        while file.peek(1):
            yield marshal.load(file)  # noqa: S302 - what this very run of kg wrote


def _bodies(spool: Path) -> Iterator[tuple[Term, Payload]]:
    with spool.open("rb") as file:
        while file.peek(1):
            name, digest, triples, length = marshal.load(file)  # noqa: S302 - as above
            yield name, Payload(digest, triples, partial(_read, spool, file.tell(), length))
            file.seek(length, SEEK_CUR)


def _read(spool: Path, offset: int, length: int) -> bytes:
    with spool.open("rb") as file:
        file.seek(offset)
        return file.read(length)
