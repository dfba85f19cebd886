"""The report as SARIF 2.1.0, for code scanning. Section numbers are of that standard."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from kg.model import (
    VERSION,
    Finding,
    Place,
    Rule,
    Severity,
    escape_unprintable,
    quote_value,
    subject_of,
)
from kg.validation.reports.report import (
    UNREADABLE,
    Report,
    fingerprint,
    relative_path,
    rule_of,
    sentences,
)

_LEVELS: Final = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_SOURCE_RULE: Final = Rule(
    UNREADABLE,
    "A source, or a value in it, cannot be used.",
    "It is missing from the graph. The message gives the reason.",
    Severity.VIOLATION,
)
_ROOT: Final = "SRCROOT"
_LINKED: Final = 10
"""The most related places that a message links to; `relatedLocations` has all of them."""


def render(report: Report) -> str:
    """Return the report as a log of one run."""
    rules = (*report.rules, _SOURCE_RULE)
    index = {rule.name: number for number, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "kg",
                "version": VERSION,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "invocations": [{"executionSuccessful": True, "exitCode": int(not report.conforms)}],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder kg was run in."}}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, index) for finding in report.findings],
    }
    log = {
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _rule(rule: Rule) -> dict[str, Any]:
    description = rule.description or rule.message
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.message},
        "fullDescription": {"text": description},
        "help": {"text": description, "markdown": f"**{rule.message}**\n\n{description}"},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, index: Mapping[str, int]) -> dict[str, Any]:
    first, related = finding.places[:1], finding.places[1:]
    result: dict[str, Any] = {
        "ruleId": rule_of(finding),
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [_location(place) for place in first] or _logical_locations(finding),
        "relatedLocations": [
            {"id": number, **_location(place), "message": {"text": _place_text(place)}}
            for number, place in enumerate(related, 1)
        ],
        "partialFingerprints": {"finding/v1": fingerprint(finding)},
    }
    if rule_of(finding) in index:
        result["ruleIndex"] = index[rule_of(finding)]
    return result


def _message(finding: Finding) -> str:
    """Return the problem as text, with links to the other places by their ids (3.11.6)."""
    linked = enumerate(finding.places[1 : 1 + _LINKED], 1)
    links = [f"[{_literal(_escaped(str(place)))}]({number})" for number, place in linked]
    more = f" See also {', '.join(links)}." if links else ""
    return _literal(sentences(finding)) + more


def _literal(text: str) -> str:
    """Return text without placeholders (3.11.5) and links (3.11.6)."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _escaped(text: str) -> str:
    return re.sub(r"([\\\[\]])", r"\\\1", escape_unprintable(text))


def _place_text(place: Place) -> str:
    name = escape_unprintable(place.name) or "the record"
    return _literal(name if place.value is None else f"{name}: {quote_value(place.value)}")


def _location(place: Place) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(place.source.path)}
    if place.line:
        physical["region"] = {"startLine": place.line}
        if place.column:
            physical["region"]["startColumn"] = place.column
    return {"physicalLocation": physical}


def _artifact(path: str) -> dict[str, str]:
    """Return a relative URI for a file below the current folder (3.4.4), else an absolute one."""
    inside = relative_path(path)
    if inside.startswith("../"):
        return {"uri": Path(os.path.abspath(path)).as_uri()}
    return {"uri": quote(os.fsencode(inside)), "uriBaseId": _ROOT}


def _logical_locations(finding: Finding) -> list[dict[str, Any]]:
    """Return the node as a logical location (3.33), for a finding without a place."""
    node = subject_of(finding)
    return [{"logicalLocations": [{"fullyQualifiedName": node}]}] if node else []
