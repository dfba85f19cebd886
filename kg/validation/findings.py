"""The findings of shapes, queries and the mapping in the graphs of sources, and the report."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from kg.graph import LoadedGraphs, oxigraph_store
from kg.model import Finding, Severity
from kg.provenance import locate_findings, locate_in_rdf
from kg.queries import Query, check_expectation, expectation_rule, first_rows
from kg.validation.baselines import compare_with_baseline
from kg.validation.checking import check_graph
from kg.validation.loading import rules_of
from kg.validation.reports.report import KnownFinding, Report
from kg.validation.shapes_graph import ShapesGraph


def findings_of(  # noqa: PLR0913 - the data, what to run on it, and how
    graphs: LoadedGraphs,
    shapes: ShapesGraph,
    queries: Collection[Query] = (),
    *,
    field_findings: Iterable[Finding] = (),
    engine: str = "pyshacl",
    jobs: int = 1,
    on_notice: Callable[[str], None] | None = None,
) -> list[Finding]:
    """Return the findings about sources, then those of shapes and queries, then `field_findings`.

    `field_findings` are the further findings of `load_graphs`. Each finding has the places that
    caused it; one about a node that only RDF files describe has those files. `on_notice` is as for
    `check_graph`. Raises ShapesError and ConfigurationError as that does, and QueryError as
    `check_expectation` does.
    """
    triples = graphs.triples()
    findings = check_graph(triples, shapes, engine=engine, jobs=jobs, on_notice=on_notice)
    if queries:
        store = oxigraph_store(triples)
        for query in queries:
            findings += check_expectation(query, store, graphs.site)
    findings += field_findings
    records = (record for mapped in graphs.sources for record in mapped.records)
    located = locate_findings(findings, records, graphs.mapper, jobs)
    rdf = ((mapped.source, mapped.triples) for mapped in graphs.sources)
    return [*graphs.findings, *locate_in_rdf(located, rdf)]


def make_report(
    findings: Sequence[Finding],
    shapes: ShapesGraph,
    queries: Collection[Query],
    *,
    baseline: Iterable[KnownFinding] = (),
    fail_on: Severity | None = Severity.VIOLATION,
) -> Report:
    """Return the report of findings that are not in a baseline.

    Of each query it has the first rows only. Its rules are the shapes and the queries.
    """
    comparison = compare_with_baseline(findings, baseline)
    return Report(
        tuple(first_rows(comparison.new, queries)),
        (*rules_of(shapes), *map(expectation_rule, queries)),
        fail_on,
        comparison.known,
        comparison.gone,
    )
