"""The address of a store, and opening the store there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kg.model import KgError
from kg.stores.embedded import Embedded, is_embedded
from kg.stores.store import Store


@dataclass(frozen=True, slots=True)
class Address:
    """A URL or a folder, and how to reach the server at the URL if the defaults do not fit."""

    location: str
    profile: str | None = None
    auth: str | None = None
    credentials: Path | None = None
    timeout: float = 300.0
    query: str | None = None
    update: str | None = None
    graphs: str | None = None


def is_url(location: str) -> bool:
    """Whether a location is a URL and not a path."""
    return bool(re.match(r"[a-z][a-z0-9+.\-]+://", location, re.IGNORECASE))


def is_store(location: str) -> bool:
    """Whether a location is a URL, or a folder that holds a store."""
    return is_url(location) or is_embedded(Path(location))


def open_store(address: Address, environ: Mapping[str, str], *, create: bool = False) -> Store:
    """Return the store at an address; with `create`, a new or empty folder becomes one.

    Raises StoreError if it cannot be reached or opened; ConfigurationError if the address or the
    credentials cannot be used, or if the store's type is neither given nor detected.
    """
    if not is_url(address.location):
        return Embedded(Path(address.location), create=create)
    return _open_remote(address, environ)


def open_for_reading(address: Address, environ: Mapping[str, str]) -> Store:
    """Return the store at an address to read from; an empty one for a folder that does not exist.

    Raises errors as `open_store` does.
    """
    if is_url(address.location) or Path(address.location).exists():
        return open_store(address, environ)
    return Embedded(Path(address.location), create=True, in_memory=True)


def _open_remote(address: Address, environ: Mapping[str, str]) -> Store:
    from kg.stores.connection import Connection, RetryPolicy
    from kg.stores.credentials import find_credentials
    from kg.stores.profiles import checked_url, choose_profile, detect_profile, endpoints_of
    from kg.stores.remote import Remote

    url = checked_url(address.location)
    for other in (address.query, address.update, address.graphs):
        if other:
            checked_url(other)
    credentials = find_credentials(url, environ, address.credentials)
    connection = Connection(url, credentials, RetryPolicy(address.timeout))
    try:
        profile = (
            choose_profile(address.profile, graphs=address.graphs)
            if address.profile
            else detect_profile(connection.server_name(), url)
        )
        connection.authenticate(address.auth or profile.auth, profile.transient)
    except KgError:
        connection.close()
        raise
    endpoints = endpoints_of(profile, url, address.query, address.update, address.graphs)
    return Remote(connection, profile, endpoints)
