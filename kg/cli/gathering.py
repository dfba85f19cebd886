"""Read the sources a command names: their graphs, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kg.cli.console import progress, report, say
from kg.errors import SourceError

if TYPE_CHECKING:
    from pathlib import Path

    from kg.findings import Finding
    from kg.graphs import NamedGraph
    from kg.mapper import Mapper
    from kg.namespaces import Site
    from kg.records import Source, Term, Triple


@dataclass(frozen=True, slots=True)
class Request:
    """What the shared options of a command say."""

    sources: tuple[str, ...]
    base_iri: str | None = None
    schema_namespace: str | None = None
    topics: Path | None = None
    strict: bool = False
    quiet: bool = False
    verbose: bool = False


@dataclass(slots=True)
class Gathered:
    """The named graphs of the sources that could be read, and findings about the others."""

    site: Site
    mapper: Mapper
    sources: list[Source]
    shapes: tuple[Path, ...]
    dataset: dict[Term, set[Triple]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    records: int = 0
    skipped: int = 0
    on_the_default_base: bool = False

    @property
    def broken(self) -> bool:
        """Whether a source or a value could not be used."""
        from kg.findings import Severity

        return any(finding.severity is Severity.VIOLATION for finding in self.findings)


def gather(request: Request) -> Gathered:
    """Map the sources as `read` does, and print the findings of doing so."""
    gathered = read(request)
    report(gathered.findings, quiet=request.quiet, verbose=request.verbose)
    return gathered


def read(request: Request) -> Gathered:
    """Map the sources that a request names.

    Raises SourceError when there is nothing to read, when nothing could be read, and with
    `strict` at the first violation.
    """
    from kg import sources

    paths = request.sources or (".",)
    gathered = collect(paths, sources.discover(paths), request)
    tell_base(gathered, request)
    if not gathered.dataset:
        report(gathered.findings, quiet=request.quiet, verbose=request.verbose)
        raise SourceError(f"nothing could be read from {' '.join(paths)}")
    return gathered


def tell_base(gathered: Gathered, request: Request) -> None:
    """Give notice when nobody chose the base IRI."""
    if gathered.on_the_default_base:
        notice = f"notice: no base IRI is set, so IRIs are below {gathered.site.base}"
        say(f"{notice}; set one with --base-iri", quiet=request.quiet)


def collect(paths: Sequence[str], found: list[Source], request: Request) -> Gathered:
    """Map sources that were found at paths; nothing is printed.

    Raises SourceError when there are none, and with `strict` at the first violation.
    """
    gathered = prepare(paths, found, request)
    for graph in stream(gathered, request):
        gathered.dataset.setdefault(graph.name, set()).update(s[:3] for s in graph.statements)
    return gathered


def prepare(paths: Sequence[str], found: list[Source], request: Request) -> Gathered:
    """Say how sources that were found at paths are to be mapped. Raises SourceError for none."""
    from kg import graphs, resources, sites

    if not found:
        raise SourceError(f"no sources in {' '.join(paths)}: no Markdown, text or YAML files there")
    settings = sites.configuration(paths)
    site = settings.site(request.base_iri, request.schema_namespace)
    mapper = graphs.mapper(site, request.topics or settings.topics or resources.TOPICS)
    told = bool(request.base_iri or settings.base_iri)
    return Gathered(site, mapper, found, settings.shapes, on_the_default_base=not told)


def stream(gathered: Gathered, request: Request) -> Iterator[NamedGraph]:
    """Yield the graph of each source that says anything; findings are gathered, statements not."""
    from kg import graphs, provenance

    found = gathered.sources
    made = graphs.named_graphs(found, gathered.mapper)
    for graph in progress(made, len(found), quiet=request.quiet):
        gathered.findings += graph.findings
        if request.strict and gathered.broken:
            _stop(graph, gathered)
        gathered.records += graph.records
        if graph.statements:
            yield graph
        else:
            gathered.skipped += 1
    gathered.findings = provenance.locate(gathered.findings, found, gathered.mapper)


def _stop(graph: NamedGraph, gathered: Gathered) -> None:
    from kg import provenance
    from kg.reports import line

    located = provenance.locate(gathered.findings[-1:], [graph.source], gathered.mapper)
    raise SourceError(f"{line(located[0])}\nstopped, as --strict asks")
