"""SPARQL queries, bundled or a user's, with parameters and expectations, to rows.

A query is a text with a header (`catalog`). It is run on an Oxigraph store with terms for its
parameters (`evaluation`), its answer is written as bytes (`results`), and what it expects of the
answer is checked (`expectations`). Raises QueryError for what cannot be found, read or run.
"""

from kg.queries.catalog import (
    Expectation,
    Query,
    bundled_queries,
    find_query,
    parse_query,
    queries_with_expectations,
    read_queries,
)
from kg.queries.evaluation import bind_parameters, run_query, select_rows, standalone_text
from kg.queries.expectations import check_expectation, expectation_rule, first_rows

__all__ = [
    "Expectation",
    "Query",
    "bind_parameters",
    "bundled_queries",
    "check_expectation",
    "expectation_rule",
    "find_query",
    "first_rows",
    "parse_query",
    "queries_with_expectations",
    "read_queries",
    "run_query",
    "select_rows",
    "standalone_text",
]
