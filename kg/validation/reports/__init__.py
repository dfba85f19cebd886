"""Findings to text: for people, for machines, and as the SHACL report itself.

A format is a module with a `render`, and is named in the two tables below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import PurePath
from typing import Final, TypeAlias

from kg.validation.reports.report import Report, fingerprint
from kg.validation.reports.text import summary

__all__ = [
    "RENDERERS",
    "Render",
    "Report",
    "fingerprint",
    "of_path",
    "summary",
]

Render: TypeAlias = Callable[[Report], str]


def _rendering(form: str) -> Render:
    """Return the `render` of a module, which is loaded by the first report in that format."""

    def render(report: Report) -> str:
        text: str = import_module(f"kg.validation.reports.{form}").render(report)
        return text

    return render


RENDERERS: Final[Mapping[str, Render]] = {
    form: _rendering(form) for form in ("text", "json", "sarif", "junit", "markdown", "github")
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
    """Return the format a file name stands for; None when its suffix says nothing here.

    >>> of_path("report.sarif.json"), of_path("junit.xml"), of_path("report")
    ('sarif', 'junit', None)
    """
    suffixes = [suffix.lower() for suffix in PurePath(path).suffixes]
    return _SUFFIXES.get("".join(suffixes[-2:])) or _SUFFIXES.get("".join(suffixes[-1:]))
