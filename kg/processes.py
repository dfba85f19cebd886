"""Work over several processes: one share each, none of which outlives the run."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

from kg.errors import KgError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")

WORTH: Final = 250
"""Files a process must have to do: starting one takes as long as mapping some dozens (measured)."""


def worth(jobs: int, files: int) -> int:
    """Return how many processes so many files are worth, at most `jobs`."""
    return max(1, min(jobs, files // WORTH))


@contextmanager
def started(
    work: Callable[..., T], tasks: Sequence[tuple[Any, ...]]
) -> Iterator[Callable[[], list[T]]]:
    """Start a process for each task; what is given then waits for all of them.

    It raises KgError when a process raised one, or ended before its work did.
    """
    ways = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in ways else "spawn")
    running: list[tuple[multiprocessing.process.BaseProcess, Connection]] = []
    try:
        for task in tasks:
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_child, args=(theirs, work, task), daemon=True)  # type: ignore[attr-defined]
            process.start()
            theirs.close()
            running.append((process, ours))
        yield lambda: [_received(ours) for _, ours in running]
    finally:
        for process, ours in running:
            ours.close()
            process.terminate()
            process.join()


def _child(to_parent: Connection, work: Callable[..., T], task: tuple[Any, ...]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends this
    try:
        to_parent.send(work(*task))
    except KgError as error:
        to_parent.send(error)


def _received(from_child: Connection) -> Any:
    try:
        done = from_child.recv()
    except EOFError as error:
        message = "a worker process ended before its work did, for lack of memory perhaps; try -j 1"
        raise KgError(message) from error
    if isinstance(done, KgError):
        raise done
    return done
