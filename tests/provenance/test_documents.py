"""Documents and text of explanations, fields and repairs."""

from __future__ import annotations

from typing import Final

import pytest

from kg.mapping.descriptions import Fate
from kg.model.findings import Finding, Place, Severity
from kg.model.records import Source
from kg.provenance.accounts import FieldSummary
from kg.provenance.documents import (
    FIELD_COLUMNS,
    explanation_document,
    explanation_lines,
    fates_line,
    field_rows,
    fields_document,
    repairs_document,
    repairs_line,
)
from kg.provenance.explain import Explanation, Reason
from kg.provenance.repairs import RepairedSource

SOURCE: Final = Source("site/a.md", "a.md")
TITLE: Final = Place(SOURCE, ("title",), line=2, column=8)
EXPLANATIONS: Final = [
    Explanation(("<x:a>", "<x:p>", '"A"'), (Reason(TITLE, "work: title is p", "title: A"),)),
    Explanation(("<x:a>", "<x:q>", '"B"'), (Reason(TITLE, "work: title is q", None),), True),
    Explanation(("<x:b>", "<x:p>", '"C"'), (Reason(Place(SOURCE), "a constant", None),)),
]
SUMMARIES: Final = [
    FieldSummary("name", Fate.UNKNOWN, {"why": None}, 1, {"a.md"}, "two\n lines"),
    FieldSummary("title", Fate.MAPPED, {"x:p": None, "x:q": None}, 1200, {"a", "b"}, "A" * 41),
]


def finding(severity: Severity, message: str = "entities") -> Finding:
    return Finding(severity, message, (TITLE,), "A &amp; B", "A & B")


def repaired(
    repairs: int = 0, left: int = 0, severity: Severity = Severity.WARNING
) -> RepairedSource:
    return RepairedSource(
        SOURCE,
        repairs=(finding(Severity.INFO),) * repairs,
        left=(finding(severity, "not repaired"),) * left,
    )


def test_a_text_has_each_subject_once_with_its_statements_and_reasons() -> None:
    lines = explanation_lines(EXPLANATIONS, str.upper, heading=str.title, warning=str.swapcase)
    expected = [
        "X:A",
        '  <X:P> "A"',
        "    site/a.md:2:8: title: work: title is p",
        "      2 | title: A",
        '  <X:Q> "B"  (DISPUTED)',
        "    site/a.md:2:8: title: work: title is q",
        "X:B",
        '  <X:P> "C"',
        "    site/a.md: a constant",
    ]
    assert expected == list(lines)


def test_a_document_has_each_statement_with_its_reasons() -> None:
    document = explanation_document(EXPLANATIONS)
    assert [False, True, False] == [one["disputed"] for one in document["statements"]]
    reason = {"file": "site/a.md", "line": 2, "column": 8, "field": "title"}
    reason |= {"rule": "work: title is p", "text": "title: A"}
    expected = {"subject": "<x:a>", "predicate": "<x:p>", "object": '"A"', "disputed": False}
    assert {**expected, "reasons": [reason]} == document["statements"][0]


def test_fields_are_rows_with_short_examples() -> None:
    rows = field_rows(SUMMARIES)
    assert ("name", "unknown", "why", "1", "1", "two lines") == rows[0]
    assert ("title", "mapped", "x:p, x:q", "1200", "2", "A" * 39 + "…") == rows[1]
    assert {len(FIELD_COLUMNS)} == set(map(len, rows))


def test_fields_are_a_document_with_whole_examples() -> None:
    document = fields_document(SUMMARIES)
    assert ["two\n lines", "A" * 41] == [row["example"] for row in document["fields"]]
    assert (1200, 1, 0) == tuple(
        document["totals"][fate] for fate in ("mapped", "unknown", "empty")
    )


def test_fates_are_counted_in_one_line() -> None:
    assert "1,201 values: 1,200 mapped, 1 unknown" == fates_line(SUMMARIES)


@pytest.mark.parametrize(
    ("expected", "written", "sources"),
    [
        ("nothing to fix in 1 file", False, [repaired()]),
        ("1 repair in 1 file; --write makes it", False, [repaired(1), repaired()]),
        ("3 repairs in 2 files; --write makes them", False, [repaired(1), repaired(2)]),
        ("1 repair in 1 file written; 2 values left to fix by hand", True, [repaired(1, 2)]),
        ("nothing to fix in 1 file", True, [repaired(left=1, severity=Severity.INFO)]),
    ],
)
def test_repairs_are_counted_in_one_line(
    expected: str, written: bool, sources: list[RepairedSource]
) -> None:
    assert expected == repairs_line(sources, written=written)


def test_repairs_are_a_document() -> None:
    source = RepairedSource(
        SOURCE,
        repairs=(finding(Severity.INFO),),
        left=(Finding(Severity.VIOLATION, "not YAML", (Place(SOURCE),)),),
    )
    place = {"file": "site/a.md", "line": 2, "column": 8, "field": "title"}
    assert {
        "version": 1,
        "written": True,
        "repairs": [{**place, "rule": "entities", "before": "A &amp; B", "after": "A & B"}],
        "left": [
            {"file": "site/a.md", "line": None, "column": None, "field": None}
            | {"message": "not YAML", "value": None}
        ],
    } == repairs_document([source], written=True)
