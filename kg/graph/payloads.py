"""What a source says, as a store takes it: sorted lines of N-Triples, known by their digest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple, TypeAlias

from kg.graph.convert import oxigraph_store
from kg.graph.union import SubjectLines, lines_by_subject, to_ntriples, triples_of
from kg.model.records import Term


class Payload(NamedTuple):
    """A graph: the SHA-256 of its lines, how many they are, and how to read them."""

    digest: str
    triples: int
    read: Callable[[], bytes]


Payloads: TypeAlias = Mapping[Term, Payload]
"""Bodies by the names of their graphs."""


def payload_of(found: Iterable[SubjectLines]) -> Payload:
    """Return the body of nodes, sorted, held in memory."""
    lines = payload_lines(found)
    return Payload(*digest(lines), lambda: lines)


def digest(lines: bytes) -> tuple[str, int]:
    """Return digest and number of the lines of a body."""
    return sha256(lines).hexdigest(), lines.count(b"\n")


def payload_lines(found: Iterable[SubjectLines], *, foreign: bool = False) -> bytes:
    """Return the lines of nodes, sorted.

    `foreign`: kg did not make their literals, so they are put as a store gives them back.
    """
    return b"".join(map(to_ntriples, canonical_lines(found) if foreign else found))


def canonical_lines(found: Iterable[SubjectLines]) -> Iterator[SubjectLines]:
    """Return nodes as a store gives them back: literals of one value in one form.

    What kg maps is so already; RDF of others may say "01"^^xsd:integer and "1"^^xsd:integer.
    """
    store = oxigraph_store(triple for node in found for triple in triples_of(node))
    said = {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in store}
    return lines_by_subject(sorted(said))


def to_nquads(lines: bytes, graph: Term) -> bytes:
    """Return the lines of a body as N-Quads."""
    return lines.replace(b" .\n", f" {graph} .\n".encode())
