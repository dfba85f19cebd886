"""What a record says: as a tree, whose branches equal items share, and as lists with places."""

from __future__ import annotations

from collections import deque
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


class Note(NamedTuple):
    """The fate of a field that made no statement of its own, and why."""

    field: FieldPath
    fate: Fate
    reason: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a record says, what is wrong with it, and what its other fields were for.

    `described` names the map used for each mapping in the record, by its path.
    """

    statements: list[Statement]
    findings: list[Finding]
    notes: list[Note] = field(default_factory=list)
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


class Wrong(NamedTuple):
    """A finding before it is known in which source it is."""

    field: FieldPath
    message: str
    severity: Severity
    value: str | None


class Inside(NamedTuple):
    """The description of an item that stands in another."""

    field: FieldPath
    description: Description


Part: TypeAlias = tuple[Term, Term, Term, FieldPath] | Note | Wrong | Inside
"""A statement is a plain tuple here: there are many, and most are only written."""


class Memory:
    """The latest descriptions of items that say the same wherever they stand.

    A site names a provider or a topic again and again, and an item is told by many files. Each is
    `known` by what tells equal items, until as many others as the limit have come.
    """

    def __init__(self, limit: int, known: dict[int, Description | Term] | None = None) -> None:
        self.known = {} if known is None else known
        self._limit = limit
        self._keys: deque[int] = deque()

    def keep(self, key: int, one: Description) -> None:
        """Keep the description of an item that is not known."""
        self._keep(key, one)

    def _keep(self, key: int, value: Description | Term) -> None:
        if len(self._keys) >= self._limit:
            self.known.pop(self._keys.popleft(), None)
        self._keys.append(key)
        self.known[key] = value


class Stated(Memory):
    """The same, of items whose statements are only wanted once: so only their nodes are known.

    An item that says nothing is not kept, since it is soon described; nor is one with something
    wrong, for that is to be told of every file.
    """

    def keep(self, key: int, one: Description) -> None:
        """Keep the node of an item for a while."""
        if one.node and one.parts and not one.faulty:
            self._keep(key, one.node)


def spread(one: Description, around: FieldPath, origin: Origin, mapped: Mapped) -> None:
    """Add what a description says to `mapped`, with its places in the record."""
    mapped.described.append((around, one.name))
    for part in one.parts:
        match part:
            case Inside(below, inner):
                spread(inner, around + below, origin, mapped)
            case Note(below, fate, reason):
                mapped.notes.append(Note(around + below, fate, reason))
            case Wrong(below, message, severity, value):
                where = Place(origin.source, around + below, origin.document)
                finding = Finding(severity, message, (where,), value=value)
                if finding not in mapped.findings:  # two rows may read one value
                    mapped.findings.append(finding)
            case (subject, predicate, term, below):
                mapped.statements.append(Statement(subject, predicate, term, around + below))
