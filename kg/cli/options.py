"""Options that several commands share, and what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from kg import workers
from kg.cli import console
from kg.namespaces import SCHEMA_NAMESPACES

F = TypeVar("F", bound=Callable[..., Any])

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
    default=workers.cores,
    show_default="the cores there are",
    metavar="N",
    help="Processes to share the work of a large job.",
)
JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def reading(command: F) -> F:
    """Add the options of every command that reads sources."""
    options: Sequence[Callable[[F], F]] = (
        SOURCES, BASE_IRI, SCHEMA_NAMESPACE, TOPICS, STRICT, QUIET, VERBOSE, COLOR,
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command
