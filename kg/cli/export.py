"""`kg export`: sources to RDF files."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from kg.cli import options
from kg.cli.console import print_error, print_notice
from kg.cli.output import open_output
from kg.cli.request import ReadOptions, collect, open_cache_in, open_site_with_notice
from kg.model import choose_format, find_format, format_count, has_violation

if TYPE_CHECKING:
    from kg.graph import CollectedGraph
    from kg.model import Format
    from kg.writers import ExportDocument


@click.command()
@options.read_options
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File to write; .gz compresses. May be given again for other formats [default: stdout].",
)
@click.option(
    "-f",
    "--format",
    "form",
    metavar="FORMAT",
    help="Format, if not that of the suffix [default: turtle].",
)
@click.option(
    "--metadata/--no-metadata",
    default=True,
    show_default=True,
    help="Include a description of the dataset, and kg's own terms.",
)
@click.option("--title", help="Name of the dataset [default: the site's].")
@click.option("--license", "license_", metavar="IRI", help="License of the dataset.")
@click.option(
    "--shards",
    "shard_size",
    metavar="SIZE",
    help="Write gzipped N-Quads to the folder --output, in files of at most SIZE uncompressed,"
    " such as 64MB, for bulk loaders.",
)
@click.option(
    "--check",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write nothing; exit with 1 if FILE differs from what would be written.",
    metavar="FILE",
)
@options.CACHE
@options.JOBS
@options.MEMORY
def export(
    outputs: tuple[Path, ...],
    form: str | None,
    metadata: bool,
    title: str | None,
    license_: str | None,
    shard_size: str | None,
    check: Path | None,
    cache: Path | None,
    jobs: int,
    memory: int,
    **shared: Any,
) -> int:
    """Export SOURCES as Turtle, N-Triples, N-Quads, TriG, JSON-LD or RDF/XML.

    N-Quads and TriG hold a named graph for each file; the other formats hold the merged graph. The
    same sources give the same bytes, on any machine and in any order.
    """
    if check and outputs:
        raise click.UsageError("--check writes nothing: leave out --output")
    from kg.graph import CollectOptions, Keep
    from kg.writers import ExportDocument

    size = _shard_size(shard_size, outputs, form)
    read_options = ReadOptions(**shared)
    paths = [check] if check else outputs or [None]
    targets = [(path, choose_format("nquads" if size else form, path)) for path in paths]
    keep = Keep.GRAPHS if any(target.dataset for _, target in targets) else Keep.NOTHING
    with TemporaryDirectory(prefix="kg-") as folder, open_cache_in(cache, read_options) as opened:
        project = open_site_with_notice(read_options, opened)
        collect_options = CollectOptions(Path(folder), memory, keep)
        graph = collect(project, read_options, collect_options, jobs, opened)
        document = ExportDocument(
            graph, project.site, metadata=metadata, title=title, license=license_
        )
        code = int(has_violation(graph.findings))
        if check:
            return _check(document, check, targets[0][1]) or code
        for path, target in targets:
            _write(document, path, target, size)
        print_notice(_summary(graph, document, outputs), quiet=read_options.quiet)
    return code


def _shard_size(size: str | None, outputs: tuple[Path, ...], form: str | None) -> int | None:
    """Return the size of a shard in bytes; None if files are written."""
    if size is None:
        for path in outputs:
            if path.is_dir():
                raise click.UsageError(f"{path} is a folder: name a file, or add --shards SIZE")
        return None
    from kg.model import parse_size

    if len(outputs) != 1 or str(outputs[0]) == "-":
        raise click.UsageError("--shards writes one folder: name it with --output")
    if form and find_format(form).name != "nquads":
        raise click.UsageError("--shards writes N-Quads: leave out --format")
    return parse_size(size)


def _write(document: ExportDocument, path: Path | None, form: Format, size: int | None) -> None:
    if path and size:
        from kg.writers import write_shards

        write_shards(document.quads(), path, size, document.site)
        return
    with open_output(path) as stream:
        document.write(form, stream, compress=path is not None and path.suffix == ".gz")


def _check(document: ExportDocument, path: Path, form: Format) -> int:
    """Return 1, and print why, if a file differs from the document."""
    expected = BytesIO()
    document.write(form, expected, compress=path.suffix == ".gz")
    if path.is_file() and path.read_bytes() == expected.getvalue():
        return 0
    state = "is out of date" if path.is_file() else "does not exist"
    print_error(f"{path} {state}; write it with -o {path} instead of --check {path}")
    return 1


def _summary(graph: CollectedGraph, document: ExportDocument, outputs: tuple[Path, ...]) -> str:
    files = ", ".join(str(path) for path in outputs) or "standard output"
    numbers = (
        f"{format_count(graph.records, 'record')}, {format_count(document.total, 'statement')}"
    )
    skipped = f"; {format_count(graph.skipped, 'file')} skipped" if graph.skipped else ""
    return f"{numbers} to {files}{skipped}"
