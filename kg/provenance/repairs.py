"""Safe repairs of common mistakes in sources.

The mapping's table decides which fixes apply to a field, so new kinds of records are repaired too.
A repair changes the characters of one scalar, and is made only if the file then reads as before,
except for that value.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import Any, Final, NamedTuple

from kg.mapping import Mapper, Row, TriplesMap, date_time, parse_reference
from kg.model import FieldPath, Finding, NoFrontMatter, Place, Record, Severity, Source, SourceError
from kg.provenance.fixes import FIXES, Fix, Step, apply_fix
from kg.provenance.patches import Patch, overlapping_lines, split_lines, unified_diff
from kg.sources import (
    WITHHELD,
    YAML_SUFFIXES,
    Positions,
    Scalar,
    find_block,
    is_rdf,
    may_show,
    read_positions,
    read_records,
    read_source,
)

# ---- readings: the texts that the mapping reads, and the fixes for them


class Reading(NamedTuple):
    """A text that a row of the mapping reads, and the fix for its kind of term."""

    document: int
    path: FieldPath
    value: str
    fix: Fix

    @property
    def fixed(self) -> str:
        """The value as it should be."""
        return apply_fix(self.value, self.fix)[0]


def _readings(record: Record, mapper: Mapper) -> Iterator[Reading]:
    for item_path, name in mapper.map(record).described:
        map_, item = mapper.table[name], _value_at(record.fields, item_path)
        if not isinstance(map_, TriplesMap):
            continue
        for row in map_.rows:
            fix = None if isinstance(row.object, str) else FIXES.get(row.object)
            for path in _paths(map_, row, item, item_path) if fix else ():
                value = _value_at(record.fields, path)
                if isinstance(value, str) and fix:
                    yield Reading(record.origin.document, path, value, fix)


def _paths(map_: TriplesMap, row: Row, item: Any, item_path: FieldPath) -> Iterator[FieldPath]:
    """Yield the fields that a row reads of an item; a bare value is the shorthand of its map."""
    for reference in parse_reference(row.reference):
        if not isinstance(item, dict):
            yield from [item_path] if reference.keys == (map_.shorthand,) else []
            continue
        path = reference.below(item_path)
        if path is None:
            continue
        value = _value_at(item, reference.keys)
        if reference.each and isinstance(value, list):
            yield from ((*path, index) for index in range(len(value)))
        elif reference.each and isinstance(value, dict):
            yield from ((*path, key) for key in value)
        else:
            yield path


def _value_at(value: Any, path: FieldPath) -> Any:
    """Return the value at a path inside another; None for a key that is not there."""
    for part in path:
        if isinstance(part, int):
            value = value[part]
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


# ---- scalars: ways to write a value


_NOT_TEXT = re.compile(
    r"(?:[-+]?[\d.][\d_.,:]*(?:e[-+]?\d+)?|0[xob][\da-f_]+|[-+]?\.(?:inf|nan)"
    r"|\d{4}-\d\d?-\d\d?(?:[t \t][-+\d:. z]*)?|y|n|yes|no|on|off|true|false|null|~|=|<<)\Z",
    re.IGNORECASE,
)
"""Plain scalars that other readers of YAML take for numbers, dates or truth values."""
_BLOCK = re.compile(
    r"([|>])([-+\d]*)([^\r\n]*[ \t\r\n]*)(.*?)[ \t]*((?:[\r\n][ \t\r\n]*)?)\Z", re.DOTALL
)
"""Style, indicators, what is before the text, the text, and the ends of its last lines."""


def _scalars(raw: str, style: str | None, reading: Reading) -> Iterator[str]:
    """Yield ways to write the fixed value of a scalar, the most similar one first."""

    def fix(text: str) -> str:
        return apply_fix(text, reading.fix)[0]

    fixed = reading.fixed
    if style in {"|", ">"}:
        yield _block_scalar(raw, fix)
        return  # in quotes its lines would be lost
    if style == "'":
        yield "'" + fix(raw[1:-1].replace("''", "'")).replace("'", "''") + "'"
    elif style == '"':
        yield f'"{fix(raw[1:-1])}"'
    elif reading.fix is FIXES[date_time] or not _NOT_TEXT.match(fixed):
        yield fix(raw)
    yield json.dumps(fixed, ensure_ascii=False)  # YAML's double quotes, except for U+0085 and such
    yield json.dumps(fixed)


def _block_scalar(raw: str, fix: Step) -> str:
    """Fix the text of a block scalar; the indicator `-` removes the line break at its end."""
    style, signs, before, text, after = _BLOCK.match(raw).groups()  # type: ignore[union-attr] # always
    signs = signs if "-" in signs else signs.replace("+", "") + "-"
    return f"{style}{signs}{before}{fix(text)}{after}"


# ---- repairs: each made in the text, and compared with what it was to change


_AMBIGUOUS: Final = "not repaired: an alias makes it a value of another kind, too"
_ESCAPED_TWICE: Final = "not repaired: escaped more than once, so the right text is unknown"
_UNWRITABLE: Final = "not repaired: it cannot be rewritten without changing more"


@dataclass(frozen=True, slots=True)
class RepairedSource:
    """A source before and after its repairs.

    `repairs` has a finding for each value that was repaired: its message names the fixes, and
    `expected` is the new value. `left` has one for each value that was not, or for a source that
    cannot be read, which is a violation. The texts are empty if there is neither.
    """

    source: Source
    before: str = field(default="", repr=False)
    after: str = field(default="", repr=False)
    repairs: tuple[Finding, ...] = ()
    left: tuple[Finding, ...] = ()

    @property
    def findings(self) -> Iterator[Finding]:
        """What was left, and what was repaired; a diff shows the new values."""
        yield from self.left
        yield from (replace(repair, expected=None) for repair in self.repairs)

    @property
    def is_unreadable(self) -> bool:
        """Whether the source cannot be read."""
        return any(finding.severity is Severity.VIOLATION for finding in self.left)

    @property
    def to_fix_by_hand(self) -> int:
        """The number of values that are wrong for certain and could not be repaired."""
        return sum(finding.severity is Severity.WARNING for finding in self.left)


def repair_sources(sources: Iterable[Source], mapper: Mapper) -> Iterator[RepairedSource]:
    """Yield each source that has YAML, repaired, or with a finding of why it is not."""
    for source in sources:
        if is_rdf(source):
            continue
        try:
            yield repair_source(source, mapper)
        except SourceError as error:
            if source.named or not isinstance(error, NoFrontMatter):
                place = Place(source, line=error.line, column=error.column)
                finding = Finding(Severity.VIOLATION, str(error), (place,))
                yield RepairedSource(source, left=(finding,))


def repair_source(source: Source, mapper: Mapper) -> RepairedSource:
    """Return a source with every safe repair made. Raises SourceError if it cannot be read."""
    draft = Draft(replace(source, content=read_source(source)))
    before = draft.text
    readings = [reading for record in draft.records for reading in _readings(record, mapper)]
    if all(reading.fixed == reading.value for reading in readings):
        return RepairedSource(source)
    positions = read_positions(draft.source)
    faulty = _faulty_scalars(readings, positions)
    obstacles = {scalar.scalar: message for scalar in faulty if (message := scalar.obstacle)}
    repairable = [scalar for scalar in faulty if scalar.scalar not in obstacles]
    obstacles |= dict.fromkeys(draft.repair(repairable), _UNWRITABLE)
    left, repairs = [], []
    for scalar in reversed(faulty):
        reading = scalar.readings[0]
        line, column = positions.position_of(reading.document, reading.path)
        place = Place(source, reading.path, reading.document, line, column)
        obstacle = obstacles.get(scalar.scalar)
        if obstacle:
            severity = Severity.INFO if obstacle is _ESCAPED_TWICE else Severity.WARNING
            left.append(Finding(severity, obstacle, (place,), reading.value))
        else:
            steps = ", ".join(apply_fix(reading.value, reading.fix)[1])
            repairs.append(Finding(Severity.INFO, steps, (place,), reading.value, reading.fixed))
    return RepairedSource(source, before, draft.text, tuple(repairs), tuple(left))


class FaultyScalar(NamedTuple):
    """A scalar to repair. By an alias, a merge key or a second row it is read more than once."""

    scalar: Scalar
    readings: Sequence[Reading]

    @property
    def obstacle(self) -> str | None:
        """Why it is not certain which value is right; None if it is."""
        if len({reading.fixed for reading in self.readings}) > 1:
            return _AMBIGUOUS
        fixed = self.readings[0].fixed
        fixed_again = (apply_fix(reading.fixed, reading.fix)[0] for reading in self.readings)
        return None if all(value == fixed for value in fixed_again) else _ESCAPED_TWICE


def _faulty_scalars(readings: Iterable[Reading], positions: Positions) -> list[FaultyScalar]:
    """Return the scalars to repair, the last of the file first: a repair moves none before it."""
    by_scalar: dict[Scalar, list[Reading]] = defaultdict(list)
    for reading in readings:
        scalar = positions.scalar(reading.document, reading.path)
        if scalar:
            by_scalar[scalar].append(reading)
    return [
        FaultyScalar(scalar, by_scalar[scalar])
        for scalar in sorted(by_scalar, reverse=True, key=lambda scalar: scalar.start)
        if any(reading.fixed != reading.value for reading in by_scalar[scalar])
    ]


class Draft:
    """The text of a source while it is repaired, and the records in it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.records = read_records(source)
        self.text = read_source(source).decode()
        self._has_mark = self.text.startswith("\ufeff")

    def repair(self, faulty: Sequence[FaultyScalar]) -> list[Scalar]:
        """Write the fixed values, the last first; return the scalars that cannot be written.

        All at once, or by halves: to read a file again for each of many is slow.
        """
        if len(faulty) == 1:
            (scalar,) = faulty
            accepted = any(self._accept([(scalar, text)]) for text in self._scalars(scalar))
            return [] if accepted else [scalar.scalar]
        if self._accept([(scalar, next(self._scalars(scalar))) for scalar in faulty]):
            return []
        half = len(faulty) // 2
        return self.repair(faulty[:half]) + self.repair(faulty[half:])

    def _extent(self, scalar: FaultyScalar) -> slice:
        """Return where a scalar is in the text; positions do not count a byte order mark."""
        return slice(scalar.scalar.start + self._has_mark, scalar.scalar.end + self._has_mark)

    def _scalars(self, scalar: FaultyScalar) -> Iterator[str]:
        raw = self.text[self._extent(scalar)]
        return _scalars(raw, scalar.scalar.style, scalar.readings[0])

    def _accept(self, replacements: Sequence[tuple[FaultyScalar, str]]) -> bool:
        """Replace scalars if the text then reads as it does now, except for their values."""
        text = self.text
        for scalar, replacement in replacements:
            extent = self._extent(scalar)
            text = text[: extent.start] + replacement + text[extent.stop :]
        try:
            records = read_records(replace(self.source, content=text.encode()))
        except SourceError:
            return False
        old, new = _fields_by_document(self.records), _fields_by_document(records)
        readings = [reading for scalar, _ in replacements for reading in scalar.readings]
        changes = {(reading.value, reading.fixed) for reading in readings}
        if not _equal_except(old, new, changes) or any(
            _value_at(new[reading.document], reading.path) != reading.fixed for reading in readings
        ):
            return False
        self.text, self.records = text, records
        return True


