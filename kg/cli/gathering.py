"""Read the sources a command names: their graphs, and what is wrong with them."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from kg.cli.console import progress, report, say
from kg.model.errors import SourceError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

    from kg.graph.cache import Cache
    from kg.graph.collect import CollectedGraph, CollectOptions
    from kg.graph.named import Also, NamedGraph
    from kg.mapping.mapper import Mapper
    from kg.model.findings import Finding
    from kg.model.records import Source
    from kg.model.site import Site


@dataclass(frozen=True, slots=True)
class Request:
    """What the shared options of a command say."""

    sources: tuple[str, ...]
    base_iri: str | None = None
    schema_namespace: str | None = None
    topics: Path | None = None
    include: tuple[str, ...] = ()
    strict: bool = False
    quiet: bool = False
    verbose: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """Sources that were found, and what they are to be mapped with."""

    sources: list[Source]
    site: Site
    mapper: Mapper
    shapes: tuple[Path, ...]
    on_the_default_base: bool


@dataclass(slots=True)
class Gathered:
    """What sources say that could be read, and findings about the others."""

    site: Site
    mapper: Mapper
    sources: list[Source]
    shapes: tuple[Path, ...]
    graphs: list[NamedGraph] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    records: int = 0
    skipped: int = 0
    on_the_default_base: bool = False

    @property
    def empty(self) -> bool:
        """Whether no source says anything."""
        return self.skipped == len(self.graphs)

    @property
    def broken(self) -> bool:
        """Whether a source or a value could not be used."""
        return broken(self.findings)


def broken(findings: Iterable[Finding]) -> bool:
    """Whether findings say that a source or a value could not be used."""
    from kg.model.findings import Severity

    return any(finding.severity is Severity.VIOLATION for finding in findings)


def first_violation(findings: Iterable[Finding]) -> str:
    """Return the first violation among findings, as a line."""
    from kg.model.findings import Severity
    from kg.model.messages import finding_line

    return next(finding_line(one) for one in findings if one.severity is Severity.VIOLATION)


def gather(request: Request) -> Gathered:
    """Map the sources as `read` does, and print the findings of doing so."""
    gathered = read(request)
    report(gathered.findings, quiet=request.quiet, verbose=request.verbose)
    return gathered


def read(request: Request, also: Callable[[Mapper], Also] | None = None) -> Gathered:
    """Map the sources that a request names; `also`, given the mapper, looks into them besides.

    Raises SourceError when there is nothing to read, when nothing could be read, and with
    `strict` at the first violation.
    """
    from kg.sources.discovery import discover_sources

    paths = request.sources or (".",)
    gathered = collect(paths, discover_sources(paths), request, also)
    if gathered.on_the_default_base:
        notice_base(gathered.site, request)
    if gathered.empty:
        report(gathered.findings, quiet=request.quiet, verbose=request.verbose)
        raise SourceError(f"nothing could be read from {' '.join(paths)}")
    return gathered


def notice_base(site: Site, request: Request) -> None:
    """Say that the IRIs stand below a base that nobody chose."""
    notice = f"notice: no base IRI is set, so IRIs are below {site.base}"
    say(f"{notice}; set one with --base-iri", quiet=request.quiet)


def prepare(
    paths: Sequence[str], found: list[Source], request: Request, cache: Cache | None = None
) -> Prepared:
    """Find out which site sources are of, and what it knows. Raises SourceError for no sources."""
    from kg.mapping.authority import may_name_nodes
    from kg.mapping.project import make_mapper, table_of
    from kg.resources import TOPICS_FILE
    from kg.sites.configuration import read_settings

    if not found:
        raise SourceError(f"no sources in {' '.join(paths)}: no Markdown, text or YAML files there")
    settings = read_settings(paths)
    site = settings.site(request.base_iri, request.schema_namespace)
    topics = request.topics or settings.topics or TOPICS_FILE
    may_name = cache.may_tell if cache else may_name_nodes
    mapper = make_mapper(
        *(site, found),
        table=table_of(settings),
        topics=topics,
        include=request.include,
        may_name=may_name,
    )
    told = bool(request.base_iri or settings.base_iri)
    return Prepared(found, site, mapper, settings.shapes, not told)


def prepared(request: Request, cache: Cache | None = None) -> Prepared:
    """Find the sources of a request and say how they are to be mapped; as `prepare` does."""
    from kg.sources.discovery import discover_sources

    paths = request.sources or (".",)
    ready = prepare(paths, discover_sources(paths), request, cache)
    if ready.on_the_default_base:
        notice_base(ready.site, request)
    return ready


def remembering(folder: Path | None, request: Request) -> AbstractContextManager[Cache | None]:
    """Give the cache in a folder; None without one, and while another run has it."""
    if folder is None:
        return nullcontext()
    from kg.graph.cache import open_cache

    return open_cache(folder, lambda text: say(f"notice: {text}", quiet=request.quiet))


def exported(
    ready: Prepared, request: Request, wanted: CollectOptions, jobs: int, cache: Cache | None = None
) -> CollectedGraph:
    """Map sources for writing, or take from a cache what they say; print the findings of doing so.

    Raises SourceError when nothing could be read, and with `strict` when there is a violation.
    """
    from kg.graph.collect import collect_graph
    from kg.sources.locations import with_lines

    # What is there now stays, so it need not be looked through for garbage again and again: that
    # takes 0.3 s of 8 s for 10,000 articles.
    gc.freeze()
    watched = partial(progress, quiet=request.quiet)
    found, mapper = ready.sources, ready.mapper
    if cache:
        from kg.graph.incremental import collect_with_cache

        done = collect_with_cache(found, mapper, wanted, cache, jobs=jobs, progress=watched)
    else:
        done = collect_graph(found, mapper, wanted, jobs=jobs, progress=watched)
    done.findings = with_lines(done.findings)
    if request.strict and broken(done.findings):
        raise SourceError(f"{first_violation(done.findings)}\nstopped, as --strict asks")
    report(done.findings, quiet=request.quiet, verbose=request.verbose)
    if done.skipped == len(ready.sources):
        raise SourceError(f"nothing could be read from {' '.join(request.sources or ('.',))}")
    return done


def collect(
    paths: Sequence[str],
    found: list[Source],
    request: Request,
    also: Callable[[Mapper], Also] | None = None,
) -> Gathered:
    """Map sources that were found at paths; nothing is printed. `also` is as for `read`.

    Raises SourceError when there are none, and with `strict` at the first violation.
    """
    from kg.graph.named import named_graphs
    from kg.mapping.memo import DescriptionMemo
    from kg.sources.locations import with_lines

    ready = prepare(paths, found, request)
    gathered = Gathered(
        ready.site,
        ready.mapper,
        found,
        ready.shapes,
        on_the_default_base=ready.on_the_default_base,
    )
    shared = DescriptionMemo(sys.maxsize)  # it takes no room: what is in it is kept in any case
    every = named_graphs(found, ready.mapper, shared, also(ready.mapper) if also else None)
    for graph in progress(every, len(found), quiet=request.quiet):
        _take(graph, gathered, strict=request.strict)
        # It stays, so it need not be looked through for garbage again and again: that takes a
        # seventh of the time for 1,000 articles.
        gc.freeze()
    gathered.findings = with_lines(gathered.findings)
    return gathered


def _take(graph: NamedGraph, gathered: Gathered, *, strict: bool) -> None:
    from kg.model.messages import finding_line
    from kg.sources.locations import with_lines

    gathered.graphs.append(graph)
    gathered.findings += graph.findings
    if strict and gathered.broken:
        located = with_lines(gathered.findings[-1:])
        raise SourceError(f"{finding_line(located[0])}\nstopped, as --strict asks")
    if graph.empty:
        gathered.skipped += 1
    else:
        gathered.records += graph.records
