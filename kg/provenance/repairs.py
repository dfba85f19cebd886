"""Safe repairs of sources: what is written in a way that nobody meant, written as it was meant.

What a field means says which rules mend it, so the mapping's table is asked, and new kinds of
records are mended too. A repair changes the characters of one scalar, and is made only if the file
then reads back as it did before, but for that value.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import Any, Final, NamedTuple

from kg.mapping.language import Row, TriplesMap, parse_reference
from kg.mapping.mapper import Mapper
from kg.mapping.term_maps import date_time
from kg.model.errors import NoFrontMatter, SourceError
from kg.model.findings import Finding, Place, Severity
from kg.model.records import FieldPath, Record, Source
from kg.provenance.fixes import FIXES, Fix, Step, apply_fix
from kg.provenance.patches import Patch, overlapping_lines, split_lines, unified_diff
from kg.sources.frontmatter.blocks import find_block
from kg.sources.frontmatter.positions import Positions, Scalar
from kg.sources.reading import YAML_SUFFIXES, is_rdf, read_positions, read_records, read_source
from kg.sources.withheld import WITHHELD, may_show

# ---- readings: which texts the mapping reads, and as what


class Reading(NamedTuple):
    """A text that a row of the mapping reads, and what mends what it is read as."""

    document: int
    path: FieldPath
    value: str
    remedy: Fix

    @property
    def meant(self) -> str:
        """The value as it should be."""
        return apply_fix(self.value, self.remedy)[0]


def _readings(record: Record, using: Mapper) -> Iterator[Reading]:
    for around, name in using.map(record).described:
        one, item = using.table[name], _at(record.fields, around)
        if not isinstance(one, TriplesMap):
            continue
        for row in one.rows:
            remedy = None if isinstance(row.object, str) else FIXES.get(row.object)
            for path in _paths(one, row, item, around) if remedy else ():
                value = _at(record.fields, path)
                if isinstance(value, str) and remedy:
                    yield Reading(record.origin.document, path, value, remedy)


def _paths(one: TriplesMap, row: Row, item: Any, around: FieldPath) -> Iterator[FieldPath]:
    """Yield the fields that a row reads of an item; a bare value stands for one of its map."""
    for reference in parse_reference(row.reference):
        if not isinstance(item, dict):
            yield from [around] if reference.keys == (one.shorthand,) else []
            continue
        place = reference.below(around)
        if place is None:
            continue
        value = _at(item, reference.keys)
        if reference.each and isinstance(value, list):
            yield from ((*place, index) for index in range(len(value)))
        elif reference.each and isinstance(value, dict):
            yield from ((*place, key) for key in value)
        else:
            yield place


def _at(value: Any, path: FieldPath) -> Any:
    for part in path:
        if isinstance(part, int):
            value = value[part]
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


# ---- spellings: from a value to the scalar that says it


_NO_TEXT = re.compile(
    r"(?:[-+]?[\d.][\d_.,:]*(?:e[-+]?\d+)?|0[xob][\da-f_]+|[-+]?\.(?:inf|nan)"
    r"|\d{4}-\d\d?-\d\d?(?:[t \t][-+\d:. z]*)?|y|n|yes|no|on|off|true|false|null|~|=|<<)\Z",
    re.IGNORECASE,
)
"""Plain scalars that other readers of YAML take for numbers, dates or truth values."""
_BLOCK = re.compile(
    r"([|>])([-+\d]*)([^\r\n]*[ \t\r\n]*)(.*?)[ \t]*((?:[\r\n][ \t\r\n]*)?)\Z", re.DOTALL
)
"""Style, signs, what is before the text, the text, and the ends of its last lines."""


def _spellings(raw: str, style: str | None, reading: Reading) -> Iterator[str]:
    """Yield ways to write a mended scalar, the nearest to how it is written first."""

    def mend(written: str) -> str:
        return apply_fix(written, reading.remedy)[0]

    meant = reading.meant
    if style in {"|", ">"}:
        yield _block(raw, mend)
        return  # in quotes its lines would be lost
    if style == "'":
        yield "'" + mend(raw[1:-1].replace("''", "'")).replace("'", "''") + "'"
    elif style == '"':
        yield f'"{mend(raw[1:-1])}"'
    elif reading.remedy is FIXES[date_time] or not _NO_TEXT.match(meant):
        yield mend(raw)
    yield json.dumps(meant, ensure_ascii=False)  # YAML's double quotes, but for U+0085 and such
    yield json.dumps(meant)


def _block(raw: str, mend: Step) -> str:
    """Mend the text of a block scalar; `-` takes away the line break at its end."""
    style, signs, before, words, after = _BLOCK.match(raw).groups()  # type: ignore[union-attr] # always
    signs = signs if "-" in signs else signs.replace("+", "") + "-"
    return f"{style}{signs}{before}{mend(words)}{after}"


# ---- repairs: each made in the text, and held against what it was to change


_DISPUTED: Final = "left as it is: an alias has it read as something else too"
_ESCAPED_TWICE: Final = "left as it is: escaped more than once, so what it means is not certain"
_UNWRITABLE: Final = "left as it is: it cannot be written anew without changing more"


@dataclass(frozen=True, slots=True)
class RepairedSource:
    """A source as it stands and as it should, with a finding for each value that differs.

    The message of a repair names what it does away with, and `expected` is the new value. `left`
    says what could not be mended, or read at all. The text is kept only where anything differs.
    """

    source: Source
    before: str = field(default="", repr=False)
    after: str = field(default="", repr=False)
    repairs: tuple[Finding, ...] = ()
    left: tuple[Finding, ...] = ()

    def count(self, severity: Severity) -> int:
        """How much was left that is this grave: a violation is a source that cannot be read."""
        return sum(finding.severity is severity for finding in self.left)


def repair_sources(found: Iterable[Source], using: Mapper) -> Iterator[RepairedSource]:
    """Yield each source that holds YAML, repaired, or with a finding that says why it is not."""
    for source in found:
        if is_rdf(source):
            continue
        try:
            yield repair_source(source, using)
        except SourceError as error:
            if source.named or not isinstance(error, NoFrontMatter):
                place = Place(source, line=error.line, column=error.column)
                yield RepairedSource(
                    source, left=(Finding(Severity.VIOLATION, str(error), (place,)),)
                )


def repair_source(source: Source, using: Mapper) -> RepairedSource:
    """Return a source with every safe repair made. Raises SourceError when it cannot be read."""
    draft = Draft(replace(source, content=read_source(source)))
    before = draft.text
    readings = [reading for record in draft.records for reading in _readings(record, using)]
    if all(reading.meant == reading.value for reading in readings):
        return RepairedSource(source)
    positions = read_positions(draft.source)
    dirty = _dirty(readings, positions)
    why = {one.scalar: message for one in dirty if (message := one.doubt)}
    why |= dict.fromkeys(draft.mend([one for one in dirty if one.scalar not in why]), _UNWRITABLE)
    left, repairs = [], []
    for one in reversed(dirty):
        reading = one.readings[0]
        line, column = positions.position_of(reading.document, reading.path)
        place = Place(source, reading.path, reading.document, line, column)
        message = why.get(one.scalar)
        if message:
            severity = Severity.INFO if message is _ESCAPED_TWICE else Severity.WARNING
            left.append(Finding(severity, message, (place,), reading.value))
        else:
            steps = ", ".join(apply_fix(reading.value, reading.remedy)[1])
            repairs.append(Finding(Severity.INFO, steps, (place,), reading.value, reading.meant))
    return RepairedSource(source, before, draft.text, tuple(repairs), tuple(left))


class FaultyScalar(NamedTuple):
    """A scalar to mend; an alias, a merge key or a second row has it read more than once."""

    scalar: Scalar
    readings: Sequence[Reading]

    @property
    def doubt(self) -> str | None:
        """Why nobody can say for certain what it was meant to be."""
        if len({reading.meant for reading in self.readings}) > 1:
            return _DISPUTED
        again = (apply_fix(reading.meant, reading.remedy)[0] for reading in self.readings)
        return None if all(one == self.readings[0].meant for one in again) else _ESCAPED_TWICE


def _dirty(readings: Iterable[Reading], positions: Positions) -> list[FaultyScalar]:
    """Return the scalars to mend, the last of the file first: mending it moves no other."""
    read: dict[Scalar, list[Reading]] = defaultdict(list)
    for reading in readings:
        scalar = positions.scalar(reading.document, reading.path)
        if scalar:
            read[scalar].append(reading)
    return [
        FaultyScalar(scalar, read[scalar])
        for scalar in sorted(read, reverse=True, key=lambda scalar: scalar.start)
        if any(reading.meant != reading.value for reading in read[scalar])
    ]


class Draft:
    """The text of a source while it is mended, and the records in it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.records = read_records(source)
        self.text = read_source(source).decode()
        self._mark = self.text.startswith("\ufeff")

    def mend(self, dirty: Sequence[FaultyScalar]) -> list[Scalar]:
        """Write scalars as they were meant, the last first, and return those that cannot be.

        All at once, or by halves: to read a file again for each of many takes long.
        """
        if len(dirty) == 1:
            taken = any(self._take([(dirty[0], one)]) for one in self._spellings(dirty[0]))
            return [] if taken else [dirty[0].scalar]
        if self._take([(one, next(self._spellings(one))) for one in dirty]):
            return []
        half = len(dirty) // 2
        return self.mend(dirty[:half]) + self.mend(dirty[half:])

    def _spellings(self, one: FaultyScalar) -> Iterator[str]:
        raw = self.text[one.scalar.start + self._mark : one.scalar.end + self._mark]
        return _spellings(raw, one.scalar.style, one.readings[0])

    def _take(self, spelled: Sequence[tuple[FaultyScalar, str]]) -> bool:
        """Take spellings over if the text then says what it says now, but for their values."""
        text = self.text
        for one, spelling in spelled:
            start, end = one.scalar.start + self._mark, one.scalar.end + self._mark
            text = text[:start] + spelling + text[end:]
        try:
            records = read_records(replace(self.source, content=text.encode()))
        except SourceError:
            return False
        old, new = _said(self.records), _said(records)
        readings = [reading for one, _ in spelled for reading in one.readings]
        if not _same_but(old, new, {(reading.value, reading.meant) for reading in readings}) or any(
            _at(new[reading.document], reading.path) != reading.meant for reading in readings
        ):
            return False
        self.text, self.records = text, records
        return True


