"""A table of maps compiled for the mapper: with parsed references, and IRIs as terms of a site."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeAlias

from kg.mapping.descriptions import Fate, FieldNote
from kg.mapping.language import (
    ANY,
    NOTHING,
    Choice,
    Maps,
    ReferencePath,
    Row,
    SubjectMap,
    TriplesMap,
    alternatives,
    parse_path,
    parse_reference,
)
from kg.mapping.term_maps import TermMap
from kg.model import RDF, FieldPath, Origin, Site, Term

# ---- values


def has_value(value: object) -> bool:
    """Whether a value is not empty: 0 and false are values, although they are false in Python."""
    return bool(value) or value in ZEROS


ZEROS: Final = (0, 0.0, False)

PlacedValue: TypeAlias = tuple[Any, FieldPath, int | None]
"""A value, the place of its field, and its position in a list from 1; None outside of lists."""


def _single(value: Any, place: FieldPath) -> tuple[PlacedValue]:
    return ((value, place, None),)


def _items(value: Any, place: FieldPath) -> Iterator[PlacedValue]:
    """Yield the items of a list; any other value is one item."""
    if not isinstance(value, list):
        yield value, place, 1
        return
    for index, item in enumerate(value):
        if has_value(item):
            yield item, (*place, index), index + 1


def _members(value: Any, place: FieldPath) -> Iterator[PlacedValue]:
    """Yield the values of a mapping; any other value is one value."""
    if not isinstance(value, dict):
        yield value, place, 1
        return
    for key, member in value.items():
        if has_value(member):
            yield member, (*place, str(key)), None


def _words(value: Any, place: FieldPath) -> Iterator[PlacedValue]:
    """Yield the words of a text, or of each item of a list."""
    for item, item_place, _ in _items(value, place):
        for word in item.split() if isinstance(item, str) else [item]:
            yield word, item_place, None


EACH: Final = {"": _single, "[]": _items, ".*": _members, "[ ]": _words}
"""The functions that yield the values of a reference, by the mark at its end."""


# ---- rows


class TermRow(NamedTuple):
    """Rows that make a term of the first of `keys` with a value: a statement for each predicate."""

    keys: tuple[str, ...]
    term_map: TermMap
    predicates: tuple[Term, ...]


class LinkRow(NamedTuple):
    """A row that links to the node of the first of `keys` with a value, or `each` of its items."""

    keys: tuple[str, ...]
    map_name: str
    predicate: Term
    inverse: Term | None
    each: bool


class GeneralRow(NamedTuple):
    """A row with a condition, or with a reference to more than a field of the item.

    `values` yields the values to map, of the value at the reference and its place; `states` is the
    row that makes a statement of each.
    """

    references: tuple[ReferencePath, ...]
    values: Callable[[Any, FieldPath], Iterable[PlacedValue]]
    unless: tuple[ReferencePath, ...]
    unless_text: str
    without: tuple[ReferencePath, ...]
    preferred: bool
    states: TermRow | LinkRow


CompiledRow: TypeAlias = TermRow | LinkRow | GeneralRow


def compile_row(row: Row, site: Site) -> CompiledRow:
    """Return a row compiled for a site, as the plainest kind of row that it can be."""
    references = parse_reference(row.reference)
    fields = _fields(references)
    each = references[0].each
    predicate = site.iri(row.property)
    states: TermRow | LinkRow
    if isinstance(row.object, str):
        inverse = site.iri(row.inverse) if row.inverse else None
        states = LinkRow(fields, row.object, predicate, inverse, bool(each))
        plain = each in {"", "[]"}
    else:
        states = TermRow(fields, row.object, (predicate,))
        plain = not each
    if fields and plain and not _is_conditional(row):
        return states
    return GeneralRow(
        references=references,
        values=EACH[each],
        unless=parse_reference(row.unless or ()),
        unless_text=" or ".join(alternatives(row.unless or ())),
        without=parse_reference(row.without or ()),
        preferred=row.preferred,
        states=states,
    )


def _is_conditional(row: Row) -> bool:
    return bool(row.unless or row.without or row.preferred)


RowGroup: TypeAlias = tuple[TermRow, ...] | tuple[LinkRow, ...] | tuple[GeneralRow, ...]
"""Rows of one type that follow each other in the table."""


def compile_rows(rows: Iterable[Row], site: Site) -> tuple[RowGroup, ...]:
    """Return rows compiled for a site, grouped by their type, in the order of the table."""
    compiled = (compile_row(row, site) for row in rows)
    groups = [[*group] for _, group in groupby(compiled, key=type)]
    return tuple(_merge(group) if type(group[0]) is TermRow else tuple(group) for group in groups)  # type: ignore[arg-type, misc] # of one kind


def _merge(rows: Iterable[TermRow]) -> tuple[TermRow, ...]:
    """Return rows with one row for each sequence that makes the same term of the same fields."""
    return tuple(
        TermRow(keys, term_map, tuple(predicate for row in same for predicate in row.predicates))
        for (keys, term_map), same in groupby(rows, key=itemgetter(0, 1))
    )


# ---- maps


class SubjectReference(NamedTuple):
    """A reference of a subject map; `keys` are its alternatives if all are fields of the item."""

    keys: tuple[str, ...]
    paths: tuple[ReferencePath, ...]


class CompiledMap(NamedTuple):
    """A triples map compiled for a site."""

    name: str
    subject: SubjectMap
    references: tuple[SubjectReference, ...]
    nested_references: tuple[SubjectReference, ...]
    """The same for an item inside another, which has none of the variables of its record."""
    constants: tuple[tuple[Term, Term], ...]
    """Predicate and object of the statements about every node, its classes first."""
    rows: tuple[RowGroup, ...]
    shorthand: str | None
    is_named: bool
    """Whether it has names of its node, so that its IRI is not the alias of another node."""
    optional: str | None

    @property
    def states_nothing(self) -> bool:
        """Whether it makes an IRI only."""
        return not (self.constants or self.rows)


def compile_map(name: str, triples_map: TriplesMap, site: Site) -> CompiledMap:
    """Return a triples map, named `name` in the table, compiled for a site."""
    references = [parse_reference(reference) for reference in triples_map.subject.references]
    return CompiledMap(
        name=name,
        subject=triples_map.subject,
        references=tuple(SubjectReference(_fields(paths), paths) for paths in references),
        nested_references=tuple(
            SubjectReference(_fields(paths), () if _is_of_record(paths) else paths)
            for paths in references
        ),
        constants=(
            *((_TYPE, site.iri(class_)) for class_ in triples_map.classes),
            *(
                (site.iri(property_), term if term.startswith('"') else site.iri(term))
                for property_, term in triples_map.constants
            ),
        ),
        rows=compile_rows(triples_map.rows, site),
        shorthand=triples_map.shorthand,
        is_named=bool(triples_map.names),
        optional=triples_map.optional,
    )


_TYPE: Final = f"<{RDF.type}>"


def _fields(paths: tuple[ReferencePath, ...]) -> tuple[str, ...]:
    """Return the keys of alternatives that are fields of the item itself; none if one is not."""
    return tuple(path.keys[0] for path in paths) if all(path.plain for path in paths) else ()


def _is_of_record(paths: tuple[ReferencePath, ...]) -> bool:
    return all(path.variable in OF_ORIGIN and not path.up for path in paths)


# ---- choices


class CompiledChoice(NamedTuple):
    """A choice of maps with parsed references."""

    keys: tuple[tuple[str, ReferencePath], ...]
    kinds: dict[str, FieldNote]
    """The fields that name a kind, each with the note of its fate."""
    flags: tuple[str, ...]
    """Other fields: conditions test only whether they have a value."""
    choices: tuple[tuple[Mapping[str, str], str], ...]
    otherwise: str
    otherwise_text: str
    """The classes that `otherwise` gives a node, for messages."""
    inherited: tuple[str, ...]
    with_notice: bool
    decided: dict[tuple[object, ...], str]
    """A cache of the chosen maps, by the values that they depend on."""

    def keep(self, key: tuple[object, ...], name: str) -> None:
        """Cache a choice; there are few, unless each file names a kind of its own."""
        if len(self.decided) >= _DECIDED:
            self.decided.clear()
        self.decided[key] = name

    def choose(self, values: Sequence[str | None]) -> str:
        """Return the first map whose conditions are all met, else `otherwise`; "" for a notice."""
        by_key = {key: value for (key, _), value in zip(self.keys, values, strict=True)}
        for conditions, name in self.choices:
            if all(_matches(key, condition, by_key[key]) for key, condition in conditions.items()):
                return name
        return "" if self.with_notice else self.otherwise

    def notice(self, values: Sequence[str | None]) -> tuple[FieldPath, str]:
        """Return the field and the message of the notice about an item that no choice fits."""
        by_key = {key: value for (key, _), value in zip(self.keys, values, strict=True)}
        kinds = [key for key in by_key if key in self.kinds]
        named = ", ".join(f"{key}: {by_key[key]}" for key in kinds if by_key[key])
        problem = f"no map for {named}" if named else f"no {' or '.join(kinds)}"
        blamed = next((key for key in kinds if by_key[key]), kinds[0])
        return (blamed,), f"{problem}; exported as {self.otherwise_text}"


_DECIDED: Final = 512


def compile_choice(choice: Choice, table: Maps, site: Site) -> CompiledChoice:
    """Return a choice of a table compiled for a site."""
    otherwise = table[choice.otherwise]
    classes = otherwise.classes if isinstance(otherwise, TriplesMap) else ()
    keys = tuple((key, parse_path(key)) for key in choice.keys)
    kinds = {key: FieldNote(parse_path(key).place, Fate.MAPPED, RDF.type) for key in choice.kinds}
    return CompiledChoice(
        keys=keys,
        kinds=kinds,
        flags=tuple(key for key, path in keys if key not in kinds and path.plain),
        choices=choice.choices,
        otherwise=choice.otherwise,
        otherwise_text=", ".join(map(site.compact, classes)) or choice.otherwise,
        inherited=choice.inherited,
        with_notice=choice.with_notice,
        decided={},
    )


def _matches(key: str, condition: str, value: str | None) -> bool:
    """Whether the value of a reference meets a condition."""
    if condition in {ANY, NOTHING}:
        return (value is None) == (condition == NOTHING)
    below = key == "@collection" and value is not None and value.startswith(f"{condition}/")
    return value == condition or below


# ---- variables of a record


def _date(origin: Origin) -> str | None:
    match = _DATED_NAME.search(origin.source.name)
    return match[1] if match else None


_DATED_NAME: Final = re.compile(r"(?:\A|/)(\d{4}-\d\d-\d\d)-[^/]*\Z")
OF_ORIGIN: Final[Mapping[str, Callable[[Origin], object]]] = {
    "@path": lambda origin: origin.source.name,
    "@collection": lambda origin: origin.source.name.rpartition("/")[0],
    "@date": _date,
    "@document": lambda origin: origin.document,
    "@line": lambda origin: origin.line,
    "@sha256": lambda origin: origin.sha256,
    "@mediaType": lambda origin: origin.media_type,
}
"""The variables that the origin of a record has a value for."""
