"""The operations of every triple store, embedded or remote."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from kg.model import Term, Triple
from kg.queries import Answer

if TYPE_CHECKING:
    import pyoxigraph

Row: TypeAlias = Mapping[str, Term]
"""One solution: terms by the names of the variables; unbound ones are missing."""

DEFAULT_GRAPH: Final = "the default graph"


class Store(Protocol):
    """A triple store with named graphs. Every method raises StoreError if it fails.

    Every write may be repeated: it has the same result the second time.
    """

    @property
    def address(self) -> str:
        """URL or path as the user gave it, for messages."""

    @property
    def connections(self) -> int:
        """How many requests to send at once."""

    @property
    def shared(self) -> bool:
        """Whether other processes may write to it meanwhile."""

    @property
    def bulk(self) -> bool:
        """Whether one request may have many graphs."""

    def select(self, query: str) -> list[Row]:
        """Return the solutions of a SELECT query over the named graphs."""

    def update(self, text: str) -> None:
        """Run a SPARQL update."""

    def put(self, graph: Term, content: bytes) -> None:
        """Replace the content of a graph with N-Triples."""

    def drop(self, graph: Term) -> None:
        """Remove a graph if it is there."""

    def get(self, graph: Term) -> bytes:
        """Return a graph as N-Triples; nothing if it is not there."""

    def add(self, content: bytes) -> None:
        """Add N-Quads; only if `bulk`."""

    def construct(self, query: str) -> list[Triple]:
        """Return the triples of a CONSTRUCT query over the named graphs."""

    def answer(self, query: str) -> Answer:
        """Answer a query whose default graph is the union of the named graphs."""

    def foreign_graphs(self, prefixes: tuple[str, ...]) -> list[Term]:
        """Return some graphs whose IRIs begin with none of the prefixes, and not the store's own.

        `DEFAULT_GRAPH` is one of them if it has a statement that no named graph has.
        """

    def close(self) -> None:
        """Close the store; everything written is kept."""


def values_clause(terms: Iterable[Term], variable: str = "graph") -> str:
    """Return the VALUES block that binds a variable to each of some terms.

    >>> values_clause(["<a>", "<b>"])
    'VALUES ?graph { <a> <b> }'
    """
    return f"VALUES ?{variable} {{ {' '.join(terms)} }}"


def terms_of(triples: Iterable[pyoxigraph.Triple]) -> list[Triple]:
    """Return Oxigraph's triples as kg's: terms in N-Triples."""
    return [(str(triple.subject), str(triple.predicate), str(triple.object)) for triple in triples]
