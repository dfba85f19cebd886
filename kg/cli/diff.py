"""`kg diff`: what changed from one graph to another."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from kg.cli import options
from kg.cli.console import color_choice, print_findings, print_notice
from kg.cli.output import open_output
from kg.cli.request import ReadOptions, load_project, open_site
from kg.model import format_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kg.graph import Side
    from kg.mapping import Project
    from kg.model import Finding
    from kg.stores import Address

FORMATS = ("text", "json", "markdown", "patch", "sparql")
COLORS = {"-": "red", "+": "green", "<": "cyan"}


class Operand(NamedTuple):
    """A or B: a path as it is now, or at a revision of its git repository."""

    path: str
    revision: str | None = None

    def __str__(self) -> str:
        return f"{self.revision}:{self.path}" if self.revision else self.path


@click.command()
@click.argument("words", nargs=-1, metavar="A B | --git REV [PATH]")
@click.option(
    "--git",
    "revisions",
    metavar="REV[..REV]",
    help="Compare PATH at a revision with PATH now, or PATH at two revisions.",
)
@options.BASE_IRI
@options.SCHEMA_NAMESPACE
@options.TOPICS
@options.STRICT
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also compare the metadata of exports, and list the checksums of files.",
)
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="Format [default: by the suffix of --output, else text].",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write to [default: standard output].",
)
@options.store_options
@options.JSON
@options.QUIET
@options.VERBOSE
@options.COLOR
def diff(
    words: tuple[str, ...],
    revisions: str | None,
    everything: bool,
    form: str | None,
    output: Path | None,
    as_json: bool,
    **shared: Any,
) -> int:
    """Show what changed from A to B: articles added, providers renamed, links removed.

    A and B are RDF files, files and folders with front matter, or stores that kg load filled. The
    formats patch (RDF Patch) and sparql (SPARQL Update) turn A into B. Exits with 1 if they differ.
    """
    from kg.graph import comparable_triples, compare_graphs
    from kg.writers import EXACT_FORMATS, choose_difference_format, difference_lines

    form = "json" if as_json else choose_difference_format(form, output)
    address = options.take_address("", shared)
    operands = _operands(words, revisions)
    a, b = _read_both(operands, ReadOptions(words, **shared), address)
    metadata = everything or form in EXACT_FORMATS
    before, after = comparable_triples(a.side, b.side, metadata=metadata)
    difference = compare_graphs(before, after, b.side.site)
    if everything:
        difference = replace(difference, files=frozenset())
    lines = difference_lines(difference, form, b.side.site)
    _write(_colored(lines) if form == "text" and output is None else lines, output)
    added, removed = format_count(len(difference.added), "statement"), len(difference.removed)
    equal = f"no difference in {format_count(len(after), 'statement')}"
    print_notice(
        f"{added} added, {removed:,} removed" if difference else equal, quiet=shared["quiet"]
    )
    return int(bool(difference) or a.broken or b.broken)


def _operands(words: tuple[str, ...], revisions: str | None) -> tuple[Operand, Operand]:
    if revisions is not None:
        if len(words) > 1:
            raise click.UsageError("--git takes one file or folder [default: the current folder]")
        path = words[0] if words else "."
        first, dots, second = revisions.partition("..")
        return Operand(path, first or "HEAD"), Operand(path, (second or "HEAD") if dots else None)
    if len(words) != 2:  # noqa: PLR2004 - A and B
        raise click.UsageError("give two sides to compare, A and B, or use --git")
    if words == ("-", "-"):
        raise click.UsageError("standard input cannot be both sides")
    return Operand(words[0]), Operand(words[1])


class ReadSide(NamedTuple):
    """A side as it was read: `broken` if a source or a value could not be used.

    `empty` if no source could be read that has statements.
    """

    side: Side
    findings: Sequence[Finding] = ()
    broken: bool = False
    empty: bool = False


def _read_both(
    operands: Sequence[Operand], request: ReadOptions, address: Address
) -> list[ReadSide]:
    """Read both sides and print the findings. Raises SourceError if a side cannot be read."""
    from kg.sources import nothing_read

    sides = [_read(operand, request, address) for operand in operands]
    findings = [finding for side in sides for finding in side.findings]
    print_findings(findings, quiet=request.quiet, verbose=request.verbose)
    for operand, side in zip(operands, sides, strict=True):
        if side.empty and (side.broken or not side.side.is_export):
            raise nothing_read([str(operand)])
    return sides


def _read(operand: Operand, request: ReadOptions, address: Address) -> ReadSide:
    """Return a side: the graphs of a store, or files as they are or at a revision."""
    from kg.sources import checkout_revision
    from kg.stores import is_store

    if is_store(operand.path):
        return _read_store(replace(address, location=operand.path), request)
    if operand.revision:
        with checkout_revision(operand.revision, operand.path) as (copy, sources):
            return _read_project(open_site(request, paths=[copy], sources=sources), request)
    return _read_project(open_site(request, paths=[operand.path]), request)


def _read_store(address: Address, request: ReadOptions) -> ReadSide:
    from kg.graph import Side
    from kg.stores import open_store, site_in_store, triples_of_site

    with closing(open_store(address, os.environ)) as store:
        site = site_in_store(store, request.base_iri)
        return ReadSide(Side(triples_of_site(store, site), site, is_export=True))


def _read_project(project: Project, request: ReadOptions) -> ReadSide:
    from kg.graph import Side
    from kg.sources import is_rdf

    graphs, _ = load_project(project, request)
    side = Side(set(graphs.triples()), project.site, is_export=is_rdf(project.sources[0]))
    return ReadSide(side, graphs.findings, graphs.has_violation, graphs.is_empty)


def _write(lines: Iterable[str], output: Path | None) -> None:
    text = "".join(lines)
    if output is None:
        click.echo(text, nl=False, color=color_choice())
        return
    with open_output(output) as stream:
        stream.write(text.encode())


def _colored(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield click.style(line[:-1], COLORS.get(line[0])) + "\n"
