"""`kg validate`: sources against shapes, and against what queries expect."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli import options
from kg.cli.console import say
from kg.cli.gathering import Gathered, Request, read
from kg.cli.output import open_output
from kg.model.errors import ConfigurationError, FormatError
from kg.model.findings import Severity
from kg.model.formats import find_format, format_of_path
from kg.model.messages import counted
from kg.validation.reports import RENDERERS, report_format_of_path
from kg.validation.reports.report import Report
from kg.validation.reports.text import summary

if TYPE_CHECKING:
    from kg.model.findings import Finding
    from kg.queries.catalog import Query
    from kg.validation.baselines import KnownFinding

FAIL_ON = {**{severity.value: severity for severity in Severity}, "never": None}


@click.command()
@options.reading
@click.option(
    "--shapes",
    "shapes_paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Shapes of your own, beside the bundled ones: a Turtle file or a folder.",
)
@click.option(
    "--bundled/--no-bundled", default=True, show_default=True, help="Run the bundled shapes."
)
@click.option(
    "--queries",
    "queries_paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Queries that expect something of their answers: a SPARQL file or a folder.",
)
@click.option(
    "--fail-on",
    type=click.Choice(list(FAIL_ON)),
    default="violation",
    show_default=True,
    help="The mildest finding that makes the exit code 1.",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Findings that are known: only others count.",
)
@click.option("--update-baseline", is_flag=True, help="Write what is found to the baseline.")
@click.option(
    "-f",
    "--format",
    "forms",
    multiple=True,
    metavar="FORMAT",
    help=f"One of {', '.join(RENDERERS)}, or an RDF format for the SHACL report; for several "
    "files, one for each, or one for those whose suffix does not say it [default: text].",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write the report to; give it again for another format [default: stdout].",
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "pyshacl", "shacl"]),
    default="pyshacl",
    show_default=True,
    help="What runs the shapes; shacl is much faster, and auto is that where it is installed.",
)
@options.JOBS
@options.JSON
def validate(
    shapes_paths: tuple[Path, ...],
    bundled: bool,
    queries_paths: tuple[Path, ...],
    fail_on: str,
    baseline: Path | None,
    update_baseline: bool,
    forms: tuple[str, ...],
    outputs: tuple[Path, ...],
    engine: str,
    jobs: int,
    as_json: bool,
    **shared: Any,
) -> int:
    """Hold what SOURCES say against SHACL shapes; name file, line and field of every finding."""
    from kg.provenance.accounts import UnknownFields
    from kg.queries.catalog import queries_with_expectations
    from kg.queries.expectations import expectation_rule, first_rows
    from kg.validation.baselines import baseline_of, compare_with_baseline
    from kg.validation.engines import choose_engine
    from kg.validation.loading import bundled_shapes, load_shapes, rules_of, shapes_files

    request = Request(**shared)
    targets = _targets(outputs or (Path("-"),), ("json",) if as_json else forms)
    known = _known(baseline, update=update_baseline)
    engine = choose_engine(engine)
    chosen = [*(bundled_shapes() if bundled else ()), *shapes_files(shapes_paths)]
    asked = queries_with_expectations(queries_paths)
    gathered = read(request, UnknownFields)  # the report says what is wrong with the sources
    against = load_shapes([*chosen, *shapes_files(gathered.shapes)], gathered.site)
    found = _findings(gathered, against, asked, engine=engine, jobs=jobs)
    if baseline and update_baseline:
        known = baseline_of(found)
        _keep(known, baseline)
    compared = compare_with_baseline(found, known)
    report = Report(
        tuple(first_rows(compared.new, asked)),
        (*rules_of(against), *(expectation_rule(query) for query in asked)),
        FAIL_ON[fail_on],
        compared.known,
    )
    for path, form in targets:
        _write(report, path, form, gathered)
    _say_gone(compared.gone, request)
    say(f"{counted(gathered.records, 'record')}: {summary(report)}", quiet=request.quiet)
    return int(not report.conforms)


def _findings(
    gathered: Gathered, against: Any, asked: list[Query], *, engine: str, jobs: int
) -> list[Finding]:
    """Return what is wrong with the sources, what the shapes find, and what the queries do."""
    from kg.graph.convert import oxigraph_store
    from kg.graph.named import merge_triples
    from kg.provenance.locate import locate_findings, locate_in_rdf
    from kg.queries.expectations import check_expectation
    from kg.validation import check_graph

    said = gathered.graphs
    triples = merge_triples(said)
    found = check_graph(triples, against, gathered.site, engine=engine, jobs=jobs)
    if asked:
        held = oxigraph_store(triples)
        for query in asked:
            found += check_expectation(query, held, gathered.site)
    found += (finding for graph in said for finding in graph.also)
    told = (one for graph in said for one in graph.told)
    located = locate_findings(found, told, gathered.mapper, jobs)
    rdf = ((graph.source, graph.triples) for graph in said if graph.triples)
    return [*gathered.findings, *locate_in_rdf(located, rdf)]


def _targets(outputs: tuple[Path, ...], forms: tuple[str, ...]) -> list[tuple[Path, str]]:
    """Pair each file with its format: given with it, said by its suffix, or given for the rest."""
    for form in forms:
        _check(form)
    if len(forms) == len(outputs):
        return list(zip(outputs, forms, strict=True))
    if len(forms) > 1:
        raise click.UsageError("give one --format for each --output, in the same order")
    said = [_said(path) for path in outputs]
    if forms and None not in said:
        raise click.UsageError(f"--format {forms[0]}: the suffix of every file says another")
    rest = forms[0] if forms else None
    return [(path, form or rest or _plain(path)) for path, form in zip(outputs, said, strict=True)]


def _check(form: str) -> None:
    if form not in RENDERERS:
        try:
            find_format(form)
        except FormatError as error:
            raise FormatError(
                f"unknown format: {form!r}; one of {', '.join(RENDERERS)}, or an RDF format"
            ) from error


def _said(path: Path) -> str | None:
    known = None if path.suffix == ".gz" else format_of_path(str(path))
    return report_format_of_path(str(path)) or (known.name if known else None)


def _plain(path: Path) -> str:
    if path.suffix:
        raise FormatError(f"{path}: its suffix names no format; say which with --format")
    return "text"


def _write(report: Report, path: Path, form: str, gathered: Gathered) -> None:
    with open_output(path) as stream:
        if form in RENDERERS:
            stream.write(RENDERERS[form](report).encode(errors="backslashreplace"))
        else:
            from kg.validation.reports.shacl import shacl_report
            from kg.writers.registry import write_dataset

            dataset = {gathered.site.iri("report"): shacl_report(report, gathered.site)}
            write_dataset(dataset, find_format(form), gathered.site, stream)


def _known(baseline: Path | None, *, update: bool) -> list[KnownFinding]:
    """Read the baseline; what is about to be replaced need not be there, nor be whole."""
    from kg.validation.baselines import read_baseline

    if baseline is None and update:
        raise click.UsageError("--update-baseline needs --baseline FILE")
    if baseline is None or update:
        return []
    if not baseline.exists():
        raise ConfigurationError(f"{baseline}: no such baseline; write it with --update-baseline")
    return read_baseline(baseline)


def _keep(entries: list[KnownFinding], path: Path) -> None:
    from kg.validation.baselines import baseline_text

    with open_output(path) as stream:
        stream.write(baseline_text(entries).encode(errors="backslashreplace"))


def _say_gone(gone: tuple[KnownFinding, ...], request: Request) -> None:
    """Tell what the baseline knows and nobody found: fixed, so it should not be excused again."""
    for entry in gone if request.verbose else ():
        where = ": ".join(part for part in (entry.file, entry.field) if part)
        say(f"no longer found: {where} [{entry.rule}]", quiet=request.quiet)
    if gone:
        number = counted(sum(entry.count for entry in gone), "known finding")
        more = "" if request.verbose else " (-v lists them)"
        say(f"notice: {number} no longer found: update the baseline{more}", quiet=request.quiet)
