"""The language a mapping is written in, and its interpreter. It knows no vocabulary.

The words are RML's: a triples map makes the triples of one node, its rows pair a reference into the
source with a property and an object, which is a kind of term or another map's node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from kg.errors import InvalidValue
from kg.findings import Finding, Place, Severity
from kg.namespaces import RDF, Site
from kg.records import FieldPath, Origin, Record, Statement, Term
from kg.terms import TermMap, describe, lexical

Reference: TypeAlias = str | tuple[str, ...]
"""Where a row reads its values, from the item the map describes:

    "title"     the field, which must hold one value     "."          the item itself
    "topics[]"  the field, which may hold a list         "../title"   a field of what is around
    ("a", "b")  the first of these that holds anything   "@path"      the origin of a record
"""
Mint: TypeAlias = Callable[..., str]


@dataclass(frozen=True, slots=True)
class Subject:
    """Mint a node's IRI from references; every one is passed, None for what is not there."""

    mint: Mint
    references: tuple[str, ...]

    def __init__(self, mint: Mint, *references: str) -> None:
        object.__setattr__(self, "mint", mint)
        object.__setattr__(self, "references", references)


class Row(NamedTuple):
    """One line of a map: what the `reference` holds is the `object` of the `property`.

    A quoted object names the map whose node is the object. `inverse` is stated from there back.
    `unless`: say nothing when the value is the same as at that reference.
    """

    reference: Reference
    property: str
    object: TermMap | str
    inverse: str | None = None
    unless: Reference | None = None


