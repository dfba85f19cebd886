"""Why a statement is in the graph, or is not: the fields and the rows of the mapping behind it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from kg.mapping import (
    Mapper,
    MappingResult,
    Reference,
    Row,
    TriplesMap,
    alternatives,
    clean_url,
    parse_reference,
    work_iri,
)
from kg.model import (
    RDF,
    FieldPath,
    Finding,
    InvalidValue,
    Place,
    Record,
    Severity,
    Site,
    Source,
    SourceError,
    Statement,
    Term,
    Triple,
)
from kg.sources import WITHHELD, PositionCache, decode_text, may_show, read_source, reread_records

NOT_FROM_A_FIELD = "metadata of the export; it comes from no field"


@dataclass(frozen=True, slots=True)
class Reason:
    """A field that makes a statement, the row of the mapping that reads it, and the field's line.

    `text` is None if the line cannot be shown: it also has a withheld value.
    """

    place: Place
    rule: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A statement and every reason for it. `disputed`: the same row also made another object."""

    triple: Triple
    reasons: tuple[Reason, ...]
    disputed: bool = False


# ---- nodes


def find_nodes(resource: str, sources: Iterable[Source], mapper: Mapper) -> set[Term]:
    """Return the nodes that have an IRI, in full or relative to the base, or a URL.

    A URL identifies the work that was made of it, or else every node that has it as a value.
    Raises SourceError if nothing in the graph has the IRI or URL.
    """
    iris, url = _terms_of(resource, mapper.site)
    identified: set[Term] = set()
    related: set[Term] = set()
    for record in reread_records(sources):
        for statement in mapper.map(record).statements:
            if statement.subject in iris:
                identified.add(statement.subject)
            elif statement.object == url:
                related.add(statement.subject)
    nodes = identified or related
    if not nodes:
        raise SourceError(f"nothing in the graph has the IRI or URL {resource}")
    return nodes


def _terms_of(resource: str, site: Site) -> tuple[set[Term], Term | None]:
    """Return the IRIs that a resource may have, and its URL if it can be one."""
    iris = {site.iri(resource), f"<{resource.strip('<>')}>"}
    try:
        url = clean_url(resource.strip("<>"), None)
        iris.add(site.iri(work_iri(site, url, None, None, None)))
    except InvalidValue:
        return iris, None
    return iris, f"<{url}>"


def is_metadata(resource: str, site: Site) -> bool:
    """Return whether an IRI is that of a node which only the metadata of an export has."""
    reference = resource.strip("<>").removeprefix(site.base)
    return bool(re.match(r"(dataset|vocab#)", reference))


# ---- statements


def explain_resource(
    resource: str, sources: Collection[Source], mapper: Mapper
) -> list[Explanation]:
    """Return every statement about a resource, sorted, each with the reasons for it.

    The resource is as for `find_nodes`. Raises SourceError as that does.
    """
    return explain_nodes(find_nodes(resource, sources, mapper), sources, mapper)


class _Cause(NamedTuple):
    place: Place
    rule: str


_CausesByTriple: TypeAlias = dict[Triple, list[_Cause]]


def explain_nodes(
    nodes: Collection[Term], sources: Iterable[Source], mapper: Mapper
) -> list[Explanation]:
    """Return every statement about the nodes, sorted, each with the reasons for it."""
    causes: _CausesByTriple = defaultdict(list)
    single_valued: set[str] = set()
    for record in reread_records(sources):
        result = mapper.map(record)
        rules = _Rules(result, mapper)
        for statement in result.statements:
            if statement.subject in nodes:
                place = Place(record.origin.source, statement.field, record.origin.document)
                row, rule = rules.find(statement)
                causes[statement[:3]].append(_Cause(place, rule))
                if row and not _reads_several(row.reference):
                    single_valued.add(rule)
    lines = _SourceLines()
    return [
        Explanation(
            triple, lines.reasons(causes[triple]), _is_disputed(triple, causes, single_valued)
        )
        for triple in sorted(causes)
    ]


def _is_disputed(triple: Triple, causes: _CausesByTriple, single_valued: Collection[str]) -> bool:
    """Return whether a row that reads a single value also made another object."""
    rules = {rule for _, rule in causes[triple] if rule in single_valued}
    return any(
        other[:2] == triple[:2] and other != triple and rules & {rule for _, rule in causes[other]}
        for other in causes
    )


class _Rules:
    """Finds the row of the mapping that made a statement of a record."""

    def __init__(self, result: MappingResult, mapper: Mapper) -> None:
        self._mapper = mapper
        self._map_names: dict[FieldPath, list[str]] = defaultdict(list)
        for path, name in result.described:
            self._map_names[path].append(name)

    def find(self, statement: Statement) -> tuple[Row | None, str]:
        """Return the row, if a row made it, and the rule as text."""
        for length in range(len(statement.field), -1, -1):
            for name in self._map_names.get(statement.field[:length], ()):
                map_ = self._mapper.table[name]
                if isinstance(map_, TriplesMap):
                    for row, rule in self._matches(map_, statement, statement.field[length:]):
                        return row, f"{name}: {rule}"
        return None, "a fact about topics"

    def _matches(
        self, map_: TriplesMap, statement: Statement, path: FieldPath
    ) -> Iterator[tuple[Row | None, str]]:
        """Yield the parts of a map that may have made a statement from `path` in its item."""
        site = self._mapper.site
        for row in map_.rows:
            if not _reads(row, path, map_.shorthand):
                continue
            reference = "itself" if row.reference == "." else _reference_text(row.reference)
            if site.iri(row.property) == statement.predicate:
                yield row, f"{reference} is {site.compact(row.property)}"
            if row.inverse and site.iri(row.inverse) == statement.predicate:
                yield None, f"the inverse of {site.compact(row.property)}"
        if not path and statement.object in {site.iri(class_) for class_ in map_.classes}:
            yield None, f"a {site.compact(statement.object[1:-1])}"
        if not path and statement.predicate in {site.iri(iri) for iri, _ in map_.constants}:
            yield None, "a constant of the map"


