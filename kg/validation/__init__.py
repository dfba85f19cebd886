"""A graph held against SHACL shapes: findings with shape, focus node and value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.findings import Finding
from kg.validation import engines, results
from kg.validation.shapes_graph import bundled, files, rules, shapes

if TYPE_CHECKING:
    from rdflib import Graph

__all__ = ["bundled", "files", "rules", "shapes", "validate"]


def validate(data: Graph, against: Graph) -> list[Finding]:
    """Return what the shapes find in a graph, the gravest first, then by shape and focus node.

    The findings have no places yet; `provenance.locate` adds them. The data graph is not changed.
    Raises ShapesError when pySHACL cannot run the shapes.
    """
    return sorted(engines.pyshacl(data, _copy(against), against), key=results.order)


def _copy(graph: Graph) -> Graph:
    from rdflib import Graph

    return Graph() + graph
