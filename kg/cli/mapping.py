"""`kg mapping`: what each field means."""

from __future__ import annotations

import json

import click

from kg.cli import options
from kg.cli.tables import markdown, table

COLUMNS = ("node", "field", "property", "object")


@click.command()
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(["table", "markdown", "context"]),
    default="table",
    show_default=True,
    help="How to print the mapping; context is the JSON-LD context of an export.",
)
@options.BASE_IRI
@options.SCHEMA_NAMESPACE
@options.JSON
def mapping(form: str, base_iri: str | None, schema_namespace: str | None, as_json: bool) -> None:
    """Print what every field of a source means in schema.org, or the JSON-LD context."""
    from kg import mapping as known
    from kg.sites import Configuration

    site = Configuration().site(base_iri, schema_namespace)
    if form == "context":
        from kg.writers import context

        click.echo(json.dumps({"@context": context(site)}, ensure_ascii=False, indent=2))
        return
    rows = list(known.rows(site))
    if as_json:
        click.echo(json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows], indent=2))
        return
    click.echo((markdown if form == "markdown" else table)(COLUMNS, rows), nl=False)
