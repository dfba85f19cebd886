"""`kg export`: sources to RDF files."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg import formats
from kg.cli import options
from kg.cli.console import complain, say
from kg.cli.gathering import Gathered, Request, gather
from kg.cli.output import opened
from kg.errors import FormatError
from kg.reports import counted

if TYPE_CHECKING:
    from kg.formats import Format


@click.command()
@options.reading
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
def export(
    outputs: tuple[Path, ...],
    form: str | None,
    metadata: bool,
    title: str | None,
    license_: str | None,
    shard_size: str | None,
    check: Path | None,
    **shared: Any,
) -> int:
    """Write what SOURCES say as Turtle, N-Triples, N-Quads, TriG, JSON-LD or RDF/XML.

    N-Quads and TriG hold one named graph for each file; the other formats hold them merged. The
    same sources give the same bytes, on any machine and in any order.
    """
    if check and outputs:
        raise click.UsageError("--check writes nothing: leave out --output")
    most = _most(shard_size, outputs, form)
    request = Request(**shared)
    paths = [check] if check else outputs or [None]
    targets = [(path, _format(path, "nquads" if most else form)) for path in paths]
    gathered = gather(request)
    total = _describe(gathered, title, license_) if metadata else _size(gathered)
    if check:
        return _check(gathered, check, targets[0][1])
    for path, chosen in targets:
        _write(gathered, path, chosen, most)
    files = ", ".join(str(path) for path in outputs) or "standard output"
    said = f"{counted(gathered.records, 'record')}, {counted(total, 'statement')}"
    skipped = f"; {counted(gathered.skipped, 'file')} skipped" if gathered.skipped else ""
    say(f"{said} to {files}{skipped}", quiet=request.quiet)
    return int(gathered.broken)


def _most(size: str | None, outputs: tuple[Path, ...], form: str | None) -> int | None:
    """Return how many bytes a shard may have; None where files are asked for."""
    if size is None:
        for path in outputs:
            if path.is_dir():
                raise click.UsageError(f"{path} is a folder: name a file, or add --shards SIZE")
        return None
    from kg import shards

    if len(outputs) != 1 or str(outputs[0]) == "-":
        raise click.UsageError("--shards writes one folder: name it with --output")
    if form and formats.find(form).name != "nquads":
        raise click.UsageError("--shards writes N-Quads: leave out --format")
    return shards.size(size)


def _format(path: Path | None, word: str | None) -> Format:
    if word:
        return formats.find(word)
    if path is None:
        return formats.find("turtle")
    found = formats.of_path(str(path))
    if found is None:
        raise FormatError(f"{path}: its suffix names no format; say which with --format")
    return found


def _size(gathered: Gathered) -> int:
    from kg.writers import merged

    return len(merged(gathered.dataset))


def _describe(gathered: Gathered, title: str | None, license_: str | None) -> int:
    """Add the metadata's graph; return how many statements there are without it."""
    from dataclasses import replace

    from kg import datasets
    from kg.writers import merged

    said = merged(gathered.dataset)
    site = replace(
        gathered.site, title=title or gathered.site.title, license=license_ or gathered.site.license
    )
    gathered.dataset[site.iri(datasets.GRAPH)] = set(datasets.metadata(said, site))
    return len(said)


def _write(gathered: Gathered, path: Path | None, form: Format, most: int | None) -> None:
    from kg import shards, writers

    if path and most:
        lines = writers.lines(gathered.dataset, form, gathered.site)
        shards.write(lines, path, most, gathered.site)
        return
    compress = path is not None and path.suffix == ".gz"
    with opened(path) as stream:
        writers.write(gathered.dataset, form, gathered.site, stream, compress=compress)


def _check(gathered: Gathered, path: Path, form: Format) -> int:
    from kg import writers

    wanted = BytesIO()
    writers.write(gathered.dataset, form, gathered.site, wanted, compress=path.suffix == ".gz")
    if path.is_file() and path.read_bytes() == wanted.getvalue():
        return int(gathered.broken)
    state = "is out of date" if path.is_file() else "is not there"
    complain(f"{path} {state}; write it with -o {path} instead of --check {path}")
    return 1
