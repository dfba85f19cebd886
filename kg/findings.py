"""What kg has to say about the data: a finding, its severity, and the places that caused it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kg.records import FieldPath, Source, Term, spell


class Severity(StrEnum):
    """SHACL's three severities, the gravest first."""

    VIOLATION = "violation"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for a violation, 2 for an info."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Place:
    """A field of a source. `line` and `column` count from 1 and are 0 until somebody looked them up."""

    source: Source
    field: FieldPath = ()
    document: int = 0
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """`path:line:column`, as compilers write it."""
        position = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.source.path}{position}"

    @property
    def sort_key(self) -> tuple[str, int, int, str]:
        """By file, then down the file."""
        return (self.source.path, self.line, self.column, spell(self.field))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend. `shape` and `focus` are set when a SHACL shape found it."""

    severity: Severity
    message: str
    places: tuple[Place, ...] = ()
    value: str | None = None
    expected: str | None = None
    shape: str | None = None
    focus: Term | None = None
    path: Term | None = None
    component: Term | None = None

    @property
    def field(self) -> str:
        """The field at the first place, spelled out; empty when there is none."""
        return spell(self.places[0].field) if self.places else ""
