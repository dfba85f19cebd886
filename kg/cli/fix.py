"""`kg fix`: mechanical repairs of the sources, shown or made."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg.cli import options
from kg.cli.console import print_findings, print_notice, show_progress
from kg.cli.output import open_output
from kg.model.errors import SourceError
from kg.model.findings import Severity
from kg.model.messages import format_count, place_members

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.model.findings import Finding
    from kg.provenance.repairs import RepairedSource


@click.command()
@options.SOURCES
@click.option(
    "--write/--dry-run",
    default=False,
    help="Mend the files, or only show how: as a diff that git apply and patch -p1 take "
    "[default: --dry-run].",
)
@options.JSON
@options.QUIET
@options.VERBOSE
@options.COLOR
def fix(sources: tuple[str, ...], write: bool, as_json: bool, quiet: bool, verbose: bool) -> int:
    """Mend what is written in a way that nobody meant, in place; every other byte stays.

    In texts, entities are unescaped, and invisible characters and the white space around them
    go; URLs become legal; a date takes the form of RDF if it means the same. Only fields that
    the mapping reads are touched. What is withheld is neither touched nor shown.
    """
    done = _repaired(sources, quiet=quiet)
    print_findings(_findings(done), quiet=quiet, verbose=verbose)
    if all(one.count(Severity.VIOLATION) for one in done):
        raise SourceError(f"nothing could be read from {' '.join(sources or ('.',))}")
    mended = [one for one in done if one.repairs]
    if write:
        _write(mended)
    elif not as_json:
        _show(mended, quiet=quiet)
    if as_json:
        click.echo(_json(done, written=write), nl=False)
    print_notice(_summary(done, mended, written=write), quiet=quiet)
    unsettled = any(one.count(Severity.VIOLATION) or one.count(Severity.WARNING) for one in done)
    return int(unsettled or bool(mended and not write))


def _repaired(paths: tuple[str, ...], *, quiet: bool) -> list[RepairedSource]:
    from kg.mapping.project import open_project
    from kg.provenance.repairs import repair_sources

    if "-" in paths:
        raise click.UsageError("kg fix mends files in place, and standard input is none")
    paths = paths or (".",)
    project = open_project(paths)
    found, using = project.sources, project.mapper
    return list(show_progress(repair_sources(found, using), len(found), quiet=quiet))


def _findings(done: list[RepairedSource]) -> Iterator[Finding]:
    """Yield what was left and what was mended; the diff shows into what."""
    for one in done:
        yield from one.left
        yield from (replace(finding, expected=None) for finding in one.repairs)


def _write(mended: list[RepairedSource]) -> None:
    for one in mended:
        with open_output(Path(one.source.path)) as stream:
            stream.write(one.after.encode())


def _show(mended: list[RepairedSource], *, quiet: bool) -> None:
    from kg.provenance.repairs import patch_of

    shown = [
        (one.source.path, patch_of(one, Path(os.path.relpath(one.source.path)).as_posix()))
        for one in mended
    ]
    with open_output(None) as stream:
        stream.write("".join(patch.text for _, patch in shown).encode())
    for path, patch in shown:
        if patch.unshown:
            changes = format_count(patch.unshown, "change")
            print_notice(f"{path}: {changes} not shown: something withheld stands on the same line")
    if any(patch.bare for _, patch in shown):
        print_notice(
            "notice: a line below a change is withheld: git apply wants --unidiff-zero", quiet=quiet
        )


def _summary(done: list[RepairedSource], mended: list[RepairedSource], *, written: bool) -> str:
    said = []
    if mended:
        number = sum(len(one.repairs) for one in mended)
        hint = " written" if written else f"; --write makes {'it' if number == 1 else 'them'}"
        said.append(
            f"{format_count(number, 'repair')} in {format_count(len(mended), 'file')}{hint}"
        )
    left = sum(one.count(Severity.WARNING) for one in done)
    if left:
        said.append(f"{format_count(left, 'value')} left to mend by hand")
    return "; ".join(said) or f"nothing to mend in {format_count(len(done), 'file')}"


def _json(done: list[RepairedSource], *, written: bool) -> str:
    said = {
        "version": 1,
        "written": written,
        "repairs": [
            {**_place(one), "rule": one.message, "before": one.value, "after": one.expected}
            for source in done
            for one in source.repairs
        ],
        "left": [
            {**_place(one), "message": one.message, "value": one.value}
            for source in done
            for one in source.left
        ],
    }
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def _place(finding: Finding) -> dict[str, Any]:
    return {key: member or None for key, member in place_members(finding.places[0]).items()}
