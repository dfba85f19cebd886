"""Queries with an expectation: they are tests of the graph, and give findings when they fail."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kg.model import Finding, Place, QueryError, Rule, Site, Source, format_count
from kg.queries.catalog import Query
from kg.queries.evaluation import bind_parameters, select_solutions

if TYPE_CHECKING:
    import pyoxigraph

SHOWN: Final = 10
"""Rows of one query that are reported; the others are counted."""


def expectation_rule(query: Query) -> Rule:
    """Return the expectation of a query as a rule, as shapes are."""
    expectation = query.expectation
    message = expectation.message or query.summary or query.rule
    return Rule(query.rule, message, f"The query must return {expectation}.", expectation.severity)


def check_expectation(query: Query, store: pyoxigraph.Store, site: Site) -> list[Finding]:
    """Run a query with the defaults of its parameters, and return findings if it fails.

    Each row of a query that expects none is a finding: its focus is the first node of the row that
    the store describes, and it has no place yet. Any other finding has its place in the query.
    Raises QueryError for a query that cannot be run, or is not a SELECT query.
    """
    expectation = query.expectation
    columns, solutions = _solutions(query, store, site)
    if expectation.met_by(len(solutions)):
        return []
    rows = format_count(len(solutions), "row")
    whole = Finding(
        expectation.severity,
        expectation.message or f"{query.summary} {rows}.".lstrip(),
        (_place(query),),
        expected=str(expectation),
        shape=site.iri(f"queries/{query.rule}"),
    )
    if expectation.most != 0:
        return [whole]
    cells = ({name: solution[name] for name in columns} for solution in solutions)
    return [_finding_of_row(row, whole, store) for row in cells]


def _solutions(
    query: Query, store: pyoxigraph.Store, site: Site
) -> tuple[list[str], list[pyoxigraph.QuerySolution]]:
    for parameter in query.parameters:
        if parameter.default is None:
            advice = "a query with an expectation needs a default; add it to the header"
            raise QueryError(f"{query.name}: {parameter.name}: {advice}")
    return select_solutions(query, store, bind_parameters(query, {}, site), site)


def _place(query: Query) -> Place:
    source = Source(query.name, Path(query.name).name)
    expectation = query.expectation
    return Place(source, ("expect",), line=expectation.line, column=expectation.column)


def _finding_of_row(row: Mapping[str, Any], whole: Finding, store: pyoxigraph.Store) -> Finding:
    """Return the finding of a row: its focus is the node described, its value the other columns."""
    cells = {name: term for name, term in row.items() if term is not None}
    node = next((name for name, term in cells.items() if _is_described(term, store)), None)
    value = ", ".join(f"{name} {term.value}" for name, term in cells.items() if name != node)
    finding = replace(whole, value=value or None)
    return finding if node is None else replace(finding, focus=str(cells[node]), places=())


def _is_described(term: Any, store: pyoxigraph.Store) -> bool:
    import pyoxigraph

    return isinstance(term, pyoxigraph.NamedNode) and any(
        store.quads_for_pattern(term, None, None, None)
    )


def _rule(finding: Finding) -> str | None:
    """Return the rule of a query's finding; None for the finding of a shape."""
    return None if finding.component else finding.rule


def first_rows(findings: Iterable[Finding], queries: Iterable[Query]) -> Iterator[Finding]:
    """Yield findings, of each query only those of the first rows, and one that counts the others.

    Findings of one query must be adjacent.
    """
    by_rule = {query.rule: query for query in queries}
    for rule, group in groupby(findings, _rule):
        rows = list(group)
        if rule not in by_rule or len(rows) <= SHOWN:
            yield from rows
            continue
        yield from rows[:SHOWN]
        more = f"And {format_count(len(rows) - SHOWN, 'more row')}."
        place = _place(by_rule[rule])
        yield replace(rows[0], message=more, value=None, focus=None, places=(place,))
