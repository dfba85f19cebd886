"""Whole processes, measured: one alone, or two in turns."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]


class NotAvailable(Exception):  # noqa: N818 - not a fault: kg or the machine does not have it yet
    """A measurement cannot be run here; the message has the reason."""


@dataclass(frozen=True, slots=True)
class Run:
    """The CPU time, wall clock and memory of one process.

    `cpu` is user and system time in seconds, of the process and the children it waited for.
    `peak` is the resident memory in bytes of the largest of them. Linux counts the memory of the
    process that starts another until that one is loaded, so whoever measures imports little.
    `stdout` is its standard output.
    """

    cpu: float
    wall: float
    peak: float
    stdout: str = ""

    def answer(self) -> Any:
        """Return what the process printed, as JSON."""
        return json.loads(self.stdout)


def run(command: Sequence[str]) -> Run:
    """Run a command to its end, from the root of the checkout.

    Raises NotAvailable with the last line it wrote to standard error when it fails.
    """
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=stdout, stderr=stderr, cwd=ROOT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        stdout.seek(0)
        stderr.seek(0)
        if process.returncode:
            last = (stderr.read().strip().splitlines() or ["no message"])[-1]
            raise NotAvailable(f"{command_text(command)}: exit code {process.returncode}: {last}")
        cpu = usage.ru_utime + usage.ru_stime
        return Run(cpu, wall, usage.ru_maxrss * 1024, stdout.read())


def command_text(command: Sequence[str]) -> str:
    """Return a command as a person would type it: without the folders of its files."""
    return " ".join(Path(part).name if part.startswith("/") else part for part in command)


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs of the two commands of a pair."""

    ours: list[Run]
    theirs: list[Run]

    def ratio(self, metric: str) -> float:
        """Return the ratio of the medians of a metric."""
        return middle(self.ours, metric) / middle(self.theirs, metric)

    def range(self, metric: str) -> tuple[float, float]:
        """Return the smallest and the largest ratio of one pair."""
        pairs = zip(self.ours, self.theirs, strict=True)
        ratios = [getattr(one, metric) / getattr(other, metric) for one, other in pairs]
        return min(ratios), max(ratios)


def middle(runs: Sequence[Run], metric: str) -> float:
    """Return the median of a metric of runs."""
    return median(float(getattr(run, metric)) for run in runs)


def _nothing() -> None:
    """Prepare nothing."""


def in_turns(
    ours: Sequence[str],
    theirs: Sequence[str],
    rounds: int,
    prepare: Callable[[], None] = _nothing,
) -> Runs:
    """Run two commands A B A B ...; a first round, for the page cache, does not count.

    `prepare` is called before each A. Raises NotAvailable when one of them fails.
    """
    pairs = []
    for _ in range(rounds + 1):
        prepare()
        pairs.append((run(ours), run(theirs)))
    measured = pairs[1:]
    return Runs([one for one, _ in measured], [other for _, other in measured])
