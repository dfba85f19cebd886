"""Sources, their records, and the statements that records are mapped to.

The terms of a statement are strings in canonical N-Triples form (RDF 1.1 N-Triples, section 4):
`<iri>`, `"text"`, `"1"^^<datatype>`. So equal terms are equal strings, sorting is string sorting,
and N-Triples are written by joining them; objects would cost an export much of its time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

Term: TypeAlias = str
Triple: TypeAlias = tuple[Term, Term, Term]
FieldPath: TypeAlias = tuple[str | int, ...]
"""The path to a value in a record: `("related", 7, "images", 0, "width")`."""


class Statement(NamedTuple):
    """A triple, and the field of the record that states it."""

    subject: Term
    predicate: Term
    object: Term
    field: FieldPath = ()


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read.

    `path` is as the user wrote it, for messages; `name` is the path below the root of its site,
    with `/` between the parts: it is the same on every machine, so IRIs are derived from it.
    """

    path: str
    name: str
    named: bool = True
    """Whether the user named this file, rather than a folder that contains it."""
    content: bytes | None = field(default=None, repr=False)
    """The bytes of standard input or a pipe, which cannot be read twice."""
    root: str | None = None
    """The folder that the name is relative to, if any."""

    def __hash__(self) -> int:
        """Hash the name alone: nearly all sources differ in it, and places are compared often."""
        return hash(self.name)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record was read: its source, and the number of the YAML document in it (from 0)."""

    source: Source
    sha256: str
    media_type: str
    line: int = 1
    document: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """One mapping of a source as plain values; withheld values are None."""

    fields: dict[Any, Any]
    origin: Origin


def field_name(path: FieldPath) -> str:
    """Return a field path as text.

    >>> field_name(("related", 7, "images", 0, "width"))
    'related[7].images[0].width'
    """
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return "".join(parts).removeprefix(".")
