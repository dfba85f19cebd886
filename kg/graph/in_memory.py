"""The graphs of a site's sources in memory: to validate, query, compare and explain them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeAlias

from kg.graph.collect import Progress, no_progress
from kg.graph.named import MappedSource, map_sources, merge_triples
from kg.mapping import DescriptionMemo, MappedRecord, Mapper, Project
from kg.model import (
    Finding,
    Site,
    SourceError,
    Triple,
    finding_line,
    first_violation,
    has_violation,
)
from kg.sources import with_lines


@dataclass(slots=True)
class LoadedGraphs:
    """The mapped sources of a project, the findings about them, and what was skipped."""

    project: Project
    sources: list[MappedSource] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    records: int = 0
    skipped: int = 0

    @property
    def site(self) -> Site:
        """The site of the project."""
        return self.project.site

    @property
    def mapper(self) -> Mapper:
        """The mapper of the project."""
        return self.project.mapper

    @property
    def is_empty(self) -> bool:
        """Whether no source states anything."""
        return self.skipped == len(self.sources)

    @property
    def has_violation(self) -> bool:
        """Whether a source or a value could not be used."""
        return has_violation(self.findings)

    def triples(self) -> dict[Triple, None]:
        """Return the merged graph: each triple once, in the order in which it is first stated."""
        return merge_triples(self.sources)

    def add(self, mapped: MappedSource) -> None:
        """Add a mapped source."""
        self.sources.append(mapped)
        self.findings += mapped.findings
        if mapped.states_anything:
            self.records += len(mapped.records)
        else:
            self.skipped += 1


Inspect: TypeAlias = Callable[[Iterable[MappedRecord]], Iterable[Finding]]
"""Looks into the records of a source while their values are there."""


def load_graphs(
    project: Project,
    *,
    strict: bool = False,
    progress: Progress = no_progress,
    inspect: Inspect | None = None,
) -> tuple[LoadedGraphs, list[Finding]]:
    """Map the sources of a project; return their graphs, and what `inspect` finds.

    Raises SourceError with `strict` at the first violation.
    """
    graphs, field_findings = LoadedGraphs(project), list[Finding]()
    memo = DescriptionMemo(sys.maxsize)  # every description is kept anyhow
    mapped_sources = map_sources(project.sources, project.mapper, memo)
    for mapped in progress(mapped_sources, len(project.sources)):
        field_findings.extend(inspect(mapped.records) if inspect else ())
        graphs.add(mapped.without_fields())
        if strict and mapped.findings:
            refuse_violations(mapped.findings)
    graphs.findings = with_lines(graphs.findings)
    return graphs, field_findings


def refuse_violations(findings: Iterable[Finding]) -> None:
    """Raise SourceError with the place and the message of the first violation, if there is one."""
    violation = first_violation(findings)
    if violation:
        [placed] = with_lines([violation])
        raise SourceError(f"{finding_line(placed)}\nstopped at the first error (strict)")
