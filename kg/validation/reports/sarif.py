"""The report as SARIF 2.1.0 has it, for code scanning. Sections named here are of that standard."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from kg import __version__
from kg.model.findings import Finding, Place, Rule, Severity
from kg.model.messages import printable, quoted, subject_of
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
    "A source or a value in it cannot be used.",
    "What it says is missing from the graph. The message says what is wrong with it.",
    Severity.VIOLATION,
)
_ROOT: Final = "SRCROOT"
_LINKED: Final = 10
"""Related places that a message links to; all are in `relatedLocations`."""


def render(report: Report) -> str:
    """Write the report as a log of one run."""
    rules = (*report.rules, _SOURCE_RULE)
    index = {one.name: number for number, one in enumerate(rules)}
    run = {
        "tool": {
            "driver": {
                "name": "kg",
                "version": __version__,
                "rules": [_rule(one) for one in rules],
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


def _rule(one: Rule) -> dict[str, Any]:
    description = one.description or one.message
    return {
        "id": one.name,
        "shortDescription": {"text": one.message},
        "fullDescription": {"text": description},
        "help": {"text": description, "markdown": f"**{one.message}**\n\n{description}"},
        "defaultConfiguration": {"level": _LEVELS[one.severity]},
    }


def _result(finding: Finding, index: Mapping[str, int]) -> dict[str, Any]:
    first, related = finding.places[:1], finding.places[1:]
    result: dict[str, Any] = {
        "ruleId": rule_of(finding),
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [_location(place) for place in first] or _logical(finding),
        "relatedLocations": [
            {"id": number, **_location(place), "message": {"text": _said(place)}}
            for number, place in enumerate(related, 1)
        ],
        "partialFingerprints": {"finding/v1": fingerprint(finding)},
    }
    if rule_of(finding) in index:
        result["ruleIndex"] = index[rule_of(finding)]
    return result


def _message(finding: Finding) -> str:
    """Write what is wrong, with links to the other places by their ids (3.11.6)."""
    linked = enumerate(finding.places[1 : 1 + _LINKED], 1)
    links = [f"[{_literal(_escaped(str(place)))}]({number})" for number, place in linked]
    more = f" See also {', '.join(links)}." if links else ""
    return _literal(sentences(finding)) + more


def _literal(words: str) -> str:
    """Keep a text from holding placeholders (3.11.5) and links (3.11.6)."""
    return words.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _escaped(words: str) -> str:
    return re.sub(r"([\\\[\]])", r"\\\1", printable(words))


def _said(place: Place) -> str:
    name = printable(place.name) or "the record"
    return _literal(name if place.value is None else f"{name}: {quoted(place.value)}")


def _location(place: Place) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(place.source.path)}
    if place.line:
        physical["region"] = {"startLine": place.line}
        if place.column:
            physical["region"]["startColumn"] = place.column
    return {"physicalLocation": physical}


def _artifact(path: str) -> dict[str, str]:
    """Name a file below the current folder by a relative URI, the same on every machine (3.4.4)."""
    inside = relative_path(path)
    if inside.startswith("../"):
        return {"uri": Path(os.path.abspath(path)).as_uri()}
    return {"uri": quote(os.fsencode(inside)), "uriBaseId": _ROOT}


def _logical(finding: Finding) -> list[dict[str, Any]]:
    """Name the node, where no file is known to speak of it (3.33)."""
    node = subject_of(finding)
    return [{"logicalLocations": [{"fullyQualifiedName": node}]}] if node else []
