"""Explanations, fields and repairs as JSON documents and as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from kg.model import Finding, Term, format_count, place_members
from kg.provenance.accounts import FieldSummary, count_fates
from kg.provenance.explain import Explanation, Reason
from kg.provenance.repairs import RepairedSource

# ---- explanations


def explanation_document(explanations: Iterable[Explanation]) -> dict[str, Any]:
    """Return explanations as a JSON document."""
    statements = [
        {
            "subject": explanation.triple[0],
            "predicate": explanation.triple[1],
            "object": explanation.triple[2],
            "disputed": explanation.disputed,
            "reasons": [
                {**place_members(reason.place), "rule": reason.rule, "text": reason.text}
                for reason in explanation.reasons
            ],
        }
        for explanation in explanations
    ]
    return {"version": 1, "statements": statements}


def explanation_lines(
    explanations: Iterable[Explanation],
    shorten: Callable[[Term], str],
    *,
    heading: Callable[[str], str] = str,
    warning: Callable[[str], str] = str,
) -> Iterator[str]:
    """Yield the lines of a text: each subject, its statements, and their reasons.

    `shorten` writes a predicate or an object; `heading` and `warning` style a text.
    """
    for subject, about in groupby(explanations, key=lambda explanation: explanation.triple[0]):
        yield heading(subject[1:-1])
        for explanation in about:
            _, predicate, term = explanation.triple
            dispute = warning("  (disputed)") if explanation.disputed else ""
            yield f"  {shorten(predicate)} {shorten(term)}{dispute}"
            for reason in explanation.reasons:
                yield from _reason_lines(reason)


def _reason_lines(reason: Reason) -> Iterator[str]:
    place = reason.place
    yield f"    {place}: {f'{place.name}: ' if place.name else ''}{reason.rule}"
    if reason.text is not None:
        yield f"      {place.line} | {reason.text}"


# ---- fields


FIELD_COLUMNS = ("field", "fate", "property or reason", "count", "files", "example")
_EXAMPLE_WIDTH = 40


def field_rows(summaries: Iterable[FieldSummary]) -> list[tuple[str, ...]]:
    """Return the rows of a table, whose columns are `FIELD_COLUMNS`; long examples are cut."""
    return [
        (
            summary.name,
            summary.fate.value,
            ", ".join(summary.meanings),
            str(summary.count),
            str(len(summary.files)),
            _short(summary.example or ""),
        )
        for summary in summaries
    ]


def _short(example: str) -> str:
    text = " ".join(example.split())
    return text if len(text) <= _EXAMPLE_WIDTH else f"{text[: _EXAMPLE_WIDTH - 1]}…"


def fields_document(summaries: Sequence[FieldSummary]) -> dict[str, Any]:
    """Return the summaries of fields as a JSON document."""
    rows = [
        {
            "field": summary.name,
            "fate": summary.fate.value,
            "meanings": list(summary.meanings),
            "count": summary.count,
            "files": len(summary.files),
            "example": summary.example,
        }
        for summary in summaries
    ]
    return {"version": 1, "totals": count_fates(summaries), "fields": rows}


def fates_line(summaries: Iterable[FieldSummary]) -> str:
    """Return the number of values, and of those with each fate, as one line."""
    totals = count_fates(summaries)
    fates = ", ".join(f"{number:,} {fate}" for fate, number in totals.items() if number)
    return f"{format_count(sum(totals.values()), 'value')}: {fates}"


# ---- repairs


def repairs_document(sources: Sequence[RepairedSource], *, written: bool) -> dict[str, Any]:
    """Return what was repaired and what was left as a JSON document."""
    repairs = [
        {
            **_place_or_none(repair),
            "rule": repair.message,
            "before": repair.value,
            "after": repair.expected,
        }
        for source in sources
        for repair in source.repairs
    ]
    left = [
        {**_place_or_none(finding), "message": finding.message, "value": finding.value}
        for source in sources
        for finding in source.left
    ]
    return {"version": 1, "written": written, "repairs": repairs, "left": left}


def _place_or_none(finding: Finding) -> dict[str, Any]:
    """Return the place of a finding as members of a JSON object; None for what is unknown."""
    return {key: value or None for key, value in place_members(finding.places[0]).items()}


def repairs_line(sources: Sequence[RepairedSource], *, written: bool) -> str:
    """Return how many repairs were made, or can be made, and how many values were left."""
    repairs = sum(len(source.repairs) for source in sources)
    files = sum(bool(source.repairs) for source in sources)
    left = sum(source.to_fix_by_hand for source in sources)
    parts = []
    if repairs:
        hint = " written" if written else f"; --write makes {'it' if repairs == 1 else 'them'}"
        parts.append(f"{format_count(repairs, 'repair')} in {format_count(files, 'file')}{hint}")
    if left:
        parts.append(f"{format_count(left, 'value')} left to fix by hand")
    return "; ".join(parts) or f"nothing to fix in {format_count(len(sources), 'file')}"
