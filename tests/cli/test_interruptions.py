"""Interrupted and concurrent loads: in the end the store has the statements of the files."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from kg.model.errors import StoreError
from kg.model.site import Site
from kg.stores import Address, open_store
from kg.stores.lease import Heartbeat, hold_lease
from kg.stores.manifest import (
    delete_entries,
    lease_node,
    manifest_name,
    manifest_triples,
    read_leases,
)
from kg.stores.store import Store
from tests.gate import Gate, Reply, Request, oxigraph
from tests.sample_site import (
    BASE,
    dirty_graphs,
    exported_quads,
    load,
    run,
    stored_quads,
    write_article,
    write_site,
)
from tests.stores.processes import free_port

pytestmark = pytest.mark.process

FAST: Final = Heartbeat(interval=0.05, timeout=0.3)
SITE: Final = Site(BASE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site of five articles."""
    return write_site(tmp_path / "site")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The URL of an empty Oxigraph."""
    work = tmp_path / "server"
    work.mkdir()
    with oxigraph(work) as (url, _):
        yield url


@pytest.fixture
def store(server: str) -> Iterator[Store]:
    one = open_store(Address(server), {})
    yield one
    one.close()


def start_load(*words: str | Path) -> subprocess.Popen[str]:
    """Start a load in its own process."""
    command = [sys.executable, "-m", "kg", "load", *map(str, words)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def change(site: Path) -> None:
    """Edit, add, delete and rename."""
    write_article(site, "a", "Edited")
    write_article(site, "f")
    (site / "b.md").unlink()
    (site / "c.md").rename(site / "renamed.md")


class Killer:
    """Kill a process before or after the nth request at a gate is forwarded."""

    def __init__(
        self, number: int, *, forward: bool, gate: Gate, then: Reply | None = None
    ) -> None:
        self.pid = 0
        self._remaining, self._forward, self._gate, self._then = number, forward, gate, then

    def __call__(self, request: Request) -> Reply | None:
        self._remaining -= 1
        if self._remaining:
            return self._then if self._remaining < 0 else None
        reply = self._gate.through(request) if self._forward else Reply(503)
        while not self.pid:
            time.sleep(0.001)
        os.kill(self.pid, signal.SIGKILL)
        return reply


def run_and_kill(gate: Gate, number: int, *words: str | Path, forward: bool) -> int:
    """Kill a load at its nth request and return its exit code; it is 0 if the load ended before."""
    killer = Killer(number, forward=forward, gate=gate)
    gate.keeper = killer
    with start_load(*words, "--to", gate.url) as process:
        killer.pid = process.pid
        process.communicate(timeout=120)
    gate.keeper = lambda _: None
    return process.returncode


POINTS: Final = sorted(random.Random(5).sample(range(2, 28), 20))  # noqa: S311 - no secret
"""Requests of a load of about 30 at which it is killed."""


@pytest.mark.slow
@pytest.mark.parametrize("forward", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", POINTS)
def test_a_killed_load_is_completed_by_the_next(
    number: int, forward: bool, folder: Path, server: str
) -> None:
    load(folder, "--to", server)
    change(folder)
    with Gate(server).open() as gate:
        code = run_and_kill(gate, number, folder, forward=forward)
    assert code in {0, -signal.SIGKILL}
    load(folder, "--to", server)
    assert ([], exported_quads(folder)) == (dirty_graphs(server), stored_quads(server))


@pytest.mark.slow
@pytest.mark.parametrize("number", [7, 9, 10, 11, 12, 13])
def test_a_killed_bulk_load_is_completed_by_the_next(
    number: int, folder: Path, server: str
) -> None:
    for index in range(60):
        write_article(folder, f"more{index}")
    with Gate(server).open() as gate:
        assert -signal.SIGKILL == run_and_kill(gate, number, folder, forward=True)
    load(folder, "--to", server, "--verify", "full")
    assert ([], exported_quads(folder)) == (dirty_graphs(server), stored_quads(server))


@pytest.mark.slow
@pytest.mark.parametrize("delay", [random.Random(n).uniform(0.2, 1.0) for n in range(8)])  # noqa: S311
def test_a_killed_load_into_a_folder_is_completed_by_the_next(
    delay: float, folder: Path, tmp_path: Path
) -> None:
    for index in range(200):
        write_article(folder, f"more{index}")
    path = tmp_path / "store"
    with start_load(folder, "--to", path) as process:
        time.sleep(delay)
        process.kill()
    load(folder, "--to", path, "--verify", "full")
    assert 0 == run("diff", folder, path, "--all").exit_code


@pytest.mark.slow
@pytest.mark.parametrize("number", [6, 9, 12, 15, 20])
def test_a_load_continues_when_a_killed_server_restarts(
    number: int, folder: Path, tmp_path: Path
) -> None:
    data, port = tmp_path / "data", free_port()
    words = ("--location", str(data))
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    with oxigraph(first, *words, port=port) as (url, process), Gate(url).open() as gate:
        load(folder, "--to", url)
        change(folder)
        killer = Killer(number, forward=True, gate=gate)
        killer.pid = process.pid
        gate.keeper = killer
        with start_load(folder, "--to", gate.url) as load_:
            process.wait(timeout=60)
            with oxigraph(second, *words, port=port):
                _, stderr = load_.communicate(timeout=120)
                assert (0, True) == (load_.returncode, "counted" in stderr), stderr
                assert ([], exported_quads(folder)) == (dirty_graphs(url), stored_quads(url))


@pytest.mark.slow
def test_a_load_fails_if_the_server_stays_down_and_can_be_repeated(
    folder: Path, tmp_path: Path
) -> None:
    data, port = tmp_path / "data", free_port()
    words = ("--location", str(data))
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    with oxigraph(first, *words, port=port) as (url, process), Gate(url).open() as gate:
        killer = Killer(12, forward=False, gate=gate, then=Reply(502, {"Retry-After": "0"}))
        killer.pid = process.pid
        gate.keeper = killer
        with start_load(folder, "--to", gate.url) as load_:
            _, stderr = load_.communicate(timeout=120)
    assert (3, False) == (load_.returncode, "Traceback" in stderr), stderr
    assert "502 Bad Gateway (6 tries)" in stderr
    with oxigraph(second, *words, port=port):
        load(folder, "--to", url)
        assert ([], exported_quads(folder)) == (dirty_graphs(url), stored_quads(url))


def test_two_concurrent_loads_leave_a_correct_store(folder: Path, server: str) -> None:
    with start_load(folder, "--to", server) as one, start_load(folder, "--to", server) as other:
        outputs = [process.communicate(timeout=120)[1] for process in (one, other)]
        codes = sorted([one.returncode, other.returncode])
    assert codes in ([0, 0], [0, 3]), outputs
    assert codes == [0, 0] or any("another load is running" in text for text in outputs)
    assert ([], exported_quads(folder)) == (dirty_graphs(server), stored_quads(server))


def test_a_second_load_is_refused_while_the_first_runs(store: Store) -> None:
    with hold_lease(store, SITE, FAST), pytest.raises(StoreError, match="another load is running"):  # noqa: SIM117
        with hold_lease(store, SITE, FAST):
            pass
    with hold_lease(store, SITE, FAST):  # it was released
        pass


def lease_update(holder: str, heartbeat: int = 5) -> str:
    """The update with which another load writes its lease."""
    triples = manifest_triples(
        "lease", {"token": "0", "holder": holder, "heartbeat": heartbeat}, SITE
    )
    lines = " ".join(f"{' '.join(triple)} ." for triple in triples)
    return f"INSERT DATA {{ GRAPH {manifest_name(SITE)} {{ {lines} }} }}"


def test_a_lease_without_heartbeat_is_taken_over(store: Store) -> None:
    store.update(lease_update("elsewhere 1"))
    with hold_lease(store, SITE, FAST) as lease:
        lease.check()
        assert "0" not in [lease.token for lease in read_leases(store, SITE)]
    assert [] == read_leases(store, SITE)


def test_a_lease_of_a_dead_local_process_is_taken_over_at_once(store: Store) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    with hold_lease(store, SITE, FAST):
        (ours,) = read_leases(store, SITE)
    store.update(lease_update(ours.holder.replace(f" {os.getpid()}", f" {process.pid}")))
    with hold_lease(store, SITE, Heartbeat(interval=60, timeout=3600)) as lease:
        lease.check()


def test_a_lease_with_a_heartbeat_is_respected(store: Store) -> None:
    store.update(lease_update("elsewhere 1"))
    delete = delete_entries([lease_node("0", SITE)], SITE)
    update = f"{delete} ;\n{lease_update('elsewhere 1', 6)}"
    timer = threading.Timer(0.1, store.update, [update])
    timer.start()
    raises = pytest.raises(StoreError, match=r"another load is running \(elsewhere 1\)")
    with raises, hold_lease(store, SITE, Heartbeat(interval=0.05, timeout=30)):
        pass
    timer.join()


def test_a_load_that_lost_its_lease_stops(store: Store) -> None:
    raises = pytest.raises(StoreError, match="another load took over")
    with raises, hold_lease(store, SITE, FAST) as lease:
        (ours,) = read_leases(store, SITE)
        store.update(delete_entries([lease_node(ours.token, SITE)], SITE))
        while True:  # until the next heartbeat
            lease.check()
            time.sleep(0.01)


def test_a_store_opened_by_another_process_is_reported(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "store"
    load(folder, "--to", path)
    script = "import sys, pyoxigraph as o; s = o.Store(sys.argv[1]); print(flush=True); input()"
    command = [sys.executable, "-c", script, str(path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe) as process:
        assert process.stdout
        process.stdout.readline()
        result = run("load", folder, "--to", path)
        process.communicate(b"\n")
    assert 3 == result.exit_code
    assert "another process has the store open; try again when it is done" in result.stderr
