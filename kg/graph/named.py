"""From sources to graphs: named ones as they stream by, an Oxigraph store, or an rdflib Graph.

Every place that needs "what do these sources say" starts here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from kg.graph.union import SubjectLines, lines_by_subject, lines_of_description
from kg.mapping.descriptions import Description, FieldNote, MappedRecord, Nested, ValueFault
from kg.mapping.identifiers import graph_iri
from kg.mapping.mapper import Mapper
from kg.mapping.memo import DescriptionMemo
from kg.model.errors import NoFrontMatter, SourceError
from kg.model.findings import Finding, Place, Severity
from kg.model.records import Record, Source, Statement, Term, Triple
from kg.model.site import Site
from kg.sources.rdf import read_rdf
from kg.sources.reading import is_rdf, read_records, read_source


@dataclass(frozen=True, slots=True)
class NamedGraph:
    """What one source says: what is told by its records, or the triples of RDF.

    `also` is what was found in its records besides, by those who asked for it.
    """

    name: Term
    source: Source
    told: list[MappedRecord] = field(default_factory=list, repr=False)
    triples: list[Triple] = field(default_factory=list, repr=False)
    findings: list[Finding] = field(default_factory=list)
    also: list[Finding] = field(default_factory=list)

    @property
    def records(self) -> int:
        """How many records it has: 0 for RDF and for text without front matter."""
        return len(self.told)

    @property
    def empty(self) -> bool:
        """Whether it says nothing."""
        return not self.triples and not any(_speaks(one.description) for one in self.told)

    @property
    def statements(self) -> list[Statement]:
        """What it says, with the fields that say it; of RDF, none."""
        rdf = (Statement(*triple) for triple in self.triples)
        return [*rdf, *(statement for one in self.told for statement in one.statements())]


Also: TypeAlias = Callable[[Record, Description], Iterable[Finding]]
"""What else there is to find in a record; it is asked while the record's fields are at hand."""


def named_graphs(
    found: Iterable[Source],
    using: Mapper,
    memory: DescriptionMemo | None = None,
    also: Also | None = None,
) -> Iterator[NamedGraph]:
    """Yield the graph of each source, one at a time; equal items in `memory` are shared.

    A source that cannot be read gives an empty graph with a finding. Text without front matter
    gives an empty graph, with a finding only if the user named that very file.
    """
    for source in found:
        called = graph_name(source, using.site)
        try:
            if is_rdf(source):
                triples = read_rdf(read_source(source), source.path, using.site)
                yield NamedGraph(called, source, triples=triples)
            else:
                yield _mapped_graph(called, source, using, memory or using.latest, also)
        except SourceError as error:
            yield NamedGraph(called, source, findings=_refusal(source, error))


def merge_triples(found: Collection[NamedGraph]) -> dict[Triple, None]:
    """Return what graphs say, each triple once, in the order in which it is first said."""
    said: dict[Triple, None] = {}
    seen: set[int] = set()
    for graph in found:
        said.update(dict.fromkeys(graph.triples))
        for one in graph.told:
            _state(one.description, said, seen)
    return said


def _speaks(one: Description) -> bool:
    for part in one.parts:
        if isinstance(part, Nested):
            if _speaks(part.description):
                return True
        elif not isinstance(part, (FieldNote, ValueFault)):
            return True
    return False


def _state(one: Description, said: dict[Triple, None], seen: set[int]) -> None:
    if id(one) in seen:  # many records share it
        return
    seen.add(id(one))
    for part in one.parts:
        if isinstance(part, Nested):
            _state(part.description, said, seen)
        elif not isinstance(part, (FieldNote, ValueFault)):
            said[part[:3]] = None


class MappedSource(NamedTuple):
    """What one source says, as nodes in no order; a subject may come again."""

    name: Term
    nodes: list[SubjectLines]
    findings: list[Finding]
    records: int


def map_source(source: Source, using: Mapper, memory: DescriptionMemo) -> MappedSource:
    """Return what a source says, for writing: without the fields that say it.

    Items that are in memory may be left out. A source that cannot be read gives a finding, as with
    `named_graphs`.
    """
    called = graph_name(source, using.site)
    try:
        if is_rdf(source):
            triples = read_rdf(read_source(source), source.path, using.site)
            return MappedSource(called, list(lines_by_subject(triples)), [], 0)
        records = read_records(source)
    except SourceError as error:
        return MappedSource(called, [], _refusal(source, error), 0)
    found: list[SubjectLines] = []
    findings: list[Finding] = []
    for record in records:
        description = using.describe(record, memory)
        found += lines_of_description(description)
        findings += using.findings(description, record)
    return MappedSource(called, found, findings, len(records) if found else 0)


def graph_name(source: Source, site: Site) -> Term:
    """Return the name of the named graph of a source."""
    return site.iri(graph_iri(source.name))


def _mapped_graph(
    name: Term, source: Source, using: Mapper, memory: DescriptionMemo, also: Also | None
) -> NamedGraph:
    graph = NamedGraph(name, source)
    for record in read_records(source):
        one = using.describe(record, memory)
        graph.told.append(MappedRecord(record.origin, one))
        graph.findings.extend(using.findings(one, record))
        graph.also.extend(also(record, one) if also else ())
    return graph


def _refusal(source: Source, error: SourceError) -> list[Finding]:
    """Return why a source cannot be read; text in a folder need not have front matter."""
    if isinstance(error, NoFrontMatter) and not source.named:
        return []
    place = Place(source, line=error.line, column=error.column)
    return [Finding(Severity.VIOLATION, str(error), (place,))]
