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
from kg.model.findings import has_violation
from kg.model.formats import choose_format, find_format
from kg.model.messages import format_count

if TYPE_CHECKING:
    from kg.graph.collect import CollectedGraph
    from kg.model.formats import Format
    from kg.model.site import Site
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
    "--shards",
    "shard_size",
    metavar="SIZE",
    help="Make of --output a folder for bulk loaders: gzipped N-Quads, in parts of at most SIZE"
    " unpacked, such as 64MB.",
)
@click.option(
    "--check",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write nothing; exit 1 if FILE is not what would be written.",
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
    """Write what SOURCES say as Turtle, N-Triples, N-Quads, TriG, JSON-LD or RDF/XML.

    N-Quads and TriG hold one named graph for each file; the other formats hold them merged. The
    same sources give the same bytes, on any machine and in any order.
    """
    if check and outputs:
        raise click.UsageError("--check writes nothing: leave out --output")
    from kg.graph.collect import CollectOptions, Keep

    most = _most(shard_size, outputs, form)
    request = ReadOptions(**shared)
    paths = [check] if check else outputs or [None]
    targets = [(path, choose_format("nquads" if most else form, path)) for path in paths]
    with TemporaryDirectory(prefix="kg-") as folder, open_cache_in(cache, request) as kept:
        project = open_site_with_notice(request, kept)
        keep = Keep.GRAPHS if any(form.dataset for _, form in targets) else Keep.NOTHING
        done = collect(project, request, CollectOptions(Path(folder), memory, keep), jobs, kept)
        content = _content(done, project.site, metadata, title, license_)
        if check:
            return _check(content, check, targets[0][1], done)
        for path, chosen in targets:
            _write(content, path, chosen, most)
        _say(done, content, outputs, request)
    return int(has_violation(done.findings))


def _most(size: str | None, outputs: tuple[Path, ...], form: str | None) -> int | None:
    """Return how many bytes a shard may have; None where files are asked for."""
    if size is None:
        for path in outputs:
            if path.is_dir():
                raise click.UsageError(f"{path} is a folder: name a file, or add --shards SIZE")
        return None
    from kg.model.sizes import parse_size

    if len(outputs) != 1 or str(outputs[0]) == "-":
        raise click.UsageError("--shards writes one folder: name it with --output")
    if form and find_format(form).name != "nquads":
        raise click.UsageError("--shards writes N-Quads: leave out --format")
    return parse_size(size)


def _write(content: ExportDocument, path: Path | None, form: Format, most: int | None) -> None:
    if path and most:
        from kg.writers import write_shards

        write_shards(content.quads(), path, most, content.site)
        return
    with open_output(path) as stream:
        content.write(form, stream, compress=path is not None and path.suffix == ".gz")


def _content(
    done: CollectedGraph, site: Site, metadata: bool, title: str | None, license_: str | None
) -> ExportDocument:
    from dataclasses import replace

    from kg.writers import ExportDocument

    named = replace(site, title=title or site.title, license=license_ or site.license)
    return ExportDocument(done, named, metadata=metadata)


def _say(
    done: CollectedGraph, content: ExportDocument, outputs: tuple[Path, ...], request: ReadOptions
) -> None:
    files = ", ".join(str(path) for path in outputs) or "standard output"
    said = f"{format_count(done.records, 'record')}, {format_count(content.total, 'statement')}"
    skipped = f"; {format_count(done.skipped, 'file')} skipped" if done.skipped else ""
    print_notice(f"{said} to {files}{skipped}", quiet=request.quiet)


def _check(content: ExportDocument, path: Path, form: Format, done: CollectedGraph) -> int:
    wanted = BytesIO()
    content.write(form, wanted, compress=path.suffix == ".gz")
    if path.is_file() and path.read_bytes() == wanted.getvalue():
        return int(has_violation(done.findings))
    state = "is out of date" if path.is_file() else "is not there"
    print_error(f"{path} {state}; write it with -o {path} instead of --check {path}")
    return 1
