"""A store behind a server: the SPARQL protocol, and the Graph Store Protocol if it has one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from kg.model import QueryError, StoreError, Term, Triple, escape_for_sparql, literal
from kg.queries import Answer
from kg.stores.connection import Connection
from kg.stores.profiles import Endpoints, Profile
from kg.stores.store import DEFAULT_GRAPH, Row, terms_of
from kg.workers import batches

RESULTS: Final = "application/sparql-results+json"
TRIPLES: Final = "application/n-triples"
FORM: Final = "application/x-www-form-urlencoded"
QUADS: Final = "application/n-quads"
MISSING: Final = (404,)


class Remote:
    """A store behind a server, with requests as its profile describes them."""

    connections = 4
    """Oxigraph and Virtuoso replace graphs faster over four connections than over one."""
    shared = True

    def __init__(self, connection: Connection, profile: Profile, endpoints: Endpoints) -> None:
        self.profile = profile
        self.address = connection.address
        self.bulk = endpoints.dataset is not None
        self._connection = connection
        self._endpoints = endpoints

    def select(self, query: str) -> list[Row]:
        """Return the solutions of a SELECT query over the named graphs."""
        content = self._query(query, RESULTS)
        try:
            bindings = json.loads(content)["results"]["bindings"]
            return [{name: _term(term) for name, term in row.items()} for row in bindings]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise self._unexpected("SPARQL results in JSON") from error

    def construct(self, query: str) -> list[Triple]:
        """Return the triples of a CONSTRUCT query over the named graphs."""
        import pyoxigraph

        content = self._query(query, TRIPLES)
        try:
            return terms_of(pyoxigraph.parse(content, pyoxigraph.RdfFormat.N_TRIPLES))
        except SyntaxError as error:
            raise self._unexpected("N-Triples") from error

    def _unexpected(self, format_: str) -> StoreError:
        return StoreError(f"{self.address}: the answer is not {format_}; is it the store's URL?")

    def answer(self, query: str) -> Answer:
        """Answer a query from the union of the named graphs."""
        import pyoxigraph

        try:  # the answer of an empty store has the same type
            has_triples = isinstance(pyoxigraph.Store().query(query), pyoxigraph.QueryTriples)
        except SyntaxError as error:
            raise QueryError(f"not SPARQL 1.1: {error}") from error
        accept = TRIPLES if has_triples else RESULTS
        content = self._query(query, accept, self.profile.union_parameters)
        try:
            if has_triples:
                return pyoxigraph.parse(content, pyoxigraph.RdfFormat.N_TRIPLES)  # type: ignore[return-value] # quads do as triples
            return pyoxigraph.parse_query_results(content, pyoxigraph.QueryResultsFormat.JSON)
        except (SyntaxError, ValueError) as error:
            raise StoreError(f"{self.address}: the answer cannot be parsed: {error}") from error

    def _query(self, text: str, accept: str, parameters: Mapping[str, str] | None = None) -> bytes:
        """Send a query as a form: Virtuoso 7 does not answer application/sparql-query."""
        return self._connection.request(
            "POST",
            self._endpoints.query,
            content=urlencode({"query": text, **(parameters or {})}).encode(),
            headers={"Content-Type": FORM, "Accept": accept},
        ).content

    def update(self, text: str) -> None:
        """Run a SPARQL update."""
        self._connection.request(
            "POST",
            self._endpoints.update,
            content=text.encode(),
            headers={"Content-Type": "application/sparql-update"},
        )

    def put(self, graph: Term, content: bytes) -> None:
        """Replace the content of a graph with N-Triples."""
        if self._endpoints.graphs is None:
            self._insert(graph, content)
            return
        self._connection.request(
            "PUT",
            self._endpoints.graphs,
            params={"graph": graph[1:-1]},
            content=content,
            headers={"Content-Type": TRIPLES},
        )

    def _insert(self, graph: Term, content: bytes) -> None:
        """Replace the content of a graph by updates, of which the first one drops it."""
        drop = f"DROP SILENT GRAPH {graph} ;\n"
        lines = content.decode().split("\n")[:-1]
        for batch in batches(lines, self.profile.statements_per_update):
            data = "\n".join(map(escape_for_sparql, batch))
            self.update(f"{drop}INSERT DATA {{ GRAPH {graph} {{\n{data}\n}} }}")
            drop = ""

    def drop(self, graph: Term) -> None:
        """Remove a graph if it is there."""
        if self._endpoints.graphs is None:
            self.update(f"DROP SILENT GRAPH {graph}")
            return
        params = {"graph": graph[1:-1]}
        self._connection.request("DELETE", self._endpoints.graphs, params=params, accepted=MISSING)

    def get(self, graph: Term) -> bytes:
        """Return a graph as N-Triples; nothing if it is not there."""
        if self._endpoints.graphs is None:
            query = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH {graph} {{ ?s ?p ?o }} }}"
            return self._query(query, TRIPLES)
        reply = self._connection.request(
            "GET",
            self._endpoints.graphs,
            params={"graph": graph[1:-1]},
            headers={"Accept": TRIPLES},
            accepted=MISSING,
        )
        return b"" if reply.status in MISSING else reply.content

    def add(self, content: bytes) -> None:
        """Add N-Quads."""
        if self._endpoints.dataset is None:
            raise StoreError(f"{self.address}: accepts no dataset in one request")
        self._connection.request(
            "POST", self._endpoints.dataset, content=content, headers={"Content-Type": QUADS}
        )

    def foreign_graphs(self, prefixes: tuple[str, ...]) -> list[Term]:
        """Return some graphs whose IRIs begin with none of the prefixes, and not its own."""
        excluded = (*prefixes, *self.profile.system_graphs)
        begins = " || ".join(f'STRSTARTS(STR(?graph), "{prefix}")' for prefix in excluded)
        rows = self.select(
            "SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } "
            f"FILTER (!({begins})) }} LIMIT 10"
        )
        foreign = [row["graph"] for row in rows]
        unnamed = "?s ?p ?o FILTER NOT EXISTS { GRAPH ?graph { ?s ?p ?o } }"
        has_default = self.profile.has_default_graph
        if has_default and self.select(f"SELECT ?s WHERE {{ {unnamed} }} LIMIT 1"):
            return [DEFAULT_GRAPH, *foreign]
        return foreign

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()


def _term(binding: dict[str, str]) -> Term:
    """Return the term of a binding (SPARQL 1.1 Query Results JSON Format, section 3.2.2)."""
    value = binding["value"]
    if binding["type"] == "uri":
        return f"<{value}>"
    if binding["type"] == "bnode":
        return f"_:{value}"
    if "xml:lang" in binding:
        return f"{literal(value)}@{binding['xml:lang']}"
    return literal(value) + (f"^^<{binding['datatype']}>" if "datatype" in binding else "")
