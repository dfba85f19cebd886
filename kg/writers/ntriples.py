"""N-Triples and N-Quads: a line a statement."""

from __future__ import annotations

from collections.abc import Iterable

from kg.graph.union import SubjectLines, to_ntriples
from kg.model.site import Site
from kg.writers.names import Graphs, Pieces


def ntriples(found: Iterable[SubjectLines], _site: Site) -> Pieces:
    """Yield the lines of each subject."""
    return map(to_ntriples, found)


def nquads(found: Graphs, _site: Site) -> Pieces:
    """Yield the lines of each subject of each graph."""
    for name, graph in found:
        yield from (to_ntriples(node, name) for node in graph)
