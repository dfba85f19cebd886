"""From the shared options of a command to an open site, its graphs in memory, or its union."""

from __future__ import annotations

import gc
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from kg.cli.console import print_findings, print_notice, show_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from kg.graph import Cache, CollectedGraph, CollectOptions, Inspect, LoadedGraphs
    from kg.mapping import Mapper, Project
    from kg.model import Finding, Source

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """The shared options of every command that reads sources."""

    sources: tuple[str, ...]
    base_iri: str | None = None
    schema_namespace: str | None = None
    topics: Path | None = None
    include: tuple[str, ...] = ()
    strict: bool = False
    quiet: bool = False
    verbose: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths to read: the current folder if none is given."""
        return self.sources or (".",)


def open_site(
    options: ReadOptions,
    cache: Cache | None = None,
    *,
    paths: Sequence[str] | None = None,
    sources: Sequence[Source] | None = None,
) -> Project:
    """Open the site that the options name, as `open_project` does; print nothing."""
    from kg.mapping import may_name_nodes, open_project

    return open_project(
        options.paths if paths is None else paths,
        sources=sources,
        base_iri=options.base_iri,
        schema_namespace=options.schema_namespace,
        topics=options.topics,
        include=options.include,
        may_name=cache.may_name if cache else may_name_nodes,
    )


def open_site_with_notice(options: ReadOptions, cache: Cache | None = None) -> Project:
    """Open the site that the options name; print a notice if its base IRI is the default."""
    project = open_site(options, cache)
    if project.on_default_base:
        advice = "set url in _config.yml, base-iri in kg.toml, or --base-iri"
        notice = f"notice: no site address found; using {project.site.base}: {advice}"
        print_notice(notice, quiet=options.quiet)
    return project


def load(
    options: ReadOptions, inspect: Callable[[Mapper], Inspect] | None = None
) -> tuple[LoadedGraphs, list[Finding]]:
    """Load the graphs of the site that the options name, and what `inspect` finds in them.

    Raises SourceError when there is nothing to read, when nothing could be read, and with
    `strict` at the first violation.
    """
    project = open_site_with_notice(options)
    graphs, field_findings = load_project(
        project, options, inspect(project.mapper) if inspect else None
    )
    if graphs.is_empty:
        print_findings(graphs.findings, quiet=options.quiet, verbose=options.verbose)
        from kg.sources import nothing_read

        raise nothing_read(options.paths)
    return graphs, field_findings


def load_project(
    project: Project, options: ReadOptions, inspect: Inspect | None = None
) -> tuple[LoadedGraphs, list[Finding]]:
    """Load the graphs of an open site with progress; print nothing else."""
    from kg.graph import load_graphs

    progress = partial(_freeze_with_progress, quiet=options.quiet)
    return load_graphs(project, strict=options.strict, progress=progress, inspect=inspect)


def _freeze_with_progress(items: Iterable[T], total: int, *, quiet: bool) -> Iterator[T]:
    """Pass items through as `show_progress` does, and freeze what is made of each.

    It stays until the command ends, so the garbage collector need not look through it again and
    again.
    """
    for item in show_progress(items, total, quiet=quiet):
        yield item
        gc.freeze()


def load_and_report(options: ReadOptions) -> LoadedGraphs:
    """Load the graphs of the site that the options name, and print the findings."""
    graphs, _ = load(options)
    print_findings(graphs.findings, quiet=options.quiet, verbose=options.verbose)
    return graphs


def open_cache_in(
    folder: Path | None, options: ReadOptions
) -> AbstractContextManager[Cache | None]:
    """Open the cache in a folder; None without a folder, and while another run uses it."""
    if folder is None:
        return nullcontext()
    from kg.graph import open_cache

    return open_cache(folder, lambda text: print_notice(f"notice: {text}", quiet=options.quiet))


def collect(
    project: Project,
    options: ReadOptions,
    collect_options: CollectOptions,
    jobs: int,
    cache: Cache | None = None,
) -> CollectedGraph:
    """Collect the graph of an open site, with a cache if there is one, and print the findings.

    Raises SourceError when nothing could be read, and with `strict` when there is a violation.
    """
    from kg.graph import collect_graph

    # What is there now stays, so the garbage collector need not look through it again and again.
    gc.freeze()
    sources, mapper = project.sources, project.mapper
    progress = partial(show_progress, quiet=options.quiet)
    if cache:
        from kg.graph import collect_with_cache

        graph = collect_with_cache(
            *(sources, mapper, collect_options, cache), jobs=jobs, progress=progress
        )
    else:
        graph = collect_graph(sources, mapper, collect_options, jobs=jobs, progress=progress)
    if options.strict:
        from kg.graph import refuse_violations

        refuse_violations(graph.findings)
    print_findings(graph.findings, quiet=options.quiet, verbose=options.verbose)
    if graph.skipped == len(sources):
        from kg.sources import nothing_read

        raise nothing_read(options.paths)
    return graph
