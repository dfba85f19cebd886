"""Queries to answers: parameters bound as terms, and the text run by Oxigraph."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from kg.mapping.term_maps import boolean, date_time, integer, url
from kg.model.errors import InvalidValue, QueryError
from kg.model.records import Term
from kg.model.site import Site
from kg.model.terms import literal
from kg.queries.catalog import Query
from kg.queries.sparql import SPARQL_TOKEN, calls_service

if TYPE_CHECKING:
    import pyoxigraph


PARAMETER_TERMS: Final[Mapping[str, Callable[[object, Site], Term | None]]] = {
    "text": lambda value, _site: literal(str(value)),
    "iri": url,
    "integer": integer,
    "date": date_time,
    "boolean": boolean,
}


def bind_parameters(query: Query, values: Mapping[str, str], site: Site) -> dict[str, Term]:
    """Make the values of a query's parameters terms, by variable; defaults fill what is not given.

    Raises QueryError for a value that does not fit, is missing, or is for no parameter.
    """
    known = {parameter.name: parameter for parameter in query.parameters}
    for name in values:
        if name not in known:
            has = ", ".join(known) or "none"
            raise QueryError(f"{query.name}: no parameter {name!r}; it has {has}")
    bound: dict[str, Term] = {}
    for name, parameter in known.items():
        value = values.get(name, parameter.default)
        if value is None:
            raise QueryError(f"{query.name}: needs a value: -p {name}=...")
        if parameter.choices and value not in parameter.choices:
            known_values = ", ".join(parameter.choices)
            raise QueryError(f"{query.name}: {name}: one of {known_values}, not {value!r}")
        try:
            bound[parameter.variable] = PARAMETER_TERMS[parameter.kind](value, site) or literal("")
        except InvalidValue as error:
            raise QueryError(f"{query.name}: {name}: {error}: {value!r}") from error
    return bound


def run_query(
    query: Query, held: pyoxigraph.Store, bound: Mapping[str, Term], site: Site
) -> pyoxigraph.QuerySolutions | pyoxigraph.QueryBoolean | pyoxigraph.QueryTriples:
    """Answer a query from a store, its parameters bound as terms, whatever their text says.

    Relative IRIs in the query are below the site's base. Raises QueryError with the place for a
    query that is not SPARQL 1.1, and for one that would ask a server.
    """
    if calls_service(query.text):
        message = "it asks a server (SERVICE), and kg reaches for none; ask that one by --endpoint"
        raise QueryError(f"{query.name}: {message}")
    try:
        return held.query(
            site.localize(_with_terms(query.text, bound)),
            base_iri=site.base,
            use_default_graph_as_union=True,
        )
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        raise QueryError(_refusal(query, error)) from error


def standalone_text(query: Query, bound: Mapping[str, Term], site: Site) -> str:
    """Write a query as any engine takes it: with its base, and terms in place of parameters."""
    return f"BASE <{site.base}> {site.localize(_with_terms(query.text, bound))}"


def _with_terms(text: str, bound: Mapping[str, Term]) -> str:
    """Write terms where their variables stand: a term is one token, whatever its text says.

    Oxigraph's own substitution takes only variables that are projected, and misses those in a
    BIND of a UNION (pyoxigraph 0.5.13, measured).
    """
    return SPARQL_TOKEN.sub(lambda match: bound.get(match["variable"] or "", match[0]), text)


def _refusal(query: Query, error: Exception) -> str:
    place = re.match(r"error at (\d+:\d+): (.*)", str(error), re.DOTALL)
    hint = "; a parameter stands for its value: to select it, BIND it" if query.parameters else ""
    return (
        f"{query.name}:{place[1]}: not SPARQL 1.1: {place[2]}{hint}"
        if place
        else f"{query.name}: {error}"
    )
