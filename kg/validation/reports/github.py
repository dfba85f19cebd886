"""Findings as workflow commands of GitHub, which shows them as annotations of the files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from kg.model import Finding, Severity, escape_unprintable, other_places
from kg.validation.reports.report import Report, relative_path, rule_of, sentences

_COMMANDS: Final = {
    Severity.VIOLATION: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}


def render(report: Report) -> str:
    """Return a command for each finding; paths are relative to the current folder."""
    return "".join(f"{_command(finding)}\n" for finding in report.findings)


def _command(finding: Finding) -> str:
    properties = ",".join(f"{key}={_property(value)}" for key, value in _properties(finding))
    message = "\n".join((sentences(finding), *other_places(finding)))
    return f"::{_COMMANDS[finding.severity]} {properties}::{_data(message)}"


def _properties(finding: Finding) -> Iterator[tuple[str, str]]:
    for place in finding.places[:1]:
        yield "file", relative_path(place.source.path)
        if place.line:
            yield "line", str(place.line)
        if place.column:
            yield "col", str(place.column)
    yield "title", escape_unprintable(rule_of(finding))


def _data(text: str) -> str:
    return re.sub(r"[%\r\n]", _escape, text)


def _property(text: str) -> str:
    return re.sub(r"[%\r\n:,]", _escape, text)


def _escape(match: re.Match[str]) -> str:
    return f"%{ord(match[0]):02X}"
