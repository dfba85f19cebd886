"""`kg mapping`: what each field means."""

from __future__ import annotations

import json

import click

from kg.cli import options
from kg.cli.tables import TABLES

COLUMNS = ("node", "field", "property", "object")
KINDS = ("kind", "recognised by", "class")


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
@click.option("--kinds", is_flag=True, help="Only the kinds of files, and how each is recognised.")
@options.BASE_IRI
@options.SCHEMA_NAMESPACE
@options.JSON
def mapping(
    form: str, kinds: bool, base_iri: str | None, schema_namespace: str | None, as_json: bool
) -> None:
    """Print what every field of a source means in schema.org, or the JSON-LD context.

    It is the mapping of the site in the current folder, with what its kg.toml adds.
    """
    from kg.mapping import kind_rows, mapping_rows, table_of
    from kg.sites import read_settings

    settings = read_settings(["."])
    site = settings.site(base_iri, schema_namespace)
    if form == "context":
        from kg.writers import jsonld_context

        click.echo(json.dumps({"@context": jsonld_context(site)}, ensure_ascii=False, indent=2))
        return
    columns: tuple[str, ...] = KINDS if kinds else COLUMNS
    rows: list[tuple[str, ...]] = [
        *(kind_rows if kinds else mapping_rows)(site, table_of(settings))
    ]
    if as_json:
        click.echo(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], indent=2))
        return
    click.echo(TABLES[form](columns, rows), nl=False)
