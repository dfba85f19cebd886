"""`kg explain`: where a statement comes from, or why it is missing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from kg.cli import options
from kg.cli.console import color_choice
from kg.cli.request import ReadOptions, load_and_report
from kg.model.messages import finding_line, place_members

if TYPE_CHECKING:
    from kg.model.site import Site
    from kg.provenance.explain import Explanation


@click.command()
@click.argument("resource", metavar="IRI|URL")
@options.read_options
@click.option(
    "--missing",
    metavar="PROPERTY",
    help="Say why there is no such statement: schema:datePublished.",
)
@options.JSON
def explain(resource: str, missing: str | None, as_json: bool, **shared: Any) -> int:
    """Show every statement about a resource with the field, line and row of the mapping behind it.

    The resource is an IRI of the graph, in full or below the base, or the URL or AMP URL of an
    article.
    """
    from kg.model.errors import SourceError
    from kg.provenance.explain import (
        NOT_FROM_A_FIELD,
        explain_absence,
        explain_nodes,
        find_nodes,
        is_metadata,
    )

    loaded = load_and_report(ReadOptions(**shared))
    if is_metadata(resource, loaded.site):
        click.echo(f"{resource}: {NOT_FROM_A_FIELD}")
        return int(loaded.has_violation)
    nodes = find_nodes(resource, loaded.project.sources, loaded.mapper)
    if not nodes:
        raise SourceError(f"no statement is about {resource}, nor names it as a URL")
    if missing:
        found = explain_absence(nodes, missing, loaded.project.sources, loaded.mapper)
        for finding in found:
            click.echo(finding_line(finding), color=color_choice())
        if not found:
            click.echo(f"{missing} is said of {resource}; kg explain shows where")
        return int(loaded.has_violation)
    explained = explain_nodes(nodes, loaded.project.sources, loaded.mapper)
    click.echo(
        _json(explained) if as_json else _text(explained, loaded.site),
        nl=False,
        color=color_choice(),
    )
    return int(loaded.has_violation)


def _text(explained: list[Explanation], site: Site) -> str:
    from itertools import groupby

    from kg.writers import PrefixedNames

    names = PrefixedNames(site)
    lines = []
    for subject, about in groupby(explained, key=lambda one: one.triple[0]):
        lines.append(click.style(subject[1:-1], bold=True))
        for one in about:
            dispute = click.style("  (disputed)", fg="yellow") if one.disputed else ""
            lines.append(f"  {names.short(one.triple[1])} {names.short(one.triple[2])}{dispute}")
            for reason in one.reasons:
                field = f"{reason.place.name}: " if reason.place.name else ""
                lines.append(f"    {reason.place}: {field}{reason.rule}")
                if reason.text is not None:
                    lines.append(f"      {reason.place.line} | {reason.text}")
    return "".join(f"{line}\n" for line in lines)


def _json(explained: list[Explanation]) -> str:
    said = [
        {
            "subject": one.triple[0],
            "predicate": one.triple[1],
            "object": one.triple[2],
            "disputed": one.disputed,
            "reasons": [
                {**place_members(reason.place), "rule": reason.rule, "text": reason.text}
                for reason in one.reasons
            ],
        }
        for one in explained
    ]
    return json.dumps({"version": 1, "statements": said}, ensure_ascii=False, indent=2) + "\n"
