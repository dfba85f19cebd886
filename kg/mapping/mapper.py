"""The interpreter of a mapping, from a record to its statements. It has no vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Collection
from copy import copy
from dataclasses import dataclass
from typing import Any, Final

from kg.mapping.compiled import (
    OF_ORIGIN,
    ZEROS,
    CompiledChoice,
    CompiledMap,
    GeneralRow,
    LinkRow,
    PlacedValue,
    TermRow,
    compile_choice,
    compile_map,
    has_value,
)
from kg.mapping.descriptions import (
    Description,
    Fate,
    FieldNote,
    MappedRecord,
    MappingResult,
    Nested,
    ValueFault,
)
from kg.mapping.language import (
    ANY,
    Authority,
    Choice,
    Facts,
    Maps,
    ReferencePath,
    TriplesMap,
    map_reaches,
    possible_maps,
)
from kg.mapping.memo import DescriptionMemo, item_key, value_bytes
from kg.mapping.term_maps import TermMap, describe_value, source_text
from kg.model import FieldPath, InvalidValue, Record, Severity, Site, Term


class Mapper:
    """Maps records, one by one, by a table of maps: equal records give equal statements.

    `start` is the map of every record; `facts` are statements to add to their subjects; `authority`
    resolves mentions to nodes; `include` has the optional nodes to export.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each is one input of the mapping
        self,
        table: Maps,
        start: str,
        site: Site,
        facts: Facts | None = None,
        authority: Authority | None = None,
        include: Collection[str] = (),
    ) -> None:
        self.table = table
        self.start = start
        self.site = site
        self.site_fields = site.description
        self.facts = facts or {}
        self.authority = authority or Authority()
        self.include = frozenset(include)
        self.maps = {
            name: compile_map(name, entry, site)
            for name, entry in table.items()
            if isinstance(entry, TriplesMap)
        }
        self.choices = {
            name: compile_choice(entry, table, site)
            for name, entry in table.items()
            if isinstance(entry, Choice)
        }
        self.self_contained = {
            name
            for name, reach in map_reaches(table).items()
            if not reach and not (name in self.maps and self.maps[name].states_nothing)
        }
        """Maps that make statements, the same ones for equal items whatever is around them."""
        self.remembered = {
            name for name in table if not self.self_contained.isdisjoint(possible_maps(name, table))
        }
        """These maps, and the choices that may select one of them."""
        self.inherited = sorted(
            {key for choice in self.choices.values() for key in choice.inherited}
        )
        self.memo = DescriptionMemo(_RECENT)

    def with_authority(self, authority: Authority) -> Mapper:
        """Return a copy of the mapper with another authority file."""
        other = copy(self)
        other.authority = authority
        other.memo = DescriptionMemo(_RECENT)
        return other

    def map(self, record: Record) -> MappingResult:
        """Return every statement of a record, and a finding for every value that makes none."""
        return MappedRecord(record, self.describe(record, self.memo)).result()

    def describe(self, record: Record, memo: DescriptionMemo) -> Description:
        """Return the statements of a record as a tree; equal items are taken from the memo."""
        return RecordMapping(self, record, memo).describe(self.start, Item(record.fields))

    def iri(self, name: str, record: Record, value: object = None) -> str | None:
        """Return the IRI that the map `name` makes of a record, or of a bare value in it.

        It is relative to the base, and its alias is not resolved. None if the map makes no node.
        """
        mapping, item = RecordMapping(self, record, self.memo), Item(record.fields)
        map_ = mapping.map_of(name, item, [], [])
        if value is not None:
            item = Item({map_.shorthand: value}, item, short=True)
        try:
            return mapping.template_iri(map_, item)
        except InvalidValue:
            return None

    def map_name(self, record: Record) -> str:
        """Return the name of the map that describes a record."""
        mapping = RecordMapping(self, record, self.memo)
        return mapping.map_of(self.start, Item(record.fields), [], []).name


_RECENT: Final = 512
"""Providers, topics and sizes occur often; a work seldom does, and takes much memory."""


