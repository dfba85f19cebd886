"""Every store answers the bundled queries with the same rows as the embedded store.

The queries avoid SPARQL 1.1 that Virtuoso 7 does not evaluate correctly: MIN of stored
literals (it compares their numbers), ORDER BY an IRI from an aggregate (it becomes a literal),
NOT EXISTS in an OPTIONAL, and EXISTS in or beside a BIND (sometimes wrong, by its query plan),
division of integers, COUNT of what two graphs state.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, TypeAlias

import httpx
import pyoxigraph
import pytest

from kg.model.formats import find_format
from kg.model.records import Triple
from kg.model.site import Site
from kg.queries.evaluation import bind_parameters, standalone_text
from kg.writers.formats import write_dataset
from tests.conftest import Dataset, dataset_lines
from tests.queries.test_queries import GOLDEN, HANDMADE, Answer, Value, triples, value
from tests.stores.jena import Jena
from tests.stores.processes import answers, free_port, running
from tests.stores.virtuoso import JSON, Virtuoso

pytestmark = pytest.mark.stores

UNION: Final = "urn:x-arq:UnionGraph"
"""Jena's name for the union of the named graphs."""

Rows: TypeAlias = list[list[Value]]
Parameters: TypeAlias = dict[str, str | list[str]]


def rows(content: bytes, form: pyoxigraph.QueryResultsFormat) -> Rows:
    solutions = pyoxigraph.parse_query_results(content, form)
    assert isinstance(solutions, pyoxigraph.QuerySolutions)
    return [[value(None if term is None else str(term)) for term in row] for row in solutions]


def read_expected(answer: Answer) -> Rows:
    return rows(answer.expected.read_bytes(), pyoxigraph.QueryResultsFormat.TSV)


def query_text(answer: Answer, site: Site) -> str:
    return standalone_text(answer.query, bind_parameters(answer.query, answer.values, site), site)


def with_default_graph(graph: str, query: str) -> str:
    """Return the query with a graph as its default graph."""
    return query.replace("\nWHERE", f"\nFROM <{graph}>\nWHERE", 1)


def ntriples(statements: Iterable[Triple]) -> bytes:
    return "".join(f"{s} {p} {o} .\n" for s, p, o in statements).encode()


def from_virtuoso(virtuoso: Virtuoso, query: str, *graphs: str) -> Rows:
    answer = virtuoso.query(query, *graphs)
    assert answer.is_success, answer.text
    return rows(answer.content, pyoxigraph.QueryResultsFormat.JSON)


def test_virtuoso_gives_the_rows_over_the_union_and_over_named_graphs(
    virtuoso: Virtuoso, export: Dataset, site: Site
) -> None:
    for graph, statements in export.items():
        virtuoso.put(graph[1:-1], ntriples(statements))
    names = [graph[1:-1] for graph in export]
    query_texts = {str(answer): query_text(answer, site) for answer in GOLDEN}
    expected_rows = {str(answer): read_expected(answer) for answer in GOLDEN}
    assert expected_rows == {
        name: from_virtuoso(virtuoso, text) for name, text in query_texts.items()
    }
    assert expected_rows == {
        name: from_virtuoso(virtuoso, text, *names) for name, text in query_texts.items()
    }


@pytest.mark.parametrize("answer", HANDMADE, ids=str)
def test_virtuoso_gives_the_rows_of_statements_in_two_graphs(
    answer: Answer, virtuoso: Virtuoso, site: Site
) -> None:
    statements = triples(answer.data)
    virtuoso.put(f"{site.base}graph/one", ntriples(statements))
    virtuoso.put(f"{site.base}graph/two", ntriples(statements[::2]))
    names = sorted(virtuoso.counts())
    assert read_expected(answer) == from_virtuoso(virtuoso, query_text(answer, site), *names)


@pytest.fixture(scope="module")
def tdb2(jena: Jena, export: Dataset, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TDB2 store of the seeds."""
    folder = tmp_path_factory.mktemp("tdb2")
    with (folder / "seeds.nq").open("wb") as stream:
        write_dataset(export, find_format("nquads"), site, stream)
    jena("tdb2.tdbloader", "--loc", folder / "store", folder / "seeds.nq")
    return folder / "store"


def from_jena(jena: Jena, folder: Path, query: str, command: str, *words: str | Path) -> Rows:
    path = folder / "query.rq"
    path.write_text(query, encoding="utf-8")
    content = jena(command, *words, "--query", path, "--results=json").stdout
    return rows(content.encode(), pyoxigraph.QueryResultsFormat.JSON)


@pytest.mark.parametrize("answer", GOLDEN, ids=str)
def test_tdb2_gives_the_rows_whether_or_not_its_default_graph_is_the_union(
    answer: Answer, jena: Jena, tdb2: Path, site: Site, tmp_path: Path
) -> None:
    query, where = query_text(answer, site), ("tdb2.tdbquery", "--loc", tdb2)
    union = from_jena(jena, tmp_path, query, *where, "--set=tdb2:unionDefaultGraph=true")
    named = from_jena(jena, tmp_path, with_default_graph(UNION, query), *where)
    assert (read_expected(answer), read_expected(answer)) == (union, named)


@pytest.mark.parametrize("answer", HANDMADE, ids=str)
def test_jena_gives_the_rows(answer: Answer, jena: Jena, site: Site, tmp_path: Path) -> None:
    data = tmp_path / "data.nt"
    data.write_bytes(ntriples(triples(answer.data)))
    actual = from_jena(jena, tmp_path, query_text(answer, site), "arq.arq", "--data", data)
    assert read_expected(answer) == actual


@pytest.fixture(scope="module")
def oxigraph(
    export: Dataset, site: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of an Oxigraph server with the seeds."""
    folder = tmp_path_factory.mktemp("oxigraph")
    port = free_port()
    command = (
        str(Path(sys.executable).with_name("oxigraph")),
        "serve",
        "--bind",
        f"127.0.0.1:{port}",
    )
    with running(command, folder, lambda: answers(port)):
        body = "".join(dataset_lines(export, find_format("nquads"), site))
        headers = {"Content-Type": "application/n-quads"}
        httpx.post(
            f"http://127.0.0.1:{port}/store", content=body, headers=headers
        ).raise_for_status()
        yield f"http://127.0.0.1:{port}/query"


@pytest.mark.parametrize("answer", GOLDEN, ids=str)
def test_oxigraph_gives_the_rows_over_the_union_and_over_named_graphs(
    answer: Answer, oxigraph: str, export: Dataset, site: Site
) -> None:
    union: Parameters = {"union-default-graph": ""}
    named: Parameters = {"default-graph-uri": [graph[1:-1] for graph in export]}
    found = []
    for parameters in (union, named):
        form = {"query": query_text(answer, site), **parameters}
        reply = httpx.post(oxigraph, data=form, headers={"Accept": JSON}, timeout=60)
        found.append(rows(reply.content, pyoxigraph.QueryResultsFormat.JSON))
    assert [read_expected(answer)] * 2 == found
