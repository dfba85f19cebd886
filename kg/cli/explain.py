"""`kg explain`: why a statement is in the graph, or is not."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from kg.cli import options
from kg.cli.console import color_choice
from kg.cli.request import ReadOptions, load_and_report
from kg.model import finding_line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.graph import LoadedGraphs


@click.command()
@click.argument("resource", metavar="IRI|URL")
@options.read_options
@click.option(
    "--missing",
    metavar="PROPERTY",
    help="Explain why there is no statement with this property (schema:datePublished).",
)
@options.JSON
def explain(resource: str, missing: str | None, as_json: bool, **shared: Any) -> int:
    """Show every statement about a resource with the field, line and row of the mapping behind it.

    The resource is an IRI of the graph, in full or relative to the base, or the URL or AMP URL of
    an article.
    """
    from kg.provenance import NOT_FROM_A_FIELD, is_metadata

    graphs = load_and_report(ReadOptions(**shared))
    if is_metadata(resource, graphs.site):
        click.echo(f"{resource}: {NOT_FROM_A_FIELD}")
    elif missing:
        _print(_absence_lines(resource, missing, graphs))
    else:
        _print(_explanation_lines(resource, graphs, as_json=as_json))
    return int(graphs.has_violation)


def _print(lines: Iterable[str]) -> None:
    click.echo("".join(f"{line}\n" for line in lines), nl=False, color=color_choice())


def _absence_lines(resource: str, predicate: str, graphs: LoadedGraphs) -> list[str]:
    from kg.provenance import explain_absence, find_nodes

    sources, mapper = graphs.project.sources, graphs.mapper
    nodes = find_nodes(resource, sources, mapper)
    findings = explain_absence(nodes, predicate, sources, mapper)
    stated = f"{resource} has {predicate}; kg explain shows where it comes from"
    return [finding_line(finding) for finding in findings] or [stated]


def _explanation_lines(resource: str, graphs: LoadedGraphs, *, as_json: bool) -> Iterable[str]:
    from kg.provenance import explain_resource, explanation_document, explanation_lines
    from kg.writers import PrefixedNames

    explanations = explain_resource(resource, graphs.project.sources, graphs.mapper)
    if as_json:
        return [json.dumps(explanation_document(explanations), ensure_ascii=False, indent=2)]
    return explanation_lines(
        explanations,
        PrefixedNames(graphs.site).short,
        heading=partial(click.style, bold=True),
        warning=partial(click.style, fg="yellow"),
    )
