"""`kg fields`: what became of every field."""

from __future__ import annotations

import json
from typing import Any

import click

from kg.cli import options
from kg.cli.console import color_choice, print_notice
from kg.cli.request import ReadOptions, load_and_report
from kg.cli.tables import TABLES
from kg.model.messages import finding_line, format_count

COLUMNS = ("field", "fate", "property or reason", "count", "files", "example")


@click.command()
@options.read_options
@click.option("--unknown", is_flag=True, help="List the unknown fields, each with its place.")
@options.TABLE
@options.JSON
def fields(unknown: bool, form: str, as_json: bool, **shared: Any) -> int:
    """Account for every value in SOURCES.

    Each is exactly one of mapped, derived, withheld, ignored, unknown, empty and invalid.
    """
    from kg.provenance.accounts import count_fates, field_values, summarize_fields, unknown_fields
    from kg.sources.locations import with_lines

    loaded = load_and_report(ReadOptions(**shared))
    if unknown:
        found = unknown_fields(loaded.project.sources, loaded.mapper)
        for finding in with_lines(found):
            click.echo(finding_line(finding), color=color_choice())
        return int(bool(found) or loaded.has_violation)
    entries = summarize_fields(field_values(loaded.project.sources, loaded.mapper), loaded.mapper)
    totals = count_fates(entries)
    if as_json:
        rows = [_said(entry) for entry in entries]
        click.echo(json.dumps({"version": 1, "totals": totals, "fields": rows}, indent=2))
        return int(loaded.has_violation)
    cells = [
        (e.name, e.fate, ", ".join(e.meanings), str(e.count), str(len(e.files)), _short(e.example))
        for e in entries
    ]
    click.echo(TABLES[form](COLUMNS, cells), nl=False)
    split = ", ".join(f"{number:,} {fate}" for fate, number in totals.items() if number)
    print_notice(f"{format_count(sum(totals.values()), 'value')}: {split}", quiet=shared["quiet"])
    return int(loaded.has_violation)


def _short(example: str | None) -> str:
    words = " ".join((example or "").split())
    return words if len(words) <= 40 else f"{words[:39]}…"  # noqa: PLR2004 - a column's width


def _said(entry: Any) -> dict[str, Any]:
    return {
        "field": entry.name,
        "fate": entry.fate.value,
        "meanings": list(entry.meanings),
        "count": entry.count,
        "files": len(entry.files),
        "example": entry.example,
    }
