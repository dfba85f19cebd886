"""The public door for Python: a site's knowledge graph as one object."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from os import PathLike, fspath
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, TypeAlias

from kg.graph import (
    CollectOptions,
    Keep,
    LoadedGraphs,
    collect_graph,
    load_graphs,
    map_sources,
    oxigraph_store,
    rdflib_dataset,
    rdflib_graph,
    refuse_violations,
)
from kg.mapping import open_project
from kg.model import Finding, Format, Place, Severity, Site, Term, choose_format
from kg.provenance import Explanation, UnknownFields, explain_resource
from kg.queries import find_query, queries_with_expectations, select_rows
from kg.sources import PositionCache, nothing_read
from kg.validation import (
    Report,
    bundled_shapes,
    findings_of,
    load_shapes,
    make_report,
    shapes_files,
)
from kg.writers import ExportDocument, open_file

if TYPE_CHECKING:
    import rdflib

AnyPath: TypeAlias = str | PathLike[str]

_MEMORY: Final = 10_000_000
"""Bytes of text that an export holds before it sorts on disk, as the command's --memory."""


class PlacedStatement(NamedTuple):
    """A statement and the place that makes it.

    `subject`, `predicate` and `object` are terms in N-Triples syntax: `<iri>`, `"text"`,
    `"1"^^<datatype>`. `place` has the file, the field, and line and column from 1.
    """

    subject: Term
    predicate: Term
    object: Term
    place: Place


