"""A graph held against SHACL shapes: findings with shape, focus node and value.

`validate` shows every shape the whole graph. `check` comes to the same, in pieces, over several
processes, or by a faster engine.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING

from kg.graph.convert import rdflib_graph, to_rdflib
from kg.model.findings import Finding
from kg.model.namespaces import SH
from kg.model.records import Triple
from kg.validation.engines import choose_engine, run_pyshacl, run_shacl
from kg.validation.loading import bundled_shapes, load_shapes, rules_of, shapes_files
from kg.validation.neighbourhoods import Partition, partitions
from kg.validation.results import finding_order
from kg.validation.shapes_graph import ShapesGraph
from kg.validation.views import ShapeScopes, analyse_scopes, without_targets
from kg.workers import map_in_processes

if TYPE_CHECKING:
    from rdflib import Graph

__all__ = [
    "ShapesGraph",
    "bundled_shapes",
    "check_graph",
    "choose_engine",
    "load_shapes",
    "rules_of",
    "shapes_files",
    "validate_graph",
]


def validate_graph(data: Graph, against: ShapesGraph) -> list[Finding]:
    """Return what the shapes find in a graph, the gravest first, then by shape and focus node.

    The findings have no places yet; `provenance.locate` adds them. The data graph is not changed.
    Raises ShapesError when pySHACL cannot run the shapes.
    """
    return sorted(run_pyshacl(data, against.rdflib(), against), key=finding_order)


def check_graph(
    triples: Collection[Triple],
    against: ShapesGraph,
    *,
    engine: str = "pyshacl",
    jobs: int = 1,
    on_notice: Callable[[str], None] | None = None,
) -> list[Finding]:
    """Return what `validate_graph` would find in a graph of these triples, in the same order.

    `on_notice` gets a sentence when pySHACL runs the shapes because the engine `shacl` cannot.
    Raises ShapesError as `validate_graph` does, and ConfigurationError as `choose_engine` does.
    """
    fast = choose_engine(engine) == "shacl"
    seen = analyse_scopes(against)
    found = _check_nonlocal(triples, seen, against) if seen.doubted else []
    if fast:
        try:
            found += list(run_shacl(triples, without_targets(against, seen.doubted)))
            return sorted(found, key=finding_order)
        except ValueError as error:  # pySHACL runs the shapes, or raises for what is wrong
            if on_notice:
                reason = " ".join(str(error).split())
                on_notice(f"the engine shacl cannot run the shapes, so pyshacl does: {reason}")
    untargeted = without_targets(against, seen.plain | seen.doubted)
    hold = partial(_check_partition, untargeted, against)
    for one in map_in_processes(hold, partitions(triples, seen.aimed), jobs):
        found += one
    return sorted(found, key=finding_order)


def _check_nonlocal(
    triples: Collection[Triple], seen: ShapeScopes, against: ShapesGraph
) -> list[Finding]:
    """Return what the shapes find that must see the whole graph."""
    shapes = without_targets(against, seen.plain)
    return run_pyshacl(rdflib_graph(triples, against.site), shapes.rdflib(), against)


def _check_partition(
    untargeted: ShapesGraph, against: ShapesGraph, piece: Partition
) -> list[Finding]:
    """Return what shapes find in a piece of a graph."""
    from rdflib import URIRef

    aimed = untargeted.rdflib()
    for shape, nodes in piece.focus.items():
        for node in nodes:
            aimed.add((untargeted.node(shape), URIRef(SH.targetNode), to_rdflib(node)))
    data = rdflib_graph(piece.triples, against.site)
    return run_pyshacl(data, aimed, against, advanced=False)
