"""Why is it said, and why not? Statements about a resource with the fields and rows behind them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from kg.mapping.descriptions import MappingResult
from kg.mapping.identifiers import work_iri
from kg.mapping.language import Reference, Row, TriplesMap, alternatives, parse_reference
from kg.mapping.mapper import Mapper
from kg.mapping.urls import clean_url
from kg.model.errors import InvalidValue
from kg.model.findings import Finding, Place, Severity
from kg.model.namespaces import RDF
from kg.model.records import FieldPath, Record, Source, Statement, Term, Triple
from kg.model.site import Site
from kg.sources.frontmatter.blocks import decode_text
from kg.sources.locations import PositionCache
from kg.sources.reading import read_source, reread_records
from kg.sources.withheld import WITHHELD, may_show

NOT_FROM_A_FIELD = "kg says this of the export itself; no field does"


@dataclass(frozen=True, slots=True)
class Reason:
    """A field that says a statement, the row of the mapping that made it, and the field's line.

    `text` is None when the line cannot be shown, because something withheld stands on it too.
    """

    place: Place
    rule: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A statement and everything that says it. `disputed`: something else says it otherwise."""

    triple: Triple
    reasons: tuple[Reason, ...]
    disputed: bool = False


PlacesByTriple: TypeAlias = dict[Triple, list[tuple[Place, str]]]
"""Statements with the places that say them, and the rule of each."""


def find_nodes(word: str, found: Iterable[Source], using: Mapper) -> set[Term]:
    """Return the nodes a word means: an IRI, in full or below the base, or a URL they are about.

    A URL means the work whose identity it is, else every node that names it. Empty for none.
    """
    names, address = _names(word, using.site)
    exact: set[Term] = set()
    about: set[Term] = set()
    for record in reread_records(found):
        for statement in using.map(record).statements:
            if statement.subject in names:
                exact.add(statement.subject)
            elif statement.object == address:
                about.add(statement.subject)
    return exact or about


def _names(word: str, site: Site) -> tuple[set[Term], Term | None]:
    names = {site.iri(word), f"<{word.strip('<>')}>"}
    try:
        address = clean_url(word.strip("<>"), None)
        names.add(site.iri(work_iri(site, address, None, None, None)))
    except InvalidValue:
        return names, None
    return names, f"<{address}>"


def is_metadata(word: str, site: Site) -> bool:
    """Whether a word names a node that only an export's description of itself has."""
    reference = word.strip("<>").removeprefix(site.base)
    return bool(re.match(r"(dataset|vocab#)", reference))


def explain_nodes(
    nodes: Collection[Term], found: Iterable[Source], using: Mapper
) -> list[Explanation]:
    """Return every statement about the nodes, sorted, each with the reasons for it."""
    said: PlacesByTriple = defaultdict(list)
    single: set[str] = set()
    for record in reread_records(found):
        mapped = using.map(record)
        rules = _Rules(mapped, using)
        for statement in mapped.statements:
            if statement.subject in nodes:
                place = Place(record.origin.source, statement.field, record.origin.document)
                row, rule = rules.of(statement)
                said[statement[:3]].append((place, rule))
                if row and not _many(row.reference):
                    single.add(rule)
    lines = _Lines()
    return [
        Explanation(triple, lines.reasons(said[triple]), _disputed(triple, said, single))
        for triple in sorted(said)
    ]


def _disputed(triple: Triple, said: PlacesByTriple, single: Collection[str]) -> bool:
    """Whether one row, of a field that holds one value, also made another object."""
    rules = {rule for _, rule in said[triple] if rule in single}
    return any(
        other[:2] == triple[:2] and other != triple and rules & {rule for _, rule in said[other]}
        for other in said
    )


def explain_absence(
    nodes: Collection[Term], predicate: str, found: Iterable[Source], using: Mapper
) -> list[Finding]:
    """Say for each place that describes the nodes why it makes no statement with a property.

    `predicate` is an IRI, or a short name such as `schema:datePublished`.
    """
    wanted = using.site.iri(_expanded(predicate, using.site))
    absences = (
        absence
        for record in reread_records(found)
        for absence in _absences(record, nodes, wanted, using)
    )
    lookup = PositionCache()
    return [
        Finding(Severity.INFO, message, (lookup.locate(place),), value=value)
        for place, message, value in dict.fromkeys(absences)
    ]


def _expanded(predicate: str, site: Site) -> str:
    prefix, colon, local = predicate.strip("<>").partition(":")
    namespaces = site.prefixes
    if not colon:
        return namespaces["schema"] + prefix
    return namespaces[prefix] + local if prefix in namespaces else predicate.strip("<>")


