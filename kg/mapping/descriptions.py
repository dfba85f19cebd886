"""The statements of a record: as a tree whose branches equal items share, and as lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from kg.model import FieldPath, Finding, Origin, Place, Record, Severity, Statement, Term


class Fate(StrEnum):
    """What happened to a leaf of a record: exactly one of these."""

    MAPPED = "mapped"
    DERIVED = "derived"
    WITHHELD = "withheld"
    IGNORED = "ignored"
    UNKNOWN = "unknown"
    EMPTY = "empty"
    INVALID = "invalid"


RelativeStatement: TypeAlias = tuple[Term, Term, Term, FieldPath]
"""A statement with its field relative to the item. A plain tuple, because most are only written."""


class FieldNote(NamedTuple):
    """The fate of a field that made no statement of its own, and why."""

    field: FieldPath
    fate: Fate
    reason: str


class ValueFault(NamedTuple):
    """A finding without its source."""

    field: FieldPath
    message: str
    severity: Severity
    value: str | None


class Nested(NamedTuple):
    """The description of an item inside another."""

    field: FieldPath
    description: Description


class Description(NamedTuple):
    """The statements of an item, with places relative to it, so that equal items can share them.

    `name` is the triples map, `node` the subject, None if the item makes no node. `nested` are the
    items inside; `faults` are those of the item and of all items inside.
    """

    name: str
    node: Term | None
    statements: list[RelativeStatement]
    nested: list[Nested]
    notes: list[FieldNote]
    faults: list[ValueFault]

    @property
    def states_anything(self) -> bool:
        """Whether the item, or one inside it, makes a statement."""
        return bool(self.statements) or any(
            inner.description.states_anything for inner in self.nested
        )

    def walk(
        self, around: FieldPath = (), seen: set[int] | None = None
    ) -> Iterator[tuple[FieldPath, Description]]:
        """Yield this description and then those inside, each with the place of its item.

        `seen` holds the identities of descriptions to skip; those that are yielded are added.
        """
        if seen is not None:
            if id(self) in seen:
                return
            seen.add(id(self))
        yield around, self
        for path, description in self.nested:
            yield from description.walk(around + path, seen)

    def placed_statements(self, around: FieldPath = ()) -> Iterator[Statement]:
        """Yield the statements of the items inside and then those of this item, with places."""
        for path, description in self.nested:
            yield from description.placed_statements(around + path)
        for subject, predicate, term, path in self.statements:
            yield Statement(subject, predicate, term, around + path)

    def findings(self, origin: Origin) -> list[Finding]:
        """Return the faults as findings in a record, each once: two rows may read one value."""
        findings = {
            Finding(
                severity, message, (Place(origin.source, path, origin.document),), value=value
            ): None
            for path, message, severity, value in self.faults
        }
        return list(findings)


@dataclass(frozen=True, slots=True)
class MappingResult:
    """The statements and findings of a record, and the notes about its other fields.

    `described` has the path of each item in the record with the name of its map.
    """

    statements: list[Statement] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: list[FieldNote] = field(default_factory=list)
    described: list[tuple[FieldPath, str]] = field(default_factory=list)


class MappedRecord(NamedTuple):
    """A record and its description."""

    record: Record
    description: Description

    def statements(self) -> Iterator[Statement]:
        """Yield the statements with the fields that make them."""
        return self.description.placed_statements()

    def findings(self) -> list[Finding]:
        """Return the findings about the values of the record."""
        return self.description.findings(self.record.origin) if self.description.faults else []

    def result(self) -> MappingResult:
        """Return all of it as lists, with places in the record."""
        result = MappingResult([*self.statements()], self.findings())
        for around, description in self.description.walk():
            result.described.append((around, description.name))
            result.notes.extend(
                note._replace(field=around + note.field) for note in description.notes
            )
        return result

    def without_fields(self) -> MappedRecord:
        """Return the same without the values of the record."""
        return MappedRecord(Record({}, self.record.origin), self.description)
