"""The report as JSON, with everything that is in it."""

from __future__ import annotations

import json
from typing import Any, Final

from kg.model import Finding, Place, Severity, place_members, subject_of
from kg.validation.reports.report import Report

VERSION: Final = 1
"""Version of the layout; increased when readers have to change."""


def render(report: Report) -> str:
    """Return the report as one JSON object."""
    document = {
        "version": VERSION,
        "conforms": report.conforms,
        "counts": {severity.value: report.count(severity) for severity in Severity},
        "known": report.known,
        "findings": [_finding(finding) for finding in report.findings],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _finding(finding: Finding) -> dict[str, Any]:
    members = {
        "severity": finding.severity.value,
        "rule": finding.rule,
        "message": finding.message,
        "value": finding.value,
        "expected": finding.expected,
        "focus": subject_of(finding) or None,
        "path": finding.path,
        "places": [_place(place) for place in finding.places],
    }
    return {key: value for key, value in members.items() if value is not None}


def _place(place: Place) -> dict[str, Any]:
    members = {key: member for key, member in place_members(place).items() if member}
    return members if place.value is None else {**members, "value": place.value}
