"""The report as Markdown, with a table for each severity: for build summaries and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kg.model import Finding, Severity, escape_unprintable, shorten, subject_of, value_of
from kg.validation.reports.report import Report, rule_of
from kg.validation.reports.text import summary

_MARKUP = re.compile(r"([\\`*_\[\]<>|~&])")
_PLACES = 3


def render(report: Report) -> str:
    """Return the summary, then the findings, the gravest first."""
    return "".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield f"# Validation\n\nThe graph {summary(report)}.\n"
    for severity in Severity:
        findings = [finding for finding in report.findings if finding.severity is severity]
        if not findings:
            continue
        yield f"\n## {severity.value.capitalize()}s\n\n"
        yield "| place | field | finding | value | rule |\n|---|---|---|---|---|\n"
        for finding in findings:
            yield f"| {' | '.join(_cells(finding))} |\n"


def _cells(finding: Finding) -> Iterator[str]:
    places = [str(place) for place in finding.places[:_PLACES]] or [subject_of(finding)]
    yield "<br>".join(_code(place) for place in places)
    yield _code(finding.field)
    yield _MARKUP.sub(r"\\\1", escape_unprintable(finding.message))
    yield _code(shorten(value_of(finding) or ""))
    yield _code(rule_of(finding))


def _code(text: str) -> str:
    """Return a code span of the text, fenced by more backticks than it contains.

    A cell ends at any `|` that has no backslash, in code too (GFM, section 4.10).
    """
    shown = escape_unprintable(text).strip()
    if not shown:
        return ""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    shown = re.sub(r"(\\*)\|", lambda match: match[1] * 2 + "\\|", shown)
    return f"{fence}{pad}{shown}{pad}{fence}"
