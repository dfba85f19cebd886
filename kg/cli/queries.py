"""`kg queries`: list queries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli import options
from kg.cli.tables import TABLES

if TYPE_CHECKING:
    from kg.queries import Expectation, Query

COLUMNS = ("name", "question", "parameters")


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATHS]...", type=click.Path(path_type=Path))
@options.TABLE
@options.JSON
def queries(paths: tuple[Path, ...], form: str, as_json: bool) -> None:
    """List the bundled queries and their parameters.

    With PATHS, list the queries in these files and folders instead, with the result that each
    expects (#+ expect); kg validate --queries checks it.
    """
    from kg.queries import bundled_queries, read_queries

    queries = read_queries(paths) if paths else bundled_queries()
    if as_json:
        click.echo(json.dumps(list(map(_as_json, queries)), ensure_ascii=False, indent=2))
        return
    columns = (*COLUMNS, "expects") if any(query.expects for query in queries) else COLUMNS
    rows = [_cells(query)[: len(columns)] for query in queries]
    click.echo(TABLES[form](columns, rows), nl=False)


def _cells(query: Query) -> tuple[str, str, str, str]:
    parameters = ", ".join(
        parameter.name + (f"={parameter.default}" if parameter.default else "")
        for parameter in query.parameters
    )
    expected = f"{query.expectation} ({query.expectation.severity})" if query.expects else ""
    return (query.name, query.summary, parameters, expected)


def _as_json(query: Query) -> dict[str, object]:
    return {
        "name": query.name,
        "summary": query.summary,
        "columns": dict(query.columns),
        "parameters": {
            parameter.name: {"kind": parameter.kind, "default": parameter.default}
            for parameter in query.parameters
        },
        "expectation": _expectation(query.expectation) if query.expects else None,
    }


def _expectation(expectation: Expectation) -> dict[str, object]:
    return {
        "least": expectation.least,
        "most": expectation.most,
        "severity": expectation.severity.value,
        "message": expectation.message or None,
    }
