"""SPARQL queries, bundled or a user's, with parameters and expectations, to rows.

A query is a text with a header (`catalog`). It is run on an Oxigraph store with terms for its
parameters (`evaluation`), its answer is written as bytes (`results`), and what it expects of the
answer is checked (`expectations`). Raises QueryError for what cannot be found, read or run.
"""

from typing import TYPE_CHECKING

from kg.model import lazy_names

if TYPE_CHECKING:
    from kg.queries.catalog import (
        Expectation,
        Query,
        bundled_queries,
        find_query,
        parse_query,
        queries_with_expectations,
        read_queries,
    )
    from kg.queries.evaluation import (
        Answer,
        bind_parameters,
        check_syntax,
        evaluation_errors,
        run_query,
        select_rows,
        standalone_text,
    )
    from kg.queries.expectations import check_expectation, expectation_rule, first_rows
    from kg.queries.results import (
        answer_bytes,
        answer_triples,
        choose_graph_format,
        choose_result_format,
        is_graph,
    )
    from kg.queries.sparql import calls_service

__all__ = [
    "Answer",
    "Expectation",
    "Query",
    "answer_bytes",
    "answer_triples",
    "bind_parameters",
    "bundled_queries",
    "calls_service",
    "check_expectation",
    "check_syntax",
    "choose_graph_format",
    "choose_result_format",
    "evaluation_errors",
    "expectation_rule",
    "find_query",
    "first_rows",
    "is_graph",
    "parse_query",
    "queries_with_expectations",
    "read_queries",
    "run_query",
    "select_rows",
    "standalone_text",
]

__getattr__ = lazy_names(
    __name__,
    {
        "catalog": (
            "Expectation",
            "Query",
            "bundled_queries",
            "find_query",
            "parse_query",
            "queries_with_expectations",
            "read_queries",
        ),
        "evaluation": (
            "Answer",
            "bind_parameters",
            "check_syntax",
            "evaluation_errors",
            "run_query",
            "select_rows",
            "standalone_text",
        ),
        "expectations": ("check_expectation", "expectation_rule", "first_rows"),
        "results": (
            "answer_bytes",
            "answer_triples",
            "choose_graph_format",
            "choose_result_format",
            "is_graph",
        ),
        "sparql": ("calls_service",),
    },
)
