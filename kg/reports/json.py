"""The report as JSON, complete."""

from __future__ import annotations

import json
from typing import Any, Final

from kg.findings import Finding, Place, Severity
from kg.reports.report import Report, subject

VERSION: Final = 1
"""Of the layout; raised when a reader would have to change."""


def render(report: Report) -> str:
    """Write the report as one JSON object."""
    document = {
        "version": VERSION,
        "conforms": report.conforms,
        "counts": {severity.value: report.count(severity) for severity in Severity},
        "known": report.known,
        "findings": [_finding(finding) for finding in report.findings],
    }
    return _indented(document, "\n") + "\n"


_quoted: Final = json.JSONEncoder(ensure_ascii=False).encode


def _indented(value: Any, lead: str) -> str:
    """Write a value as `json.dumps` does with `indent=2`, which takes three times as long."""
    if isinstance(value, str):
        return _quoted(value)
    within = f"{lead}  "
    if isinstance(value, dict):
        said = [f"{_quoted(key)}: {_indented(inner, within)}" for key, inner in value.items()]
        return f"{{{within}{f',{within}'.join(said)}{lead}}}" if said else "{}"
    if isinstance(value, list):
        said = [_indented(inner, within) for inner in value]
        return f"[{within}{f',{within}'.join(said)}{lead}]" if said else "[]"
    return repr(value) if type(value) is int else json.dumps(value)


def _finding(finding: Finding) -> dict[str, Any]:
    said = {
        "severity": finding.severity.value,
        "rule": finding.rule,
        "message": finding.message,
        "value": finding.value,
        "expected": finding.expected,
        "focus": subject(finding) or None,
        "path": finding.path,
        "places": [_place(place) for place in finding.places],
    }
    return {key: value for key, value in said.items() if value is not None}


def _place(place: Place) -> dict[str, Any]:
    said = {
        "file": place.source.path,
        "line": place.line or None,
        "column": place.column or None,
        "field": place.name or None,
        "value": place.value,
    }
    return {key: value for key, value in said.items() if value is not None}
