"""`kg queries`: list the bundled questions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from kg.cli import options
from kg.cli.tables import markdown, table

if TYPE_CHECKING:
    from kg.queries import Query

COLUMNS = ("name", "question", "parameters")


@click.command()
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["table", "markdown"]),
    default="table",
    show_default=True,
    help="How to print the list.",
)
@options.JSON
def queries(form: str, as_json: bool) -> None:
    """List the bundled queries that kg query answers, with their parameters."""
    from kg import queries as bundled

    found = bundled.bundled()
    if as_json:
        click.echo(json.dumps([_said(query) for query in found], ensure_ascii=False, indent=2))
        return
    rows = [(query.name, query.summary, _parameters(query)) for query in found]
    click.echo((markdown if form == "markdown" else table)(COLUMNS, rows), nl=False)


def _parameters(query: Query) -> str:
    return ", ".join(
        one.name + (f"={one.default}" if one.default else "") for one in query.parameters
    )


def _said(query: Query) -> dict[str, object]:
    return {
        "name": query.name,
        "summary": query.summary,
        "columns": dict(query.columns),
        "parameters": {
            one.name: {"kind": one.kind, "default": one.default} for one in query.parameters
        },
    }
