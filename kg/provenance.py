"""Which field of which file said that? Statements traced back to lines and columns.

What a record says is told as a tree, whose branches equal items share; so the statements behind a
finding are looked for once in each item, however many records hold it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final, NamedTuple, TypeAlias, TypeVar

from kg import mapping, sources, workers
from kg.descriptions import Description, Inside, Mapped, Note, Wrong, spread
from kg.errors import SourceError
from kg.findings import Finding, Place
from kg.frontmatter import Positions
from kg.mapper import Mapper
from kg.maps import TriplesMap, paths
from kg.namespaces import RDF, SH
from kg.records import Origin, Record, Source, Statement, Term, Triple
from kg.terms import unquote

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


def traced(told: Iterable[Told], findings: Iterable[Finding]) -> Iterator[Traced]:
    """Yield the statements that findings without a place may stem from, with their places."""
    sought = [finding for finding in findings if finding.focus and not finding.places]
    if not sought:
        return
    search = _Search(
        frozenset(finding.focus for finding in sought),
        frozenset({_TYPE, *(finding.path for finding in sought)}),
    )
    for origin, description in told:
        for statement in search.within(description):
            yield statement, Place(origin.source, statement.field, origin.document)


class _Search:
    """Looks for statements about some nodes, and for those to them, in descriptions."""

    def __init__(self, nodes: Collection[Term | None], predicates: Collection[Term | None]) -> None:
        self._nodes = nodes
        self._predicates = predicates
        self._known: dict[int, tuple[Description, list[Statement]]] = {}

    def within(self, one: Description) -> list[Statement]:
        """Return the statements in a description, and what is inside it, with relative fields."""
        if id(one) not in self._known:
            self._known[id(one)] = one, list(self._statements(one))
        return self._known[id(one)][1]

    def _statements(self, one: Description) -> Iterator[Statement]:
        for part in one.parts:
            if isinstance(part, Inside):
                below, inner = part
                for subject, predicate, term, field in self.within(inner):
                    yield Statement(subject, predicate, term, below + field)
            elif not isinstance(part, (Note, Wrong)):
                subject, predicate, term, _ = part
                about = subject in self._nodes and predicate in self._predicates
                if about or term in self._nodes:
                    yield Statement(*part)


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
    causes = _Causes(traced(told, findings))
    placed = [
        finding if finding.places else replace(finding, places=causes.of(finding, using))
        for finding in findings
    ]
    return exact(placed, jobs)


def exact(findings: Sequence[Finding], jobs: int = 1) -> list[Finding]:
    """Return the findings with the lines and columns of their places; each file is read once."""
    known = _exact({place for finding in findings for place in finding.places}, jobs)
    return [
        replace(finding, places=tuple(known[place] for place in finding.places))
        for finding in findings
    ]


def _exact(places: Iterable[Place], jobs: int) -> dict[Place, Place]:
    """Return places, each with the same that has its line and column."""
    together: dict[Source, list[Place]] = defaultdict(list)
    for place in places:
        together[place.source].append(place)
    asked = list(together.values())
    found = chain.from_iterable(workers.each(_looked_up, _batches(asked), jobs))
    return {
        place: replace(place, line=line, column=column)
        for place, (line, column) in zip(chain.from_iterable(asked), found, strict=True)
    }


def _looked_up(asked: Iterable[Sequence[Place]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for places in asked:
        lookup = Lookup()  # of one file: its nodes are dropped before the next is read
        found += ((exact.line, exact.column) for exact in map(lookup.of, places))
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


class _Causes:
    """Traced statements, by what a finding knows of them."""

    def __init__(self, traced: Iterable[Traced]) -> None:
        self._about: dict[Term, list[Traced]] = defaultdict(list)
        self._to: dict[Term, list[Traced]] = defaultdict(list)
        for statement, place in traced:
            self._about[statement.subject].append((statement, place))
            self._to[statement.object].append((statement, place))

    def of(self, finding: Finding, using: Mapper) -> tuple[Place, ...]:
        """Return the places of a finding, each once, down the files."""
        focus, path = finding.focus or "", finding.path or ""
        if path.startswith("^"):
            said = [(s, p) for s, p in self._to[focus] if s.predicate == path[1:]]
            return _each_once(p for _, p in said)
        said = [(s, p) for s, p in self._about[focus] if s.predicate == path]
        if finding.component == _MAX_COUNT:
            return _each_once(replace(p, value=_text(s.object)) for s, p in said)
        exact = [p for s, p in said if s.object == finding.term] or [p for _, p in said]
        return _each_once(exact or self._lacking(focus, path, using))

    def _lacking(self, focus: Term, path: str, using: Mapper) -> Iterator[Place]:
        """Yield where a node is described, each with the field that would have said it."""
        types = [(s, p) for s, p in self._about[focus] if s.predicate == _TYPE]
        field = _field(path, {s.object for s, _ in types}, using) if path else None
        for _, place in types:
            yield replace(place, field=(*place.field, field)) if field else place
        if not types:
            yield from (place for _, place in self._to[focus])


def _text(term: Term) -> str:
    return term[1:-1] if term.startswith("<") else unquote(term)[0]


def _each_once(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(sorted(dict.fromkeys(places), key=lambda place: place.sort_key))


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
        return replace(place, line=line, column=column)

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
