"""`kg fields`: what happened to every front matter value."""

from __future__ import annotations

import json
from typing import Any

import click

from kg.cli import options
from kg.cli.console import color_choice, print_notice
from kg.cli.request import ReadOptions, load_and_report
from kg.cli.tables import TABLES
from kg.model import finding_line


@click.command()
@options.read_options
@click.option("--unknown", is_flag=True, help="List the unknown fields, each with its place.")
@options.TABLE
@options.JSON
def fields(unknown: bool, form: str, as_json: bool, **shared: Any) -> int:
    """Report what happened to every front matter value.

    Each is exactly one of mapped, derived, withheld, ignored, unknown, empty and invalid.
    """
    from kg.provenance import (
        FIELD_COLUMNS,
        fates_line,
        field_rows,
        field_values,
        fields_document,
        summarize_fields,
        unknown_fields,
    )
    from kg.sources import with_lines

    graphs = load_and_report(ReadOptions(**shared))
    sources, mapper = graphs.project.sources, graphs.mapper
    if unknown:
        findings = with_lines(unknown_fields(sources, mapper))
        for finding in findings:
            click.echo(finding_line(finding), color=color_choice())
        return int(bool(findings) or graphs.has_violation)
    summaries = summarize_fields(field_values(sources, mapper), mapper.site)
    if as_json:
        click.echo(json.dumps(fields_document(summaries), indent=2))
    else:
        click.echo(TABLES[form](FIELD_COLUMNS, field_rows(summaries)), nl=False)
        print_notice(fates_line(summaries), quiet=shared["quiet"])
    return int(graphs.has_violation)
