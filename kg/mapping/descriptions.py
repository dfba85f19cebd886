"""What a record says: as a tree, whose branches equal items share, and as lists with places."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from kg.model.findings import Finding, Place, Severity
from kg.model.records import FieldPath, Origin, Statement, Term


class Fate(StrEnum):
    """What became of a leaf of a record: exactly one of these."""

    MAPPED = "mapped"
    DERIVED = "derived"
    WITHHELD = "withheld"
    IGNORED = "ignored"
    UNKNOWN = "unknown"
    EMPTY = "empty"
    INVALID = "invalid"


class FieldNote(NamedTuple):
    """The fate of a field that made no statement of its own, and why."""

    field: FieldPath
    fate: Fate
    reason: str


@dataclass(frozen=True, slots=True)
class MappingResult:
    """What a record says, what is wrong with it, and what its other fields were for.

    `described` names the map used for each mapping in the record, by its path.
    """

    statements: list[Statement]
    findings: list[Finding]
    notes: list[FieldNote] = field(default_factory=list)
    described: list[tuple[FieldPath, str]] = field(default_factory=list)


class Description(NamedTuple):
    """What an item says, with places relative to it, so that equal items can share it.

    `parts` are statements, notes, what is wrong, and the descriptions of the items in it, in the
    order of the table. `faulty`: something is wrong, here or in an item inside.
    """

    name: str
    node: Term | None
    parts: list[Part]
    faulty: bool = False


class ValueFault(NamedTuple):
    """A finding before it is known in which source it is."""

    field: FieldPath
    message: str
    severity: Severity
    value: str | None


class Nested(NamedTuple):
    """The description of an item that stands in another."""

    field: FieldPath
    description: Description


Part: TypeAlias = tuple[Term, Term, Term, FieldPath] | FieldNote | ValueFault | Nested
"""A statement is a plain tuple here: there are many, and most are only written."""


def flatten(one: Description, around: FieldPath, origin: Origin, mapped: MappingResult) -> None:
    """Add what a description says to `mapped`, with its places in the record."""
    mapped.described.append((around, one.name))
    for part in one.parts:
        match part:
            case Nested(below, inner):
                flatten(inner, around + below, origin, mapped)
            case FieldNote(below, fate, reason):
                mapped.notes.append(FieldNote(around + below, fate, reason))
            case ValueFault(below, message, severity, value):
                where = Place(origin.source, around + below, origin.document)
                finding = Finding(severity, message, (where,), value=value)
                if finding not in mapped.findings:  # two rows may read one value
                    mapped.findings.append(finding)
            case (subject, predicate, term, below):
                mapped.statements.append(Statement(subject, predicate, term, around + below))


class MappedRecord(NamedTuple):
    """What a record says, and where it was read."""

    origin: Origin
    description: Description

    def statements(self) -> list[Statement]:
        """Return what it says, with the fields that say it."""
        mapped = MappingResult([], [])
        flatten(self.description, (), self.origin, mapped)
        return mapped.statements
