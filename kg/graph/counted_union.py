"""A union that a source can be taken out of: the number of sources that make each statement.

It is a multiset of statements by subject, stored in chunks, in the order of subjects. A change is a
counted union as well, with negative counts for sources that are taken out; it concerns only the
chunks that hold its subjects.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import Final, TypeAlias, TypeVar

from kg.graph.sorted_runs import ITEM_OVERHEAD, Blocks, SpillingBuffer, in_blocks, merge_blocks
from kg.graph.union import SubjectLines, merge_lines
from kg.model import Term

T = TypeVar("T")

Support: TypeAlias = dict[bytes, int]
"""What is stated about a subject, as lines of `predicate object`: how many sources state just that.

A source counts once, with all its lines about the subject.
"""
SupportedLines: TypeAlias = tuple[Term, Support]


class CountedUnion(SpillingBuffer[Support]):
    """Statements by subject, with the number of sources that make them, in bounded memory."""

    def add(self, items: Iterable[SubjectLines], times: int = 1) -> None:
        """Add the statements of a source, or take them out with `times` of -1."""
        buffer, growth = self._buffer, 0
        for subject, lines in items:
            support = buffer.setdefault(subject, {})
            if lines not in support:
                growth += len(subject) + len(lines) + 2 * ITEM_OVERHEAD
            support[lines] = support.get(lines, 0) + times
        self._grow(growth)

    def __iter__(self) -> Iterator[SupportedLines]:
        """Yield the subjects, sorted, with their lines and counts; without those of count 0."""
        return _sum_counts(self._sorted_blocks())


def merge_counts(*unions: Iterable[SupportedLines]) -> Iterator[SupportedLines]:
    """Yield the sum of counted unions, each sorted, without lines of count 0."""
    return _sum_counts(map(in_blocks, unions))


def _sum_counts(runs: Iterable[Blocks]) -> Iterator[SupportedLines]:
    for subject, items in groupby(chain.from_iterable(merge_blocks(runs)), key=itemgetter(0)):
        total: Counter[bytes] = Counter()
        for _, support in items:
            total.update(support)
        if counts := {lines: count for lines, count in total.items() if count}:
            yield subject, counts


def merge_supported(items: Iterable[SupportedLines]) -> Iterator[SubjectLines]:
    """Yield what all sources together state about each subject."""
    for subject, support in items:
        yield subject, merge_lines(list(support))


def cut_into_chunks(items: Iterator[SupportedLines]) -> Iterator[list[SupportedLines]]:
    """Cut sorted items into chunks of 500 to 999 items; all items if there are fewer."""
    chunk = list(islice(items, 2 * _CHUNK))
    while len(chunk) == 2 * _CHUNK:
        yield chunk[:_CHUNK]
        chunk = chunk[_CHUNK:] + list(islice(items, _CHUNK))
    if chunk:
        yield chunk


_CHUNK: Final = 500
"""The least number of subjects in a chunk, which then has half a megabyte of text."""


def share_by_chunk(
    items: Iterable[tuple[Term, T]], firsts: Sequence[Term]
) -> Iterator[tuple[int, Iterator[tuple[Term, T]]]]:
    """Yield the numbers of the chunks that sorted items belong to, with the items.

    `firsts` are the first subjects of the chunks; items before them belong to the first chunk.
    """
    return groupby(items, key=lambda item: max(0, bisect_right(firsts, item[0]) - 1))
