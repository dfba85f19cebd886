"""Work cut into batches, and shared out over processes."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, TypeVar

from kg.model.errors import KgError

if TYPE_CHECKING:
    from concurrent.futures import Future

Item = TypeVar("Item")
Work = TypeVar("Work")
Result = TypeVar("Result")

_AHEAD: Final = 2
"""Pieces of work handed to each process before its results are taken: none idles, none piles up."""


def batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yield the items in batches of a size; the last may be smaller.

    >>> list(batches("abcde", 2))
    ['ab', 'cd', 'e']
    """
    return (items[start : start + size] for start in range(0, len(items), size))


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def worthwhile_jobs(jobs: int, files: int) -> int:
    """Return how many processes are worth starting to map files, at most `jobs`."""
    return max(1, min(jobs, files // FILES_PER_PROCESS))


FILES_PER_PROCESS: Final = 250
"""Files a process must have to do: starting one takes as long as mapping some dozens (measured)."""


def map_in_processes(
    do: Callable[[Work], Result], work: Iterable[Work], jobs: int
) -> Iterator[Result]:
    """Yield what `do` makes of each piece of work, over `jobs` processes when there are two pieces.

    The pieces are drawn as they are needed. Whatever `do` raises is raised here; KgError when a
    process ends before it is done. However this ends, no process is left behind.
    """
    pieces = iter(work)
    first = list(islice(pieces, 2))
    pieces = chain(first, pieces)
    if jobs < 2 or len(first) < 2:  # noqa: PLR2004 - two make company
        yield from map(do, pieces)
    else:
        yield from _shared_out(do, pieces, jobs)


def _shared_out(do: Callable[[Work], Result], work: Iterator[Work], jobs: int) -> Iterator[Result]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(jobs, initializer=_leave_interrupts_to_the_parent)
    waiting: deque[Future[Result]] = deque()
    try:
        for piece in work:
            waiting.append(pool.submit(do, piece))
            if len(waiting) >= jobs * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise KgError(
            "a worker process ended before it was done, perhaps for want of memory; try -j 1"
        ) from error
    finally:
        if waiting:  # nobody wants the rest
            for child in set(multiprocessing.active_children()) - others:
                child.terminate()
        pool.shutdown(cancel_futures=True)


def _leave_interrupts_to_the_parent() -> None:
    """Let Ctrl-C, which a terminal sends to every process, be told once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
