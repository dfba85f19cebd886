"""What a source says, as a store takes it: sorted lines of N-Triples, known by their digest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple, TypeAlias

from kg.graph.convert import oxigraph_store
from kg.graph.union import Node, nodes, ntriples, triples
from kg.model.records import Term


class Body(NamedTuple):
    """A graph: the SHA-256 of its lines, how many they are, and how to read them."""

    digest: str
    triples: int
    read: Callable[[], bytes]


Bodies: TypeAlias = Mapping[Term, Body]
"""Bodies by the names of their graphs."""


def held(found: Iterable[Node]) -> Body:
    """Return the body of nodes, sorted, held in memory."""
    lines = content(found)
    return Body(*digested(lines), lambda: lines)


def digested(lines: bytes) -> tuple[str, int]:
    """Return digest and number of the lines of a body."""
    return sha256(lines).hexdigest(), lines.count(b"\n")


def content(found: Iterable[Node], *, foreign: bool = False) -> bytes:
    """Return the lines of nodes, sorted.

    `foreign`: kg did not make their literals, so they are put as a store gives them back.
    """
    return b"".join(map(ntriples, canonical(found) if foreign else found))


def canonical(found: Iterable[Node]) -> Iterator[Node]:
    """Return nodes as a store gives them back: literals of one value in one form.

    What kg maps is so already; RDF of others may say "01"^^xsd:integer and "1"^^xsd:integer.
    """
    store = oxigraph_store(triple for node in found for triple in triples(node))
    said = {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in store}
    return nodes(sorted(said))


def quads(lines: bytes, graph: Term) -> bytes:
    """Return the lines of a body as N-Quads."""
    return lines.replace(b" .\n", f" {graph} .\n".encode())
