"""The types of stores, as a table: the features of each, and how it differs from the others.

Tested with Oxigraph 0.5.13, Virtuoso 7.2.5 and Jena 4.5; the others follow their documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import urlsplit

from kg.model import ConfigurationError


@dataclass(frozen=True, slots=True)
class Profile:
    """The protocols of a type of store.

    `query`, `update`, `graphs` (the Graph Store Protocol) and `dataset` (where N-Quads are added)
    are relative to the store's address; without `graphs`, graphs are sent by SPARQL Update.
    """

    name: str
    query: str = ""
    update: str = ""
    graphs: str | None = None
    dataset: str | None = None
    union_parameters: Mapping[str, str] = field(default_factory=dict)
    """Parameters of a query that make its default graph the union; empty if it always is."""
    statements_per_update: int = 1000
    """Statements that one update may have."""
    system_graphs: tuple[str, ...] = ()
    """Prefixes of the graphs that the store keeps for itself."""
    has_default_graph: bool = True
    """Whether there is a default graph beside the named ones."""
    auth: str = "basic"
    server: str | None = None
    """Pattern of the `Server` header, if it identifies the type."""
    transient: str | None = None
    """Pattern of the text of a 500 that a retry may not have."""
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
            union_parameters={"union-default-graph": ""},
            server=r"Oxigraph/",
            quirks="Has no authentication: put a proxy in front of it. Returns language tags in"
            " lower case and numbers in canonical form. A bulk load is not one transaction.",
        ),
        Profile(
            "fuseki",
            query="/query",
            update="/update",
            graphs="/data",
            dataset="/data",
            union_parameters={"default-graph-uri": "urn:x-arq:UnionGraph"},
            server=r"Apache Jena Fuseki",
            quirks="The URL is that of a dataset, http://localhost:3030/ds. Rejects IRIs with"
            " characters outside the Basic Multilingual Plane, which kg escapes.",
        ),
        Profile(
            "virtuoso",
            query="/sparql-auth",
            update="/sparql-auth",
            graphs="/sparql-graph-crud-auth",
            statements_per_update=1000,
            system_graphs=(
                "http://localuriqaserver/sparql",
                "http://www.openlinksw.com/schemas/",
                "http://www.w3.org/2002/07/owl#",
                "http://www.w3.org/ns/ldp#",
            ),
            has_default_graph=False,
            auth="digest",
            server=r"Virtuoso/",
            transient=r"SR172|40001|[Dd]eadlock",
            quirks="Does not answer application/sparql-query, so kg sends queries as forms. Accepts"
            " no dataset in one request, no chunked body, and no update of more than a few thousand"
            " statements. Does not replace a graph in one step: the next load completes an"
            " interrupted one. Cuts results at ResultSetMaxRows (10,000 by default) without notice:"
            " kg reads in pages. Its default graph is the union of all graphs, its own included.",
        ),
        Profile(
            "rdf4j",
            update="/statements",
            graphs="/rdf-graphs/service",
            dataset="/statements",
            server=r"GraphDB|RDF4J",
            quirks="For RDF4J and GraphDB. The URL is that of a repository,"
            " http://localhost:7200/repositories/NAME. Its default graph is the union of all"
            " graphs.",
        ),
        Profile(
            "graph-store",
            graphs="",
            quirks="Any SPARQL 1.1 service with the Graph Store Protocol. Give the URLs that differ"
            " from the store's with --query-url, --update-url and --graph-store-url.",
        ),
        Profile(
            "update",
            statements_per_update=200,
            quirks="Any SPARQL 1.1 service with queries and updates at one URL. Graphs are sent in"
            " updates of 200 statements.",
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
    """Return the URLs of a store of a profile; those given as arguments override its own."""
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
    """Return the profile whose pattern a `Server` header matches.

    Raises ConfigurationError if there is none.
    """
    for profile in PROFILES.values():
        if profile.server and server and re.match(profile.server, server):
            return profile
    cause = f"Server: {server}" if server else "it sends no Server header"
    raise ConfigurationError(
        f"{address}: cannot detect the store type ({cause}); "
        f"choose one with --profile: {', '.join(PROFILES)}"
    )


def choose_profile(name: str, *, graphs: str | None = None) -> Profile:
    """Return the profile of a name, with the Graph Store Protocol if its URL is given."""
    profile = PROFILES[name]
    return replace(profile, graphs="") if graphs and profile.graphs is None else profile


_URL = re.compile(r"[!-~]+")
"""Characters of a URL, roughly: printable ASCII without a blank."""


def checked_url(address: str) -> str:
    """Return an address that may be used and shown.

    Raises ConfigurationError, without quoting it, if it has a password or a query.
    """
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ConfigurationError("the store's URL cannot be parsed; check it") from None
    if parts.username is not None or parts.password is not None:
        message = (
            "a user or password in the store's URL is visible to others; leave them out, and "
            "set KG_STORE_USER and KG_STORE_PASSWORD, or give --credentials FILE"
        )
        raise ConfigurationError(message)
    if parts.query or parts.fragment:
        raise ConfigurationError("the store's URL has a ? or a #; give the part before it")
    if parts.scheme.lower() not in {"http", "https"} or not host or not _URL.fullmatch(address):
        raise ConfigurationError(f"{address!r}: not an http(s) URL")
    return address