def _said(records: Iterable[Record]) -> dict[int, Any]:
    return {record.origin.document: record.fields for record in records}


def _same_but(old: Any, new: Any, changes: Collection[tuple[str, str]]) -> bool:
    """Whether two readings of a text say the same, but for values that may become others."""
    if isinstance(old, dict) and isinstance(new, dict):
        return list(old) == list(new) and all(_same_but(old[k], new[k], changes) for k in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(_same_but, old, new, repeat(changes)))
    return bool(old == new or (isinstance(old, str) and (old, new) in changes))


# ---- patches: what was repaired, without a line on which anything withheld stands


def patch_of(one: RepairedSource, name: str) -> Patch:
    """Return what was repaired in a source as a patch of the file that goes by `name`."""
    hidden = (_hidden(one.source, text) for text in (one.before, one.after))
    return unified_diff(name, one.before, one.after, *hidden)


def _hidden(source: Source, text: str) -> set[int]:
    """Return the numbers of the lines, from 0, that hold a withheld value or may hold one."""
    positions = read_positions(replace(source, content=text.encode()))
    mark = text.startswith("\ufeff")
    extents = [(start + mark, end + mark) for start, end in positions.extents(WITHHELD)]
    body = text.count("\n", 0, _body(source, text))
    lines = enumerate(split_lines(text))
    doubtful = {n for n, line in lines if not may_show(line, in_comment=n >= body)}
    return overlapping_lines(text, extents) | doubtful


def _body(source: Source, text: str) -> int:
    """Return where the body of a text starts: like a comment, it may hold anything."""
    if source.path.lower().endswith(YAML_SUFFIXES):
        return len(text)
    block = find_block(text.removeprefix("\ufeff"))
    fence = text.startswith("\ufeff") + block.start + len(block.text)
    return text.find("\n", fence) + 1 or len(text)
