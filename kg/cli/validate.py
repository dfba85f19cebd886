"""`kg validate`: sources against shapes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from kg import formats
from kg.cli import options
from kg.cli.console import colored, say
from kg.cli.gathering import Gathered, Request, gather
from kg.cli.output import opened
from kg.errors import FormatError
from kg.findings import Severity
from kg.reports import RENDERERS, Report, counted, shacl, summary

FAIL_ON = {**{severity.value: severity for severity in Severity}, "never": None}


@click.command()
@options.reading
@click.option(
    "--shapes",
    "paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Shapes of your own, beside the bundled ones: a Turtle file or a folder.",
)
@click.option(
    "--bundled/--no-bundled", default=True, show_default=True, help="Run the bundled shapes."
)
@click.option(
    "--fail-on",
    type=click.Choice(list(FAIL_ON)),
    default="violation",
    show_default=True,
    help="The mildest finding that makes the exit code 1.",
)
@click.option(
    "-f",
    "--format",
    "form",
    default="text",
    metavar="FORMAT",
    show_default=True,
    help=f"One of {', '.join(RENDERERS)}, or an RDF format for the SHACL report.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write the report to [default: standard output].",
)
@options.JSON
def validate(
    paths: tuple[Path, ...],
    bundled: bool,
    fail_on: str,
    form: str,
    output: Path | None,
    as_json: bool,
    **shared: Any,
) -> int:
    """Hold what SOURCES say against SHACL shapes; name file, line and field of every finding."""
    from kg import graphs, provenance, validation

    form = "json" if as_json else form
    _known(form)
    request = Request(**shared)
    chosen = [*(validation.bundled() if bundled else ()), *validation.files(paths)]
    gathered = gather(request)
    chosen += validation.files(gathered.shapes)
    against = validation.shapes(chosen, gathered.site)
    triples = set().union(*gathered.dataset.values())
    found = validation.validate(graphs.rdflib_graph(triples, gathered.site), against)
    found = provenance.locate(found, gathered.sources, gathered.mapper)
    report = Report(
        (*gathered.findings, *found), tuple(validation.rules(against)), FAIL_ON[fail_on]
    )
    _print(report, form, output, gathered)
    say(f"{counted(gathered.records, 'record')}: {summary(report)}", quiet=request.quiet)
    return int(not report.conforms)


def _known(form: str) -> None:
    if form not in RENDERERS:
        try:
            formats.find(form)
        except FormatError as error:
            raise FormatError(
                f"unknown format: {form!r}; one of {', '.join(RENDERERS)}, or an RDF format"
            ) from error


def _print(report: Report, form: str, output: Path | None, gathered: Gathered) -> None:
    from kg import writers

    if form not in RENDERERS:
        with opened(output) as stream:
            dataset = {gathered.site.iri("report"): shacl(report, gathered.site)}
            writers.write(dataset, formats.find(form), gathered.site, stream)
        return
    text = RENDERERS[form](report)
    if output is None:
        click.echo(text, nl=False, color=colored())
        return
    with opened(output) as stream:
        stream.write(text.encode())
