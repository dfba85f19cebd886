"""Triple stores: fill one, keep it in step with the files, prove it, ask it.

manifest   what the store knows of the graphs in it: the only memory there is
plan       bodies of the files x manifest: what to add, replace, delete
lease      one load at a time
loading    lease, marks, statements, marks
proof      counts, or statement by statement
store      what every store can do: `embedded` in a folder, `remote` by HTTP (`connection`,
           `credentials`), each kind of server as its `profiles` row says
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.model.errors import KgError
from kg.stores.store import MARK, Store


@dataclass(frozen=True, slots=True)
class Address:
    """Where a store is, and what only its user can know of it. `where` is a URL or a folder."""

    where: str
    profile: str | None = None
    auth: str | None = None
    credentials: Path | None = None
    timeout: float = 300.0
    query: str | None = None
    update: str | None = None
    graphs: str | None = None


def is_url(where: str) -> bool:
    """Whether a word is a URL, and not a path."""
    return bool(re.match(r"[a-z][a-z0-9+.\-]+://", where, re.IGNORECASE))


def is_store(where: str) -> bool:
    """Whether a word names a store: a URL, or a folder that holds one."""
    return is_url(where) or (Path(where) / MARK).is_file()


def open_store(address: Address, environ: Mapping[str, str], *, new: bool = False) -> Store:
    """Return the store at an address; `new`: a folder may become one.

    Raises StoreError when it cannot be reached, ConfigurationError for an address that cannot be
    used, or a server that does not say what it is.
    """
    if not is_url(address.where):
        from kg.stores.embedded import Embedded

        return Embedded(Path(address.where), new=new)
    return _remote(address, environ)


def open_for_reading(address: Address, environ: Mapping[str, str]) -> Store:
    """Return the store at an address to read from; an empty one for a folder that is not there."""
    if is_url(address.where) or Path(address.where).exists():
        return open_store(address, environ)
    from kg.stores.embedded import Embedded

    return Embedded(Path(address.where), new=True, kept=False)


def _remote(address: Address, environ: Mapping[str, str]) -> Store:
    from kg.stores.connection import Connection, Patience
    from kg.stores.credentials import find_credentials
    from kg.stores.profiles import checked_url, choose_profile, detect_profile, endpoints_of
    from kg.stores.remote import Remote

    where = checked_url(address.where)
    for other in (address.query, address.update, address.graphs):
        if other:
            checked_url(other)
    known = find_credentials(where, environ, address.credentials)
    connection = Connection(where, known, Patience(address.timeout))
    try:
        profile = (
            choose_profile(address.profile, graphs=address.graphs)
            if address.profile
            else detect_profile(connection.server(), where)
        )
        connection.speak(address.auth or profile.auth, profile.passing)
    except KgError:
        connection.close()
        raise
    urls = endpoints_of(profile, where, address.query, address.update, address.graphs)
    return Remote(connection, profile, urls)
