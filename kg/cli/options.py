"""Options that several commands share, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from kg.cli import console
from kg.model import SCHEMA_NAMESPACES, ConfigurationError, parse_size
from kg.workers import cores

if TYPE_CHECKING:
    from kg.stores import Address

F = TypeVar("F", bound=Callable[..., Any])

OPTIONAL: Final = ("people",)
"""What the mapping exports only if included; a test compares it with the mapping."""
SOURCES: Final = click.argument("sources", nargs=-1, metavar="[SOURCES]...")
BASE_IRI: Final = click.option(
    "--base-iri",
    envvar="KG_BASE_IRI",
    metavar="IRI",
    help="Base of the graph's own IRIs [default: the site's address].",
)
SCHEMA_NAMESPACE: Final = click.option(
    "--schema-namespace",
    envvar="KG_SCHEMA_NAMESPACE",
    type=click.Choice(sorted(SCHEMA_NAMESPACES)),
    help="Scheme of schema.org's namespace [default: https].",
)
TOPICS: Final = click.option(
    "--topics",
    envvar="KG_TOPICS",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Turtle file of facts about topics, instead of the bundled one.",
)
INCLUDE: Final = click.option(
    "--include",
    envvar="KG_INCLUDE",
    multiple=True,
    type=click.Choice(OPTIONAL),
    help="Export these too: personal data is left out by default.",
)
STRICT: Final = click.option(
    "--strict",
    envvar="KG_STRICT",
    is_flag=True,
    help="Stop at the first error.",
)
QUIET: Final = click.option(
    "-q", "--quiet", envvar="KG_QUIET", is_flag=True, help="Print errors only."
)
VERBOSE: Final = click.option(
    "-v", "--verbose", envvar="KG_VERBOSE", is_flag=True, help="Print every notice."
)


def _remember_color(_context: click.Context, _parameter: click.Parameter, value: str) -> None:
    console.COLOR.set(value)


COLOR: Final = click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    show_default=True,
    expose_value=False,
    is_eager=True,
    callback=_remember_color,
    help="Color messages. NO_COLOR and FORCE_COLOR are honored.",
)


def _size(_context: click.Context, _parameter: click.Parameter, value: str) -> int:
    try:
        return parse_size(value)
    except ConfigurationError as error:
        raise click.BadParameter(str(error)) from error


DEFAULT_MEMORY: Final = 10_000_000
"""Bytes: more does not make an export faster."""
MEMORY: Final = click.option(
    "--memory",
    envvar="KG_MEMORY",
    metavar="SIZE",
    callback=_size,
    default=f"{DEFAULT_MEMORY // 10**6}MB",
    show_default=True,
    help="Memory per process before sorting moves to disk.",
)
TABLE: Final = click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["table", "markdown"]),
    default="table",
    show_default=True,
    help="Format of the table.",
)
JOBS: Final = click.option(
    "-j",
    "--jobs",
    envvar="KG_JOBS",
    type=click.IntRange(min=1),
    default=cores,
    show_default="number of cores",
    metavar="N",
    help="Number of processes for a large job.",
)
CACHE: Final = click.option(
    "--cache",
    envvar="KG_CACHE",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Cache folder; the next run reads only files that changed.",
)
JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")

PROFILE_NAMES: Final = ("oxigraph", "fuseki", "virtuoso", "rdf4j", "graph-store", "update")
AUTH_NAMES: Final = ("none", "basic", "digest", "bearer")


def store_options(command: F) -> F:
    """Add the options of every command that connects to a store."""
    options: Sequence[Callable[[F], F]] = (
        click.option(
            "--profile",
            envvar="KG_STORE_PROFILE",
            type=click.Choice(PROFILE_NAMES),
            help="Store type, if kg cannot detect it.",
        ),
        click.option(
            "--auth",
            envvar="KG_STORE_AUTH",
            type=click.Choice(AUTH_NAMES),
            help="Authentication scheme [default: that of the store type].",
        ),
        click.option(
            "--credentials",
            envvar="KG_STORE_CREDENTIALS",
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="TOML with user and password, or token [default: KG_STORE_USER and "
            "KG_STORE_PASSWORD, KG_STORE_TOKEN, or netrc].",
        ),
        click.option(
            "--timeout",
            envvar="KG_STORE_TIMEOUT",
            type=click.FloatRange(min=0, min_open=True),
            default=300.0,
            show_default=True,
            metavar="SECONDS",
            help="Timeout of a request.",
        ),
        click.option("--query-url", metavar="URL", help="URL for queries, if not default."),
        click.option("--update-url", metavar="URL", help="URL for updates, if not default."),
        click.option("--graph-store-url", metavar="URL", help="URL for graphs, if not default."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def take_address(location: str, values: dict[str, Any]) -> Address:
    """Remove the values of the `reaching` options, and return the store's address."""
    from kg.stores import Address

    names = ("profile", "auth", "credentials", "timeout", "query_url", "update_url")
    profile, auth, credentials, timeout, query, update = (values.pop(name) for name in names)
    graphs = values.pop("graph_store_url")
    return Address(location, profile, auth, credentials, timeout, query, update, graphs)


def read_options(command: F) -> F:
    """Add the options of every command that reads sources."""
    options: Sequence[Callable[[F], F]] = (
        SOURCES, BASE_IRI, SCHEMA_NAMESPACE, TOPICS, INCLUDE, STRICT, QUIET, VERBOSE, COLOR,
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command
