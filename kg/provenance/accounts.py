"""The fate of every leaf of every record, which is exactly one.

A leaf is a value without values inside it: a scalar, or an empty list or mapping.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kg.mapping import (
    Description,
    Fate,
    MappedRecord,
    Mapper,
    MappingResult,
    TriplesMap,
    source_text,
)
from kg.model import FieldPath, Finding, Place, Record, Severity, Site, Source, Term, field_name
from kg.sources import WITHHELD, reread_records


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A leaf of a record with its fate: the properties that have it as value, or the reason.

    `example` is the value as text; None if it is withheld, empty or null.
    """

    place: Place
    fate: Fate
    properties: tuple[Term, ...] = ()
    reason: str = ""
    example: str | None = None


def values_of_record(record: Record, mapper: Mapper) -> Iterator[FieldValue]:
    """Yield every leaf of a record with its fate."""
    return _values_of_record(record, mapper.map(record), mapper)


def _values_of_record(
    record: Record, result: MappingResult, mapper: Mapper
) -> Iterator[FieldValue]:
    account = RecordAccount(result, mapper)
    source, document = record.origin.source, record.origin.document
    for path, value in _leaves(record.fields, ()):
        claim = account.fate_of(path, value)
        example = None if claim.fate is Fate.WITHHELD else _as_text(value)
        yield FieldValue(Place(source, path, document), *claim, example)


def field_values(sources: Iterable[Source], mapper: Mapper) -> Iterator[FieldValue]:
    """Yield every leaf of every record of the sources; none of a source that cannot be read."""
    for record in reread_records(sources):
        yield from values_of_record(record, mapper)


def unknown_fields(sources: Iterable[Source], mapper: Mapper) -> list[Finding]:
    """Return a finding of severity info for each leaf that no row of the mapping reads."""
    return [
        finding
        for record in reread_records(sources)
        for finding in unknown_fields_in(record, mapper.map(record), mapper)
    ]


def unknown_fields_in(record: Record, result: MappingResult, mapper: Mapper) -> list[Finding]:
    """Return the same for one record, which `result` is of."""
    message = (
        "field is not mapped; map it in kg.toml under [fields] or [map.NAME], or ignore it there"
    )
    return [
        Finding(Severity.INFO, message, (leaf.place,), value=leaf.example)
        for leaf in _values_of_record(record, result, mapper)
        if leaf.fate is Fate.UNKNOWN
    ]


class UnknownFields:
    """Finds the same in mapped records, and looks at each item once, however many records have it.

    Nearly all items are seen to have no unknown field without an account of every leaf, which takes
    longer than the mapping of the record.
    """

    def __init__(self, mapper: Mapper) -> None:
        self._mapper = mapper
        self._checked: dict[int, tuple[Description, bool]] = {}

    def __call__(self, records: Iterable[MappedRecord]) -> list[Finding]:
        """Return a finding of severity info for each leaf that no row of the mapping reads."""
        findings: list[Finding] = []
        for mapped in records:
            if not self._is_known(mapped.record.fields, mapped.description):
                findings += unknown_fields_in(mapped.record, mapped.result(), self._mapper)
        return findings

    def _is_known(self, item: object, description: Description) -> bool:
        """Return whether each leaf of an item plainly has a fate; otherwise it may have one."""
        key = id(description)  # the description is kept, so that no other gets its id
        if key not in self._checked:
            self._checked[key] = description, self._have_fates(item, description)
        return self._checked[key][1]

    def _have_fates(self, item: object, description: Description) -> bool:
        handled = _HandledFields(set(), {}, set(WITHHELD))
        self._add(description, handled)
        if not isinstance(item, dict):
            return () in handled.fields
        for key, value in item.items():
            if key not in handled.ignored and not self._has_fate(value, (str(key),), handled):
                return False
        return True

    def _has_fate(self, value: Any, path: FieldPath, handled: _HandledFields) -> bool:
        kind = type(value)
        if kind is not dict and kind is not list and path in handled.fields:
            return True  # as most have
        for nested in handled.nested.get(path, ()):
            if self._is_known(value, nested):
                return True
        if kind is dict and value:
            return all(
                self._has_fate(inner, (*path, str(key)), handled) for key, inner in value.items()
            )
        if kind is list and value:
            return all(
                self._has_fate(inner, (*path, index), handled) for index, inner in enumerate(value)
            )
        return path in handled.fields or _is_empty(value)

    def _add(self, description: Description, handled: _HandledFields) -> None:
        map_ = self._mapper.table[description.name]
        handled.ignored.update(map_.ignored if isinstance(map_, TriplesMap) else ())
        handled.fields.update(statement[3] for statement in description.statements)
        handled.fields.update(note.field for note in description.notes)
        handled.fields.update(
            fault.field for fault in description.faults if fault.severity is Severity.VIOLATION
        )
        for path, nested in description.nested:
            if path:
                handled.nested.setdefault(path, []).append(nested)
            else:
                self._add(nested, handled)


