"""Queries to answers: parameters become terms in the text, which Oxigraph evaluates."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from kg.mapping import boolean, date_time, integer, url
from kg.model import InvalidValue, QueryError, Site, Term, literal
from kg.queries.catalog import Parameter, Query
from kg.queries.sparql import SPARQL_TOKEN, calls_service

if TYPE_CHECKING:
    import pyoxigraph

Answer: TypeAlias = "pyoxigraph.QuerySolutions | pyoxigraph.QueryBoolean | pyoxigraph.QueryTriples"
"""The solutions of a SELECT, the boolean of an ASK, or the triples of a CONSTRUCT or DESCRIBE."""

PARAMETER_TERMS: Final[Mapping[str, Callable[[object, Site], Term | None]]] = {
    "text": lambda value, _site: literal(str(value)),
    "iri": url,
    "integer": integer,
    "date": date_time,
    "boolean": boolean,
}
"""What makes a value a term, for each kind of parameter."""


def bind_parameters(query: Query, values: Mapping[str, str], site: Site) -> dict[str, Term]:
    """Return the terms of a query's parameters by variable; defaults replace missing values.

    Raises QueryError for an unknown parameter, and for a value that is missing or does not fit.
    """
    parameters = {parameter.name: parameter for parameter in query.parameters}
    for name in values:
        if name not in parameters:
            raise QueryError(_unknown_parameter(query.name, name, list(parameters)))
    return {
        parameter.variable: _parameter_term(query, parameter, values.get(name), site)
        for name, parameter in parameters.items()
    }


def _unknown_parameter(query: str, name: str, names: list[str]) -> str:
    advice = f"its parameters: {', '.join(names)}" if names else "it has none"
    near = get_close_matches(name, names)
    advice = f"did you mean {' or '.join(near)}?" if near else advice
    return f"{query} has no parameter {name!r}; {advice}"


def _parameter_term(query: Query, parameter: Parameter, value: str | None, site: Site) -> Term:
    name = parameter.name
    value = parameter.default if value is None else value
    if value is None:
        raise QueryError(f"{query.name}: needs a value: -p {name}=...")
    if parameter.choices and value not in parameter.choices:
        choices = ", ".join(parameter.choices)
        raise QueryError(f"{query.name}: {name} must be one of {choices}, not {value!r}")
    try:
        return PARAMETER_TERMS[parameter.kind](value, site) or literal("")
    except InvalidValue as error:
        raise QueryError(f"{query.name}: {name}: {error}: {value!r}") from error


def run_query(
    query: Query, store: pyoxigraph.Store, terms: Mapping[str, Term], site: Site
) -> Answer:
    """Evaluate a query on a store, with terms for its parameters by variable.

    Relative IRIs in the query are resolved against the site's base. Raises QueryError for a query
    that is not SPARQL 1.1, with line and column, and for one that calls another server.
    """
    if calls_service(query.text):
        advice = "kg sends no query to other servers; run it on that server with --endpoint"
        raise QueryError(f"{query.name}: SERVICE is not supported: {advice}")
    try:
        return store.query(
            site.localize(_with_terms(query.text, terms)),
            base_iri=site.base,
            use_default_graph_as_union=True,
        )
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        raise QueryError(_error_text(query, error)) from error


def check_syntax(query: Query, terms: Mapping[str, Term], site: Site) -> None:
    """Raise QueryError for a query that `run_query` would refuse on any store."""
    import pyoxigraph

    run_query(query, pyoxigraph.Store(), terms, site)


@contextmanager
def evaluation_errors(query: Query) -> Iterator[None]:
    """Raise QueryError for what fails while an answer is read: Oxigraph evaluates as it yields."""
    try:
        yield
    except (RuntimeError, OSError, ValueError) as error:
        raise QueryError(f"{query.name}: {error}") from error


def select_rows(
    query: Query, store: pyoxigraph.Store, values: Mapping[str, str], site: Site
) -> list[dict[str, str | None]]:
    """Return the rows of a SELECT query on a store as dicts, by the names of its columns.

    A value is an IRI or a literal's lexical form; None if the variable is not bound. `values` are
    those of the query's parameters. Raises QueryError as `bind_parameters` and `run_query` do, and
    for a query of another form.
    """
    terms = bind_parameters(query, values, site)
    columns, solutions = select_solutions(query, store, terms, site)
    return [{column: _text(solution[column]) for column in columns} for solution in solutions]


def _text(term: Any) -> str | None:
    return None if term is None else str(term.value)


def select_solutions(
    query: Query, store: pyoxigraph.Store, terms: Mapping[str, Term], site: Site
) -> tuple[list[str], list[pyoxigraph.QuerySolution]]:
    """Return the columns and the solutions of a SELECT query on a store.

    Raises QueryError as `run_query` does, and for a query of another form.
    """
    import pyoxigraph

    answer = run_query(query, store, terms, site)
    if not isinstance(answer, pyoxigraph.QuerySolutions):
        raise QueryError(f"{query.name}: only a SELECT query has rows")
    with evaluation_errors(query):
        return [variable.value for variable in answer.variables], list(answer)


def standalone_text(query: Query, terms: Mapping[str, Term], site: Site) -> str:
    """Return a query as any engine takes it: with its base, and terms in place of parameters."""
    return f"BASE <{site.base}> {site.localize(_with_terms(query.text, terms))}"


def _with_terms(text: str, terms: Mapping[str, Term]) -> str:
    """Replace variables by terms; each is one token, whatever its text contains.

    Oxigraph's own substitution takes only variables that are projected, and misses those in a
    BIND of a UNION (pyoxigraph 0.5.13).
    """
    return SPARQL_TOKEN.sub(lambda match: terms.get(match["variable"] or "", match[0]), text)


def _error_text(query: Query, error: Exception) -> str:
    place = re.match(r"error at (\d+:\d+): (.*)", str(error), re.DOTALL)
    if place is None:
        return f"{query.name}: {error}"
    advice = "; a parameter is replaced by its value: to select it, use BIND"
    return (
        f"{query.name}:{place[1]}: not SPARQL 1.1: {place[2]}{advice if query.parameters else ''}"
    )
