"""Virtuoso 7, as Debian has it (`virtuoso-opensource-7`)."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

import httpx

from tests.stores.processes import answers, free_port, run, running

USER: Final = "dba"
JSON: Final = "application/sparql-results+json"
OWN: Final = frozenset(
    {
        "http://localuriqaserver/sparql",
        "http://www.openlinksw.com/schemas/virtrdf#",
        "http://www.w3.org/ns/ldp#",
        "http://www.w3.org/2002/07/owl#",
    }
)
"""The graphs of a new database."""

AT_ONCE: Final = 40
"""Statements of one call of isql-vt: its limit is 50."""

INI: Final = """\
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
TempStorage = TempDatabase

[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx

[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
DirsAllowed = {folder}
NumberOfBuffers = 10000
DefaultIsolation = 2

[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}/vsp
ServerThreads = 10
Charset = UTF-8

[SPARQL]
; The default, 10,000, cuts longer answers short and does not say so.
ResultSetMaxRows = 1000000
MaxQueryCostEstimationTime = 0
MaxQueryExecutionTime = 600
"""


class Virtuoso(NamedTuple):
    """A running server, its folder, its ports and its password."""

    folder: Path
    sql: int
    http: int
    password: str

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.http}"

    def isql(self, *statements: str) -> str:
        """Run SQL."""
        where = f"127.0.0.1:{self.sql}"
        argument = f"exec={';'.join(['log_enable(3,1)', *statements])};"  # commits each statement
        return run("isql-vt", where, USER, self.password, "ERRORS=STDOUT", argument).stdout

    def query(self, text: str, *graphs: str) -> httpx.Response:
        """Query the union of all graphs, or of some."""
        form = {"query": text, "default-graph-uri": graphs}
        return httpx.post(f"{self.url}/sparql", data=form, headers={"Accept": JSON}, timeout=60)

    def put(self, graph: str, triples: bytes) -> None:
        """Replace the content of a graph by N-Triples."""
        httpx.put(
            f"{self.url}/sparql-graph-crud-auth?graph={quote(graph, safe='')}",
            content=triples,
            headers={"Content-Type": "application/n-triples"},
            auth=httpx.DigestAuth(USER, self.password),
            timeout=60,
        ).raise_for_status()

    def get(self, graph: str) -> bytes:
        """Return a graph as N-Triples."""
        where = f"{self.url}/sparql-graph-crud?graph={quote(graph, safe='')}"
        reply = httpx.get(where, headers={"Accept": "application/n-triples"}, timeout=60)
        return reply.raise_for_status().content

    def counts(self) -> dict[str, int]:
        """Return the number of statements in each graph that is not its own."""
        found = self.query("SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
        rows = found.raise_for_status().json()["results"]["bindings"]
        counts = {row["g"]["value"]: int(row["n"]["value"]) for row in rows}
        return {graph: number for graph, number in counts.items() if graph not in OWN}

    def clear(self) -> None:
        """Delete every graph that is not its own."""
        statements = [f"SPARQL CLEAR GRAPH <{graph}>" for graph in self.counts()]
        for start in range(0, len(statements), AT_ONCE):
            self.isql(*statements[start : start + AT_ONCE])


@contextmanager
def run_virtuoso(folder: Path) -> Iterator[Virtuoso]:
    """Run a server with an empty database in an empty folder."""
    server = Virtuoso(folder, free_port(), free_port(), secrets.token_hex(8))
    (folder / "vsp").mkdir()
    settings = INI.format(folder=folder, sql=server.sql, http=server.http)
    (folder / "virtuoso.ini").write_text(settings)
    command = ("virtuoso-t", "+configfile", f"{folder}/virtuoso.ini", "+wait", "+foreground")
    # With these options it creates the database, sets the passwords, and ends.
    run(*command, "+pwdold", "dba", "+pwddba", server.password, "+pwddav", server.password)
    with running(command, folder, lambda: answers(server.sql) and answers(server.http)):
        yield server