@dataclass(slots=True)
class Item:
    """A value to describe, the item around it, and its position in a list from 1.

    A `short` item is a bare value, as the one field of a mapping: the place of the field is that of
    the item.
    """

    fields: Any
    parent: Item | None = None
    position: int | None = None
    short: bool = False
    iri: str | None = None


class RecordMapping:
    """The mapping of one record."""

    def __init__(self, mapper: Mapper, record: Record, memo: DescriptionMemo) -> None:
        self.mapper = mapper
        self.site = mapper.site
        self.record = record
        self.memo = memo
        self.memo_entry = memo.entries.get
        self.maps = mapper.maps
        self.inherited = repr([record.fields.get(key) for key in mapper.inherited])
        """The values that items inherit from the record, as text: a part of their keys."""
        self.contents: dict[int, bytes] = {}
        """The bytes of items, by identity: several rows read one item."""

    def describe(self, name: str, item: Item) -> Description:
        """Return the description of an item by the map or choice `name`."""
        notes: list[FieldNote] = []
        faults: list[ValueFault] = []
        map_ = self.maps.get(name) or self.map_of(name, item, notes, faults)
        if map_.optional and map_.optional not in self.mapper.include:
            reason = f"{map_.optional} are left out; add --include {map_.optional} to export them"
            notes.append(FieldNote((), Fate.WITHHELD, reason))
            faults.append(ValueFault((), reason, Severity.INFO, None))
            return Description(map_.name, None, [], [], notes, faults)
        iri = self._iri(map_, item, notes, faults)
        if iri is None:
            return Description(map_.name, None, [], [], notes, faults)
        subject = self.site.iri(iri)
        description = Description(map_.name, subject, [], [], notes, faults)
        around, item.iri = item.iri, iri
        self._state(map_, item, subject, description)
        item.iri = around
        return description

    # ---- the statements of an item

    def _state(self, map_: CompiledMap, item: Item, subject: Term, into: Description) -> None:
        """Add all statements about an item."""
        add = into.statements.append
        for predicate, term in map_.constants:
            add((subject, predicate, term, ()))
        for rows in map_.rows:
            self.STATE[type(rows[0])](self, rows, item, subject, into)
        for predicate, term in self.mapper.facts.get(subject, ()):
            add((subject, predicate, term, ()))

    def _state_terms(
        self, rows: tuple[TermRow, ...], item: Item, subject: Term, into: Description
    ) -> None:
        """Add the statements of rows that make a term of a field."""
        get, site, add = item.fields.get, self.site, into.statements.append
        for keys, term_map, predicates in rows:
            for key in keys:
                value = get(key)
                if value or value in ZEROS:
                    break
            else:
                continue
            place = () if item.short else (key,)
            try:
                term = term_map(value, site)
            except InvalidValue as error:
                into.faults.append(_fault(place, str(error), value))
                continue
            if term is None:
                into.notes.append(FieldNote(place, Fate.IGNORED, _states_nothing(term_map)))
                continue
            for predicate in predicates:
                add((subject, predicate, term, place))

    def _state_links(
        self, rows: tuple[LinkRow, ...], item: Item, subject: Term, into: Description
    ) -> None:
        """Add the statements of rows that link a field, or the items of a list, to their nodes."""
        get = item.fields.get
        for row in rows:
            for key in row.keys:
                value = get(key)
                if value or value in ZEROS:
                    break
            else:
                continue
            place = () if item.short else (key,)
            if row.each and isinstance(value, list):
                for index, inner in enumerate(value):
                    if inner or inner in ZEROS:
                        self._link(row, item, subject, (inner, (*place, index), index + 1), into)
            else:
                self._link(row, item, subject, (value, place, 1 if row.each else None), into)

    def _state_general(
        self, rows: tuple[GeneralRow, ...], item: Item, subject: Term, into: Description
    ) -> None:
        """Add the statements of rows with a condition, or with other references."""
        for row in rows:
            value, place = self._first(row.references, item)
            if not (value or value in ZEROS or value is item.fields):
                continue
            if row.without and has_value(self._first(row.without, item)[0]):
                continue
            if row.preferred:
                value = self.mapper.authority.labels.get(item.iri or "") or value
            for placed in row.values(value, place):
                if row.unless and placed[0] == self._first(row.unless, item)[0]:
                    reason = f"the same as {row.unless_text}"
                    into.notes.append(FieldNote(placed[1], Fate.DERIVED, reason))
                elif isinstance(row.states, LinkRow):
                    self._link(row.states, item, subject, placed, into)
                else:
                    self._state_term(row.states, subject, placed, into)

    STATE: Final[dict[type, Callable[..., None]]] = {
        TermRow: _state_terms,
        LinkRow: _state_links,
        GeneralRow: _state_general,
    }
    """The functions that add the statements of a group of rows, by the type of the rows."""

    def _state_term(
        self,
        row: TermRow,
        subject: Term,
        placed: PlacedValue,
        into: Description,
    ) -> None:
        """Add the statement of a term row about a value."""
        value, place, _ = placed
        try:
            term = row.term_map(value, self.site)
        except InvalidValue as error:
            into.faults.append(_fault(place, str(error), value))
            return
        if term is None:
            into.notes.append(FieldNote(place, Fate.IGNORED, _states_nothing(row.term_map)))
            return
        for predicate in row.predicates:
            into.statements.append((subject, predicate, term, place))

    def _link(
        self,
        row: LinkRow,
        item: Item,
        subject: Term,
        placed: PlacedValue,
        into: Description,
    ) -> None:
        """Add a link to the node of a value, and its description unless that is in the memo."""
        value, place, position = placed
        try:
            described = self._described(row.map_name, value, position, item)
        except InvalidValue as error:
            into.faults.append(_fault(place, str(error), value))
            return
        if isinstance(described, str):
            node: Term | None = described
        else:
            node = described.node
            into.nested.append(Nested(place, described))
            if described.faults:
                into.faults.extend(
                    fault._replace(field=place + fault.field) for fault in described.faults
                )
        if node is not None:
            into.statements.append((subject, row.predicate, node, place))
            if row.inverse:
                into.statements.append((node, row.inverse, subject, place))

    def _described(
        self, name: str, value: Any, position: int | None, item: Item
    ) -> Description | Term:
        """Return the description of a value by a map, or its node if that is what the memo has."""
        if value is item.fields:
            return self.describe(name, item)
        if name not in self.mapper.remembered:
            return self.describe(name, self._inner(name, value, position, item))
        content = value if type(value) is str else self.contents.get(id(value))
        if content is None:
            content = self.contents[id(value)] = value_bytes(value)
        key = item_key(name, self.inherited, value, content)
        entry = self.memo_entry(key)
        if entry is not None:
            return entry
        description = self.describe(name, self._inner(name, value, position, item))
        if description.name in self.mapper.self_contained:
            self.memo.keep(key, description)
        return description

    def _inner(self, name: str, value: Any, position: int | None, item: Item) -> Item:
        """Return a value as an item. Raises InvalidValue if the map describes no such value."""
        if isinstance(value, dict):
            return Item(value, item, position)
        map_ = self.maps.get(name)
        if map_ is None or map_.shorthand is None:
            description = describe_value(value) if isinstance(value, list) else "one value"
            raise InvalidValue(f"{description}, where a mapping of fields is expected")
        source_text(value)
        return Item({map_.shorthand: value}, item, position, short=True)

    # ---- which map, and which node

    def map_of(
        self, name: str, item: Item, notes: list[FieldNote], faults: list[ValueFault]
    ) -> CompiledMap:
        """Return the triples map `name`, or the one that the choice `name` selects for the item.

        Raises TypeError if the table has no such name.
        """
        while name not in self.maps:
            choice = self.mapper.choices.get(name)
            if choice is None:
                raise TypeError(f"no map is named {name!r}")
            name = self._chosen(choice, item, notes, faults)
        return self.maps[name]

    def _chosen(
        self,
        choice: CompiledChoice,
        item: Item,
        notes: list[FieldNote],
        faults: list[ValueFault],
    ) -> str:
        """Return the name of the map that a choice selects for an item."""
        get = item.fields.get
        kinds = (*map(get, choice.kinds),)
        folder = None if item.parent else OF_ORIGIN["@collection"](self.record.origin)
        key = (folder, self.inherited, repr(kinds), *map(bool, map(get, choice.flags)))
        name = choice.decided.get(key)
        if name is None:
            values = [self._condition(choice, key, path, item) for key, path in choice.keys]
            name = choice.choose(values)
            if name:
                choice.keep(key, name)
            else:
                faults.append(ValueFault(*choice.notice(values), Severity.INFO, None))
        notes.extend(
            note
            for note, value in zip(choice.kinds.values(), kinds, strict=True)
            if type(value) is str
        )
        return name or choice.otherwise

    def _condition(
        self, choice: CompiledChoice, key: str, path: ReferencePath, item: Item
    ) -> str | None:
        """Return the value that a condition tests, as text; None if there is none."""
        value = self._look(path, item)
        if value is None and key in choice.inherited:
            value = self.record.fields.get(key)
        if not isinstance(value, str | int | float):
            return ANY if value else None
        return source_text(value) or None

    def _iri(
        self,
        map_: CompiledMap,
        item: Item,
        notes: list[FieldNote],
        faults: list[ValueFault],
    ) -> str | None:
        """Return the IRI of the item's node, relative to the base; None if the item has no node."""
        try:
            iri = self.template_iri(map_, item)
        except InvalidValue as error:
            faults.append(_fault(self._culprit_place(map_, item, error), str(error), error.culprit))
            return None
        if iri is None:
            notes.append(FieldNote((), Fate.IGNORED, f"holds no {map_.name}"))
            return None
        target = None if map_.is_named else self.mapper.authority.aliases.get(iri)
        if map_.subject.alias_only and not target:
            message = "no such file in this site; correct the path or remove it from the list"
            faults.append(_fault((), message, self._first(map_.references[0].paths, item)[0]))
            return None
        return target or iri

    def template_iri(self, map_: CompiledMap, item: Item) -> str | None:
        """Return the IRI that the subject's template makes of the item.

        Raises InvalidValue as the template does.
        """
        get = item.fields.get
        values = []
        for keys, paths in map_.nested_references if item.parent else map_.references:
            value = None
            if keys:
                for key in keys:
                    value = get(key)
                    if value or value in ZEROS:
                        break
            elif paths:
                value = self._first(paths, item)[0]
            values.append(value)
        return map_.subject.template(self.site, *values)

    def _culprit_place(self, map_: CompiledMap, item: Item, error: InvalidValue) -> FieldPath:
        """Return the place of the value that causes an error; that of the item if it is unknown."""
        for reference in map_.references:
            value, place = self._first(reference.paths, item)
            if value is error.culprit is not None:
                return place
        return ()

    # ---- the values of references

    def _first(self, paths: tuple[ReferencePath, ...], item: Item) -> tuple[Any, FieldPath]:
        """Return value and place of the first alternative that has a value, else of the last."""
        for path in paths:
            value = item.fields.get(path.keys[0]) if path.plain else self._look(path, item)
            if value or value in ZEROS:
                break
        return value, () if item.short else path.place

    def _look(self, path: ReferencePath, item: Item) -> Any:
        """Return the value of a reference without alternatives."""
        for _ in range(path.up):
            if item.parent is None:
                return None
            item = item.parent
        value = self._variable(path.variable, item) if path.variable else item.fields
        for key in path.keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def _variable(self, name: str, item: Item) -> object:
        """Return the value of a variable for an item."""
        if name in OF_ORIGIN:  # a file is the origin of its record, not of the items in it
            return None if item.parent else OF_ORIGIN[name](self.record.origin)
        match name:
            case "@position":
                return item.position
            case "@iri":
                return item.iri
            case "@label":
                return self.mapper.authority.labels.get(item.iri or "")
        return self.mapper.site_fields


def _fault(place: FieldPath, message: str, value: object) -> ValueFault:
    shown = source_text(value) if isinstance(value, str | int | float) else None
    return ValueFault(place, message, Severity.VIOLATION, shown)


def _states_nothing(term_map: TermMap) -> str:
    return f"makes no statement as {getattr(term_map, '__name__', str(term_map)).replace('_', ' ')}"
