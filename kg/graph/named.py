"""Each source mapped: the statements of its named graph, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from kg.graph.union import SubjectLines, lines_by_subject, lines_of_description
from kg.mapping import DescriptionMemo, MappedRecord, Mapper, graph_iri
from kg.model import (
    Finding,
    NoFrontMatter,
    Place,
    Severity,
    Site,
    Source,
    SourceError,
    Statement,
    Term,
    Triple,
)
from kg.sources import is_rdf, read_rdf, read_records, read_source


@dataclass(frozen=True, slots=True)
class MappedSource:
    """A source with the name of its graph: its mapped records, or the triples of an RDF file.

    A source that cannot be read has neither, but a finding with the reason.
    """

    name: Term
    source: Source
    records: list[MappedRecord] = field(default_factory=list, repr=False)
    triples: list[Triple] = field(default_factory=list, repr=False)
    findings: list[Finding] = field(default_factory=list)

    @property
    def states_anything(self) -> bool:
        """Whether the source makes any statement."""
        return bool(self.triples) or any(
            record.description.states_anything for record in self.records
        )

    def statements(self) -> Iterator[Statement]:
        """Yield the statements with their fields; a statement of an RDF file has none."""
        for triple in self.triples:
            yield Statement(*triple)
        for record in self.records:
            yield from record.statements()

    def subject_lines(self) -> list[SubjectLines]:
        """Return the statements by subject, in no order; a subject may occur several times."""
        lines = list(lines_by_subject(self.triples))
        for record in self.records:
            lines += lines_of_description(record.description)
        return lines

    def without_fields(self) -> MappedSource:
        """Return the same without the values of its records, which take most of the memory."""
        return replace(self, records=[record.without_fields() for record in self.records])


def map_source(source: Source, mapper: Mapper, memo: DescriptionMemo) -> MappedSource:
    """Map the records of a source, or read the triples of an RDF file.

    Items in `memo` are shared, or left out if it is one of `SeenNodes`. A source that cannot be
    read gives a finding; a text file without front matter gives one only if the user named it.
    """
    name = graph_name(source, mapper.site)
    try:
        if is_rdf(source):
            triples = read_rdf(read_source(source), source.path, mapper.site)
            return MappedSource(name, source, triples=triples)
        records = [
            MappedRecord(record, mapper.describe(record, memo)) for record in read_records(source)
        ]
    except SourceError as error:
        return MappedSource(name, source, findings=_refusal(source, error))
    findings = [finding for record in records for finding in record.findings()]
    return MappedSource(name, source, records, findings=findings)


def map_sources(
    sources: Iterable[Source], mapper: Mapper, memo: DescriptionMemo | None = None
) -> Iterator[MappedSource]:
    """Yield each source mapped, one at a time, as `map_source` does."""
    for source in sources:
        yield map_source(source, mapper, memo or mapper.memo)


def merge_triples(sources: Iterable[MappedSource]) -> dict[Triple, None]:
    """Return the triples of all sources, each once, in the order in which they are first stated."""
    triples: dict[Triple, None] = {}
    seen: set[int] = set()  # many records share a description
    for source in sources:
        triples.update(dict.fromkeys(source.triples))
        for record in source.records:
            for _, description in record.description.walk(seen=seen):
                triples.update(dict.fromkeys((s, p, o) for s, p, o, _ in description.statements))
    return triples


def graph_name(source: Source, site: Site) -> Term:
    """Return the name of the named graph of a source."""
    return site.iri(graph_iri(source.name))


def _refusal(source: Source, error: SourceError) -> list[Finding]:
    """Return why a source cannot be read; text in a folder need not have front matter."""
    if isinstance(error, NoFrontMatter) and not source.named:
        return []
    place = Place(source, line=error.line, column=error.column)
    return [Finding(Severity.VIOLATION, str(error), (place,))]
