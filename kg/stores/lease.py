"""One load at a time: a lease in the manifest names its holder, a heartbeat shows that it is alive.

No clocks are compared: a lease has expired if its heartbeat is the same after a while.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from threading import Event, Thread
from typing import Final

from kg.model import Site, StoreError
from kg.stores.manifest import (
    Lease,
    delete_entries,
    lease_node,
    manifest_name,
    manifest_triples,
    property_of,
    read_leases,
)
from kg.stores.store import Store

_ONE_SOLUTION = "VALUES ?once { 1 }"
"""One solution for a filter to keep or drop: Virtuoso 7 ignores a filter without a pattern."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Seconds between heartbeats, and seconds without one after which a lease has expired."""

    interval: float = 2.0
    timeout: float = 10.0


HEARTBEAT: Final = Heartbeat()


class HeldLease:
    """The right to write to a store, renewed by a thread until it is released.

    Without a token there is no lease: no other process can open the store.
    """

    def __init__(self, store: Store, site: Site, token: str | None, heartbeat: Heartbeat) -> None:
        self.store, self.site = store, site
        self._token, self._heartbeat = token, heartbeat
        self._released, self._lost = Event(), Event()
        self._thread = Thread(target=self._renew, daemon=True)
        if token:
            self._thread.start()

    def check(self) -> None:
        """Raise StoreError if another load has taken the lease over."""
        if self._lost.is_set():
            raise StoreError(
                f"{self.store.address}: another load took over, since this one was interrupted; "
                "it completes the work"
            )

    def release(self) -> None:
        """Delete the lease from the store."""
        if self._token:
            self._released.set()
            self._thread.join()
            self.store.update(_delete_lease(self._token, self.site))

    def _renew(self) -> None:
        beats = 0
        while not self._released.wait(self._heartbeat.interval):
            beats += 1
            with suppress(StoreError):  # the load's own requests raise the same
                self.store.update(_update_heartbeat(str(self._token), beats, self.site))
                if _tokens(self.store, self.site)[:1] != [self._token]:
                    self._lost.set()


@contextmanager
def hold_lease(store: Store, site: Site, heartbeat: Heartbeat) -> Iterator[HeldLease]:
    """Hold the right to write to a store, and release it on exit if the store can be reached.

    Raises StoreError if another load that is alive holds it.
    """
    token = _acquire(store, site, heartbeat) if store.shared else None
    lease = HeldLease(store, site, token, heartbeat)
    try:
        yield lease
    except BaseException:
        with suppress(StoreError):  # the first error is the one to report
            lease.release()
        raise
    lease.release()


def _acquire(store: Store, site: Site, heartbeat: Heartbeat) -> str:
    """Insert a lease if there is none, and read back: of several, the lowest token holds it."""
    token = token_hex(8)
    store.update(_insert_lease(token, site))
    leases = read_leases(store, site)
    if token not in {lease.token for lease in leases}:
        for other in leases:
            if _is_alive(store, site, other, heartbeat):
                raise _in_use(store, other)
            store.update(_delete_lease(other.token, site))
        store.update(_insert_lease(token, site))
        leases = read_leases(store, site)
    if not leases:
        raise StoreError(
            f"{store.address}: does not return what was written to it. Is it a read-only copy?"
        )
    first = min(leases, key=lambda lease: lease.token)
    if first.token != token:
        store.update(_delete_lease(token, site))
        raise _in_use(store, first)
    if len(leases) > 1:  # a load that read before this one wrote notices at its next heartbeat
        time.sleep(2 * heartbeat.interval)
    return token


def _in_use(store: Store, lease: Lease) -> StoreError:
    return StoreError(
        f"{store.address}: another load is running ({lease.holder}); try again when it has ended"
    )


def _tokens(store: Store, site: Site) -> list[str]:
    return sorted(lease.token for lease in read_leases(store, site))


def _is_alive(store: Store, site: Site, lease: Lease, heartbeat: Heartbeat) -> bool:
    """Whether the holder of a lease runs: its process may exist, and its heartbeat changes."""
    host, _, pid = lease.holder.rpartition(" ")
    if host == _process_space() and pid.isdecimal() and not _process_exists(int(pid)):
        return False
    deadline = time.monotonic() + heartbeat.timeout
    while time.monotonic() < deadline:
        time.sleep(heartbeat.interval / 2)
        heartbeats = {other.token: other.heartbeat for other in read_leases(store, site)}
        if heartbeats.get(lease.token) != lease.heartbeat:
            return lease.token in heartbeats
    return False


def _process_exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it belongs to another user
        return True
    return True


def _process_space() -> str:
    """Return where process ids are unique: a host, and on Linux a PID namespace of it."""
    namespace = ""
    with suppress(OSError):
        namespace = str(Path("/proc/self/ns/pid").readlink())
    return f"{socket.gethostname()} {namespace}".strip()


def _insert_lease(token: str, site: Site) -> str:
    """Return the update that inserts a lease if there is none."""
    graph = manifest_name(site)
    holder = f"{_process_space()} {os.getpid()}"
    fields = {"token": token, "holder": holder, "heartbeat": 0}
    triples = manifest_triples("lease", fields, site)
    lines = " ".join(f"{' '.join(triple)} ." for triple in triples)
    beats = property_of("lease", "heartbeat", site)
    return (
        f"INSERT {{ GRAPH {graph} {{ {lines} }} }} WHERE {{ {_ONE_SOLUTION} "
        f"FILTER NOT EXISTS {{ GRAPH {graph} {{ ?lease {beats} ?beats }} }} }}"
    )


def _update_heartbeat(token: str, beats: int, site: Site) -> str:
    """Return the update that sets the heartbeat of a lease, if it is still there."""
    graph, node = manifest_name(site), lease_node(token, site)
    property_ = property_of("lease", "heartbeat", site)
    value = manifest_triples("lease", {"token": token, "heartbeat": beats}, site)[0][2]
    return (
        f"DELETE {{ GRAPH {graph} {{ {node} {property_} ?beats }} }} "
        f"INSERT {{ GRAPH {graph} {{ {node} {property_} {value} }} }} "
        f"WHERE {{ GRAPH {graph} {{ {node} {property_} ?beats }} }}"
    )


def _delete_lease(token: str, site: Site) -> str:
    return delete_entries([lease_node(token, site)], site)
