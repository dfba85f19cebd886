"""Reports of findings: text for people, formats for machines, and the SHACL report graph.

A format is a module with a `render`, and has its name in the two tables below.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path, PurePath
from typing import BinaryIO, Final, TypeAlias

from kg.model import FormatError, Site, find_format, format_of_path
from kg.validation.reports.report import Report, fingerprint
from kg.validation.reports.text import summary

__all__ = [
    "RENDERERS",
    "Render",
    "Report",
    "fingerprint",
    "pair_formats",
    "report_format_of_path",
    "summary",
    "write_report",
]

Render: TypeAlias = Callable[[Report], str]


def _renderer(name: str) -> Render:
    """Return the `render` of a module, which is loaded by the first report in that format."""

    def render(report: Report) -> str:
        text: str = import_module(f"kg.validation.reports.{name}").render(report)
        return text

    return render


RENDERERS: Final[Mapping[str, Render]] = {
    name: _renderer(name) for name in ("text", "json", "sarif", "junit", "markdown", "github")
}

_SUFFIXES: Final = {
    ".txt": "text",
    ".json": "json",
    ".sarif.json": "sarif",
    ".sarif": "sarif",
    ".xml": "junit",
    ".md": "markdown",
}


def report_format_of_path(path: str) -> str | None:
    """Return the format that the suffix of a file name stands for; None for no such suffix.

    >>> report_format_of_path("report.sarif.json"), report_format_of_path("junit.xml")
    ('sarif', 'junit')
    """
    suffixes = [suffix.lower() for suffix in PurePath(path).suffixes]
    return _SUFFIXES.get("".join(suffixes[-2:])) or _SUFFIXES.get("".join(suffixes[-1:]))


def pair_formats(paths: Sequence[Path], formats: Sequence[str]) -> list[tuple[Path, str]]:
    """Return each file to write with the name of its format, or of an RDF format.

    There is a format for each file, or one for all files whose suffix names no format; without
    any, such a file is text. Raises FormatError for an unknown format and for an unclear one.
    """
    for name in formats:
        _check_format(name)
    if len(formats) == len(paths):
        return list(zip(paths, formats, strict=True))
    if len(formats) > 1:
        raise FormatError("give one --format for each --output, in the same order")
    by_suffix = [_format_of_suffix(path) for path in paths]
    if formats and None not in by_suffix:
        raise FormatError(f"--format {formats[0]}: the suffix of every file names another format")
    return [
        (path, name or _default_format(path, formats))
        for path, name in zip(paths, by_suffix, strict=True)
    ]


def _check_format(name: str) -> None:
    if name not in RENDERERS:
        try:
            find_format(name)
        except FormatError as error:
            raise FormatError(
                f"unknown format: {name!r}; one of {', '.join(RENDERERS)}, or an RDF format"
            ) from error


def _format_of_suffix(path: Path) -> str | None:
    rdf = None if path.suffix == ".gz" else format_of_path(str(path))
    return report_format_of_path(str(path)) or (rdf.name if rdf else None)


def _default_format(path: Path, formats: Iterable[str]) -> str:
    for name in formats:
        return name
    if path.suffix:
        raise FormatError(f"{path}: its suffix names no format; give one with --format")
    return "text"


def write_report(report: Report, name: str, site: Site, stream: BinaryIO) -> None:
    """Write a report in a format: one of `RENDERERS`, or an RDF format for the SHACL report."""
    if name in RENDERERS:
        stream.write(RENDERERS[name](report).encode(errors="backslashreplace"))
        return
    from kg.validation.reports.shacl import shacl_report
    from kg.writers import write_dataset

    dataset = {site.iri("report"): shacl_report(report, site)}
    write_dataset(dataset, find_format(name), site, stream)
