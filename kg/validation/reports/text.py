"""The report as lines like those of a compiler, and its summary."""

from __future__ import annotations

from kg.model import Severity, finding_line, format_count
from kg.validation.reports.report import Report


def render(report: Report) -> str:
    """Return a line for each finding, and one for each other place that disagrees."""
    return "".join(f"{finding_line(finding)}\n" for finding in report.findings)


def summary(report: Report) -> str:
    """Return the number of findings of each severity, in one line.

    >>> summary(Report((), (), known=2))
    'conforms: 0 violations, 0 warnings, 0 infos; 2 known'
    """
    counts = ", ".join(format_count(report.count(severity), severity) for severity in Severity)
    known = f"; {report.known:,} known" if report.known else ""
    return f"{'conforms' if report.conforms else 'does not conform'}: {counts}{known}"
