"""Each bundled query against its answers.

`tests/queries/NAME.tsv` is the answer of the query NAME on the seeds. A folder
`tests/queries/cases/NAME-what` holds a graph made by hand, `data.ttl`, and its `expected.tsv`.
Parameters are in `NAME.toml` or, for a case, in `parameters.toml`. `make remake` writes the
answers.
"""

from __future__ import annotations

import random
import re
import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

import pyoxigraph
import pytest
from rdflib.util import from_n3

from kg.graph.convert import from_rdflib, oxigraph_store, rdflib_graph
from kg.model.errors import QueryError
from kg.model.namespaces import XSD
from kg.model.records import Term, Triple
from kg.model.site import SCHEMA_NAMESPACES, Site
from kg.model.terms import unquote
from kg.queries.catalog import Parameter, Query, bundled_queries, parse_query
from kg.queries.evaluation import bind_parameters, evaluation_errors, run_query, select_rows
from kg.sources.rdf import read_rdf
from tests import graphs
from tests.golden import Files, assert_golden

SEEDS = Path(__file__).parents[2] / "seeds"
ANSWERS = Path(__file__).parents[1] / "queries"
CASES = ANSWERS / "cases"
QUERIES = {query.name: query for query in bundled_queries()}
SITE = Site()

Triples: TypeAlias = tuple[Triple, ...]
Value: TypeAlias = str | Decimal | None


class Answer(NamedTuple):
    """A query, its data, and the files with its parameters and its expected answer."""

    query: Query
    data: Path
    parameters: Path
    expected: Path

    @property
    def values(self) -> dict[str, str]:
        return tomllib.loads(self.parameters.read_text()) if self.parameters.exists() else {}

    def __str__(self) -> str:
        return self.expected.stem if self.data == SEEDS else self.expected.parent.name


def query_of(case: Path) -> Query:
    """Return the query with the longest fitting name: `missing-list-amp` is not about `missing`."""
    return QUERIES[max((name for name in QUERIES if case.name.startswith(f"{name}-")), key=len)]


GOLDEN = [
    Answer(query, SEEDS, ANSWERS / f"{name}.toml", ANSWERS / f"{name}.tsv")
    for name, query in QUERIES.items()
]
HANDMADE = [
    Answer(query_of(case), case / "data.ttl", case / "parameters.toml", case / "expected.tsv")
    for case in sorted(CASES.iterdir())
]

each_query = pytest.mark.parametrize("query", QUERIES.values(), ids=lambda query: query.name)
each_golden = pytest.mark.parametrize("answer", GOLDEN, ids=str)
each_answer = pytest.mark.parametrize("answer", GOLDEN + HANDMADE, ids=str)


@cache
def triples(data: Path, site: Site = SITE) -> Triples:
    if data == SEEDS:
        return tuple(
            sorted({statement[:3] for statement in graphs.statements(str(SEEDS), site=site)})
        )
    return tuple(read_rdf(data.read_bytes(), str(data), site))


def ask(
    query: Query, values: dict[str, str], store: pyoxigraph.Store, site: Site = SITE
) -> pyoxigraph.QuerySolutions:
    solutions = run_query(query, store, bind_parameters(query, values, site), site)
    assert isinstance(solutions, pyoxigraph.QuerySolutions)
    return solutions


def tsv(answer: Answer, store: pyoxigraph.Store, site: Site = SITE) -> str:
    solutions = ask(answer.query, answer.values, store, site)
    return (solutions.serialize(format=pyoxigraph.QueryResultsFormat.TSV) or b"").decode()


def value(term: Term | None) -> Value:
    """Return a number as a number, as engines spell it differently, and any other term as text."""
    if term is None or term.startswith("<"):
        return term and term[1:-1]
    text, tail = unquote(term)
    numeric = tail in {f"^^<{XSD.integer}>", f"^^<{XSD.decimal}>"}
    return Decimal(text) if numeric else text


def from_oxigraph(answer: Answer, data: Triples) -> list[list[Value]]:
    solutions = ask(answer.query, answer.values, oxigraph_store(data))
    return [[value(None if term is None else str(term)) for term in row] for row in solutions]


def rdflib_rows(answer: Answer, data: Triples) -> list[list[Value]]:
    bound = bind_parameters(answer.query, answer.values, SITE)
    nodes = {variable: from_n3(term) for variable, term in bound.items()}
    result = rdflib_graph(data, SITE).query(
        answer.query.text,
        base=SITE.base,
        initBindings=nodes,  # type: ignore[arg-type]  # from_n3 is typed for all of N3
    )
    # The result of a SELECT is rows, although its type is for every form of query.
    return [[value(from_rdflib(node)) for node in row] for row in result]  # type: ignore[union-attr]


