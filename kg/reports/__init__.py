"""Findings to text: for people, for machines, and as the SHACL report itself.

A format is a module with a `render`, and a line in the two tables below.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Final, TypeAlias

from kg.reports import github, json, junit, markdown, sarif, text
from kg.reports.report import Report, fingerprint
from kg.reports.results import shacl
from kg.reports.text import counted, line, summary

__all__ = [
    "RENDERERS",
    "Render",
    "Report",
    "counted",
    "fingerprint",
    "line",
    "of_path",
    "shacl",
    "summary",
]

Render: TypeAlias = Callable[[Report], str]

RENDERERS: Final[Mapping[str, Render]] = {
    "text": text.render,
    "json": json.render,
    "sarif": sarif.render,
    "junit": junit.render,
    "markdown": markdown.render,
    "github": github.render,
}

_SUFFIXES: Final = {
    ".txt": "text",
    ".json": "json",
    ".sarif.json": "sarif",
    ".sarif": "sarif",
    ".xml": "junit",
    ".md": "markdown",
}


def of_path(path: str) -> str | None:
    """Return the format a file name stands for; None when its suffix says nothing here.

    >>> of_path("report.sarif.json"), of_path("junit.xml"), of_path("report")
    ('sarif', 'junit', None)
    """
    suffixes = [suffix.lower() for suffix in PurePath(path).suffixes]
    return _SUFFIXES.get("".join(suffixes[-2:])) or _SUFFIXES.get("".join(suffixes[-1:]))
