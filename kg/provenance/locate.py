"""Which field of which file said that? Statements traced back to lines and columns.

What a record says is told as a tree, whose branches equal items share; so the statements behind a
finding are looked for once in each item, however many records hold it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Final, TypeAlias

from kg.mapping.descriptions import Description, MappedRecord
from kg.mapping.language import TriplesMap, parse_reference
from kg.mapping.mapper import Mapper
from kg.model.findings import Finding, Place
from kg.model.namespaces import RDF, SH
from kg.model.records import FieldPath, Source, Statement, Term, Triple
from kg.model.terms import lexical_form
from kg.sources.locations import with_lines

_TYPE: Final = f"<{RDF.type}>"
_MAX_COUNT: Final = f"<{SH.MaxCountConstraintComponent}>"


PlacedStatement: TypeAlias = tuple[Statement, Place]


def statements_about(
    told: Iterable[MappedRecord], findings: Collection[Finding]
) -> Iterator[PlacedStatement]:
    """Yield the statements that findings without a place may stem from, with their places.

    They are about the focus nodes: of the path, or of a class.
    """
    predicates = frozenset({_TYPE, *(finding.path for finding in findings)})
    return _found(told, about=_sought(findings), predicates=predicates)


def statements_to(
    told: Iterable[MappedRecord], findings: Iterable[Finding]
) -> Iterator[PlacedStatement]:
    """Yield the statements to the focus nodes of findings without a place, with their places."""
    return _found(told, to=_sought(findings))


def _sought(findings: Iterable[Finding]) -> _Terms:
    return frozenset(one.focus for one in findings if one.focus and not one.places)


_Terms: TypeAlias = frozenset[Term | None]


def _found(
    told: Iterable[MappedRecord],
    about: _Terms = frozenset(),
    predicates: _Terms = frozenset(),
    to: _Terms = frozenset(),
) -> Iterator[PlacedStatement]:
    if not about and not to:
        return
    search = _Search(about, predicates, to)
    for record, description in told:
        source, document = record.origin.source, record.origin.document
        for said in search.within(description):
            yield Statement(*said), Place(source, said[3], document)


class _Search:
    """Looks in descriptions for statements about some nodes, and for those to some."""

    def __init__(self, about: _Terms, predicates: _Terms, to: _Terms) -> None:
        self._about = about
        self._predicates = predicates
        self._to = to
        self._known: dict[int, tuple[Description, list[DescribedStatement]]] = {}

    def within(self, one: Description) -> list[DescribedStatement]:
        """Return the statements in a description, and what is inside it, with relative fields."""
        known = self._known.get(id(one))
        if known is None:
            known = self._known[id(one)] = one, self._statements(one)
        return known[1]

    def _statements(self, one: Description) -> list[DescribedStatement]:
        about, predicates, to = self._about, self._predicates, self._to
        found: list[DescribedStatement] = []
        for below, inner in one.nested:
            for subject, predicate, term, field in self.within(inner):
                found.append((subject, predicate, term, below + field))
        for statement in one.statements:
            subject, predicate, term, _ = statement
            if (subject in about and predicate in predicates) or term in to:
                found.append(statement)
        return found


DescribedStatement: TypeAlias = tuple[Term, Term, Term, FieldPath]
"""A statement as a description has it."""


def locate_findings(
    findings: Sequence[Finding], told: Iterable[MappedRecord], using: Mapper, jobs: int = 1
) -> list[Finding]:
    """Return the findings with the places that caused them, lines and columns looked up.

    A finding about a missing field gets the place of the mapping that lacks it; one about values
    that disagree gets the place of each. What only RDF files say has no place.
    """
    told = list(told)
    about = _grouped(statements_about(told, findings), by=itemgetter(0))
    placed = [_at(one, _at_value(one, about[one.focus or ""], using)) for one in findings]
    to = _grouped(statements_to(told, placed), by=itemgetter(2))
    return with_lines([_at(one, _at_mention(one, to[one.focus or ""])) for one in placed], jobs)


def _grouped(
    found: Iterable[PlacedStatement], by: Callable[[Statement], Term]
) -> defaultdict[Term, list[PlacedStatement]]:
    groups: defaultdict[Term, list[PlacedStatement]] = defaultdict(list)
    for one in found:
        groups[by(one[0])].append(one)
    return groups


def _at(finding: Finding, places: Iterable[Place]) -> Finding:
    """Return a finding with places, each once, down the files; one that has some as it is."""
    if finding.places:
        return finding
    each = sorted(dict.fromkeys(places), key=lambda place: place.sort_key)
    return replace(finding, places=tuple(each))


def _at_value(finding: Finding, about: list[PlacedStatement], using: Mapper) -> list[Place]:
    """Return where the value at fault is said of the focus node, or where it should be."""
    path = finding.path or ""
    if path.startswith("^"):
        return []
    said = [(s, p) for s, p in about if s.predicate == path]
    if finding.component == _MAX_COUNT:
        return [p._replace(value=lexical_form(s.object)) for s, p in said]
    exact = [p for s, p in said if s.object == finding.term] or [p for _, p in said]
    return exact or _at_missing_field(path, about, using)


def _at_missing_field(path: str, about: list[PlacedStatement], using: Mapper) -> list[Place]:
    """Return where a node is described, each with the field that would have said it."""
    types = [(s, p) for s, p in about if s.predicate == _TYPE]
    field = _field(path, {s.object for s, _ in types}, using) if path else None
    return [p._replace(field=(*p.field, field)) if field else p for _, p in types]


def _at_mention(finding: Finding, to: list[PlacedStatement]) -> list[Place]:
    """Return where the focus node is the value: of the path, if that leads back to it.

    Values of which there are too many stand where they are said, or else in no record.
    """
    path = finding.path or ""
    if path.startswith("^"):
        return [p for s, p in to if s.predicate == path[1:]]
    return [] if finding.component == _MAX_COUNT else [p for _, p in to]


def locate_in_rdf(
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
    for one in using.table.values():
        if not isinstance(one, TriplesMap) or not {
            using.site.iri(name) for name in one.classes
        } & set(classes):
            continue
        for row in one.rows:
            if using.site.iri(row.property) == predicate:
                place = parse_reference(row.reference)[0].below(())
                return str(place[0]) if place else None
    return None
