"""The input and the output of the writers: sorted subjects with their lines, and pieces of text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final, TypeAlias

from kg.graph import SubjectLines
from kg.model import RDF, Term, Triple

Dataset: TypeAlias = Mapping[Term, Collection[Triple]]
"""The triples of each named graph, by its name; in no order."""
Graphs: TypeAlias = Iterable[tuple[Term, Iterable[SubjectLines]]]
"""Named graphs, sorted by name, with their subjects, sorted."""
Lines: TypeAlias = Iterator[str]
Pieces: TypeAlias = Iterator[bytes]

CHUNK: Final = 100
"""Pieces that are joined before they are written."""

TYPE: Final = f"<{RDF.type}>"
_TYPE_PREFIX: Final = f"{TYPE} ".encode()


def by_predicate(lines: bytes) -> list[tuple[Term, list[Term]]]:
    """Return the predicates of a subject with their objects, rdf:type first."""
    objects: dict[Term, list[Term]] = {TYPE: []} if _TYPE_PREFIX in lines else {}
    for line in lines.decode().split("\n"):
        predicate, _, term = line.partition(" ")
        terms = objects.get(predicate)
        if terms is None:
            objects[predicate] = [term]
        else:
            terms.append(term)
    return [item for item in objects.items() if item[1]]
