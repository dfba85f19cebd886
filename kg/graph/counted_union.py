"""A union that forgets: how many sources say what, so that one of them can be taken out again.

A bag (multiset) of nodes is kept in chunks, in the order of subjects. A change is a bag, too, in
which sources that no longer say something count less than nothing; it reaches only the chunks that
hold its subjects.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from kg.graph.sorted_runs import SortedRun, compact, in_blocks, merge_blocks, read_run, write_run
from kg.graph.union import OVERHEAD, SubjectLines, merge_lines
from kg.model.records import Term

T = TypeVar("T")

Support: TypeAlias = dict[bytes, int]
"""What is said of a subject, as lines of `predicate object`, and how many sources say just that."""
SupportedLines: TypeAlias = tuple[Term, Support]


class CountedUnion:
    """Nodes, and how many sources say them. Iterating gives each subject once, sorted.

    When more than `memory` bytes of text are held, they go to a file in `folder` as a sorted run.
    """

    def __init__(self, folder: Path, memory: int) -> None:
        self.runs: list[SortedRun] = []
        self._folder = folder
        self._memory = memory
        self._size = 0
        self._held: dict[Term, Support] = {}

    def add(self, found: Iterable[SubjectLines], times: int = 1) -> None:
        """Add nodes of a source, or with -1 times take them out."""
        held = self._held
        for subject, lines in found:
            said = held.setdefault(subject, {})
            if lines not in said:
                self._size += len(subject) + len(lines) + 2 * OVERHEAD
            said[lines] = said.get(lines, 0) + times
        if self._size > self._memory:
            self.spill()

    def spill(self) -> None:
        """Write what is held to a run."""
        self.runs.append(write_run(sorted(self._held.items()), self._folder))
        self._held.clear()
        self._size = 0

    def __iter__(self) -> Iterator[SupportedLines]:
        """Yield subjects with what is said of them; not what comes to nothing."""
        self.runs = compact(self.runs, self._folder)
        on_disk = (chain.from_iterable(read_run(run)) for run in self.runs)
        return merge_counts(sorted(self._held.items()), *on_disk)


def merge_counts(*bags: Iterable[SupportedLines]) -> Iterator[SupportedLines]:
    """Yield the sum of bags, each sorted; what comes to nothing is left out."""
    together = chain.from_iterable(merge_blocks(map(in_blocks, bags)))
    for subject, same in groupby(together, key=itemgetter(0)):
        total: Counter[bytes] = Counter()
        for _, said in same:
            total.update(said)
        if left := {lines: times for lines, times in total.items() if times}:
            yield subject, left


def merge_supported(items: Iterable[SupportedLines]) -> Iterator[SubjectLines]:
    """Yield what all sources together say of each subject."""
    for subject, said in items:
        yield subject, merge_lines(list(said))


def cut_into_chunks(items: Iterator[SupportedLines]) -> Iterator[list[SupportedLines]]:
    """Cut sorted items into chunks, none of them much shorter than the others."""
    held = list(islice(items, 2 * _CHUNK))
    while len(held) == 2 * _CHUNK:
        yield held[:_CHUNK]
        held = held[_CHUNK:] + list(islice(items, _CHUNK))
    if held:
        yield held


_CHUNK: Final = 500
"""Subjects of a chunk, at least; half a megabyte of text."""


def share_by_chunk(
    items: Iterable[tuple[Term, T]], firsts: Sequence[Term]
) -> Iterator[tuple[int, Iterator[tuple[Term, T]]]]:
    """Yield the numbers of the chunks that sorted items belong to, with the items.

    `firsts` are the first subjects of the chunks; the first chunk also takes what goes before it.
    """
    return groupby(items, key=lambda item: max(0, bisect_right(firsts, item[0]) - 1))
