"""`kg export`: sources to RDF files."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from kg import formats
from kg.cli import options
from kg.cli.console import complain, progress, report, say
from kg.cli.gathering import (
    Prepared,
    Request,
    broken,
    first_violation,
    notice_base,
    prepare,
)
from kg.cli.output import opened
from kg.errors import FormatError, SourceError
from kg.reports import counted

if TYPE_CHECKING:
    from kg.exports import Content, Export, Wanted
    from kg.formats import Format
    from kg.namespaces import Site
    from kg.records import Source


@click.command()
@options.reading
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write, .gz compresses; give it again for another format [default: stdout].",
)
@click.option(
    "-f",
    "--format",
    "form",
    metavar="FORMAT",
    help="Format, where the suffix does not say it [default: turtle].",
)
@click.option(
    "--metadata/--no-metadata",
    default=True,
    show_default=True,
    help="Describe the dataset, and define kg's own terms.",
)
@click.option("--title", help="Name of the dataset [default: the site's].")
@click.option("--license", "license_", metavar="IRI", help="License of the dataset.")
@click.option(
    "--check",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write nothing; exit 1 if FILE is not what would be written.",
    metavar="FILE",
)
@options.JOBS
@options.MEMORY
def export(
    outputs: tuple[Path, ...],
    form: str | None,
    metadata: bool,
    title: str | None,
    license_: str | None,
    check: Path | None,
    jobs: int,
    memory: int,
    **shared: Any,
) -> int:
    """Write what SOURCES say as Turtle, N-Triples, N-Quads, TriG, JSON-LD or RDF/XML.

    N-Quads and TriG hold one named graph for each file; the other formats hold them merged. The
    same sources give the same bytes, on any machine and in any order.
    """
    if check and outputs:
        raise click.UsageError("--check writes nothing: leave out --output")
    from kg import exports, writers

    request = Request(**shared)
    targets = [(path, _format(path, form)) for path in ([check] if check else outputs or [None])]
    ready = _prepared(request)
    with TemporaryDirectory(prefix="kg-") as folder:
        graphs = any(writers.has_graphs(form) for _, form in targets)
        wanted = exports.Wanted(Path(folder), memory, graphs=graphs)
        exported = _gather(ready, request, wanted, jobs)
        content = _content(exported, ready.site, metadata, title, license_)
        if check:
            return _check(content, check, targets[0][1], exported)
        for path, chosen in targets:
            with opened(path) as stream:
                content.write(chosen, stream, compress=path is not None and path.suffix == ".gz")
        _say(exported, content, outputs, request)
    return int(broken(exported.findings))


def _prepared(request: Request) -> Prepared:
    from kg import sources

    paths = request.sources or (".",)
    ready = prepare(paths, sources.discover(paths), request)
    if ready.on_the_default_base:
        notice_base(ready.site, request)
    return ready


def _gather(ready: Prepared, request: Request, wanted: Wanted, jobs: int) -> Export:
    """Map the sources, and print the findings of doing so."""
    from kg import exports, provenance

    def watched(found: Iterable[Source]) -> Iterable[Source]:
        return progress(found, len(ready.sources), quiet=request.quiet)

    done = exports.gather(ready.sources, ready.mapper, wanted, jobs=jobs, progress=watched)
    done.findings = provenance.locate(done.findings, ready.sources, ready.mapper)
    if request.strict and broken(done.findings):
        raise SourceError(f"{first_violation(done.findings)}\nstopped, as --strict asks")
    report(done.findings, quiet=request.quiet, verbose=request.verbose)
    if done.skipped == len(ready.sources):
        raise SourceError(f"nothing could be read from {' '.join(request.sources or ('.',))}")
    return done


def _content(
    done: Export, site: Site, metadata: bool, title: str | None, license_: str | None
) -> Content:
    from dataclasses import replace

    from kg import exports

    named = replace(site, title=title or site.title, license=license_ or site.license)
    return exports.Content(done, named, metadata=metadata)


def _say(done: Export, content: Content, outputs: tuple[Path, ...], request: Request) -> None:
    files = ", ".join(str(path) for path in outputs) or "standard output"
    said = f"{counted(done.records, 'record')}, {counted(content.total, 'statement')}"
    skipped = f"; {counted(done.skipped, 'file')} skipped" if done.skipped else ""
    say(f"{said} to {files}{skipped}", quiet=request.quiet)


def _format(path: Path | None, word: str | None) -> Format:
    if word:
        return formats.find(word)
    if path is None:
        return formats.find("turtle")
    found = formats.of_path(str(path))
    if found is None:
        raise FormatError(f"{path}: its suffix names no format; say which with --format")
    return found


def _check(content: Content, path: Path, form: Format, done: Export) -> int:
    wanted = BytesIO()
    content.write(form, wanted, compress=path.suffix == ".gz")
    if path.is_file() and path.read_bytes() == wanted.getvalue():
        return int(broken(done.findings))
    state = "is out of date" if path.is_file() else "is not there"
    complain(f"{path} {state}; write it with -o {path} instead of --check {path}")
    return 1
