"""Options that several commands share, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from kg.cli import console
from kg.model.errors import ConfigurationError
from kg.model.site import SCHEMA_NAMESPACES
from kg.model.sizes import parse_size
from kg.workers import cores

if TYPE_CHECKING:
    from kg.stores import Address

F = TypeVar("F", bound=Callable[..., Any])

OPTIONAL: Final = ("people",)
"""What the mapping leaves out unless it is asked for; a test holds it to the mapping."""
SOURCES: Final = click.argument("sources", nargs=-1, metavar="[SOURCES]...")
BASE_IRI: Final = click.option(
    "--base-iri",
    envvar="KG_BASE_IRI",
    metavar="IRI",
    help="Where the graph's own IRIs live [default: the site's address].",
)
SCHEMA_NAMESPACE: Final = click.option(
    "--schema-namespace",
    envvar="KG_SCHEMA_NAMESPACE",
    type=click.Choice(sorted(SCHEMA_NAMESPACES)),
    help="Write schema.org's terms with http or https [default: https].",
)
TOPICS: Final = click.option(
    "--topics",
    envvar="KG_TOPICS",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Turtle file of what is known about topics, instead of the bundled one.",
)
INCLUDE: Final = click.option(
    "--include",
    envvar="KG_INCLUDE",
    multiple=True,
    type=click.Choice(OPTIONAL),
    help="Export these, too: personal data is left out unless it is asked for.",
)
STRICT: Final = click.option(
    "--strict",
    envvar="KG_STRICT",
    is_flag=True,
    help="Stop at the first source or value that is unusable.",
)
QUIET: Final = click.option(
    "-q", "--quiet", envvar="KG_QUIET", is_flag=True, help="Say nothing but what went wrong."
)
VERBOSE: Final = click.option(
    "-v", "--verbose", envvar="KG_VERBOSE", is_flag=True, help="Say everything, mild notices too."
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
"""Bytes of text that a process holds unless it is told otherwise: more saves no time."""
MEMORY: Final = click.option(
    "--memory",
    envvar="KG_MEMORY",
    metavar="SIZE",
    callback=_size,
    default=f"{DEFAULT_MEMORY // 10**6}MB",
    show_default=True,
    help="Text that a process holds before it sorts on disk.",
)
TABLE: Final = click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["table", "markdown"]),
    default="table",
    show_default=True,
    help="How to print the table.",
)
JOBS: Final = click.option(
    "-j",
    "--jobs",
    envvar="KG_JOBS",
    type=click.IntRange(min=1),
    default=cores,
    show_default="the cores there are",
    metavar="N",
    help="Processes to share the work of a large job.",
)
CACHE: Final = click.option(
    "--cache",
    envvar="KG_CACHE",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Folder to keep what files say, so that the next run maps only those that changed.",
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
