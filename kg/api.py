"""What kg offers to a Python program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.graph.convert import rdflib_graph
from kg.graph.in_memory import load_graphs
from kg.graph.named import map_sources
from kg.mapping.project import open_project
from kg.model.records import Statement

if TYPE_CHECKING:
    import rdflib


def statements_of(*paths: str) -> Iterator[Statement]:
    """Yield the statements of files and folders, file by file; equal ones may come again."""
    project = open_project(paths)
    for mapped in map_sources(project.sources, project.mapper):
        yield from mapped.statements()


def graph_of(*paths: str) -> rdflib.Graph:
    """Return the merged graph of files and folders as an rdflib Graph."""
    loaded, _ = load_graphs(open_project(paths))
    return rdflib_graph(loaded.triples(), loaded.site)
