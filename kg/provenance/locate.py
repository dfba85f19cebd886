"""Which field of which file said that? Statements traced back to lines and columns.

What a record says is told as a tree, whose branches equal items share; so the statements behind a
finding are looked for once in each item, however many records hold it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from operator import itemgetter
from typing import Final, NamedTuple, TypeAlias, TypeVar

from kg.mapping import schema_org as mapping
from kg.mapping.descriptions import Description, Inside, Mapped, Note, Wrong, spread
from kg.mapping.language import TriplesMap, paths
from kg.mapping.mapper import Mapper
from kg.model.errors import SourceError
from kg.model.findings import Finding, Place
from kg.model.namespaces import RDF, SH
from kg.model.records import FieldPath, Origin, Record, Source, Statement, Term, Triple
from kg.model.terms import lexical_form
from kg.sources import discovery as sources
from kg.sources.frontmatter.positions import Positions
from kg.workers import map_in_processes

_TYPE: Final = f"<{RDF.type}>"
_MAX_COUNT: Final = f"<{SH.MaxCountConstraintComponent}>"


def records(found: Iterable[Source]) -> Iterator[Record]:
    """Yield the records of sources once more; who first read them told what cannot be read."""
    for source in found:
        if sources.is_rdf(source):
            continue
        try:
            yield from sources.records(source, mapping.WITHHELD)
        except SourceError:
            continue


class Told(NamedTuple):
    """What a record says, and where it was read."""

    origin: Origin
    description: Description

    def statements(self) -> list[Statement]:
        """Return what it says, with the fields that say it."""
        mapped = Mapped([], [])
        spread(self.description, (), self.origin, mapped)
        return mapped.statements


Traced: TypeAlias = tuple[Statement, Place]


def traced(told: Iterable[Told], findings: Collection[Finding]) -> Iterator[Traced]:
    """Yield the statements that findings without a place may stem from, with their places.

    They are about the focus nodes: of the path, or of a class.
    """
    predicates = frozenset({_TYPE, *(finding.path for finding in findings)})
    return _found(told, about=_sought(findings), predicates=predicates)


def mentions(told: Iterable[Told], findings: Iterable[Finding]) -> Iterator[Traced]:
    """Yield the statements to the focus nodes of findings without a place, with their places."""
    return _found(told, to=_sought(findings))


def _sought(findings: Iterable[Finding]) -> _Terms:
    return frozenset(one.focus for one in findings if one.focus and not one.places)


_Terms: TypeAlias = frozenset[Term | None]


def _found(
    told: Iterable[Told],
    about: _Terms = frozenset(),
    predicates: _Terms = frozenset(),
    to: _Terms = frozenset(),
) -> Iterator[Traced]:
    if not about and not to:
        return
    search = _Search(about, predicates, to)
    for origin, description in told:
        source, document = origin.source, origin.document
        for said in search.within(description):
            yield Statement(*said), Place(source, said[3], document)


class _Search:
    """Looks in descriptions for statements about some nodes, and for those to some."""

    def __init__(self, about: _Terms, predicates: _Terms, to: _Terms) -> None:
        self._about = about
        self._predicates = predicates
        self._to = to
        self._known: dict[int, tuple[Description, list[Said]]] = {}

    def within(self, one: Description) -> list[Said]:
        """Return the statements in a description, and what is inside it, with relative fields."""
        known = self._known.get(id(one))
        if known is None:
            known = self._known[id(one)] = one, self._statements(one)
        return known[1]

    def _statements(self, one: Description) -> list[Said]:
        about, predicates, to = self._about, self._predicates, self._to
        found: list[Said] = []
        for part in one.parts:
            if isinstance(part, Inside):
                below, inner = part
                for subject, predicate, term, field in self.within(inner):
                    found.append((subject, predicate, term, below + field))
            elif not isinstance(part, _ASIDE):
                subject, predicate, term, _ = part
                if (subject in about and predicate in predicates) or term in to:
                    found.append(part)
        return found


_ASIDE: Final = (Note, Wrong)
Said: TypeAlias = tuple[Term, Term, Term, FieldPath]
"""A statement as a description has it."""


T = TypeVar("T")
_BATCH: Final = 500
"""Files in a piece of work: some tenths of a second of it, so that a small site is one piece."""


def _batches(work: Sequence[T]) -> Iterator[Sequence[T]]:
    return (work[start : start + _BATCH] for start in range(0, len(work), _BATCH))


def locate(
    findings: Sequence[Finding], told: Iterable[Told], using: Mapper, jobs: int = 1
) -> list[Finding]:
    """Return the findings with the places that caused them, lines and columns looked up.

    A finding about a missing field gets the place of the mapping that lacks it; one about values
    that disagree gets the place of each. What only RDF files say has no place.
    """
    told = list(told)
    about = _grouped(traced(told, findings), by=itemgetter(0))
    placed = [_at(one, _saying(one, about[one.focus or ""], using)) for one in findings]
    to = _grouped(mentions(told, placed), by=itemgetter(2))
    return exact([_at(one, _naming(one, to[one.focus or ""])) for one in placed], jobs)


def _grouped(
    found: Iterable[Traced], by: Callable[[Statement], Term]
) -> defaultdict[Term, list[Traced]]:
    groups: defaultdict[Term, list[Traced]] = defaultdict(list)
    for one in found:
        groups[by(one[0])].append(one)
    return groups


def _at(finding: Finding, places: Iterable[Place]) -> Finding:
    """Return a finding with places, each once, down the files; one that has some as it is."""
    if finding.places:
        return finding
    each = sorted(dict.fromkeys(places), key=lambda place: place.sort_key)
    return replace(finding, places=tuple(each))


def _saying(finding: Finding, about: list[Traced], using: Mapper) -> list[Place]:
    """Return where the value at fault is said of the focus node, or where it should be."""
    path = finding.path or ""
    if path.startswith("^"):
        return []
    said = [(s, p) for s, p in about if s.predicate == path]
    if finding.component == _MAX_COUNT:
        return [p._replace(value=lexical_form(s.object)) for s, p in said]
    exact = [p for s, p in said if s.object == finding.term] or [p for _, p in said]
    return exact or _lacking(path, about, using)


def _lacking(path: str, about: list[Traced], using: Mapper) -> list[Place]:
    """Return where a node is described, each with the field that would have said it."""
    types = [(s, p) for s, p in about if s.predicate == _TYPE]
    field = _field(path, {s.object for s, _ in types}, using) if path else None
    return [p._replace(field=(*p.field, field)) if field else p for _, p in types]


def _naming(finding: Finding, to: list[Traced]) -> list[Place]:
    """Return where the focus node is the value: of the path, if that leads back to it.

    Values of which there are too many stand where they are said, or else in no record.
    """
    path = finding.path or ""
    if path.startswith("^"):
        return [p for s, p in to if s.predicate == path[1:]]
    return [] if finding.component == _MAX_COUNT else [p for _, p in to]


def exact(findings: Sequence[Finding], jobs: int = 1) -> list[Finding]:
    """Return the findings with the lines and columns of their places; each file is read once."""
    known = iter(_exact([place for finding in findings for place in finding.places], jobs))
    return [
        replace(finding, places=tuple(islice(known, len(finding.places)))) for finding in findings
    ]


_Asked: TypeAlias = tuple[Source, list[tuple[int, FieldPath]]]
"""A source, and the documents and fields of it that are looked up."""


def _exact(places: list[Place], jobs: int) -> list[Place]:
    """Return places with their lines and columns."""
    together: dict[Source, list[int]] = defaultdict(list)
    for number, place in enumerate(places):
        if not place.line:
            together[place.source].append(number)
    asked: list[_Asked] = [
        (source, [(places[number].document, places[number].field) for number in numbers])
        for source, numbers in together.items()
    ]
    found = chain.from_iterable(map_in_processes(_looked_up, _batches(asked), jobs))
    exact = list(places)
    for number, (line, column) in zip(chain(*together.values()), found, strict=True):
        source, field, document, _, _, value = places[number]
        exact[number] = Place(source, field, document, line, column, value)
    return exact


def _looked_up(asked: Iterable[_Asked]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for source, fields in asked:
        positions = _positions(source)
        found += [positions.of(*field) if positions else (0, 0) for field in fields]
    return found


def in_rdf(
    findings: Iterable[Finding], said: Iterable[tuple[Source, Iterable[Triple]]]
) -> list[Finding]:
    """Give findings about what only RDF files speak of the files as their places, without lines."""
    spoken: dict[Term, dict[Place, None]] = defaultdict(dict)
    for source, triples in said:
        for subject, _, _ in triples:
            spoken[subject][Place(source)] = None
    return [
        finding if finding.places else replace(finding, places=tuple(spoken[finding.focus or ""]))
        for finding in findings
    ]


def _field(predicate: Term, classes: Collection[Term], using: Mapper) -> str | None:
    """Return the field that the mapping reads a property of such a node from."""
    for one in using.maps.values():
        if not isinstance(one, TriplesMap) or not {
            using.site.iri(name) for name in one.classes
        } & set(classes):
            continue
        for row in one.rows:
            if using.site.iri(row.property) == predicate:
                place = paths(row.reference)[0].below(())
                return str(place[0]) if place else None
    return None


class Lookup:
    """Finds the lines and columns of places, reading each file a second time at most."""

    def __init__(self) -> None:
        self._known: dict[Source, Positions | None] = {}

    def of(self, place: Place) -> Place:
        """Return a place with its line and column; as it is when the file tells none."""
        positions = None if place.line else self.positions(place.source)
        if positions is None:
            return place
        line, column = positions.of(place.document, place.field)
        return place._replace(line=line, column=column)

    def positions(self, source: Source) -> Positions | None:
        """Return the positions in a source; None for RDF and for what cannot be read."""
        if source not in self._known:
            self._known[source] = _positions(source)
        return self._known[source]


def _positions(source: Source) -> Positions | None:
    if sources.is_rdf(source):
        return None
    try:
        return sources.positions(source)
    except SourceError:  # it vanished between the two looks, or never was readable
        return None