class KnowledgeGraph:
    """The schema.org knowledge graph of the files of a site.

    `paths` are files with front matter, folders and RDF files; without any, the current folder. The
    settings are those of the command, and go before the site's own: `base_iri`,
    `schema_namespace` ("https" or "http"), `topics` (a Turtle file), `include` (such as
    `["people"]`). With `strict`, the first value that cannot be used raises SourceError.

    Raises SourceError for a path that does not exist and for paths without sources, and
    ConfigurationError for settings that cannot be used. A file that cannot be read costs no other:
    it is among the `findings`, and in the report of `validate`. If no file can be read, every other
    method raises SourceError.

    >>> graph = KnowledgeGraph("seeds")
    >>> len(graph.to_rdflib())
    1292
    >>> headline = next(s for s in graph.statements() if s.predicate.endswith("/headline>"))
    >>> str(headline.place), headline.place.name
    ('seeds/000_0dfa9dda0334464e.txt:28:12', 'related[0].title')
    >>> graph.query("topics")[0]
    {'topic': 'AI', 'articles': '5', 'first': '2020-06-11', 'last': '2020-07-03'}
    >>> report = graph.validate(engine="auto")
    >>> report.conforms, str(report.findings[0].places[0])
    (True, 'seeds/001_b6f788767d3a8fd8.txt:2:1')
    >>> graph.explain("topic/ai")[0].reasons[0].rule
    'topic: a skos:Concept'
    """

    def __init__(
        self,
        *paths: AnyPath,
        base_iri: str | None = None,
        schema_namespace: str | None = None,
        topics: AnyPath | None = None,
        include: Collection[str] = (),
        strict: bool = False,
    ) -> None:
        self._paths = [fspath(path) for path in paths] or ["."]
        self._strict = strict
        self._project = open_project(
            self._paths,
            base_iri=base_iri,
            schema_namespace=schema_namespace,
            topics=None if topics is None else Path(topics),
            include=include,
        )

    @property
    def site(self) -> Site:
        """The site: its base IRI, its URL, and what it states about itself."""
        return self._project.site

    @property
    def findings(self) -> list[Finding]:
        """What is wrong with files and values, with places: what could not be read or mapped."""
        return list(self._graphs_and_unknown[0].findings)

    def statements(self) -> Iterator[PlacedStatement]:
        """Yield the statements file by file, with their places; equal ones may come again.

        Files are mapped as they are needed, and nothing is kept. A file that cannot be read yields
        nothing, or with `strict` raises SourceError. Raises it in the end if no file yields any.
        """
        is_empty = True
        for mapped in map_sources(self._project.sources, self._project.mapper):
            if self._strict:
                refuse_violations(mapped.findings)
            is_empty = is_empty and not mapped.states_anything
            positions = PositionCache()
            for triple in mapped.triples:
                yield PlacedStatement(*triple, Place(mapped.source))
            for record in mapped.records:
                document = record.record.origin.document
                for subject, predicate, term, field in record.statements():
                    place = positions.locate(Place(mapped.source, field, document))
                    yield PlacedStatement(subject, predicate, term, place)
        if is_empty:
            raise nothing_read(self._paths)

    def to_rdflib(self) -> rdflib.Graph:
        """Return the merged graph, without the metadata of an export, as an rdflib Graph."""
        return rdflib_graph(self._graphs.triples(), self.site)

    def to_dataset(self) -> rdflib.Dataset:
        """Return the same as an rdflib Dataset with a named graph for each file."""
        graphs = (
            (mapped.name, (statement[:3] for statement in mapped.statements()))
            for mapped in self._graphs.sources
        )
        return rdflib_dataset(graphs, self.site)

    def query(self, query: AnyPath, **parameters: str) -> list[dict[str, str | None]]:
        """Return the rows of a SELECT query, as dicts by column.

        `query` is the name of a bundled query or the path of a file; `parameters` are the values of
        its parameters. A value of a row is an IRI or the lexical form of a literal, None if it is
        not bound. Raises QueryError for a query that cannot be found or evaluated, or lacks a
        parameter.
        """
        return select_rows(find_query(fspath(query)), self._store, parameters, self.site)

    def validate(  # noqa: PLR0913 - the options of the command
        self,
        *,
        shapes: Iterable[AnyPath] = (),
        bundled: bool = True,
        queries: Iterable[AnyPath] = (),
        fail_on: str | None = "violation",
        engine: str = "pyshacl",
        jobs: int = 1,
    ) -> Report:
        """Return the report of validating the graph, as `kg validate` writes it.

        `shapes` are Turtle files or folders beside the bundled shapes and those of `kg.toml`;
        `queries` are SPARQL files or folders whose expectations are checked. The report conforms if
        no finding is as severe as `fail_on` ("violation", "warning" or "info"; None for never).
        Raises ShapesError and QueryError for what cannot be used.
        """
        files = [*shapes_files(map(Path, shapes)), *shapes_files(self._project.shapes)]
        all_shapes = load_shapes([*(bundled_shapes() if bundled else ()), *files], self.site)
        checked = queries_with_expectations(map(Path, queries))
        findings = findings_of(
            *(self._graphs, all_shapes, checked),
            field_findings=self._graphs_and_unknown[1],
            engine=engine,
            jobs=jobs,
        )
        severity = None if fail_on is None else Severity(fail_on)
        return make_report(findings, all_shapes, checked, fail_on=severity)

    def export(
        self,
        target: AnyPath | BinaryIO,
        format: str | None = None,  # noqa: A002 - the name of the option
        *,
        metadata: bool = True,
        title: str | None = None,
        license: str | None = None,  # noqa: A002 - the same
    ) -> int:
        """Write the graph to a file or a binary stream; return the number of statements.

        The bytes are those of `kg export`. The format is a name, a suffix or a media type; by
        default that of the suffix of a path, where `.gz` compresses, and Turtle for a stream. A
        file appears or is replaced as a whole. `metadata` describes the dataset, whose `title` and
        `license` default to the site's. Raises FormatError for an unknown format, and OutputError
        for a file that cannot be written.
        """
        path = Path(target) if isinstance(target, str | PathLike) else None
        chosen = choose_format(format, path)
        keep = Keep.GRAPHS if chosen.dataset else Keep.NOTHING
        with TemporaryDirectory(prefix="kg-") as folder:
            options = CollectOptions(Path(folder), _MEMORY, keep)
            graph = collect_graph(self._project.sources, self._project.mapper, options)
            if self._strict:
                refuse_violations(graph.findings)
            if graph.skipped == len(self._project.sources):
                raise nothing_read(self._paths)
            document = ExportDocument(
                graph, self.site, metadata=metadata, title=title, license=license
            )
            if path is None:
                document.write(chosen, target)  # type: ignore[arg-type] # no path, so a stream
            else:
                self._write(document, chosen, path)
        return document.total

    @staticmethod
    def _write(document: ExportDocument, form: Format, path: Path) -> None:
        with open_file(path) as stream:
            document.write(form, stream, compress=path.suffix == ".gz")

    def explain(self, resource: str) -> list[Explanation]:
        """Return the statements about a resource, with the fields and rows of the mapping behind.

        The resource is an IRI, in full or below the base, or the URL or AMP URL of an article.
        Raises SourceError if nothing in the graph has that IRI or URL.
        """
        return explain_resource(resource, self._project.sources, self._project.mapper)

    @cached_property
    def _graphs_and_unknown(self) -> tuple[LoadedGraphs, list[Finding]]:
        """The graphs in memory, and the fields that no row of the mapping reads."""
        unknown = UnknownFields(self._project.mapper)
        return load_graphs(self._project, strict=self._strict, inspect=unknown)

    @property
    def _graphs(self) -> LoadedGraphs:
        graphs, _ = self._graphs_and_unknown
        if graphs.is_empty:
            raise nothing_read(self._paths)
        return graphs

    @cached_property
    def _store(self) -> Any:
        """The Oxigraph store that queries are run on."""
        return oxigraph_store(self._graphs.triples())
