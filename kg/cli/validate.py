"""`kg validate`: validate sources with shapes, and with queries that have an expected result."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli import options
from kg.cli.console import print_notice
from kg.cli.output import open_output
from kg.cli.request import ReadOptions, load
from kg.model import ConfigurationError, Severity, format_count
from kg.validation import RENDERERS, pair_formats, summary, write_report

if TYPE_CHECKING:
    from kg.validation import KnownFinding

FAIL_ON = {**{severity.value: severity for severity in Severity}, "never": None}


@click.command()
@options.read_options
@click.option(
    "--shapes",
    "shapes_paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Your own shapes, besides the bundled ones: a Turtle file or a folder.",
)
@click.option(
    "--bundled/--no-bundled", default=True, show_default=True, help="Run the bundled shapes."
)
@click.option(
    "--queries",
    "queries_paths",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Queries with an expected result (#+ expect): a SPARQL file or a folder.",
)
@click.option(
    "--fail-on",
    type=click.Choice(list(FAIL_ON)),
    default="violation",
    show_default=True,
    help="Exit with 1 if there is a finding of this severity or worse.",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="File of known findings; only new ones count.",
)
@click.option("--update-baseline", is_flag=True, help="Write all findings to the baseline.")
@click.option(
    "-f",
    "--format",
    "formats",
    multiple=True,
    metavar="FORMAT",
    help=f"One of {', '.join(RENDERERS)}, or an RDF format for the SHACL report; with several "
    "files, one for each, or one for those without a known suffix [default: text].",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write the report to; repeat it for another format [default: stdout].",
)
@click.option(
    "--engine",
    type=click.Choice(["auto", "pyshacl", "shacl"]),
    default="pyshacl",
    show_default=True,
    help="SHACL engine; shacl is much faster, and auto uses it if it is installed.",
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
    formats: tuple[str, ...],
    outputs: tuple[Path, ...],
    engine: str,
    jobs: int,
    as_json: bool,
    **shared: Any,
) -> int:
    """Validate SOURCES with SHACL shapes and report each finding with its file, line and field."""
    from kg.provenance import UnknownFields
    from kg.queries import queries_with_expectations
    from kg.validation import (
        baseline_of,
        bundled_shapes,
        choose_engine,
        findings_of,
        load_shapes,
        make_report,
        shapes_files,
    )

    request = ReadOptions(**shared)
    targets = pair_formats(outputs or (Path("-"),), ("json",) if as_json else formats)
    known = _known_findings(baseline, update=update_baseline)
    engine = choose_engine(engine)
    files = [*(bundled_shapes() if bundled else ()), *shapes_files(shapes_paths)]
    queries = queries_with_expectations(queries_paths)
    graphs, unknown = load(request, UnknownFields)
    shapes = load_shapes([*files, *shapes_files(graphs.project.shapes)], graphs.site)
    findings = findings_of(
        *(graphs, shapes, queries),
        field_findings=unknown,
        engine=engine,
        jobs=jobs,
        on_notice=partial(_print_detail, request),
    )
    if baseline and update_baseline:
        known = baseline_of(findings)
        _write_baseline(known, baseline)
    report = make_report(findings, shapes, queries, baseline=known, fail_on=FAIL_ON[fail_on])
    for path, name in targets:
        with open_output(path) as stream:
            write_report(report, name, graphs.site, stream)
    _print_gone(report.gone, request)
    records = format_count(graphs.records, "record")
    print_notice(f"{records}: {summary(report)}", quiet=request.quiet)
    return int(not report.conforms)


def _print_detail(request: ReadOptions, text: str) -> None:
    print_notice(f"notice: {text}", quiet=request.quiet or not request.verbose)


def _known_findings(baseline: Path | None, *, update: bool) -> list[KnownFinding]:
    """Read the baseline, unless it is about to be replaced."""
    from kg.validation import read_baseline

    if baseline is None and update:
        raise click.UsageError("--update-baseline needs --baseline FILE")
    if baseline is None or update:
        return []
    if not baseline.exists():
        raise ConfigurationError(f"{baseline}: no such baseline; write it with --update-baseline")
    return read_baseline(baseline)


def _write_baseline(entries: list[KnownFinding], path: Path) -> None:
    from kg.validation import baseline_text

    with open_output(path) as stream:
        stream.write(baseline_text(entries).encode(errors="backslashreplace"))


def _print_gone(gone: tuple[KnownFinding, ...], request: ReadOptions) -> None:
    """Report the entries of the baseline that were not found again."""
    for entry in gone if request.verbose else ():
        place = ": ".join(part for part in (entry.file, entry.field) if part)
        print_notice(f"no longer found: {place} [{entry.rule}]", quiet=request.quiet)
    if gone:
        number = format_count(sum(entry.count for entry in gone), "known finding")
        more = "" if request.verbose else " (-v lists them)"
        print_notice(
            f"notice: {number} no longer found: update the baseline{more}", quiet=request.quiet
        )