class _HandledFields(NamedTuple):
    """The fields of an item with a fate, the items inside it, and the keys that are ignored."""

    fields: set[FieldPath]
    nested: dict[FieldPath, list[Description]]
    ignored: set[str]


# ---- summaries


@dataclass(slots=True)
class FieldSummary:
    """The leaves of one field with one fate: properties or reasons, count, files, an example."""

    name: str
    fate: Fate
    meanings: dict[str, None] = field(default_factory=dict)
    count: int = 0
    files: set[str] = field(default_factory=set)
    example: str | None = None


def summarize_fields(values: Iterable[FieldValue], site: Site) -> list[FieldSummary]:
    """Return the leaves summed up by field (`related[].title`) and fate, sorted by field."""
    summaries: dict[tuple[str, Fate], FieldSummary] = {}
    for value in values:
        key = (re.sub(r"\[\d+\]", "[]", value.place.name), value.fate)
        summary = summaries.setdefault(key, FieldSummary(*key))
        summary.count += 1
        summary.files.add(value.place.source.name)
        summary.example = value.example if summary.example is None else summary.example
        for iri in value.properties:
            summary.meanings[site.compact(iri[1:-1])] = None
        if value.reason:
            summary.meanings[value.reason] = None
    return [summaries[key] for key in sorted(summaries)]


def count_fates(summaries: Iterable[FieldSummary]) -> dict[str, int]:
    """Return how many leaves have each fate, in the order of the fates; 0 for none."""
    counts: Counter[Fate] = Counter()
    for summary in summaries:
        counts[summary.fate] += summary.count
    return {fate.value: counts[fate] for fate in Fate}


# ---- the account of a record


def _leaves(value: Any, path: FieldPath) -> Iterator[tuple[FieldPath, Any]]:
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _leaves(inner, (*path, str(key)))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*path, index))
    else:
        yield path, value


def _as_text(value: object) -> str | None:
    return source_text(value) if isinstance(value, str | int | float) else None


class Claim(NamedTuple):
    """A fate that a leaf may have, with its properties or the reason."""

    fate: Fate
    properties: tuple[Term, ...] = ()
    reason: str = ""


class RecordAccount:
    """What the mapping made of a record, by field."""

    def __init__(self, result: MappingResult, mapper: Mapper) -> None:
        self._properties: dict[FieldPath, dict[Term, None]] = {}
        for statement in result.statements:
            self._properties.setdefault(statement.field, {})[statement.predicate] = None
        self._notes = {note.field: note for note in result.notes}
        self._withheld = [note for note in result.notes if note.fate is Fate.WITHHELD]
        self._invalid = {
            finding.places[0].field: finding.message
            for finding in result.findings
            if finding.severity is Severity.VIOLATION
        }
        self._maps: dict[FieldPath, list[TriplesMap]] = {}
        for path, name in result.described:
            map_ = mapper.table[name]
            if isinstance(map_, TriplesMap):
                self._maps.setdefault(path, []).append(map_)

    def fate_of(self, path: FieldPath, value: object) -> Claim:
        """Return the fate of a leaf."""
        return next(self._claims(path, value))

    def _claims(self, path: FieldPath, value: object) -> Iterator[Claim]:
        """Yield every fate that a leaf may have, the strongest first."""
        for reason in self._reasons_to_withhold(path):
            yield Claim(Fate.WITHHELD, reason=reason)
        if path in self._invalid:
            yield Claim(Fate.INVALID, reason=self._invalid[path])
        if path in self._properties:
            yield Claim(Fate.MAPPED, tuple(self._properties[path]))
        note = self._notes.get(path)
        if note and note.fate is Fate.MAPPED:
            yield Claim(Fate.MAPPED, (f"<{note.reason}>",))
        if _is_empty(value):
            yield Claim(Fate.EMPTY)
        if note:
            yield Claim(note.fate, reason=note.reason)
        for reason in self._reasons_to_ignore(path):
            yield Claim(Fate.IGNORED, reason=reason)
        for around, message in self._invalid.items():
            if path[: len(around)] == around:
                reason = f"in {field_name(around) or 'the record'}: {message}"
                yield Claim(Fate.INVALID, reason=reason)
        yield Claim(Fate.UNKNOWN)

    def _reasons_to_withhold(self, path: FieldPath) -> Iterator[str]:
        yield from (WITHHELD[key] for key in WITHHELD.keys() & set(path))
        for note in self._withheld:
            if path[: len(note.field)] == note.field:
                yield note.reason

    def _reasons_to_ignore(self, path: FieldPath) -> Iterator[str]:
        """Yield why the maps of the items around a field ignore it."""
        for length in range(len(path)):
            for map_ in self._maps.get(path[:length], ()):
                reason = map_.ignored.get(str(path[length]))
                if reason:
                    yield reason


def _is_empty(value: object) -> bool:
    return value in (None, "", [], {}) or (isinstance(value, str) and not value.strip())
