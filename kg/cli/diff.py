"""`kg diff`: what changed from one graph to another."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from kg.cli import options
from kg.cli.console import colored, report, say
from kg.cli.gathering import Gathered, Request, collect
from kg.cli.output import open_output
from kg.model.errors import SourceError
from kg.model.messages import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg.model.records import Triple
    from kg.stores import Address

FORMATS = ("text", "json", "markdown", "patch", "sparql")
SUFFIXES = {".json": "json", ".md": "markdown", ".rdfp": "patch", ".ru": "sparql"}
COLORS = {"-": "red", "+": "green", "<": "cyan"}


class Side(NamedTuple):
    """One of the two things to compare: what stands at a path, now or at a revision."""

    path: str
    revision: str | None = None

    def __str__(self) -> str:
        return f"{self.revision}:{self.path}" if self.revision else self.path


@click.command()
@click.argument("sides", nargs=-1, metavar="A B | --git REV [PATH]")
@click.option(
    "--git",
    "revisions",
    metavar="REV[..REV]",
    help="Compare PATH at a revision with PATH as it is, or PATH at two revisions.",
)
@options.BASE_IRI
@options.SCHEMA_NAMESPACE
@options.TOPICS
@options.STRICT
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Compare also what an export says about itself, and list the checksums of files.",
)
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="How to write it [default: by the suffix of --output, else text].",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write to [default: standard output].",
)
@options.reaching
@options.JSON
@options.QUIET
@options.VERBOSE
@options.COLOR
def diff(
    sides: tuple[str, ...],
    revisions: str | None,
    everything: bool,
    form: str | None,
    output: Path | None,
    as_json: bool,
    **shared: Any,
) -> int:
    """Tell what changed from A to B: articles added, providers renamed, links removed.

    A and B are RDF files, files and folders with front matter, or stores that kg load filled.
    Applied to A, the formats patch (RDF Patch) and sparql (SPARQL Update) make B of it. Exit code
    1 says that they differ.
    """
    from kg.graph.differences import compare_graphs
    from kg.writers.differences import DIFFERENCE_WRITERS, EXACT_FORMATS
    from kg.writers.names import PrefixedNames

    form = "json" if as_json else form or SUFFIXES.get(output.suffix if output else "", "text")
    address = options.address("", shared)
    a, b = _read_both(_sides(sides, revisions), Request(sides, **shared), address)
    before, after = _compared((a, b), whole=everything or form in EXACT_FORMATS)
    difference = compare_graphs(before, after, b.site)
    if everything:
        difference = replace(difference, files=frozenset())
    lines = DIFFERENCE_WRITERS[form](difference, PrefixedNames(b.site).short)
    _write(_colored(lines) if form == "text" and output is None else lines, output)
    added, removed = counted(len(difference.added), "statement"), len(difference.removed)
    equal = f"no difference in {counted(len(after), 'statement')}"
    say(f"{added} added, {removed:,} removed" if difference else equal, quiet=shared["quiet"])
    return int(bool(difference) or a.broken or b.broken)


def _sides(words: tuple[str, ...], revisions: str | None) -> tuple[Side, Side]:
    if revisions is not None:
        if len(words) > 1:
            raise click.UsageError("--git takes one file or folder [default: the current folder]")
        path = words[0] if words else "."
        first, dots, second = revisions.partition("..")
        return Side(path, first or "HEAD"), Side(path, (second or "HEAD") if dots else None)
    if len(words) != 2:  # noqa: PLR2004 - A and B
        raise click.UsageError("name two sides to compare, A and B, or use --git")
    if words == ("-", "-"):
        raise click.UsageError("standard input cannot be both sides")
    return Side(words[0]), Side(words[1])


def _read_both(sides: Sequence[Side], request: Request, address: Address) -> list[Gathered]:
    """Read the sides and print the findings of doing so.

    Raises SourceError when nothing of a side could be read.
    """
    both = [_read(side, request, address) for side in sides]
    findings = [finding for one in both for finding in one.findings]
    report(findings, quiet=request.quiet, verbose=request.verbose)
    for side, one in zip(sides, both, strict=True):
        empty = _is_export(one) and not one.broken
        if one.empty and not empty:
            raise SourceError(f"nothing could be read from {side}")
    return both


def _read(side: Side, request: Request, address: Address) -> Gathered:
    """Read one side. The only place that knows what a side can be."""
    from kg.sources.discovery import discover_sources
    from kg.sources.revisions import checkout_revision
    from kg.stores import is_store

    if is_store(side.path):
        return _stored(side, request, address)
    if side.revision:
        with checkout_revision(side.revision, side.path) as (copy, found):
            return collect([copy], found, request)
    return collect([side.path], discover_sources([side.path]), request)


def _stored(side: Side, request: Request, address: Address) -> Gathered:
    """Read the graphs of a site out of a store."""
    from kg.graph.named import NamedGraph
    from kg.mapping.project import make_mapper
    from kg.model.records import Source
    from kg.resources import TOPICS_FILE
    from kg.stores import graph_triples, graphs_of_site, open_store, site_in_store

    with closing(open_store(replace(address, location=side.path), os.environ)) as store:
        site = site_in_store(store, request.base_iri)
        mapper = make_mapper(site, topics=request.topics or TOPICS_FILE)
        source = Source(side.path, side.path)
        held = graph_triples(graphs_of_site(store, site), store)
        said = [NamedGraph(name, source, triples=list(one)) for name, one in held]
        return Gathered(site, mapper, [source], (), said)


def _compared(sides: Sequence[Gathered], *, whole: bool) -> list[set[Triple]]:
    """Return what each side says: without metadata, or as a whole.

    Sources have the metadata of their export, when they are compared with one that has some.
    """
    from kg.graph.differences import without_metadata
    from kg.graph.statistics import dataset_metadata

    said = [_union(side) for side in sides]
    bare = [without_metadata(one, side.site) for one, side in zip(said, sides, strict=True)]
    if not whole or said == bare:
        return bare
    return [
        one if _is_export(side) else one | set(dataset_metadata(one, side.site))
        for one, side in zip(said, sides, strict=True)
    ]


def _is_export(side: Gathered) -> bool:
    """Whether a side is the output of an export, which has its metadata or none."""
    from kg.sources.reading import is_rdf
    from kg.stores import is_store

    source = side.sources[0]
    return is_store(source.path) or is_rdf(source)


def _union(side: Gathered) -> set[Triple]:
    from kg.graph.named import merge_triples

    return set(merge_triples(side.graphs))


def _write(lines: Iterable[str], output: Path | None) -> None:
    text = "".join(lines)
    if output is None:
        click.echo(text, nl=False, color=colored())
        return
    with open_output(output) as stream:
        stream.write(text.encode())


def _colored(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield click.style(line[:-1], COLORS.get(line[0])) + "\n"
