"""Safe repairs of sources: what is written in a way that nobody meant, written as it was meant.

What a field means says which rules mend it, so the mapping's table is asked, and new kinds of
records are mended too. A repair changes the characters of one scalar, and is made only if the file
then reads back as it did before, but for that value.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple, TypeAlias

from kg import frontmatter, mapping, patches, sources, urls
from kg.errors import InvalidValue, NoFrontMatter, SourceError
from kg.findings import Finding, Place, Severity
from kg.frontmatter import Positions, Scalar
from kg.mapper import Mapper, Row, TriplesMap
from kg.namespaces import Site
from kg.patches import Patch
from kg.records import FieldPath, Record, Source
from kg.terms import TermMap, date_time, domain, text, unquote, url

# ---- rules: from a value to the value that was meant

Step: TypeAlias = Callable[[str], str]
Rules: TypeAlias = Mapping[str, Step]

_NOWHERE: Final = Site()

_THAI_TO_KHMER: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_INVISIBLE = re.compile(
    "[\u00ad\u2060\ufeff\x00-\x08\x0e-\x1b]"
    f"|(?<![{_THAI_TO_KHMER}\u200b])\u200b+|\u200b+(?![{_THAI_TO_KHMER}\u200b])"
)
"""Joiners mean something, and so does U+200B between letters of scripts without blanks."""
_NO_BREAK = re.compile("(?:(?<=\\S) +)?[\u00a0\x0b\x0c\x1c-\x1f](?:[ \u00a0\x0b\x0c\x1c-\x1f])*")
"""Blanks that look like one, with the plain ones around them."""

_SEVERAL = re.compile(r"[\x00-\x1f\x7f]|\s\S+://")
"""A line break in a URL, or a blank and another URL."""
_TIME = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d)(?::(\d\d(?:\.\d+)?))?"
    r"[ \t]*([Zz]|UTC|GMT|[+-]\d\d?(?::\d\d)?|[+-]\d{4})?\Z",
    re.ASCII,
)
"""What YAML 1.1's timestamps and ISO 8601 give one meaning: the year first, hours up to 24."""


def _unescaped(words: str) -> str:
    term = text(words, _NOWHERE)
    return words if term is None else unquote(term)[0]


def _visible(words: str) -> str:
    return _NO_BREAK.sub(" ", _INVISIBLE.sub("", words))


def _legal(words: str) -> str:
    """Clean a URL as the graph does, but leave what only a site or a person can decide about."""
    spelled = words.strip()
    if spelled.startswith("//") or _SEVERAL.search(spelled):
        return words
    try:
        return urls.clean(words, None)
    except InvalidValue:  # a relative URL, or none
        return words


def _dated(words: str) -> str:
    spelled = _visible(words).strip()
    match = _TIME.match(spelled)
    if match:
        year, month, day, hour, minute, second, zone = match.groups()
        date = f"{year}-{month:0>2}-{day:0>2}"
        spelled = f"{date}T{hour:0>2}:{minute}:{second or '00'}{_offset(zone or '')}"
    try:
        date_time(spelled, _NOWHERE)
    except InvalidValue:
        return words
    return spelled


def _offset(zone: str) -> str:
    """Write a time zone as XML Schema does: `Z`, or hours and minutes."""
    if zone in {"Z", "z", "UTC", "GMT"}:
        return "Z"
    hours, _, minutes = zone[1:].partition(":")
    if len(hours) == len("hhmm"):
        hours, minutes = hours[:2], hours[2:]
    return f"{zone[0]}{hours:0>2}:{minutes or '00'}" if zone else ""


RULES: Final[Mapping[TermMap, Rules]] = {
    text: {
        "entities": _unescaped,
        "invisible characters": _visible,
        "surrounding white space": str.strip,
    },
    url: {"characters no URL may hold": _legal},
    date_time: {"form of the date": _dated},
    domain: {"surrounding white space": str.strip},
}
"""What mends a value of each kind, in this order; other kinds are left alone."""


def mended(words: str, rules: Rules) -> tuple[str, tuple[str, ...]]:
    """Return what the rules make of a value, and which of them changed it; never nothing."""
    used = []
    for name, step in rules.items():
        meant = step(words)
        if meant != words and meant.strip():
            used.append(name)
            words = meant
    return words, tuple(used)


# ---- readings: which texts the mapping reads, and as what