def _fields_by_document(records: Iterable[Record]) -> dict[int, Any]:
    return {record.origin.document: record.fields for record in records}


def _equal_except(old: Any, new: Any, changes: Collection[tuple[str, str]]) -> bool:
    """Return whether two values are equal, except for texts that may change into others."""
    if isinstance(old, dict) and isinstance(new, dict):
        return list(old) == list(new) and all(_equal_except(old[k], new[k], changes) for k in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_equal_except, old, new, repeat(changes)))
    return bool(old == new or (isinstance(old, str) and (old, new) in changes))


# ---- patches: what was repaired, without the lines that have a withheld value


def patch_of(repaired: RepairedSource, name: str) -> Patch:
    """Return the repairs of a source as a patch of the file named `name`."""
    hidden = (_hidden_lines(repaired.source, text) for text in (repaired.before, repaired.after))
    return unified_diff(name, repaired.before, repaired.after, *hidden)


def _hidden_lines(source: Source, text: str) -> set[int]:
    """Return the numbers of the lines, from 0, that have a withheld value or may have one."""
    positions = read_positions(replace(source, content=text.encode()))
    mark = text.startswith("\ufeff")
    extents = [(start + mark, end + mark) for start, end in positions.extents(WITHHELD)]
    body = text.count("\n", 0, _body_start(source, text))
    lines = enumerate(split_lines(text))
    doubtful = {number for number, line in lines if not may_show(line, in_comment=number >= body)}
    return overlapping_lines(text, extents) | doubtful


def _body_start(source: Source, text: str) -> int:
    """Return the offset of the body of a text: like a comment, it may have anything in it."""
    if source.path.lower().endswith(YAML_SUFFIXES):
        return len(text)
    block = find_block(text.removeprefix("\ufeff"))
    fence = text.startswith("\ufeff") + block.start + len(block.text)
    return text.find("\n", fence) + 1 or len(text)
