"""Findings as a compiler writes them, one a line, and the summary."""

from __future__ import annotations

from collections.abc import Iterator

from kg.model.findings import Finding, Place, Severity
from kg.validation.reports.report import (
    Report,
    disagree,
    expects,
    printable,
    quoted,
    subject,
    value,
)


def render(report: Report) -> str:
    """Write every finding."""
    return "".join(f"{line(finding)}\n" for finding in report.findings)


def line(finding: Finding) -> str:
    """Write a finding as a compiler would, with a line for each place that disagrees.

    `path:line:column: field: message: 'value'`; the severity is said unless it is a violation of no
    shape, and what a shape found has its name.
    """
    first = finding.places[0] if finding.places else None
    where = str(first) if first else subject(finding)
    parts = [where] if where else []
    plain = finding.shape is None and finding.severity is Severity.VIOLATION
    parts += [] if plain else [finding.severity.value]
    parts += [first.name] if first and first.name else []
    parts += [subject(finding)] if first and not first.line and finding.focus else []
    wrong = value(finding)
    parts += [finding.message] if wrong is None else [finding.message.rstrip("."), quoted(wrong)]
    text = ": ".join(parts)
    text += f" (expected {finding.expected})" if expects(finding) else ""
    text += f" [{finding.rule}]" if finding.rule else ""
    return printable(text) + "".join(f"\n    {other}" for other in others(finding))


def others(finding: Finding) -> Iterator[str]:
    """Yield a line for each other place that disagrees, or one for all that say the same."""
    rest = finding.places[1:]
    if disagree(finding):
        for place in rest:
            yield _joined(place, quoted(place.value or ""))
    elif rest:
        more = f" and {len(rest) - 1} more" if len(rest) > 1 else ""
        yield f"also {_joined(rest[0])}{more}"


def _joined(place: Place, *more: str) -> str:
    return printable(": ".join(part for part in (str(place), place.name, *more) if part))


def counted(number: int, noun: str) -> str:
    """Write a number with its noun.

    >>> counted(1, "file"), counted(1292, "file")
    ('1 file', '1,292 files')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def summary(report: Report) -> str:
    """Say in one line how many findings there are.

    >>> summary(Report((), (), known=2))
    'conforms: 0 violations, 0 warnings, 0 infos; 2 known'
    """
    counts = ", ".join(counted(report.count(severity), severity) for severity in Severity)
    known = f"; {report.known:,} known" if report.known else ""
    return f"{'conforms' if report.conforms else 'does not conform'}: {counts}{known}"
