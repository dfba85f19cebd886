"""N-Triples and N-Quads: one statement a line."""

from __future__ import annotations

from collections.abc import Iterable

from kg.graph import SubjectLines, to_ntriples
from kg.model import Site
from kg.writers.streams import Graphs, Pieces


def ntriples(subjects: Iterable[SubjectLines], _site: Site) -> Pieces:
    """Yield the lines of each subject."""
    return map(to_ntriples, subjects)


def nquads(graphs: Graphs, _site: Site) -> Pieces:
    """Yield the lines of each subject of each graph."""
    return (to_ntriples(subject, name) for name, subjects in graphs for subject in subjects)
