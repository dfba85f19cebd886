"""Work cut into batches, and shared out over processes."""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, TypeVar

from kg.model import KgError

if TYPE_CHECKING:
    from concurrent.futures import Future

Item = TypeVar("Item")
Work = TypeVar("Work")
Result = TypeVar("Result")

_AHEAD: Final = 2
"""Pieces of work queued for each process: enough that none waits, and results do not pile up."""


def batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yield the items in batches of a size; the last may be smaller.

    >>> list(batches("abcde", 2))
    ['ab', 'cd', 'e']
    """
    return (items[start : start + size] for start in range(0, len(items), size))


def cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def worthwhile_jobs(jobs: int, files: int) -> int:
    """Return the number of processes worth starting to map some files, at most `jobs`."""
    return max(1, min(jobs, files // FILES_PER_PROCESS))


FILES_PER_PROCESS: Final = 250
"""Files that make a process worth its start, which takes as long as mapping some dozens."""


def map_in_processes(
    do: Callable[[Work], Result], work: Iterable[Work], jobs: int
) -> Iterator[Result]:
    """Yield the result of `do` for each piece of work, in order, computed by `jobs` processes.

    One piece, or one job, is done in this process. The pieces are taken from `work` as they are
    needed. Raises whatever `do` raises, and KgError if a process is killed. However this ends, no
    process is left running.
    """
    pieces = iter(work)
    first = list(islice(pieces, 2))
    pieces = chain(first, pieces)
    if jobs < 2 or len(first) < 2:  # noqa: PLR2004 - one piece needs no other process
        yield from map(do, pieces)
    else:
        yield from _map_in_pool(do, pieces, jobs)


def _map_in_pool(do: Callable[[Work], Result], work: Iterator[Work], jobs: int) -> Iterator[Result]:
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    earlier = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(jobs, initializer=_ignore_interrupts)
    futures: deque[Future[Result]] = deque()
    try:
        for piece in work:
            futures.append(pool.submit(do, piece))
            if len(futures) >= jobs * _AHEAD:
                yield futures.popleft().result()
        while futures:
            yield futures.popleft().result()
    except BrokenProcessPool as error:
        raise KgError(
            "a worker process was killed, perhaps because memory ran out; try -j 1"
        ) from error
    finally:
        if futures:  # the caller takes no more results
            for child in set(multiprocessing.active_children()) - earlier:
                child.terminate()
        pool.shutdown(cancel_futures=True)


def _ignore_interrupts() -> None:
    """Leave Ctrl-C, which a terminal sends to every process, to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
