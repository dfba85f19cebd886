"""`kg queries`: list the bundled questions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli import options
from kg.cli.tables import markdown, table

if TYPE_CHECKING:
    from kg.queries.catalog import Expectation, Query

COLUMNS = ("name", "question", "parameters")


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATHS]...", type=click.Path(path_type=Path))
@options.TABLE
@options.JSON
def queries(paths: tuple[Path, ...], form: str, as_json: bool) -> None:
    """List the bundled queries that kg query answers, with their parameters.

    With PATHS, list the queries of these files and folders instead, and what each expects of its
    answer: kg validate --queries holds it to that.
    """
    from kg.queries.catalog import bundled_queries, read_queries

    found = read_queries(paths) if paths else bundled_queries()
    if as_json:
        click.echo(json.dumps([_said(query) for query in found], ensure_ascii=False, indent=2))
        return
    columns = (*COLUMNS, "expects") if any(query.expects for query in found) else COLUMNS
    rows = [_cells(query)[: len(columns)] for query in found]
    click.echo((markdown if form == "markdown" else table)(columns, rows), nl=False)


def _cells(query: Query) -> tuple[str, str, str, str]:
    parameters = ", ".join(
        one.name + (f"={one.default}" if one.default else "") for one in query.parameters
    )
    expected = f"{query.expectation} ({query.expectation.severity})" if query.expects else ""
    return (query.name, query.summary, parameters, expected)


def _said(query: Query) -> dict[str, object]:
    return {
        "name": query.name,
        "summary": query.summary,
        "columns": dict(query.columns),
        "parameters": {
            one.name: {"kind": one.kind, "default": one.default} for one in query.parameters
        },
        "expectation": _expectation(query.expectation) if query.expects else None,
    }


def _expectation(expected: Expectation) -> dict[str, object]:
    return {
        "least": expected.least,
        "most": expected.most,
        "severity": expected.severity.value,
        "message": expected.message or None,
    }
