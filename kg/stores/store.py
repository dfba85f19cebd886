"""What every triple store can do, whatever way it is reached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias, TypeVar

from kg.model.records import Term, Triple

if TYPE_CHECKING:
    import pyoxigraph

T = TypeVar("T")

Answer: TypeAlias = "pyoxigraph.QuerySolutions | pyoxigraph.QueryBoolean | pyoxigraph.QueryTriples"
Row: TypeAlias = Mapping[str, Term]
"""One solution: what its variables are bound to; those that are not bound are missing."""

DEFAULT: Final = "the default graph"
MARK: Final = "CURRENT"
"""The file that RocksDB, which Oxigraph stands on, has in each of its folders."""


class Store(Protocol):
    """A triple store with named graphs. Every method raises StoreError when it cannot be done.

    Writing the same again is harmless: what failed half-way may be repeated.
    """

    @property
    def address(self) -> str:
        """What the user calls it, for messages."""

    @property
    def connections(self) -> int:
        """How many requests it takes at once."""

    @property
    def shared(self) -> bool:
        """Whether other processes may write to it meanwhile."""

    @property
    def statements(self) -> int:
        """How many statements one update may hold."""

    @property
    def bulk(self) -> bool:
        """Whether it takes many graphs in one request."""

    def select(self, query: str) -> list[Row]:
        """Return the solutions of a SELECT query over the named graphs."""

    def update(self, text: str) -> None:
        """Run a SPARQL update."""

    def put(self, graph: Term, body: bytes) -> None:
        """Make N-Triples the whole content of a graph."""

    def drop(self, graph: Term) -> None:
        """Remove a graph; one that is not there is removed already."""

    def get(self, graph: Term) -> bytes:
        """Return a graph as N-Triples; nothing for one that is not there."""

    def add(self, body: bytes) -> None:
        """Add N-Quads; only where `bulk`."""

    def construct(self, query: str) -> list[Triple]:
        """Return the triples of a CONSTRUCT query over the named graphs."""

    def answer(self, query: str) -> Answer:
        """Answer a query whose default graph is the union of the named graphs."""

    def strangers(self, ours: tuple[str, ...]) -> list[Term]:
        """Return some of the graphs whose IRIs begin with none of `ours`, and are not the store's.

        The default graph is one of them when it says anything that no named graph says.
        """

    def close(self) -> None:
        """Let the store go; what was written stays."""


def values_clause(graphs: Iterable[Term], variable: str = "graph") -> str:
    """Write the VALUES block that lets a variable be any of some graphs.

    >>> values(["<a>", "<b>"])
    'VALUES ?graph { <a> <b> }'
    """
    return f"VALUES ?{variable} {{ {' '.join(graphs)} }}"


def triples_from(found: Iterable[pyoxigraph.Triple]) -> list[Triple]:
    """Return the triples of Oxigraph as kg writes them."""
    return [(str(one.subject), str(one.predicate), str(one.object)) for one in found]
