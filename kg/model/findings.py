"""A finding about the data, its severity, and the places that caused it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from kg.model.records import FieldPath, Source, Term, field_name


class Severity(StrEnum):
    """SHACL's three severities, the most severe first."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """Return 0 for a violation, 2 for an info."""
        return list(Severity).index(self)


class Place(NamedTuple):
    """A field of a source. `line` and `column` count from 1, and are 0 until they are looked up.

    `value` is the field's value if the places of a finding differ in it.
    """

    source: Source
    field: FieldPath = ()
    document: int = 0
    line: int = 0
    column: int = 0
    value: str | None = None

    def __str__(self) -> str:
        """Return `path:line:column`, as compilers write it."""
        position = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.source.path}{position}"

    @property
    def name(self) -> str:
        """Return the field path as text; empty for the record itself."""
        return field_name(self.field)

    @property
    def sort_key(self) -> tuple[str, int, int, int, str]:
        """Return what sorts places by file, then by line."""
        return (self.source.path, self.document, self.line, self.column, self.name)


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of the data.

    A SHACL result also has its terms: `shape`, `focus` (the focus node), `term` (the value node),
    `component`, and `path`, which is `<p>` or `^<p>` as in SPARQL.
    """

    severity: Severity
    message: str
    places: tuple[Place, ...] = ()
    value: str | None = None
    expected: str | None = None
    shape: Term | None = None
    focus: Term | None = None
    path: str | None = None
    term: Term | None = None
    component: Term | None = None

    @property
    def field(self) -> str:
        """Return the field path at the first place as text; empty if there is none."""
        return self.places[0].name if self.places else ""

    @property
    def rule(self) -> str | None:
        """Return the short name of the shape; None if no shape caused the finding."""
        return None if self.shape is None else rule_name(self.shape)


def rule_name(shape: Term) -> str:
    """Return the short name of a shape: the part of its IRI after the last `#` or `/`.

    >>> rule_name("<https://example.org/kg/shapes#article-image>")
    'article-image'
    """
    return re.split(r"[#/]", shape[1:-1])[-1]


@dataclass(frozen=True, slots=True)
class Rule:
    """A shape that was validated: its short name, its message, and how to fix its findings."""

    name: str
    message: str
    description: str
    severity: Severity


def has_violation(findings: Iterable[Finding]) -> bool:
    """Whether a finding is a violation: a source or a value could not be used."""
    return first_violation(findings) is not None


def first_violation(findings: Iterable[Finding]) -> Finding | None:
    """Return the first violation among findings; None if there is none."""
    return next((one for one in findings if one.severity is Severity.VIOLATION), None)