def _reads(row: Row, path: FieldPath, shorthand: str | None) -> bool:
    """Return whether a row reads the field at a path in its item."""
    fields = [reference.below(()) for reference in parse_reference(row.reference)]
    if not path:
        return None in fields or (shorthand,) in fields
    return any(field and path[: len(field)] == field for field in fields)


def _reference_text(reference: Reference) -> str:
    return " or ".join(alternatives(reference))


def _reads_several(reference: Reference) -> bool:
    """Return whether a reference reads all values of a field, not one."""
    return any(path.each for path in parse_reference(reference))


class _SourceLines:
    """The lines of sources that may be shown: those without a withheld value."""

    def __init__(self) -> None:
        self._positions = PositionCache()
        self._texts: dict[Source, dict[int, str]] = {}

    def reasons(self, causes: Iterable[_Cause]) -> tuple[Reason, ...]:
        """Return causes as reasons, sorted by place."""
        located = {(self._positions.locate(place), rule) for place, rule in causes}
        ordered = sorted(located, key=lambda pair: (pair[0].sort_key, pair[1]))
        return tuple(Reason(place, rule, self._text(place)) for place, rule in ordered)

    def _text(self, place: Place) -> str | None:
        if place.source not in self._texts:
            self._texts[place.source] = self._lines(place.source)
        return self._texts[place.source].get(place.line)

    def _lines(self, source: Source) -> dict[int, str]:
        """Return the lines of a source that may be shown, by number."""
        positions = self._positions.positions(source)
        if positions is None:
            return {}
        withheld = positions.lines_of(WITHHELD)
        lines = re.split(r"\r\n|\n|\r", decode_text(read_source(source)))
        return {
            number: text
            for number, text in enumerate(lines, 1)
            if number not in withheld and may_show(text)
        }


# ---- missing statements


class Absence(NamedTuple):
    """A place that describes a node, and why it makes no statement with a property."""

    place: Place
    message: str
    value: str | None = None


def explain_absence(
    nodes: Collection[Term], predicate: str, sources: Iterable[Source], mapper: Mapper
) -> list[Finding]:
    """Return for each place that describes the nodes why it makes no statement with a property.

    `predicate` is an IRI, a short name such as `schema:datePublished`, or a name of schema.org.
    """
    term = mapper.site.iri(_expanded(predicate, mapper.site))
    absences = (
        absence
        for record in reread_records(sources)
        for item in _items_without(term, nodes, record, mapper)
        for absence in item.absences(term, mapper.site)
    )
    positions = PositionCache()
    return [
        Finding(Severity.INFO, message, (positions.locate(place),), value=value)
        for place, message, value in dict.fromkeys(absences)
    ]


def _expanded(predicate: str, site: Site) -> str:
    prefix, colon, local = predicate.strip("<>").partition(":")
    namespaces = site.prefixes
    if not colon:
        return namespaces["schema"] + prefix
    return namespaces[prefix] + local if prefix in namespaces else predicate.strip("<>")


class _Item(NamedTuple):
    """An item of a record, and the map that describes it."""

    record: Record
    result: MappingResult
    path: FieldPath
    name: str
    map_: TriplesMap

    def place(self, path: FieldPath) -> Place:
        """Return the place of a field of the record."""
        return Place(self.record.origin.source, path, self.record.origin.document)

    def absences(self, predicate: Term, site: Site) -> Iterator[Absence]:
        """Yield why the item makes no statement with a predicate: a cause, or what is missing."""
        rows = [row for row in self.map_.rows if site.iri(row.property) == predicate]
        if not rows:
            message = f"the map of a {self.name} has no row for this property"
            yield Absence(self.place(self.path), message)
        for row in rows:
            cause = next(self._causes(row), None)
            if cause:
                yield cause
                return
            message = f"no field {_reference_text(row.reference)}, or nothing in it"
            yield Absence(self.place(self.path), message)

    def _causes(self, row: Row) -> Iterator[Absence]:
        """Yield why a row states nothing although its field is there, the strongest cause first."""
        references = parse_reference(row.reference)
        fields = [field for path in references if (field := path.below(self.path))]
        for finding in self.result.findings:
            place = finding.places[0]
            if any(place.field[: len(field)] == field for field in fields):
                yield Absence(place, finding.message, finding.value)
        for note in self.result.notes:
            if note.field in fields:
                yield Absence(self.place(note.field), f"{note.fate}: {note.reason}")


def _items_without(
    predicate: Term, nodes: Collection[Term], record: Record, mapper: Mapper
) -> Iterator[_Item]:
    """Yield the items that describe one of the nodes and make no statement with a predicate."""
    result = mapper.map(record)
    stated = {(statement.subject, statement.predicate) for statement in result.statements}
    types = [
        statement
        for statement in result.statements
        if statement.subject in nodes and statement.predicate == f"<{RDF.type}>"
    ]
    subjects = {statement.field: statement.subject for statement in types}
    for path, name in result.described:
        map_ = mapper.table[name]
        subject = subjects.get(path)
        if subject is None or not isinstance(map_, TriplesMap) or (subject, predicate) in stated:
            continue
        classes = {mapper.site.iri(class_) for class_ in map_.classes}
        if any(type_.subject == subject and type_.object in classes for type_ in types):
            yield _Item(record, result, path, name, map_)
