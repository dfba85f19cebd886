"""Work in several processes: the same results in the same order, and always a clean end."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from kg.model.errors import KgError, ShapesError
from kg.workers import batches, map_in_processes


def double(number: int) -> int:
    return 2 * number


def process(_number: int) -> int:
    time.sleep(0.02)
    return os.getpid()


def fail(number: int) -> int:
    if number == 3:
        raise ShapesError("the third is wrong")
    return number


def die(_number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def endless() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 1


@pytest.mark.parametrize(
    ("expected", "number"), [([], 0), ([[0]], 1), ([[0, 1]], 2), ([[0, 1], [2, 3], [4]], 5)]
)
def test_batches_have_every_item_once_in_order(expected: list[list[int]], number: int) -> None:
    assert expected == [list(batch) for batch in batches(range(number), 2)]


@pytest.mark.process
@pytest.mark.parametrize("jobs", [1, 2, 3])
@pytest.mark.parametrize("number", [0, 1, 2, 50])
def test_the_results_come_in_the_order_of_the_work(number: int, jobs: int) -> None:
    assert [2 * n for n in range(number)] == list(map_in_processes(double, range(number), jobs))


@pytest.mark.process
def test_work_is_done_by_other_processes() -> None:
    assert os.getpid() not in set(map_in_processes(process, range(4), 2))


@pytest.mark.parametrize(("number", "jobs"), [(1, 4), (4, 1)])
def test_one_item_or_one_job_starts_no_process(number: int, jobs: int) -> None:
    assert {os.getpid()} == set(map_in_processes(process, range(number), jobs))


@pytest.mark.process
@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_in_a_process_is_raised_here(jobs: int) -> None:
    with pytest.raises(ShapesError, match="the third is wrong"):
        list(map_in_processes(fail, range(9), jobs))
    assert [] == multiprocessing.active_children()


@pytest.mark.process
def test_a_killed_process_is_reported_in_one_sentence() -> None:
    with pytest.raises(KgError, match="a worker process was killed"):
        list(map_in_processes(die, range(4), 2))
    assert [] == multiprocessing.active_children()


@pytest.mark.process
def test_items_are_taken_as_needed_and_no_process_remains() -> None:
    results = map_in_processes(double, endless(), 2)
    assert [0, 2, 4] == [next(results) for _ in range(3)]
    results.close()  # type: ignore[attr-defined] # a generator
    assert [] == multiprocessing.active_children()


INTERRUPTED = """
import os, signal, time
from kg import workers
from tests.test_workers import endless

def slow(number):
    if number == 2:
        os.killpg(0, signal.SIGINT)
    time.sleep(0.05)
    return number

try:
    list(workers.map_in_processes(slow, endless(), 2))
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.process
def test_an_interrupt_from_the_keyboard_is_reported_once() -> None:
    interrupted = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        timeout=30,
    )
    assert ("interrupted\n", "") == (interrupted.stdout, interrupted.stderr)
