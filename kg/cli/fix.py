"""`kg fix`: mechanical repairs of sources, shown as a diff or written."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kg.cli import options
from kg.cli.console import print_findings, print_notice, show_progress
from kg.cli.output import open_output
from kg.model import format_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.provenance import RepairedSource


@click.command()
@options.SOURCES
@click.option(
    "--write/--dry-run",
    default=False,
    help="Write the repaired files, or only show a diff, which git apply and patch -p1 take "
    "[default: --dry-run].",
)
@options.JSON
@options.QUIET
@options.VERBOSE
@options.COLOR
def fix(sources: tuple[str, ...], write: bool, as_json: bool, quiet: bool, verbose: bool) -> int:
    """Fix common mistakes in front matter (HTML entities, stray spaces, bad dates and URLs).

    Shows a diff; --write applies it. Invisible characters are removed as well, and a date is
    written as RDF has it if it stays the same date. Only values that the mapping reads are
    repaired; every other byte stays. Withheld values are neither repaired nor shown.
    """
    from kg.provenance import repairs_document, repairs_line

    repaired_sources = _repair(sources, quiet=quiet)
    findings = (finding for source in repaired_sources for finding in source.findings)
    print_findings(findings, quiet=quiet, verbose=verbose)
    if all(source.is_unreadable for source in repaired_sources):
        from kg.sources import nothing_read

        raise nothing_read(sources or (".",))
    if write:
        _write(repaired_sources)
    elif not as_json:
        _show(repaired_sources, quiet=quiet)
    if as_json:
        document = repairs_document(repaired_sources, written=write)
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    print_notice(repairs_line(repaired_sources, written=write), quiet=quiet)
    unrepaired = any(source.is_unreadable or source.to_fix_by_hand for source in repaired_sources)
    return int(unrepaired or (not write and any(source.repairs for source in repaired_sources)))


def _repair(paths: tuple[str, ...], *, quiet: bool) -> list[RepairedSource]:
    from kg.mapping import open_project
    from kg.provenance import repair_sources

    if "-" in paths:
        raise click.UsageError("kg fix repairs files in place; it cannot read standard input")
    project = open_project(paths or (".",))
    repaired_sources = repair_sources(project.sources, project.mapper)
    return list(show_progress(repaired_sources, len(project.sources), quiet=quiet))


def _write(repaired_sources: Sequence[RepairedSource]) -> None:
    for source in repaired_sources:
        if source.repairs:
            with open_output(Path(source.source.path)) as stream:
                stream.write(source.after.encode())


def _show(repaired_sources: Sequence[RepairedSource], *, quiet: bool) -> None:
    from kg.provenance import patch_of

    patches = [
        (source.source.path, patch_of(source, Path(os.path.relpath(source.source.path)).as_posix()))
        for source in repaired_sources
        if source.repairs
    ]
    with open_output(None) as stream:
        stream.write("".join(patch.text for _, patch in patches).encode())
    for path, patch in patches:
        if patch.unshown:
            changes = format_count(patch.unshown, "change")
            print_notice(f"{path}: {changes} not shown: a withheld value is on the same line")
    if any(patch.needs_unidiff_zero for _, patch in patches):
        print_notice(
            "notice: a line below a change is withheld: apply the diff with git apply "
            "--unidiff-zero",
            quiet=quiet,
        )
