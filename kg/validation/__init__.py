"""A graph held against SHACL shapes: findings with shape, focus node and value.

`validate` shows every shape the whole graph. `check` comes to the same, in pieces, over several
processes, or by a faster engine.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from kg import graphs, workers
from kg.findings import Finding
from kg.namespaces import SH, Site
from kg.records import Triple
from kg.validation import engines, results
from kg.validation.engines import chosen
from kg.validation.neighbourhoods import Piece, pieces
from kg.validation.shapes_graph import bundled, files, rules, shapes
from kg.validation.views import Survey, survey, without_targets

if TYPE_CHECKING:
    from rdflib import Graph

__all__ = ["bundled", "check", "chosen", "files", "rules", "shapes", "validate"]


def validate(data: Graph, against: Graph) -> list[Finding]:
    """Return what the shapes find in a graph, the gravest first, then by shape and focus node.

    The findings have no places yet; `provenance.locate` adds them. The data graph is not changed.
    Raises ShapesError when pySHACL cannot run the shapes.
    """
    return sorted(engines.pyshacl(data, _copy(against), against), key=results.order)


def check(
    triples: Collection[Triple],
    against: Graph,
    site: Site,
    *,
    engine: str = "pyshacl",
    jobs: int = 1,
) -> list[Finding]:
    """Return what `validate` would find in a graph of these triples, in the same order.

    Raises ShapesError as that does, and ConfigurationError as `chosen` does.
    """
    fast = chosen(engine) == "shacl"
    seen = survey(against)
    found = _in_doubt(triples, seen, against, site) if seen.doubted else []
    if fast:
        try:
            found += engines.shacl(triples, without_targets(against, seen.doubted))
            return sorted(found, key=results.order)
        except ValueError:
            pass  # pySHACL can run it, or will say what is wrong
    hold = partial(
        _hold, _Shapes(without_targets(against, seen.plain | seen.doubted), against, site)
    )
    for one in workers.each(hold, pieces(triples, seen.aimed), jobs):
        found += one
    return sorted(found, key=results.order)


@dataclass(frozen=True, slots=True)
class _Shapes:
    """Shapes as they were read, and the same without targets; the site is for its prefixes."""

    untargeted: Graph
    against: Graph
    site: Site


def _in_doubt(
    triples: Collection[Triple], seen: Survey, against: Graph, site: Site
) -> list[Finding]:
    """Return what the shapes find that must see the whole graph."""
    shapes = without_targets(against, seen.plain)
    return engines.pyshacl(graphs.rdflib_graph(triples, site), shapes, against)


def _hold(shapes: _Shapes, piece: Piece) -> list[Finding]:
    """Return what shapes find in a piece of a graph."""
    from rdflib import URIRef

    aimed = _copy(shapes.untargeted)
    for shape, nodes in piece.focus.items():
        for node in nodes:
            aimed.add((shape, URIRef(SH.targetNode), graphs.node(node)))
    data = graphs.rdflib_graph(piece.triples, shapes.site)
    return engines.pyshacl(data, aimed, shapes.against, advanced=False)


def _copy(graph: Graph) -> Graph:
    from rdflib import Graph

    return Graph() + graph
