"""A table of maps made ready to be interpreted: references read, IRIs written as terms."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from kg.mapping.descriptions import Fate, FieldNote
from kg.mapping.language import (
    ANY,
    NOTHING,
    Choice,
    ReferencePath,
    Row,
    Subject,
    TriplesMap,
    alternatives,
    parse_path,
    parse_reference,
)
from kg.mapping.term_maps import TermMap
from kg.model.namespaces import RDF
from kg.model.records import FieldPath, Origin, Term
from kg.model.site import Site


class CompiledRow(NamedTuple):
    """A row with its references read and its IRIs written as terms.

    `keys` are the fields of the item that it reads, or looks into; none if it may read more.
    """

    keys: tuple[str, ...]
    plain: bool
    direct: bool
    """Whether it links each value of those fields to its node, and asks no more."""
    references: tuple[ReferencePath, ...]
    each: str
    predicate: Term
    inverse: Term | None
    link: str
    kind: TermMap | None
    guarded: bool
    unless: tuple[ReferencePath, ...]
    same: str
    without: tuple[ReferencePath, ...]
    preferred: bool

    @classmethod
    def compiled(cls, row: Row, site: Site) -> CompiledRow:
        """Return a row made ready for a site."""
        link, kind = (row.object, None) if isinstance(row.object, str) else ("", row.object)
        unless, without = (parse_reference(one) if one else () for one in (row.unless, row.without))
        references = parse_reference(row.reference)
        within = all(one.place for one in references)
        plain = all(one.plain for one in references)
        each = references[0].each
        guarded = bool(without or row.preferred)
        return cls(
            tuple(one.keys[0] for one in references) if within else (),
            plain,
            bool(link) and plain and each in {"", "[]"} and not guarded and not unless,
            references,
            each,
            site.iri(row.property),
            site.iri(row.inverse) if row.inverse else None,
            link,
            kind,
            guarded,
            unless,
            " or ".join(alternatives(row.unless or ())),
            without,
            row.preferred,
        )


FastRow: TypeAlias = tuple[tuple[str, ...], TermMap | None, tuple[Term, ...], CompiledRow]
"""A row, and before it what is enough for most: keys, kind (no kind for the others), predicates."""


def _fast_rows(rows: list[CompiledRow]) -> tuple[FastRow, ...]:
    """Shorten rows; those that make one term of one value, one after the other, are one."""
    found: list[FastRow] = []
    for row in rows:
        more = row.link or row.each or row.guarded or row.unless or not row.plain
        kind = None if more else row.kind
        if kind and found and found[-1][:2] == (row.keys, kind):
            found[-1] = (row.keys, kind, (*found[-1][2], row.predicate), row)
        else:
            found.append((row.keys, kind, (row.predicate,), row))
    return tuple(found)


class CompiledMap(NamedTuple):
    """A triples map with its references read and its IRIs written as terms."""

    name: str
    subject: Subject
    references: tuple[tuple[tuple[str, ...], tuple[ReferencePath, ...]], ...]
    """Of the subject, each with the fields it may be, when it is fields of the item."""
    inside: tuple[tuple[tuple[str, ...], tuple[ReferencePath, ...]], ...]
    """The same for an item in another, of which nothing is known that is known of a record."""
    always: tuple[tuple[Term, Term], ...]
    rows: tuple[FastRow, ...]
    bare: bool
    """Whether it only names its node, and says nothing of it."""
    shorthand: str | None
    names: bool
    """Whether it says what others may call its node, and so is no mention of another."""
    optional: str | None

    @classmethod
    def compiled(cls, name: str, one: TriplesMap, site: Site) -> CompiledMap:
        """Return a map of that name made ready for a site."""
        references = [parse_reference(reference) for reference in one.subject.references]
        classes = [(_TYPE, site.iri(iri)) for iri in one.classes]
        constants = [
            (site.iri(iri), term if term.startswith('"') else site.iri(term))
            for iri, term in one.constants
        ]
        return cls(
            name,
            one.subject,
            tuple((_fields(paths), paths) for paths in references),
            tuple((_fields(paths), () if _of_a_record(paths) else paths) for paths in references),
            (*classes, *constants),
            _fast_rows([CompiledRow.compiled(row, site) for row in one.rows]),
            not (classes or constants or one.rows),
            one.shorthand,
            bool(one.names),
            one.optional,
        )


def _fields(paths: tuple[ReferencePath, ...]) -> tuple[str, ...]:
    return tuple(path.keys[0] for path in paths) if all(path.plain for path in paths) else ()


def _of_a_record(paths: tuple[ReferencePath, ...]) -> bool:
    return all(path.known in OF_ORIGIN and not path.up for path in paths)


class CompiledChoices(NamedTuple):
    """A choice of maps with its references read."""

    keys: tuple[tuple[str, ReferencePath], ...]
    kinds: dict[str, FieldNote]
    """The fields that name a kind, with what is noted of them."""
    flags: tuple[str, ...]
    """Other fields of which only matters whether they hold anything."""
    choices: tuple[tuple[Mapping[str, str], str], ...]
    otherwise: str
    inherited: tuple[str, ...]
    noticed: bool
    made: dict[tuple[object, ...], str]
    """What was chosen so far."""

    @classmethod
    def compiled(cls, one: Choice) -> CompiledChoices:
        """Return a choice made ready."""
        keys = tuple((key, parse_path(key)) for key in one.keys)
        kinds = {key: FieldNote(parse_path(key).place, Fate.MAPPED, RDF.type) for key in one.kinds}
        flags = tuple(key for key, path in keys if key not in kinds and path.plain)
        return cls(keys, kinds, flags, one.choices, one.otherwise, one.inherited, one.noticed, {})

    def keep(self, mark: tuple[object, ...], name: str) -> None:
        """Remember a choice; there are few, unless the data names a kind of its own each time."""
        if len(self.made) >= _MADE:
            self.made.clear()
        self.made[mark] = name

    def choose(self, values: Sequence[str | None]) -> str:
        """Return the first choice whose conditions are all met; empty for none that is noticed."""
        held = {key: value for (key, _), value in zip(self.keys, values, strict=True)}
        for conditions, name in self.choices:
            if all(_matches(key, wanted, held[key]) for key, wanted in conditions.items()):
                return name
        return "" if self.noticed else self.otherwise

    def notice(self, values: Sequence[str | None]) -> tuple[FieldPath, str]:
        """Say that an item is of a kind that no choice names."""
        held = {key: value for (key, _), value in zip(self.keys, values, strict=True)}
        kinds = [key for key in held if key in self.kinds]
        said = ", ".join(f"{key}: {held[key]}" for key in kinds if held[key])
        message = f"no map for {said or 'a record without ' + ' or '.join(kinds)}"
        blamed = next((key for key in kinds if held[key]), kinds[0])
        return (blamed,), f"{message}; mapped as {self.otherwise}"


_MADE: Final = 512
"""Choices that are remembered; there are few, unless every file names a kind of its own."""


def _matches(key: str, wanted: str, value: str | None) -> bool:
    """Whether a condition is met by what a reference holds."""
    if wanted in {ANY, NOTHING}:
        return (value is None) == (wanted == NOTHING)
    below = key == "@collection" and value is not None and value.startswith(f"{wanted}/")
    return value == wanted or below


def _date(origin: Origin) -> str | None:
    found = _DATED.search(origin.source.name)
    return found[1] if found else None


_DATED = re.compile(r"(?:\A|/)(\d{4}-\d\d-\d\d)-[^/]*\Z")
OF_ORIGIN: Final[Mapping[str, Callable[[Origin], object]]] = {
    "@path": lambda origin: origin.source.name,
    "@collection": lambda origin: origin.source.name.rpartition("/")[0],
    "@date": _date,
    "@document": lambda origin: origin.document,
    "@line": lambda origin: origin.line,
    "@sha256": lambda origin: origin.sha256,
    "@mediaType": lambda origin: origin.media_type,
}


_TYPE = f"<{RDF.type}>"
