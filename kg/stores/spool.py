"""The graphs to load, in one temporary file: what is held in memory is where each stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from hashlib import sha256
from tempfile import TemporaryFile
from threading import Lock
from typing import NamedTuple

from kg.errors import StoreError
from kg.records import Term
from kg.unions import Node, nodes, ntriples, triples


class Body(NamedTuple):
    """A graph as sorted lines of N-Triples: its digest, and where it stands in the spool."""

    digest: str
    triples: int
    offset: int
    length: int


class Spool(AbstractContextManager["Spool"]):
    """Bodies by the names of their graphs. Threads may read at once."""

    def __init__(self) -> None:
        self.bodies: dict[Term, Body] = {}
        self._file = TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self._end = 0
        self._lock = Lock()

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, graph: Term, found: Iterable[Node], *, foreign: bool = False) -> None:
        """Take a graph by its nodes, sorted; one without statements is no graph.

        `foreign`: kg did not make its literals, so they are put as a store gives them back. Raises
        StoreError for what Oxigraph's strict parser refuses: a store would refuse it too.
        """
        said = canonical(found) if foreign else found
        content = "".join(map(ntriples, said)).encode()
        if not content:
            return
        _check(graph, content)
        digest = sha256(content).hexdigest()
        self.bodies[graph] = Body(digest, content.count(b"\n"), self._end, len(content))
        self._file.seek(self._end)
        self._file.write(content)
        self._end += len(content)

    def triples(self, graph: Term) -> bytes:
        """Return a graph as N-Triples."""
        body = self.bodies[graph]
        with self._lock:
            self._file.seek(body.offset)
            return self._file.read(body.length)

    def quads(self, graphs: Iterable[Term]) -> bytes:
        """Return graphs as N-Quads."""
        return b"".join(
            self.triples(graph).replace(b" .\n", f" {graph} .\n".encode()) for graph in graphs
        )

    def shares(self, graphs: Sequence[Term], size: int) -> Iterator[list[Term]]:
        """Cut graphs into shares whose bodies come to about `size` bytes of N-Quads each."""
        share: list[Term] = []
        length = 0
        for graph in graphs:
            share.append(graph)
            body = self.bodies[graph]
            length += body.length + body.triples * (len(graph) + 1)
            if length >= size:
                yield share
                share, length = [], 0
        if share:
            yield share


def _check(graph: Term, content: bytes) -> None:
    import pyoxigraph

    try:
        for _ in pyoxigraph.parse(content, pyoxigraph.RdfFormat.N_TRIPLES):
            pass
    except SyntaxError as error:
        raise StoreError(f"{graph}: cannot be loaded: {error}") from error


def canonical(found: Iterable[Node]) -> Iterator[Node]:
    """Return nodes as a store gives them back: literals of one value in one form.

    What kg maps is so already; RDF of others may say "01"^^xsd:integer and "1"^^xsd:integer.
    """
    from kg import graphs

    held = graphs.store(triple for node in found for triple in triples(node))
    said = {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in held}
    return nodes(sorted(said))
