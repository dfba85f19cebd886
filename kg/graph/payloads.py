"""A named graph as a store takes it: sorted lines of N-Triples, identified by their digest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple, TypeAlias

from kg.graph.convert import oxigraph_store
from kg.graph.union import SubjectLines, lines_by_subject, to_ntriples, triples_of
from kg.model import Term


class GraphDigest(NamedTuple):
    """The SHA-256 of a graph's lines, in hexadecimal, and their number."""

    sha256: str
    triples: int


class Payload(NamedTuple):
    """A graph: its digest and number of triples, and a function that returns its lines."""

    digest: str
    triples: int
    read: Callable[[], bytes]


Payloads: TypeAlias = Mapping[Term, Payload]
"""Payloads by the names of their graphs."""


def payload_of(items: Iterable[SubjectLines]) -> Payload:
    """Return the payload of sorted statements by subject, held in memory."""
    lines = payload_lines(items)
    return Payload(*digest_lines(lines), lambda: lines)


def digest_lines(lines: bytes) -> GraphDigest:
    """Return the digest of the lines of a payload."""
    return GraphDigest(sha256(lines).hexdigest(), lines.count(b"\n"))


def payload_lines(items: Iterable[SubjectLines], *, foreign: bool = False) -> bytes:
    """Return sorted statements by subject as lines.

    `foreign` statements were not mapped by kg: their literals are made canonical first.
    """
    return b"".join(map(to_ntriples, canonical_lines(items) if foreign else items))


def canonical_lines(items: Iterable[SubjectLines]) -> Iterator[SubjectLines]:
    """Yield the statements as a store returns them: literals of one value in one form.

    kg maps values to this form; other RDF may have "01"^^xsd:integer and "1"^^xsd:integer.
    """
    store = oxigraph_store(triple for item in items for triple in triples_of(item))
    triples = {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in store}
    return lines_by_subject(sorted(triples))


def to_nquads(lines: bytes, graph: Term) -> bytes:
    """Return the lines of a payload as N-Quads."""
    return lines.replace(b" .\n", f" {graph} .\n".encode())
