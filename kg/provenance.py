"""Which field of which file said that? Statements traced back to lines and columns.

Mapping a file again is cheap and always right, so nothing is kept for this while graphs are made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Final, NamedTuple, TypeAlias, TypeVar

from kg import identifiers, mapping, sources, workers
from kg.descriptions import Mapped
from kg.errors import SourceError
from kg.findings import Finding, Place
from kg.frontmatter import Positions
from kg.mapper import Mapper
from kg.maps import TriplesMap, paths
from kg.namespaces import RDF, SH, Site
from kg.records import Record, Source, Statement, Term, Triple
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


T = TypeVar("T")
Traced: TypeAlias = tuple[Statement, Place]
Also: TypeAlias = Callable[[Record, Mapped, Mapper], Iterable[Finding]]


class Look(NamedTuple):
    """What a second look at sources gives: statements with their places, and findings."""

    traced: list[Traced]
    findings: list[Finding]


def look(
    found: Sequence[Source],
    using: Mapper,
    findings: Iterable[Finding],
    also: Also | None = None,
    jobs: int = 1,
) -> Look:
    """Map sources once more, for the statements that findings without a place may stem from.

    Also hands out what `also` finds in each record: a second look is dear, and one does for both.
    """
    sought = [finding for finding in findings if finding.focus and not finding.places]
    nodes = frozenset(finding.focus for finding in sought)
    predicates = frozenset({_TYPE, *(finding.path for finding in sought)})
    seen = Look([], [])
    if sought or also:
        glance = partial(_look, using, nodes, predicates, also)
        for one in workers.each(glance, _batches(found), jobs):
            seen.traced.extend(one.traced)
            seen.findings.extend(one.findings)
    return seen


def _look(
    using: Mapper,
    nodes: Collection[Term | None],
    predicates: Collection[Term | None],
    also: Also | None,
    found: Sequence[Source],
) -> Look:
    seen = Look([], [])
    for record in records(found):
        mapped, origin = using.map(record), record.origin
        for statement in mapped.statements:
            subject, predicate, term, field = statement
            if (subject in nodes and predicate in predicates) or term in nodes:
                seen.traced.append((statement, Place(origin.source, field, origin.document)))
        seen.findings.extend(also(record, mapped, using) if also else ())
    return seen


_BATCH: Final = 100
"""Files in a piece of work: some tenths of a second of it, so that a small site is one piece."""


def _batches(work: Sequence[T]) -> Iterator[Sequence[T]]:
    return (work[start : start + _BATCH] for start in range(0, len(work), _BATCH))


def locate(
    findings: Sequence[Finding],
    found: Sequence[Source],
    using: Mapper,
    traced: Iterable[Traced] | None = None,
    jobs: int = 1,
) -> list[Finding]:
    """Return the findings with the places that caused them, lines and columns looked up.

    A finding about a missing field gets the place of the mapping that lacks it; one about values
    that disagree gets the place of each. What only RDF files say has no place. `traced` is what a
    `look` has found already.
    """
    if traced is None:
        traced = look(found, using, findings, jobs=jobs).traced
    causes = _Causes(traced)
    placed = [
        finding if finding.places else replace(finding, places=causes.of(finding, using))
        for finding in findings
    ]
    exact = _exact({place for finding in placed for place in finding.places}, jobs)
    return [
        replace(finding, places=tuple(exact[place] for place in finding.places))
        for finding in placed
    ]


def _exact(places: Iterable[Place], jobs: int) -> dict[Place, Place]:
    """Return places with their lines and columns; each file is read once."""
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
    findings: Iterable[Finding],
    found: Iterable[Source],
    dataset: Mapping[Term, Iterable[Triple]],
    site: Site,
) -> list[Finding]:
    """Give findings about what only RDF files speak of the files as their places, without lines."""
    spoken: dict[Term, dict[Place, None]] = defaultdict(dict)
    for source in found:
        if sources.is_rdf(source):
            for subject, _, _ in dataset.get(site.iri(identifiers.graph(source.name)), ()):
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
