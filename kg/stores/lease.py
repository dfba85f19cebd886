"""One load at a time: a token in the manifest says who may write, and a heartbeat that they live.

No clocks are compared: a lease is dead when its heartbeat stands still while one watches.
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

from kg.model.errors import StoreError
from kg.model.site import Site
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

_ONCE = "VALUES ?once { 1 }"
"""One solution to filter: Virtuoso heeds no filter that stands alone (measured)."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Seconds between heartbeats, and how long a heart may stand still before it is dead."""

    every: float = 2.0
    dead: float = 10.0


class Writer:
    """The right to write to a store: its heart beats in a thread of its own.

    A store that nobody else can open needs no lease, and has no heart.
    """

    def __init__(self, store: Store, site: Site, token: str | None, pulse: Heartbeat) -> None:
        self.store, self.site = store, site
        self._token, self._pulse = token, pulse
        self._ended, self._lost = Event(), Event()
        self._thread = Thread(target=self._live, daemon=True)
        if token:
            self._thread.start()

    def check(self) -> None:
        """Raise StoreError when another load has taken over."""
        if self._lost.is_set():
            raise StoreError(
                f"{self.store.address}: another load took over, since this one stood still; "
                "it goes on with the work"
            )

    def release(self) -> None:
        """Give the right back."""
        if self._token:
            self._ended.set()
            self._thread.join()
            self.store.update(_delete_token(self._token, self.site))

    def _live(self) -> None:
        beats = 0
        while not self._ended.wait(self._pulse.every):
            beats += 1
            with suppress(StoreError):  # the work itself meets the same trouble, and tells
                self.store.update(_update_heartbeat(str(self._token), beats, self.site))
                if _tokens(self.store, self.site)[:1] != [self._token]:
                    self._lost.set()


@contextmanager
def hold_lease(store: Store, site: Site, pulse: Heartbeat) -> Iterator[Writer]:
    """Hold the right to write to a store.

    Raises StoreError when another load, that lives, has it. However the work ends, it is given
    back, unless the store cannot be reached.
    """
    writer = Writer(store, site, _acquire(store, site, pulse) if store.shared else None, pulse)
    try:
        yield writer
    except BaseException:
        with suppress(StoreError):  # what went wrong first is told
            writer.release()
        raise
    writer.release()


def _acquire(store: Store, site: Site, pulse: Heartbeat) -> str:
    """Write a token where there is none, and read back: of several, the lowest has it."""
    token = token_hex(8)
    store.update(_insert_token(token, site))
    found = read_leases(store, site)
    if token not in {lease.token for lease in found}:
        for other in found:
            if _alive(store, site, other, pulse):
                raise _busy(store, other)
            store.update(_delete_token(other.token, site))
        store.update(_insert_token(token, site))
        found = read_leases(store, site)
    if not found:
        raise StoreError(f"{store.address}: does not keep what is written to it")
    first = min(found, key=lambda lease: lease.token)
    if first.token != token:
        store.update(_delete_token(token, site))
        raise _busy(store, first)
    if len(found) > 1:  # whoever read before they wrote finds out with their next heartbeat
        time.sleep(2 * pulse.every)
    return token


def _busy(store: Store, lease: Lease) -> StoreError:
    return StoreError(
        f"{store.address}: another load is at work ({lease.holder}); try again when it has ended"
    )


def _tokens(store: Store, site: Site) -> list[str]:
    return sorted(lease.token for lease in read_leases(store, site))


def _alive(store: Store, site: Site, lease: Lease, pulse: Heartbeat) -> bool:
    """Whether a lease's load is at work: its process may be there, and its heart beats."""
    place, _, pid = lease.holder.rpartition(" ")
    if place == _place() and pid.isdecimal() and not _runs(int(pid)):
        return False
    ends = time.monotonic() + pulse.dead
    while time.monotonic() < ends:
        time.sleep(pulse.every / 2)
        now = {one.token: one.heartbeat for one in read_leases(store, site)}
        if now.get(lease.token) != lease.heartbeat:
            return lease.token in now
    return False


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is another user's
        return True
    return True


def _place() -> str:
    """Where process numbers mean the same: a host, and on Linux a namespace of processes in it."""
    space = ""
    with suppress(OSError):
        space = str(Path("/proc/self/ns/pid").readlink())
    return f"{socket.gethostname()} {space}".strip()


def _insert_token(token: str, site: Site) -> str:
    """Take the lease unless someone has it."""
    graph = manifest_name(site)
    said = {"token": token, "holder": f"{_place()} {os.getpid()}", "heartbeat": 0}
    triples = manifest_triples("lease", said, site)
    lines = " ".join(f"{' '.join(triple)} ." for triple in triples)
    beats = property_of("lease", "heartbeat", site)
    return (
        f"INSERT {{ GRAPH {graph} {{ {lines} }} }} WHERE "
        f"{{ {_ONCE} FILTER NOT EXISTS {{ GRAPH {graph} {{ ?lease {beats} ?beats }} }} }}"
    )


def _update_heartbeat(token: str, beats: int, site: Site) -> str:
    """Count on, where the lease still is."""
    graph, node = manifest_name(site), lease_node(token, site)
    property_ = property_of("lease", "heartbeat", site)
    value = manifest_triples("lease", {"token": token, "heartbeat": beats}, site)[0][2]
    return (
        f"DELETE {{ GRAPH {graph} {{ {node} {property_} ?beats }} }} "
        f"INSERT {{ GRAPH {graph} {{ {node} {property_} {value} }} }} "
        f"WHERE {{ GRAPH {graph} {{ {node} {property_} ?beats }} }}"
    )


def _delete_token(token: str, site: Site) -> str:
    return delete_entries([lease_node(token, site)], site)