def _absences(
    record: Record, nodes: Collection[Term], wanted: Term, using: Mapper
) -> Iterator[tuple[Place, str, str | None]]:
    mapped = using.map(record)
    said = {(one.subject, one.predicate) for one in mapped.statements}
    paths = {
        statement.field: statement.subject
        for statement in mapped.statements
        if statement.subject in nodes and statement.predicate == f"<{RDF.type}>"
    }
    for path, name in mapped.described:
        one = using.table[name]
        if (
            path in paths
            and isinstance(one, TriplesMap)
            and (paths[path], wanted) not in said
            and {using.site.iri(class_) for class_ in one.classes}
            & {s.object for s in mapped.statements if s.subject == paths[path]}
        ):
            yield from _why_not(record, mapped, path, name, wanted, using)


def _why_not(  # noqa: PLR0913, PLR0917 - what a place is about takes six words
    record: Record, mapped: MappingResult, path: FieldPath, name: str, wanted: Term, using: Mapper
) -> Iterator[tuple[Place, str, str | None]]:
    def place(field: FieldPath) -> Place:
        return Place(record.origin.source, field, record.origin.document)

    one = using.table[name]
    rows = [row for row in one.rows if using.site.iri(row.property) == wanted]  # type: ignore[union-attr]
    if not rows:
        yield place(path), f"the map of a {name} has no row for this property", None
    for row in rows:
        fields = [field for one in parse_reference(row.reference) if (field := one.below(path))]
        for finding in mapped.findings:
            if any(finding.places[0].field[: len(field)] == field for field in fields):
                yield finding.places[0], finding.message, finding.value
                return
        for note in mapped.notes:
            if note.field in fields:
                yield place(note.field), f"{note.fate}: {note.reason}", None
                return
        yield place(path), f"no field {_spoken(row.reference)}, or nothing in it", None


def _spoken(reference: Reference) -> str:
    return " or ".join(alternatives(reference))


def _many(reference: Reference) -> bool:
    return any(one.each for one in parse_reference(reference))


class _Rules:
    """Which row of which map made a statement of a record."""

    def __init__(self, mapped: MappingResult, using: Mapper) -> None:
        self._using = using
        self._maps: dict[FieldPath, list[str]] = defaultdict(list)
        for path, name in mapped.described:
            self._maps[path].append(name)

    def of(self, statement: Statement) -> tuple[Row | None, str]:
        """Return the row, if it is one, and how the table says it."""
        for length in range(len(statement.field), -1, -1):
            for name in self._maps.get(statement.field[:length], ()):
                one = self._using.table[name]
                if isinstance(one, TriplesMap):
                    for row, rule in self._of(one, statement, statement.field[length:]):
                        return row, f"{name}: {rule}"
        return None, "what is known about topics"

    def _of(
        self, one: TriplesMap, statement: Statement, rest: FieldPath
    ) -> Iterator[tuple[Row | None, str]]:
        """Yield the parts of a map that can have made a statement `rest` below its item."""
        site = self._using.site
        for row in one.rows:
            if not _reads(row, rest, one.shorthand):
                continue
            reference = "itself" if row.reference == "." else _spoken(row.reference)
            if site.iri(row.property) == statement.predicate:
                yield row, f"{reference} is {site.compact(row.property)}"
            if row.inverse and site.iri(row.inverse) == statement.predicate:
                yield None, f"the inverse of {site.compact(row.property)}"
        if not rest and statement.object in {site.iri(class_) for class_ in one.classes}:
            yield None, f"a {site.compact(statement.object[1:-1])}"
        if not rest and statement.predicate in {site.iri(iri) for iri, _ in one.constants}:
            yield None, "always said"


def _reads(row: Row, rest: FieldPath, shorthand: str | None) -> bool:
    """Whether a row reads the field that stands at `rest` below its item."""
    places = [one.below(()) for one in parse_reference(row.reference)]
    if not rest:
        return None in places or (shorthand,) in places
    return any(place and rest[: len(place)] == place for place in places)


class _Lines:
    """The lines of files, but for those on which something withheld stands."""

    def __init__(self) -> None:
        self._lookup = PositionCache()
        self._texts: dict[Source, dict[int, str]] = {}

    def reasons(self, said: Iterable[tuple[Place, str]]) -> tuple[Reason, ...]:
        placed = {(self._lookup.locate(place), rule) for place, rule in said}
        ordered = sorted(placed, key=lambda pair: (pair[0].sort_key, pair[1]))
        return tuple(Reason(place, rule, self._text(place)) for place, rule in ordered)

    def _text(self, place: Place) -> str | None:
        if place.source not in self._texts:
            self._texts[place.source] = self._shown(place.source)
        return self._texts[place.source].get(place.line)

    def _shown(self, source: Source) -> dict[int, str]:
        positions = self._lookup.positions(source)
        if positions is None:
            return {}
        hidden = positions.lines_of(WITHHELD)
        lines = re.split(r"\r\n|\n|\r", decode_text(read_source(source)))
        return {
            number: text
            for number, text in enumerate(lines, 1)
            if number not in hidden and may_show(text)
        }
