"""Sorted runs: an external merge sort, for what does not fit into memory.

A run is read and merged by blocks: a step of the interpreter for each block, not for each item.
"""

from __future__ import annotations

import marshal
import sys
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice, pairwise
from operator import itemgetter
from pathlib import Path
from secrets import token_hex
from typing import Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

from kg.model import Term

Value = TypeVar("Value")

Item: TypeAlias = tuple[Term, Any]
"""A subject, and a plain value about it."""
Blocks: TypeAlias = Iterator[list[Item]]
"""Sorted items in lists; the items of one subject may be in several."""

_BLOCK: Final = 20
"""Items that are written and read at once: 20 kB of each run that is merged."""
_OPEN_RUNS: Final = 100
"""Runs that are merged at once. Systems let a process have 256 files open, or 1,024."""
_INDEX_EVERY: Final = 1 << 18
"""Bytes between entries of a run's index: as much as a range may read in vain, of each run."""
_LENGTH_BYTES: Final = 4
"""Bytes for the length of a block: to read marshal from a file is slower than from bytes."""

ITEM_OVERHEAD: Final = 250
"""Bytes of memory that an item in a dictionary takes besides its text."""


class SortedRun(NamedTuple):
    """A file of sorted items; `sparse_index` has the first subject and offset of some blocks."""

    path: Path
    sparse_index: tuple[tuple[Term, int], ...]


class KeyRange(NamedTuple):
    """The subjects from `first` on, and before `end`."""

    first: Term
    end: Term


EVERYTHING: Final = KeyRange("", chr(sys.maxunicode))


class SpillingBuffer(Generic[Value]):
    """Values by subject. Those beyond `memory` bytes are in sorted runs, files in `folder`."""

    def __init__(self, folder: Path, memory: int) -> None:
        self.runs: list[SortedRun] = []
        self._folder = folder
        self._memory = memory
        self._size = 0
        self._buffer: dict[Term, Value] = {}

    def spill(self) -> None:
        """Write the buffer to a run, and empty it."""
        self.runs.append(write_run(sorted(self._buffer.items()), self._folder))
        self._buffer.clear()
        self._size = 0

    def _grow(self, size: int) -> None:
        """Add to the size of the buffer, and spill it if it is too large."""
        self._size += size
        if self._size > self._memory:
            self.spill()

    def _sorted_blocks(self) -> list[Blocks]:
        """Return the items of the buffer and those of each run."""
        self._buffer = dict(sorted(self._buffer.items()))
        self.runs = compact(self.runs, self._folder)
        return [in_blocks(self._buffer.items()), *map(read_run, self.runs)]


def write_run(items: Iterable[Item], folder: Path) -> SortedRun:
    """Write sorted items to a new run.

    The name of the file is random: processes share the folder, and one may write for several.
    """
    path = folder / f"{token_hex(8)}.run"
    index: list[tuple[Term, int]] = []
    with path.open("wb") as file:
        for block in in_blocks(items):
            if file.tell() >= len(index) * _INDEX_EVERY:
                index.append((block[0][0], file.tell()))
            content = marshal.dumps(block)
            file.write(len(content).to_bytes(_LENGTH_BYTES, "little") + content)
    return SortedRun(path, tuple(index))


def read_run(run: SortedRun, within: KeyRange = EVERYTHING) -> Blocks:
    """Yield the blocks of a run that are in a range, cut to it."""
    before = bisect_left(run.sparse_index, (within.first, 0))
    with run.path.open("rb") as file:
        file.seek(run.sparse_index[before - 1][1] if before else 0)
        while length := file.read(_LENGTH_BYTES):
            block = marshal.loads(file.read(int.from_bytes(length, "little")))  # noqa: S302 - written by this very run of kg
            first, end = (bisect_left(block, key, key=_SUBJECT) for key in within)
            if first < end:
                yield block[first:end]
            elif end == 0:
                return


_SUBJECT: Final = itemgetter(0)


def key_ranges(runs: Iterable[SortedRun], number: int) -> list[KeyRange]:
    """Return at most `number` ranges, in order, each with about as much of the runs."""
    subjects = sorted(subject for run in runs for subject, _ in run.sparse_index)
    borders = {subjects[len(subjects) * n // number] for n in range(1, number)} if subjects else ()
    return [KeyRange(*ends) for ends in pairwise(["", *sorted(borders), EVERYTHING.end])]


def in_blocks(items: Iterable[Item]) -> Blocks:
    """Yield items in blocks."""
    rest = iter(items)
    return iter(lambda: list(islice(rest, _BLOCK)), [])


def merge_blocks(runs: Iterable[Blocks]) -> Blocks:
    """Yield the items of sorted runs, sorted, in lists; those of one subject are in one list.

    The frontier is the least key that a run has been read to: no item before it is still to come,
    so those in the buffer are ready. To keep the buffer small, only those runs are read on whose
    last key is not behind the pivot, the middle of what one block of each would be.
    """
    last_keys = dict.fromkeys(runs, "")
    middle = len(last_keys) * _BLOCK // 2
    buffer: list[Item] = []
    while last_keys:
        pivot = buffer[middle][0] if len(buffer) > middle else max(last_keys.values())
        _refill(buffer, last_keys, pivot)
        frontier = min(last_keys.values(), default=EVERYTHING.end)
        ready = bisect_left(buffer, frontier, key=_SUBJECT)
        yield buffer[:ready]
        del buffer[:ready]


def _refill(buffer: list[Item], last_keys: dict[Blocks, Term], pivot: Term) -> None:
    """Read a block of each run up to the pivot into the sorted buffer; drop runs at their end."""
    for run in [run for run, key in last_keys.items() if key <= pivot]:
        if block := next(run, None):
            buffer += block
            last_keys[run] = block[-1][0]
        else:
            del last_keys[run]
    buffer.sort(key=_SUBJECT)  # quick: the sort finds that the blocks are sorted


def compact(runs: Sequence[SortedRun], folder: Path) -> list[SortedRun]:
    """Return runs of the same items, so few that all can be open at once."""
    left = list(runs)
    while len(left) > _OPEN_RUNS:
        merged, left = left[:_OPEN_RUNS], left[_OPEN_RUNS:]
        left.append(write_run(chain.from_iterable(merge_blocks(map(read_run, merged))), folder))
        for run in merged:
            run.path.unlink()
    return left
