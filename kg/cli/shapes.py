"""`kg shapes`: list the bundled shapes."""

from __future__ import annotations

import json

import click

from kg.cli import options
from kg.cli.tables import TABLES

COLUMNS = ("shape", "severity", "message")


@click.command()
@options.TABLE
@options.JSON
def shapes(form: str, as_json: bool) -> None:
    """List the bundled shapes with their severities and messages."""
    from kg.model import Site
    from kg.validation import bundled_shapes, load_shapes, rules_of

    rules = rules_of(load_shapes(bundled_shapes(), Site()))
    if as_json:
        members = [
            {
                "name": rule.name,
                "severity": rule.severity.value,
                "message": rule.message,
                "description": rule.description,
            }
            for rule in rules
        ]
        click.echo(json.dumps(members, ensure_ascii=False, indent=2))
        return
    ordered = sorted(rules, key=lambda rule: (rule.severity.rank, rule.name))
    rows = [(rule.name, rule.severity.value, rule.message) for rule in ordered]
    click.echo(TABLES[form](COLUMNS, rows), nl=False)