class Reading(NamedTuple):
    """A text that a row of the mapping reads, and the rules for what it is read as."""

    document: int
    path: FieldPath
    value: str
    rules: Rules

    @property
    def meant(self) -> str:
        """The value as it should be."""
        return mended(self.value, self.rules)[0]


def _readings(record: Record, using: Mapper) -> Iterator[Reading]:
    for around, name in using.map(record).described:
        one, item = using.maps[name], _at(record.fields, around)
        if not isinstance(one, TriplesMap):
            continue
        for row in one.rows:
            rules = None if isinstance(row.object, str) else RULES.get(row.object)
            for path in _paths(one, row, item, around) if rules else ():
                value = _at(record.fields, path)
                if isinstance(value, str) and rules:
                    yield Reading(record.origin.document, path, value, rules)


def _paths(one: TriplesMap, row: Row, item: Any, around: FieldPath) -> Iterator[FieldPath]:
    """Yield the fields that a row reads of an item; a bare value stands for one of its map."""
    for reference in (row.reference,) if isinstance(row.reference, str) else row.reference:
        name = reference.removesuffix("[]")
        if reference[0] in ".@":
            continue
        if not isinstance(item, dict):
            yield from [around] if name == one.shorthand else []
        elif name != reference and isinstance(item.get(name), list):
            yield from ((*around, name, index) for index in range(len(item[name])))
        else:
            yield (*around, name)


def _at(value: Any, path: FieldPath) -> Any:
    for part in path:
        value = value.get(part) if isinstance(part, str) else value[part]
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
        return mended(written, reading.rules)[0]

    meant = reading.meant
    if style in {"|", ">"}:
        yield _block(raw, mend)
        return  # in quotes its lines would be lost
    if style == "'":
        yield "'" + mend(raw[1:-1].replace("''", "'")).replace("'", "''") + "'"
    elif style == '"':
        yield f'"{mend(raw[1:-1])}"'
    elif reading.rules is RULES[date_time] or not _NO_TEXT.match(meant):
        yield mend(raw)
    yield json.dumps(meant, ensure_ascii=False)  # YAML's double quotes, but for U+0085 and such
    yield json.dumps(meant)


def _block(raw: str, mend: Step) -> str:
    """Mend the text of a block scalar; `-` takes away the line break at its end."""
    style, signs, before, words, after = _BLOCK.match(raw).groups()  # type: ignore[union-attr]
    signs = signs if "-" in signs else signs.replace("+", "") + "-"
    return f"{style}{signs}{before}{mend(words)}{after}"


# ---- repairs: each made in the text, and held against what it was to change

_DISPUTED: Final = "left as it is: an alias has it read as something else too"
_ESCAPED_TWICE: Final = "left as it is: escaped more than once, so what it means is not certain"
_UNWRITABLE: Final = "left as it is: it cannot be written anew without changing more"


@dataclass(frozen=True, slots=True)
class Repaired:
    """A source as it stands and as it should, with a finding for each value that differs.

    The message of a repair names its rules, and `expected` is the new value. `left` says what
    could not be mended, or read at all. The text is kept only where anything differs.
    """

    source: Source
    before: str = field(default="", repr=False)
    after: str = field(default="", repr=False)
    repairs: tuple[Finding, ...] = ()
    left: tuple[Finding, ...] = ()

    def count(self, severity: Severity) -> int:
        """How much was left that is this grave: a violation is a source that cannot be read."""
        return sum(finding.severity is severity for finding in self.left)


def of(found: Iterable[Source], using: Mapper) -> Iterator[Repaired]:
    """Yield each source that holds YAML, repaired, or with a finding that says why it is not."""
    for source in found:
        if sources.is_rdf(source):
            continue
        try:
            yield repaired(source, using)
        except SourceError as error:
            if source.named or not isinstance(error, NoFrontMatter):
                place = Place(source, line=error.line, column=error.column)
                yield Repaired(source, left=(Finding(Severity.VIOLATION, str(error), (place,)),))


def repaired(source: Source, using: Mapper) -> Repaired:
    """Return a source with every safe repair made. Raises SourceError when it cannot be read."""
    draft = _Draft(replace(source, content=sources.read(source)))
    before = draft.text
    readings = [reading for record in draft.records for reading in _readings(record, using)]
    if all(reading.meant == reading.value for reading in readings):
        return Repaired(source)
    positions = sources.positions(draft.source)
    repairs, left = [], []
    for scalar, read in _scalars(readings, positions):
        first, why = read[0], draft.mend(scalar, read)
        line, column = positions.of(first.document, first.path)
        place = Place(source, first.path, first.document, line, column)
        if why:
            severity = Severity.INFO if why is _ESCAPED_TWICE else Severity.WARNING
            left.append(Finding(severity, why, (place,), first.value))
        else:
            rules = ", ".join(mended(first.value, first.rules)[1])
            repairs.append(Finding(Severity.INFO, rules, (place,), first.value, first.meant))
    return Repaired(source, before, draft.text, tuple(repairs[::-1]), tuple(left[::-1]))


