"""Queries that are tests: what their answer must be, and findings where it is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kg.model.errors import QueryError
from kg.model.findings import Finding, Place, Rule
from kg.model.records import Source
from kg.model.site import Site
from kg.queries.catalog import Query, rows_counted
from kg.queries.evaluation import bind_parameters, run_query

if TYPE_CHECKING:
    import pyoxigraph

SHOWN: Final = 10
"""Rows of one query that are reported; the others are counted."""


def expectation_rule(query: Query) -> Rule:
    """Return what a query is expected to give as a rule, as shapes are."""
    expected = query.expectation
    said = expected.message or query.summary or query.rule
    return Rule(query.rule, said, f"The query must give {expected}.", expected.severity)


def check_expectation(query: Query, held: pyoxigraph.Store, site: Site) -> list[Finding]:
    """Answer a query, with the defaults of its parameters, and return what is not as expected.

    Each row of a query that should give none is a finding about the first node in it that the store
    describes, to be located like any other. What is about no node has its place in the query.
    Raises QueryError for a query that cannot be answered, or whose answer has no rows.
    """
    expected = query.expectation
    columns, rows = _rows(query, held, site)
    if expected.met_by(len(rows)):
        return []
    said = expected.message or f"{query.summary} {rows_counted(len(rows))}.".lstrip()
    whole = Finding(
        expected.severity,
        said,
        (_place(query),),
        expected=str(expected),
        shape=site.iri(f"queries/{query.rule}"),
    )
    if expected.most != 0:
        return [whole]
    cells = ({name: row[name] for name in columns} for row in rows)
    return [_finding_of_row(row, whole, held) for row in cells]


def _rows(
    query: Query, held: pyoxigraph.Store, site: Site
) -> tuple[list[str], list[pyoxigraph.QuerySolution]]:
    import pyoxigraph

    for parameter in query.parameters:
        if parameter.default is None:
            name = parameter.name
            raise QueryError(f"{query.name}: {name}: a test needs a default; give it in the header")
    answer = run_query(query, held, bind_parameters(query, {}, site), site)
    if not isinstance(answer, pyoxigraph.QuerySolutions):
        raise QueryError(f"{query.name}: only the answer of a SELECT query has rows to expect")
    try:
        return [variable.value for variable in answer.variables], list(answer)
    except (RuntimeError, OSError, ValueError) as error:  # evaluation fails while rows are drawn
        raise QueryError(f"{query.name}: {error}") from error


def _place(query: Query) -> Place:
    source = Source(query.name, Path(query.name).name)
    at = query.expectation
    return Place(source, ("expect",), line=at.line, column=at.column)


def _finding_of_row(row: Mapping[str, Any], whole: Finding, held: pyoxigraph.Store) -> Finding:
    """Make a row of the answer a finding: its node is what it is about, the rest its value."""
    cells = {name: term for name, term in row.items() if term is not None}
    node = next((name for name, term in cells.items() if _is_described(term, held)), None)
    value = ", ".join(f"{name} {term.value}" for name, term in cells.items() if name != node)
    finding = replace(whole, value=value or None)
    return finding if node is None else replace(finding, focus=str(cells[node]), places=())


def _is_described(term: Any, held: pyoxigraph.Store) -> bool:
    import pyoxigraph

    return isinstance(term, pyoxigraph.NamedNode) and any(
        held.quads_for_pattern(term, None, None, None)
    )


def first_rows(found: Iterable[Finding], asked: Iterable[Query]) -> Iterator[Finding]:
    """Yield findings, of each query only the first rows, and a last one that counts the others."""
    queries = {query.rule: query for query in asked}
    for name, group in groupby(found, key=lambda one: None if one.component else one.rule):
        rows = list(group)
        if name not in queries or len(rows) <= SHOWN:
            yield from rows
            continue
        yield from rows[:SHOWN]
        more = f"And {rows_counted(len(rows) - SHOWN)} more."
        place = _place(queries[name])
        yield replace(rows[0], message=more, value=None, focus=None, places=(place,))
