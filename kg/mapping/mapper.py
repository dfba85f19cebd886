"""The interpreter of a mapping: a record in, its statements out. It knows no vocabulary."""

from __future__ import annotations

import marshal
from collections.abc import Collection, Iterator
from copy import copy
from dataclasses import dataclass
from typing import Any, Final

from kg.mapping.compiled import OF_ORIGIN, CompiledChoices, CompiledMap, CompiledRow
from kg.mapping.descriptions import (
    Description,
    Fate,
    FieldNote,
    MappingResult,
    Nested,
    Part,
    ValueFault,
    flatten,
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
from kg.mapping.memo import DescriptionMemo
from kg.mapping.term_maps import TermMap, describe_value, source_text
from kg.model.errors import InvalidValue
from kg.model.findings import Finding, Severity
from kg.model.records import FieldPath, Record, Term
from kg.model.site import Site


class Mapper:
    """Maps records, one by one, by a table of maps: the same record gives the same statements.

    `start` names the map every record begins with; `facts` are added to the nodes they are about;
    `authority` tells which nodes a mention means; `include` are the optional nodes that are wanted.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each is one thing that is known beforehand
        self,
        table: Maps,
        start: str,
        site: Site,
        facts: Facts | None = None,
        authority: Authority | None = None,
        include: Collection[str] = (),
    ) -> None:
        self.maps = table
        self.start = start
        self.site = site
        self.about = site.description
        self.facts = facts or {}
        self.authority = authority or Authority()
        self.include = frozenset(include)
        self.nodes = {
            name: CompiledMap.compiled(name, one, site)
            for name, one in table.items()
            if isinstance(one, TriplesMap)
        }
        self.choices = {
            name: CompiledChoices.compiled(one)
            for name, one in table.items()
            if isinstance(one, Choice)
        }
        self.closed = {
            name
            for name, reach in map_reaches(table).items()
            if not reach and not (name in self.nodes and self.nodes[name].bare)
        }
        """Maps that say something, and the same wherever an equal item stands."""
        self.shared = {
            name for name in table if not self.closed.isdisjoint(possible_maps(name, table))
        }
        """The same, and those that may choose one of them."""
        self.inherited = sorted({key for one in self.choices.values() for key in one.inherited})
        self.latest = DescriptionMemo(_LATEST)

    def knowing(self, authority: Authority) -> Mapper:
        """Return the same mapper, which knows what the site's own files call things."""
        other = copy(self)
        other.authority = authority
        other.latest = DescriptionMemo(_LATEST)
        return other

    def map(self, record: Record) -> MappingResult:
        """Return every statement of a record, and a finding for every value that makes none."""
        mapped = MappingResult([], [])
        flatten(self.describe(record, self.latest), (), record.origin, mapped)
        return mapped

    def describe(self, record: Record, memory: DescriptionMemo) -> Description:
        """Return what a record says, as a tree; equal items are taken from memory."""
        return RecordMapping(self, record, memory).describe(self.start, Item(record.fields))

    def findings(self, one: Description, record: Record) -> list[Finding]:
        """Return what is wrong in a description."""
        mapped = MappingResult([], [])
        if one.faulty:
            flatten(one, (), record.origin, mapped)
        return mapped.findings

    def iri(self, name: str, record: Record, value: object = None) -> str | None:
        """Return the IRI of the node that a record is, or a bare value in it, by the map `name`.

        It is relative to the base, and as it is minted: no alias is looked up. None for no node.
        """
        mapping, item = RecordMapping(self, record, self.latest), Item(record.fields)
        node = mapping.node(name, item, [])
        if value is not None:
            item = Item({node.shorthand: value}, item, short=True)
        try:
            return mapping.minted(node, item)
        except InvalidValue:
            return None

    def chosen(self, record: Record) -> str:
        """Return the name of the map a record begins with."""
        mapping = RecordMapping(self, record, self.latest)
        return mapping.node(self.start, Item(record.fields), []).name


_LATEST: Final = 512
"""Providers, topics and sizes come again and again; a work seldom does, and takes 10 kB or more."""


@dataclass(slots=True)
class Item:
    """A value in a record that is described, and what is around it.

    A `short` item is a bare value; every field of it stands where it does.
    """

    fields: Any
    parent: Item | None = None
    position: int | None = None
    short: bool = False
    iri: str | None = None


def _empty(value: object) -> bool:
    return not value and value not in _SMALL


_SMALL: Final = (0, 0.0, False)
"""Values that Python calls false, and that say something."""


class RecordMapping:
    """One record being mapped."""

    def __init__(self, mapper: Mapper, record: Record, memory: DescriptionMemo) -> None:
        self.mapper = mapper
        self.site = mapper.site
        self.record = record
        self.memory = memory
        self.known = memory.known.get
        self.nodes = mapper.nodes
        self.around = repr([record.fields.get(key) for key in mapper.inherited])
        """What items that look like others may inherit."""
        self.marks: dict[int, bytes] = {}
        """The items so far, as bytes, by their identity: several rows read one item."""
        self.faults = 0
        """How many things are wrong so far."""

    def describe(self, name: str, item: Item) -> Description:
        """Return what an item says by a map."""
        parts: list[Part] = []
        faults = self.faults
        node = self.nodes.get(name) or self.node(name, item, parts)
        if node.optional and node.optional not in self.mapper.include:
            reason = f"left out unless {node.optional} are asked for"
            parts.append(FieldNote((), Fate.WITHHELD, reason))
            self._find(parts, (), reason, severity=Severity.INFO)
            return Description(node.name, None, parts, faulty=True)
        reference = self.subject(node, item, parts)
        if reference is None:
            return Description(node.name, None, parts, self.faults > faults)
        subject = self.site.iri(reference)
        for predicate, term in node.always:
            parts.append((subject, predicate, term, ()))
        before, item.iri = item.iri, reference
        self._say(node, subject, item, parts)
        item.iri = before
        for predicate, term in self.mapper.facts.get(subject, ()):
            parts.append((subject, predicate, term, ()))
        return Description(node.name, subject, parts, self.faults > faults)

    def _say(self, node: CompiledMap, subject: Term, item: Item, parts: list[Part]) -> None:
        """Add what the rows of a map say of an item."""
        get, short, site, add = item.fields.get, item.short, self.site, parts.append
        for keys, kind, predicates, row in node.rows:
            for key in keys:
                value = get(key)
                if value or value in _SMALL:
                    break
            else:
                if keys:
                    continue
            if kind is None:
                if row.direct:
                    self._link_all(row, subject, value, () if short else (key,), item, parts)
                else:
                    self._state_all(row, subject, item, parts)
                continue
            place = () if short else (key,)  # a field of the item, and a term: as most rows
            try:
                made = kind(value, site)
            except InvalidValue as error:
                self._find(parts, place, str(error), value)
                continue
            if made is None:
                add(FieldNote(place, Fate.IGNORED, _says_nothing(kind)))
                continue
            for predicate in predicates:
                add((subject, predicate, made, place))

    def _find(
        self,
        parts: list[Part],
        place: FieldPath,
        message: str,
        value: object = None,
        severity: Severity = Severity.VIOLATION,
    ) -> None:
        self.faults += 1
        shown = source_text(value) if isinstance(value, str | int | float) else None
        parts.append(ValueFault(place, message, severity, shown))

    def _link_all(  # noqa: PLR0913, PLR0917 - a value, and all that is known of where it stands
        self,
        row: CompiledRow,
        subject: Term,
        value: Any,
        place: FieldPath,
        item: Item,
        parts: list[Part],
    ) -> None:
        """Add a link to the node of each value.

        They are those of `_values`; to have them from there takes 6 % of the time of mapping.
        """
        if row.each and isinstance(value, list):
            for index, one in enumerate(value):
                if one or one in _SMALL:
                    self._link(row, subject, one, (*place, index), index + 1, item, parts)
        else:
            self._link(row, subject, value, place, 1 if row.each else None, item, parts)

    def _state_all(self, row: CompiledRow, subject: Term, item: Item, parts: list[Part]) -> None:
        """Add what a row says of each value that it reads."""
        value, place = self._read(row, item)
        if value is None:
            return
        for one, where, position in _values(value, place, row.each):
            if row.unless and one == self._first(row.unless, item)[0]:
                parts.append(FieldNote(where, Fate.DERIVED, f"the same as {row.same}"))
            elif row.kind:
                self._state(row, row.kind, subject, one, where, parts)
            else:
                self._link(row, subject, one, where, position, item, parts)

    def _state(  # noqa: PLR0913, PLR0917 - a value, and all that is known of where it stands
        self,
        row: CompiledRow,
        kind: TermMap,
        subject: Term,
        value: Any,
        place: FieldPath,
        parts: list[Part],
    ) -> None:
        """Add what a row says of a value."""
        try:
            made = kind(value, self.site)
        except InvalidValue as error:
            self._find(parts, place, str(error), value)
            return
        if made is None:
            parts.append(FieldNote(place, Fate.IGNORED, _says_nothing(kind)))
        else:
            parts.append((subject, row.predicate, made, place))

    def _link(  # noqa: PLR0913, PLR0917 - a value, and all that is known of where it stands
        self,
        row: CompiledRow,
        subject: Term,
        value: Any,
        place: FieldPath,
        position: int | None,
        item: Item,
        parts: list[Part],
    ) -> None:
        """Add a link to the node of a value, and what that says, unless it is known to be said."""
        try:
            said = self._described(row.link, value, position, item)
        except InvalidValue as error:
            self._find(parts, place, str(error), value)
            return
        if isinstance(said, str):
            made: Term | None = said
        else:
            parts.append(Nested(place, said))
            made = said.node
        if made is not None:
            parts.append((subject, row.predicate, made, place))
            if row.inverse:
                parts.append((made, row.inverse, subject, place))

    # ---- which map, and which node

    def node(self, name: str, item: Item, parts: list[Part]) -> CompiledMap:
        """Return the map of that name, or the one it chooses for the item."""
        while name not in self.nodes:
            choices = self.mapper.choices.get(name)
            if choices is None:
                raise TypeError(f"no map is named {name!r}")
            name = self._chosen(choices, item, parts)
        return self.nodes[name]

    def _chosen(self, one: CompiledChoices, item: Item, parts: list[Part]) -> str:
        get = item.fields.get
        told = (*map(get, one.kinds),)
        folder = None if item.parent else OF_ORIGIN["@collection"](self.record.origin)
        mark = (folder, self.around, repr(told), *map(bool, map(get, one.flags)))
        name = one.made.get(mark)
        if name is None:
            values = [self._key(one, key, path, item) for key, path in one.keys]
            name = one.choose(values)
            if name:
                one.keep(mark, name)
            else:
                self._find(parts, *one.notice(values), severity=Severity.INFO)
        for note, value in zip(one.kinds.values(), told, strict=True):
            if type(value) is str:
                parts.append(note)
        return name or one.otherwise

    def _key(self, one: CompiledChoices, key: str, path: ReferencePath, item: Item) -> str | None:
        value = self._look(path, item)
        if value is None and key in one.inherited:
            value = self.record.fields.get(key)
        if not isinstance(value, str | int | float):
            return ANY if value else None
        return source_text(value) or None

    def subject(self, node: CompiledMap, item: Item, parts: list[Part]) -> str | None:
        """Return the IRI of the item's node, relative to the base; None when it has none."""
        try:
            minted = self.minted(node, item)
        except InvalidValue as error:
            self._find(parts, self._blamed(node, item, error), str(error), error.culprit)
            return None
        if minted is None:
            parts.append(FieldNote((), Fate.IGNORED, f"holds no {node.name}"))
            return None
        known = None if node.names else self.mapper.authority.aliases.get(minted)
        if node.subject.listed and not known:
            message = "no file of this site; correct the path or take it off the list"
            self._find(parts, (), message, self._first(node.references[0][1], item)[0])
            return None
        return known or minted

    def minted(self, node: CompiledMap, item: Item) -> str | None:
        """Return what the map's mint makes of the item; raises InvalidValue as the mint does."""
        get = item.fields.get
        values = []
        for keys, paths in node.inside if item.parent else node.references:
            value = None
            if keys:
                for key in keys:
                    value = get(key)
                    if value or value in _SMALL:
                        break
            elif paths:
                value = self._first(paths, item)[0]
            values.append(value)
        return node.subject.mint(self.site, *values)

    def _blamed(self, node: CompiledMap, item: Item, error: InvalidValue) -> FieldPath:
        """Return where the value stands that an error blames, else where the item does."""
        for _, paths in node.references:
            value, place = self._first(paths, item)
            if value is error.culprit is not None:
                return place
        return ()

    # ---- what a row reads

    def _look(self, path: ReferencePath, item: Item) -> Any:
        """Return what a simple reference holds."""
        for _ in range(path.up):
            if item.parent is None:
                return None
            item = item.parent
        value = self._known(path.known, item) if path.known else item.fields
        for key in path.keys:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def _known(self, name: str, item: Item) -> object:
        if name in OF_ORIGIN:  # a file is what its own record is from, not what is listed in it
            return None if item.parent else OF_ORIGIN[name](self.record.origin)
        match name:
            case "@position":
                return item.position
            case "@iri":
                return item.iri
            case "@label":
                return self.mapper.authority.labels.get(item.iri or "")
        return self.mapper.about

    def _first(self, paths: tuple[ReferencePath, ...], item: Item) -> tuple[Any, FieldPath]:
        """Return what the first of alternatives holds that holds anything; else the last."""
        for path in paths:
            value = item.fields.get(path.keys[0]) if path.plain else self._look(path, item)
            if value or value in _SMALL:
                break
        return value, () if item.short else path.place

    def _read(self, row: CompiledRow, item: Item) -> tuple[Any, FieldPath]:
        """Return what a row reads and where; None for what holds nothing, or is not to be said."""
        value, place = self._first(row.references, item)
        if _empty(value) and value is not item.fields:
            return None, ()
        return (self._said(row, value, item) if row.guarded else value), place

    def _said(self, row: CompiledRow, value: Any, item: Item) -> Any:
        """Return the value that a row says; None when it is not to be said."""
        if row.without and not _empty(self._first(row.without, item)[0]):
            return None
        label = self.mapper.authority.labels.get(item.iri or "") if row.preferred else None
        return label or value

    # ---- what it becomes

    def _described(
        self, name: str, value: Any, position: int | None, item: Item
    ) -> Description | Term:
        """Return what a value says by a map, or only its node where that has been said."""
        if value is item.fields:
            return self.describe(name, item)
        if name not in self.mapper.shared:
            return self.describe(name, self._inner(name, value, position, item))
        mark = value if type(value) is str else self.marks.get(id(value)) or self._mark(value)
        # A text is hashed as its bytes are, and -1 as -2: so with its type, and numbers as bytes.
        key = hash((name, self.around, type(value), mark))
        known = self.known(key)
        if known is not None:
            self.faults += not isinstance(known, str) and known.faulty
            return known
        said = self.describe(name, self._inner(name, value, position, item))
        if said.name in self.mapper.closed:
            self.memory.keep(key, said)
        return said

    def _mark(self, value: Any) -> bytes:
        """Return a value as bytes."""
        mark = self.marks[id(value)] = marshal.dumps(value, _PLAIN)
        return mark

    def _inner(self, name: str, value: Any, position: int | None, item: Item) -> Item:
        if isinstance(value, dict):
            return Item(value, item, position)
        node = self.mapper.nodes.get(name)
        if node is None or node.shorthand is None:
            raise InvalidValue(f"{_what(value)}, where a mapping of fields is expected")
        source_text(value)
        return Item({node.shorthand: value}, item, position, short=True)


_PLAIN: Final = 2
"""The version of marshal's format in which equal values are equal bytes: no references."""


def _values(value: Any, place: FieldPath, each: str) -> Iterator[tuple[Any, FieldPath, int | None]]:
    """Yield the values that a reference means, each with its field and its place in a list."""
    if each == "[]" and isinstance(value, list):
        for index, one in enumerate(value):
            if not _empty(one):
                yield one, (*place, index), index + 1
    elif each == ".*" and isinstance(value, dict):
        for key, one in value.items():
            if not _empty(one):
                yield one, (*place, str(key)), None
    elif each == "[ ]":
        for one, where, _ in _values(value, place, "[]"):
            words = one.split() if isinstance(one, str) else [one]
            yield from ((word, where, None) for word in words)
    else:
        yield value, place, 1 if each else None


def _says_nothing(kind: TermMap | None) -> str:
    return f"says nothing, as {getattr(kind, '__name__', str(kind)).replace('_', ' ')}"


def _what(value: object) -> str:
    return describe_value(value) if isinstance(value, list | dict) else "one value"