@each_answer
def test_the_answer_is_as_expected(answer: Answer) -> None:
    assert_golden(answer.expected, tsv(answer, oxigraph_store(triples(answer.data))))


@each_answer
def test_rdflib_gives_the_same_rows_as_oxigraph(answer: Answer) -> None:
    graph = triples(answer.data)
    assert from_oxigraph(answer, graph) == rdflib_rows(answer, graph)


@each_answer
def test_the_order_of_the_triples_does_not_matter(answer: Answer) -> None:
    graph = triples(answer.data)
    shuffled = tuple(random.Random(42).sample(graph, len(graph)))  # noqa: S311 - no secret
    assert tsv(answer, oxigraph_store(graph)) == tsv(answer, oxigraph_store(shuffled))


@each_answer
def test_statements_in_two_named_graphs_count_once(answer: Answer) -> None:
    statements = triples(answer.data)
    quads = [f"{s} {p} {o} <{SITE.base}graph/one> ." for s, p, o in statements]
    quads += [f"{s} {p} {o} <{SITE.base}graph/two> ." for s, p, o in statements[::2]]
    store = pyoxigraph.Store()
    store.load("\n".join(quads).encode(), pyoxigraph.RdfFormat.N_QUADS)
    assert tsv(answer, oxigraph_store(statements)) == tsv(answer, store)


@each_golden
def test_another_base_and_schema_org_over_http_change_only_the_iris(answer: Answer) -> None:
    site = Site("https://kg.test/", schema=SCHEMA_NAMESPACES["http"])
    expected = tsv(answer, oxigraph_store(triples(SEEDS)))
    other = tsv(answer, oxigraph_store(triples(SEEDS, site)), site)
    assert expected.replace(SITE.base, site.base) == other


@each_golden
def test_an_empty_graph_has_only_zeros(answer: Answer) -> None:
    rows = from_oxigraph(answer, ())
    assert [] == [row for row in rows if Decimal(0) not in row]
    assert rows == rdflib_rows(answer, ())


def test_every_golden_answer_has_a_query() -> None:
    assert {path.stem for path in ANSWERS.glob("*.tsv")} <= set(QUERIES), "`make remake` deletes it"


def test_every_parameters_file_belongs_to_a_query() -> None:
    assert set() == {path.stem for path in ANSWERS.glob("*.toml")} - set(QUERIES)


@each_query
def test_some_answer_of_the_query_has_rows(query: Query) -> None:
    answers = [answer for answer in GOLDEN + HANDMADE if answer.query == query]
    assert any(from_oxigraph(answer, triples(answer.data)) for answer in answers), (
        f"the seeds have no row for it: add a folder tests/queries/cases/{query.name}-…"
    )


@each_query
def test_the_summary_is_a_sentence(query: Query) -> None:
    assert query.summary.endswith(("?", "."))


@each_query
def test_the_header_describes_exactly_the_columns_in_order(query: Query) -> None:
    parameter_values = {one.name: one.default or "https://example.org/" for one in query.parameters}
    variables = ask(query, parameter_values, pyoxigraph.Store()).variables
    assert list(query.columns) == [variable.value for variable in variables]
    assert all(query.columns.values())


@each_query
def test_the_order_has_every_column_so_that_it_is_unique(query: Query) -> None:
    _, order, conditions = query.text.rpartition("ORDER BY")
    ordered = set(re.findall(r"\?(\w+)", order and conditions))
    parameters = {parameter.variable for parameter in query.parameters}
    assert set() == set(query.columns) - ordered - parameters


@each_query
def test_schema_org_is_in_one_prefix_so_that_it_can_be_switched(query: Query) -> None:
    naming = [line for line in query.text.splitlines() if "schema.org" in line]
    assert ["PREFIX schema: <https://schema.org/>"] == naming


@each_query
def test_the_answer_depends_only_on_the_graph(query: Query) -> None:
    assert [] == re.findall(r"(?i)\b(?:now|rand|uuid|struuid|sample|service)\b", query.text)


def test_a_query_is_parsed_into_summary_columns_and_parameters() -> None:
    text = """#+ summary: Which?
#+ columns:
#+   - work: a work
#+ defaults:
#+   - since: 2020-06-01
# ?_nothing is no parameter
SELECT ?work WHERE { ?work ?is ?_topic . FILTER (?is > ?_since_date) }
"""
    expected = Query(
        "mine",
        text,
        "Which?",
        {"work": "a work"},
        (
            Parameter("since", "_since_date", "date", "2020-06-01"),
            Parameter("topic", "_topic", "text"),
        ),
    )
    assert expected == parse_query("mine", text)