def _scalars(
    readings: Iterable[Reading], positions: Positions
) -> Iterator[tuple[Scalar, list[Reading]]]:
    """Yield the scalars to mend, the last of the file first, so that the others stay in place.

    A scalar is read in several places when two rows or an alias or a merge key have it so.
    """
    read: dict[Scalar, list[Reading]] = defaultdict(list)
    for reading in readings:
        scalar = positions.scalar(reading.document, reading.path)
        if scalar:
            read[scalar].append(reading)
    for scalar in sorted(read, reverse=True, key=lambda scalar: scalar.start):
        if any(reading.meant != reading.value for reading in read[scalar]):
            yield scalar, read[scalar]


class _Draft:
    """The text of a source while it is mended, and the records in it."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.records = sources.records(source, mapping.WITHHELD)
        self.text = sources.read(source).decode()

    def mend(self, scalar: Scalar, read: Sequence[Reading]) -> str | None:
        """Write a scalar as it was meant, or return why not."""
        if len({reading.meant for reading in read}) > 1:
            return _DISPUTED
        if any(mended(one.meant, one.rules)[0] != one.meant for one in read):
            return _ESCAPED_TWICE
        mark = self.text.startswith("\ufeff")
        start, end = scalar.start + mark, scalar.end + mark
        for spelling in _spellings(self.text[start:end], scalar.style, read[0]):
            if self._take(self.text[:start] + spelling + self.text[end:], read):
                return None
        return _UNWRITABLE

    def _take(self, text: str, read: Sequence[Reading]) -> bool:
        """Take a text over if it says what the present one says, but for one value."""
        try:
            records = sources.records(replace(self.source, content=text.encode()), mapping.WITHHELD)
        except SourceError:
            return False
        value, meant = read[0].value, read[0].meant
        said = {record.origin.document: record.fields for record in records}
        same = _same_but(
            {record.origin.document: record.fields for record in self.records}, said, value, meant
        )
        if not same or any(_at(said[one.document], one.path) != meant for one in read):
            return False
        self.text, self.records = text, records
        return True


def _same_but(old: Any, new: Any, value: str, meant: str) -> bool:
    """Whether two readings of a text say the same, `meant` counting for `value`."""
    if isinstance(old, dict) and isinstance(new, dict):
        return list(old) == list(new) and all(_same_but(old[k], new[k], value, meant) for k in old)
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(
            _same_but(one, other, value, meant) for one, other in zip(old, new, strict=True)
        )
    return bool(old == new or (old == value and new == meant))


# ---- patches: what was repaired, without a line on which anything withheld stands

_COMMENTED = re.compile(
    rf"(?:\A|\s)#.*(?:(?:{'|'.join(map(re.escape, mapping.WITHHELD))})[\"']?\s*:"
    r"|[A-Za-z0-9+/]{40})"
)
"""A comment that may hold what is withheld."""


def patch(one: Repaired, name: str) -> Patch:
    """Return what was repaired in a source as a patch of the file that goes by `name`."""
    hidden = (_hidden(one.source, text) for text in (one.before, one.after))
    return patches.unified(name, one.before, one.after, *hidden)


def _hidden(source: Source, text: str) -> set[int]:
    """Return the numbers of the lines, from 0, that hold a withheld value or may hold one."""
    positions = sources.positions(replace(source, content=text.encode()))
    mark = text.startswith("\ufeff")
    extents = [(start + mark, end + mark) for start, end in positions.extents(mapping.WITHHELD)]
    commented = (n for n, line in enumerate(patches.lines(text)) if _COMMENTED.search(line))
    return patches.overlapping(text, [*extents, (_body(source, text), len(text))]) | set(commented)


def _body(source: Source, text: str) -> int:
    """Return where the body of a text starts: nothing says what it holds."""
    if source.path.lower().endswith(sources.YAML_SUFFIXES):
        return len(text)
    block = frontmatter.block(text.removeprefix("\ufeff"))
    fence = text.startswith("\ufeff") + block.start + len(block.text)
    return text.find("\n", fence) + 1 or len(text)
