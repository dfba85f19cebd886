"""The kinds of stores, as a table: what each can do, and what it does unlike the others.

Measured with Oxigraph 0.5.13, Virtuoso 7.2.5 and Jena 4.5; the others by their documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlsplit

from kg.model.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Profile:
    """How a kind of store is spoken to.

    `query`, `update`, `graphs` (the Graph Store Protocol) and `dataset` (where N-Quads are added)
    are below the store's address; without `graphs` everything goes by SPARQL Update.
    """

    name: str
    query: str = ""
    update: str = ""
    graphs: str | None = None
    dataset: str | None = None
    union: Mapping[str, str] = field(default_factory=dict)
    """Parameters of a query that make its default graph the union; it is so anyway without."""
    statements: int = 1000
    """Statements that one update may hold."""
    system: tuple[str, ...] = ()
    """Graphs that the store has for itself."""
    unnamed: bool = True
    """Whether there is a default graph beside the named ones."""
    auth: str = "basic"
    server: str | None = None
    """What a `Server` header of this kind looks like, where that is certain."""
    passing: str | None = None
    """What a 500 says that will pass."""
    quirks: str = ""


PROFILES: Final = {
    profile.name: profile
    for profile in (
        Profile(
            "oxigraph",
            query="/query",
            update="/update",
            graphs="/store",
            dataset="/store?no_transaction",
            union={"union-default-graph": ""},
            server=r"Oxigraph/",
            quirks="Has no authentication of its own: put a proxy before it. Gives language tags"
            " back in lower case, numbers in canonical form. A bulk load is not one transaction.",
        ),
        Profile(
            "fuseki",
            query="/query",
            update="/update",
            graphs="/data",
            dataset="/data",
            union={"default-graph-uri": "urn:x-arq:UnionGraph"},
            server=r"Apache Jena Fuseki",
            quirks="The address is that of a dataset, http://localhost:3030/ds. Refuses IRIs with"
            " characters beyond the Basic Multilingual Plane, which kg escapes.",
        ),
        Profile(
            "virtuoso",
            query="/sparql-auth",
            update="/sparql-auth",
            graphs="/sparql-graph-crud-auth",
            statements=1000,
            system=(
                "http://localuriqaserver/sparql",
                "http://www.openlinksw.com/schemas/",
                "http://www.w3.org/2002/07/owl#",
                "http://www.w3.org/ns/ldp#",
            ),
            unnamed=False,
            auth="digest",
            server=r"Virtuoso/",
            passing=r"SR172|40001|[Dd]eadlock",
            quirks="Never answers a query that is posted as it is, so kg posts forms. Takes no"
            " dataset in one request, no chunked body, and no update of more than some thousand"
            " statements. A graph is not replaced in one step: the next load repeats what broke"
            " off. Cuts answers at ResultSetMaxRows (10,000 at first) and does not say so: kg asks"
            " in pages. Its default graph is the union of all, its own among them.",
        ),
        Profile(
            "rdf4j",
            update="/statements",
            graphs="/rdf-graphs/service",
            dataset="/statements",
            server=r"GraphDB|RDF4J",
            quirks="For RDF4J and GraphDB; the address is that of a repository,"
            " http://localhost:7200/repositories/NAME. Its default graph is the union of all.",
        ),
        Profile(
            "graph-store",
            graphs="",
            quirks="Any SPARQL 1.1 service with a Graph Store Protocol; name the addresses that"
            " differ with --query-url, --update-url and --graph-store-url.",
        ),
        Profile(
            "update",
            statements=200,
            quirks="Any SPARQL 1.1 service with queries and updates at one address; graphs travel"
            " in small updates, 200 statements each.",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The URLs of a store."""

    query: str
    update: str
    graphs: str | None
    dataset: str | None


def endpoints_of(
    profile: Profile,
    address: str,
    query: str | None = None,
    update: str | None = None,
    graphs: str | None = None,
) -> Endpoints:
    """Return where a store of a profile is spoken to; URLs that are given go before its own."""
    base = address.rstrip("/")
    for path in (profile.query, profile.update, "/sparql"):
        base = base.removesuffix(path) if path and profile.server else base
    base = base if profile.server else address
    return Endpoints(
        query or base + profile.query,
        update or base + profile.update,
        graphs or (None if profile.graphs is None else base + profile.graphs),
        None if profile.dataset is None else base + profile.dataset,
    )


def detect_profile(server: str | None, address: str) -> Profile:
    """Return the profile that a `Server` header names for certain.

    Raises ConfigurationError where it is not certain.
    """
    for profile in PROFILES.values():
        if profile.server and server and re.match(profile.server, server):
            return profile
    said = f"says it is {server!r}" if server else "does not say what it is"
    known = ", ".join(PROFILES)
    raise ConfigurationError(f"{address}: the server {said}; choose one of --profile {known}")


def choose_profile(name: str, *, graphs: str | None = None) -> Profile:
    """Return the profile of a name; a Graph Store URL that is given makes use of it."""
    profile = PROFILES[name]
    return replace(profile, graphs="") if graphs and profile.graphs is None else profile


_URL = re.compile(r"[!-~]+")
"""Characters of a URL, roughly: printable ASCII without a blank."""


def checked_url(address: str) -> str:
    """Return an address that may be used and shown.

    Raises ConfigurationError, without repeating it, for one that holds a password or a query.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ConfigurationError("the store's URL cannot be read; check it") from None
    if parts.username is not None or parts.password is not None:
        message = (
            "a URL with a user or password in it would be seen by others; leave them out, and "
            "set KG_STORE_USER and KG_STORE_PASSWORD, or give --credentials FILE"
        )
        raise ConfigurationError(message)
    if parts.query or parts.fragment:
        raise ConfigurationError("the store's URL holds a ? or a #; name it without what follows")
    if parts.scheme.lower() not in {"http", "https"} or not host or not _URL.fullmatch(address):
        raise ConfigurationError(f"{address!r}: not an http(s) URL")
    return address
