"""Findings to the fields that cause them: statements traced back to lines and columns.

The description of a record is a tree, whose branches equal items share; so the statements behind a
finding are searched once in each item, however many records have it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple, TypeAlias

from kg.mapping import (
    Description,
    MappedRecord,
    Mapper,
    RelativeStatement,
    TriplesMap,
    parse_reference,
)
from kg.model import RDF, SH, Finding, Place, Source, Statement, Term, Triple, lexical_form
from kg.sources import with_lines

_TYPE: Final = f"<{RDF.type}>"
_MAX_COUNT: Final = f"<{SH.MaxCountConstraintComponent}>"


class Located(NamedTuple):
    """A statement, and the place that makes it."""

    statement: Statement
    place: Place


def locate_findings(
    findings: Sequence[Finding], records: Iterable[MappedRecord], mapper: Mapper, jobs: int = 1
) -> list[Finding]:
    """Return the findings with the places that caused them, lines and columns looked up.

    A finding about a missing field gets the place that describes the node, with that field; one
    about values that disagree gets the place of each. A node that only RDF files describe has no
    place.
    """
    locator = _Locator(LocatedStatements(records, findings), mapper)
    return with_lines(
        [
            finding
            if finding.places
            else replace(finding, places=_ordered(locator.places(finding)))
            for finding in findings
        ],
        jobs,
    )


def _ordered(places: Iterable[Place]) -> tuple[Place, ...]:
    """Return places in the order of files and lines, each once."""
    return tuple(sorted(dict.fromkeys(places), key=lambda place: place.sort_key))


def locate_in_rdf(
    findings: Iterable[Finding], sources: Iterable[tuple[Source, Iterable[Triple]]]
) -> list[Finding]:
    """Return the findings; those without a place get the RDF files that describe their node."""
    places: dict[Term, dict[Place, None]] = defaultdict(dict)
    for source, triples in sources:
        for subject, _, _ in triples:
            places[subject][Place(source)] = None
    return [
        finding
        if finding.places
        else replace(finding, places=tuple(places.get(finding.focus or "", ())))
        for finding in findings
    ]


# ---- statements


class LocatedStatements:
    """The statements that findings without a place may stem from.

    They are about a focus node (with the path of a finding, or of its class), or to one.
    """

    def __init__(self, records: Iterable[MappedRecord], findings: Collection[Finding]) -> None:
        self._about: dict[Term, list[Located]] = defaultdict(list)
        self._to: dict[Term, list[Located]] = defaultdict(list)
        nodes = frozenset(
            finding.focus for finding in findings if finding.focus and not finding.places
        )
        if nodes:
            predicates = frozenset(finding.path for finding in findings) | {_TYPE}
            self._add(records, _Search(nodes, predicates))

    def _add(self, records: Iterable[MappedRecord], search: _Search) -> None:
        for record, description in records:
            source, document = record.origin.source, record.origin.document
            for subject, predicate, term, field in search.statements(description):
                statement = Statement(subject, predicate, term, field)
                located = Located(statement, Place(source, field, document))
                if subject in search.nodes:
                    self._about[subject].append(located)
                if term in search.nodes:
                    self._to[term].append(located)

    def about(self, node: Term | None) -> list[Located]:
        """Return the statements about a focus node."""
        return self._about.get(node or "", [])

    def to(self, node: Term | None) -> list[Located]:
        """Return the statements whose object is a focus node."""
        return self._to.get(node or "", [])


_Terms: TypeAlias = frozenset[Term | None]


class _Search:
    """Searches descriptions for the statements about some nodes, and for those to them."""

    def __init__(self, nodes: _Terms, predicates: _Terms) -> None:
        self.nodes = nodes
        self._predicates = predicates
        self._results: dict[int, tuple[Description, list[RelativeStatement]]] = {}

    def statements(self, description: Description) -> list[RelativeStatement]:
        """Return the statements in a description and inside it, with fields relative to it."""
        result = self._results.get(id(description))
        if result is None:  # the description is kept, so that no other gets its id
            result = description, self._matches(description)
            self._results[id(description)] = result
        return result[1]

    def _matches(self, description: Description) -> list[RelativeStatement]:
        nodes, predicates = self.nodes, self._predicates
        matches: list[RelativeStatement] = []
        for path, nested in description.nested:
            for subject, predicate, term, field in self.statements(nested):
                matches.append((subject, predicate, term, path + field))
        for statement in description.statements:
            subject, predicate, term, _ = statement
            if (subject in nodes and predicate in predicates) or term in nodes:
                matches.append(statement)
        return matches


# ---- places


class _Locator(NamedTuple):
    """Finds the places that caused a finding."""

    statements: LocatedStatements
    mapper: Mapper

    def places(self, finding: Finding) -> list[Place]:
        """Return the places that state the faulty value, or else the nearest to it."""
        return (
            self.at_value(finding)
            or self.at_property(finding)
            or self.at_missing_field(finding)
            or self.at_mention(finding)
        )

    def at_value(self, finding: Finding) -> list[Place]:
        """Return the places that state the value; each value, if there are too many."""
        values = self._values(finding)
        if finding.component == _MAX_COUNT:
            return [
                place._replace(value=lexical_form(statement.object)) for statement, place in values
            ]
        return [place for statement, place in values if statement.object == finding.term]

    def at_property(self, finding: Finding) -> list[Place]:
        """Return the places that state any value of the path."""
        return [place for _, place in self._values(finding)]

    def _values(self, finding: Finding) -> list[Located]:
        about = self.statements.about(finding.focus)
        return [located for located in about if located.statement.predicate == finding.path]

    def at_missing_field(self, finding: Finding) -> list[Place]:
        """Return the places that describe the node, each with the field that lacks a value."""
        path = finding.path or ""
        if path.startswith("^") or finding.component == _MAX_COUNT:
            return []
        about = self.statements.about(finding.focus)
        types = [located for located in about if located.statement.predicate == _TYPE]
        classes = {statement.object for statement, _ in types}
        field = _field_of(path, classes, self.mapper) if path else None
        return [
            place._replace(field=(*place.field, field)) if field else place for _, place in types
        ]

    def at_mention(self, finding: Finding) -> list[Place]:
        """Return the places where the node is a value: of the path, if that is an inverse one."""
        path = finding.path or ""
        if finding.component == _MAX_COUNT and not path.startswith("^"):
            return []  # too many values are stated, not mentioned
        return [
            place
            for statement, place in self.statements.to(finding.focus)
            if not path.startswith("^") or statement.predicate == path[1:]
        ]


def _field_of(predicate: Term, classes: Collection[Term], mapper: Mapper) -> str | None:
    """Return the field that the mapping reads a property from, for a node of some classes."""
    for map_ in mapper.table.values():
        if not isinstance(map_, TriplesMap) or not {
            mapper.site.iri(class_) for class_ in map_.classes
        } & set(classes):
            continue
        for row in map_.rows:
            if mapper.site.iri(row.property) == predicate:
                path = parse_reference(row.reference)[0].below(())
                return str(path[0]) if path else None
    return None