def test_a_header_that_is_not_yaml_is_refused() -> None:
    with pytest.raises(QueryError, match=r"^mine: the #\+ header is not YAML: "):
        parse_query("mine", "#+ summary: [\nSELECT * WHERE {}")


def test_a_parameter_that_is_not_given_has_its_default() -> None:
    assert {"_field": '"image"'} == bind_parameters(QUERIES["missing-list"], {}, SITE)


@pytest.mark.parametrize(
    ("variable", "text", "expected"),
    [
        ("_a", 'a "word"', '"a \\"word\\""'),
        ("_a_iri", "https://example.org/a b", "<https://example.org/a%20b>"),
        ("_a_integer", "3", f'"3"^^<{XSD.integer}>'),
        ("_a_date", "2020-06-11", f'"2020-06-11"^^<{XSD.date}>'),
        ("_a_date", "2020-06-11T18:51:00Z", f'"2020-06-11T18:51:00Z"^^<{XSD.dateTime}>'),
        ("_a_boolean", "yes", f'"true"^^<{XSD.boolean}>'),
    ],
)
def test_the_variable_determines_the_kind_of_term_of_a_value(
    variable: str, text: str, expected: str
) -> None:
    query = parse_query("mine", f"SELECT ?{variable} WHERE {{}}")
    assert {variable: expected} == bind_parameters(query, {"a": text}, SITE)


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("ASK {}", {"a": "1"}, "mine has no parameter 'a'; it has none"),
        ("SELECT ?_a ?_b {}", {"c": "1"}, "mine has no parameter 'c'; its parameters: a, b"),
        (
            "SELECT ?_field {}",
            {"feild": "1"},
            "mine has no parameter 'feild'; did you mean field?",
        ),
        ("SELECT ?_a {}", {}, "mine: needs a value: -p a=..."),
        ("SELECT ?_a_integer {}", {"a": "1.5"}, "mine: a: not a whole number: '1.5'"),
        ("SELECT ?_a_date {}", {"a": "June"}, "mine: a: not a date and time: 'June'"),
        ("SELECT ?_a_boolean {}", {"a": "maybe"}, "mine: a: neither true nor false: 'maybe'"),
        (
            "SELECT ?_a_iri {}",
            {"a": "https://"},
            "mine: a: not an absolute http(s) URL: 'https://'",
        ),
    ],
)
def test_a_value_that_cannot_be_bound_is_named(
    text: str, values: dict[str, str], message: str
) -> None:
    with pytest.raises(QueryError, match=f"^{re.escape(message)}$"):
        bind_parameters(parse_query("mine", text), values, SITE)


def test_a_value_stays_one_term_whatever_it_contains() -> None:
    query = parse_query("mine", "SELECT ?word WHERE { BIND (?_word AS ?word) }")
    injection = '" } UNION { ?s ?p ?o } # \\'
    rows = [
        [str(term) for term in row] for row in ask(query, {"word": injection}, pyoxigraph.Store())
    ]
    assert [['"\\" } UNION { ?s ?p ?o } # \\\\"']] == rows


def test_rows_are_dicts_of_text_by_column() -> None:
    text = (
        "SELECT ?work ?name ?none { BIND (?_name AS ?name) BIND (<https://a.example/1> AS ?work) }"
    )
    rows = select_rows(parse_query("mine", text), oxigraph_store(()), {"name": "A"}, SITE)
    assert [{"work": "https://a.example/1", "name": "A", "none": None}] == rows


def test_only_a_select_query_has_rows() -> None:
    with pytest.raises(QueryError, match=r"^mine: only a SELECT query has rows$"):
        select_rows(parse_query("mine", "ASK {}"), oxigraph_store(()), {}, SITE)


def test_rows_that_fail_while_they_are_read_are_a_query_error() -> None:
    query = parse_query("mine", "SELECT ?a {}")
    with pytest.raises(QueryError, match=r"^mine: the disk is gone$"), evaluation_errors(query):
        raise OSError("the disk is gone")


def generate_answers() -> Files:
    """Yield the answers, and delete those of deleted queries."""
    yield from ((path, None) for path in ANSWERS.glob("*.tsv") if path.stem not in QUERIES)
    for answer in GOLDEN + HANDMADE:
        yield answer.expected, tsv(answer, oxigraph_store(triples(answer.data)))


def test_a_query_that_would_call_a_server_is_refused() -> None:
    query = parse_query("far.rq", "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
    with pytest.raises(QueryError, match=r"far\.rq: SERVICE is not supported"):
        run_query(query, oxigraph_store([]), {}, Site())