@dataclass(frozen=True, slots=True)
class TriplesMap:
    """How one kind of node is described.

    `shorthand`: the field that a bare value stands for (an image given as its URL).
    `withheld` fields never leave the source; `ignored` ones are known to say nothing. Both carry
    the reason.
    """

    subject: Subject
    a: str | tuple[str, ...] = ()
    properties: tuple[Row | tuple[Reference, str, TermMap | str], ...] = ()
    constants: tuple[tuple[str, Term], ...] = ()
    shorthand: str | None = None
    withheld: Mapping[str, str] = field(default_factory=dict)
    ignored: Mapping[str, str] = field(default_factory=dict)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of the node."""
        return (self.a,) if isinstance(self.a, str) else self.a

    @property
    def rows(self) -> tuple[Row, ...]:
        """The properties, as rows."""
        return tuple(Row(*row) for row in self.properties)


@dataclass(frozen=True, slots=True)
class Either:
    """Choose a map by what the fields at `keys` hold; a missing one is looked up in the record.

    `otherwise` is taken for values no choice names, with a notice.
    """

    keys: tuple[str, ...]
    choices: Mapping[tuple[str | None, ...], str]
    otherwise: str
    inherited: tuple[str, ...] = ()


Maps: TypeAlias = Mapping[str, TriplesMap | Either]
Facts: TypeAlias = Mapping[Term, tuple[tuple[Term, Term], ...]]
"""What is known of a node besides the sources: property and object, by subject."""


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


@dataclass(frozen=True, slots=True)
class _Item:
    """A mapping in a record: its fields, where it stands, and what is around it."""

    fields: Mapping[Any, Any]
    path: FieldPath
    origin: Origin | None = None
    parent: _Item | None = None

    def get(self, reference: str) -> object:
        """Return what one simple reference holds."""
        if reference == ".":
            return self.fields
        if reference.startswith("@"):
            return self._from_origin(reference)
        if reference.startswith("../"):
            return self.parent.get(reference[3:]) if self.parent else None
        return self.fields.get(reference.removesuffix("[]"))

    def _from_origin(self, reference: str) -> object:
        if self.origin is None:
            return None
        return {
            "@path": self.origin.source.name,
            "@document": self.origin.document,
            "@line": self.origin.line,
            "@sha256": self.origin.sha256,
            "@mediaType": self.origin.media_type,
        }[reference]

    def first(self, reference: Reference) -> str:
        """Return which of alternative references holds anything; the last if none does."""
        if isinstance(reference, str):
            return reference
        return next((one for one in reference if not _empty(self.get(one))), reference[-1])

    def place(self, reference: str) -> FieldPath:
        """Return the field path of a simple reference."""
        return self.path if reference[0] in ".@" else (*self.path, reference.removesuffix("[]"))


def _empty(value: object) -> bool:
    return value is None or value in ("", [], {})


class Mapper:
    """Maps records, one by one, by a table of maps: the same record gives the same statements.

    `start` names the map every record begins with; `facts` are added to the nodes they are about.
    """

    def __init__(self, maps: Maps, start: str, site: Site, facts: Facts | None = None) -> None:
        self.maps = maps
        self.start = start
        self.site = site
        self.facts = facts or {}
        self.nodes = {
            name: _Node.compiled(name, one, site)
            for name, one in maps.items()
            if isinstance(one, TriplesMap)
        }

    def map(self, record: Record) -> Mapped:
        """Return every statement of a record, and a finding for every value that makes none."""
        mapping = _Mapping(self, record)
        mapping.describe(self.start, _Item(record.fields, (), record.origin))
        return Mapped(mapping.statements, mapping.findings, mapping.notes, mapping.described)


class _Node(NamedTuple):
    """A triples map with its IRIs written as terms."""

    name: str
    subject: Subject
    classes: tuple[Term, ...]
    rows: tuple[tuple[Row, Term, Term | None], ...]
    constants: tuple[tuple[Term, Term], ...]
    shorthand: str | None

    @classmethod
    def compiled(cls, name: str, one: TriplesMap, site: Site) -> _Node:
        rows = tuple(
            (row, site.iri(row.property), site.iri(row.inverse) if row.inverse else None)
            for row in one.rows
        )
        constants = tuple((site.iri(name), term) for name, term in one.constants)
        classes = tuple(site.iri(name) for name in one.classes)
        return cls(name, one.subject, classes, rows, constants, one.shorthand)


class _Mapping:
    """One record being mapped."""

    def __init__(self, mapper: Mapper, record: Record) -> None:
        self.mapper = mapper
        self.site = mapper.site
        self.record = record
        self.statements: list[Statement] = []
        self.findings: list[Finding] = []
        self.notes: list[Note] = []
        self.described: list[tuple[FieldPath, str]] = []

    def describe(self, name: str, item: _Item) -> Term | None:
        """State everything about the item's node and return its IRI; None when it has none."""
        node = self.mapper.nodes.get(name) or self._chosen(name, item)
        self.described.append((item.path, node.name))
        subject = self._subject(node, item)
        if subject is None:
            return None
        for iri in node.classes:
            self._state(subject, _TYPE, iri, item.path)
        for predicate, term in node.constants:
            self._state(subject, predicate, term, item.path)
        for row, predicate, inverse in node.rows:
            for value, item_path in self._values(row, item):
                made = self._object(row.object, value, item_path, item)
                if made is not None:
                    self._state(subject, predicate, made, item_path)
                    if inverse:
                        self._state(made, inverse, subject, item_path)
        for predicate, term in self.mapper.facts.get(subject, ()):
            self._state(subject, predicate, term, item.path)
        return subject

    def _state(self, subject: Term, predicate: Term, term: Term, path: FieldPath) -> None:
        self.statements.append(Statement(subject, predicate, term, path))

    def _chosen(self, name: str, item: _Item) -> _Node:
        either = self.mapper.maps.get(name)
        if not isinstance(either, Either):
            raise TypeError(f"no map is named {name!r}")
        values = tuple(self._key(either, key, item) for key in either.keys)
        chosen = either.choices.get(values)
        if chosen is None:
            chosen = either.otherwise
            said = ", ".join(f"{k}: {v}" for k, v in zip(either.keys, values, strict=True) if v)
            message = f"no map for {said or 'a record without ' + ' or '.join(either.keys)}"
            self._find(
                f"{message}; mapped as {chosen}", (*item.path, either.keys[-1]), Severity.INFO
            )
        return self.mapper.nodes[chosen]

    def _key(self, either: Either, key: str, item: _Item) -> str | None:
        value = item.get(key)
        if isinstance(value, str):
            self.notes.append(Note(item.place(key), Fate.MAPPED, RDF.type))
        if value is None and key in either.inherited:
            value = self.record.fields.get(key)
        return value if isinstance(value, str) else None

    def _subject(self, node: _Node, item: _Item) -> Term | None:
        values = [item.get(reference) for reference in node.subject.references]
        try:
            return self.site.iri(node.subject.mint(self.site, *values))
        except InvalidValue as error:
            pairs = zip(node.subject.references, values, strict=True)
            blamed = next((r for r, v in pairs if v is error.culprit and v is not None), ".")
            self._find(str(error), item.place(blamed), value=error.culprit)
            return None

    def _values(self, row: Row, item: _Item) -> Iterator[tuple[object, FieldPath]]:
        reference = item.first(row.reference)
        value = item.get(reference)
        if _empty(value) and reference != ".":
            return
        path = item.place(reference)
        if row.unless and value == item.get(item.first(row.unless)):
            self.notes.append(Note(path, Fate.DERIVED, f"the same as {item.first(row.unless)}"))
            return
        if reference.endswith("[]") and isinstance(value, list):
            for index, one in enumerate(value):
                if not _empty(one):
                    yield one, (*path, index)
        else:
            yield value, path

    def _object(
        self, kind: TermMap | str, value: object, path: FieldPath, item: _Item
    ) -> Term | None:
        try:
            if isinstance(kind, str):
                return self.describe(kind, self._inner(kind, value, path, item))
            made = kind(value, self.site)
        except InvalidValue as error:
            self._find(str(error), path, value=value)
            return None
        if made is None:
            self.notes.append(Note(path, Fate.IGNORED, _says_nothing(kind)))
        return made

    def _inner(self, kind: str, value: object, path: FieldPath, item: _Item) -> _Item:
        if value is item.fields:
            return item
        if isinstance(value, dict):
            return _Item(value, path, parent=item)
        node = self.mapper.nodes.get(kind)
        if node is None or node.shorthand is None:
            raise InvalidValue(f"{_what(value)}, where a mapping of fields is expected")
        lexical(value)
        return _Short({node.shorthand: value}, path, parent=item)

    def _find(
        self,
        message: str,
        path: FieldPath,
        severity: Severity = Severity.VIOLATION,
        value: object = None,
    ) -> None:
        shown = lexical(value) if isinstance(value, str | int | float) else None
        place = Place(self.record.origin.source, path, self.record.origin.document)
        finding = Finding(severity, message, (place,), value=shown)
        if finding not in self.findings:  # two rows may read one value
            self.findings.append(finding)


class _Short(_Item):
    """A bare value that stands for one field: the field is where the value is."""

    def place(self, reference: str) -> FieldPath:  # noqa: ARG002 - all its fields are one value
        """Return the path of the value itself."""
        return self.path


def _says_nothing(kind: TermMap) -> str:
    return f"says nothing, as {getattr(kind, '__name__', str(kind)).replace('_', ' ')}"


def _what(value: object) -> str:
    return describe(value) if isinstance(value, list | dict) else "one value"


_TYPE = f"<{RDF.type}>"
