"""SHACL validation of a graph: findings with shape, focus node and value.

`validate_graph` runs every shape on the whole graph. `check_graph` returns the same findings, but
validates partitions of the graph in several processes, or with a faster engine.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial
from typing import TYPE_CHECKING

from kg.graph import rdflib_graph, to_rdflib
from kg.model import SH, Finding, Triple
from kg.validation.engines import choose_engine, run_pyshacl, run_shacl
from kg.validation.partitioning import Partition, partitions
from kg.validation.results import finding_order
from kg.validation.scopes import ShapeScopes, analyse_scopes, without_targets
from kg.validation.shapes_graph import ShapesGraph
from kg.workers import map_in_processes

if TYPE_CHECKING:
    from rdflib import Graph


def validate_graph(data: Graph, shapes: ShapesGraph) -> list[Finding]:
    """Return the findings of shapes in a graph, the gravest first, then by shape and focus node.

    The findings have no places yet; `provenance.locate` adds them. The data graph is not changed.
    Raises ShapesError when pySHACL cannot run the shapes.
    """
    return sorted(run_pyshacl(data, shapes.to_rdflib_graph(), shapes), key=finding_order)


def check_graph(
    triples: Collection[Triple],
    shapes: ShapesGraph,
    *,
    engine: str = "pyshacl",
    jobs: int = 1,
    on_notice: Callable[[str], None] | None = None,
) -> list[Finding]:
    """Return the findings of `validate_graph` in a graph of these triples, in the same order.

    `on_notice` gets a sentence when pySHACL runs the shapes because the engine `shacl` cannot.
    Raises ShapesError as `validate_graph` does, and ConfigurationError as `choose_engine` does.
    """
    is_fast = choose_engine(engine) == "shacl"
    scopes = analyse_scopes(shapes)
    findings = _check_whole_graph(triples, scopes, shapes) if scopes.unlimited else []
    if is_fast:
        try:
            findings += list(run_shacl(triples, without_targets(shapes, scopes.unlimited)))
            return sorted(findings, key=finding_order)
        except ValueError as error:  # pySHACL runs the shapes, or raises for what is wrong
            if on_notice:
                reason = " ".join(str(error).split())
                on_notice(f"the engine shacl cannot run the shapes, so pyshacl does: {reason}")
    untargeted = without_targets(shapes, scopes.local_shapes | scopes.unlimited)
    check = partial(_check_partition, untargeted, shapes)
    for found in map_in_processes(check, partitions(triples, scopes.local), jobs):
        findings += found
    return sorted(findings, key=finding_order)


def _check_whole_graph(
    triples: Collection[Triple], scopes: ShapeScopes, shapes: ShapesGraph
) -> list[Finding]:
    """Return the findings of the shapes whose scope is unlimited."""
    unlimited = without_targets(shapes, scopes.local_shapes)
    return run_pyshacl(rdflib_graph(triples, shapes.site), unlimited.to_rdflib_graph(), shapes)


def _check_partition(
    untargeted: ShapesGraph, shapes: ShapesGraph, partition: Partition
) -> list[Finding]:
    """Return the findings in a partition: its focus nodes are the targets of `untargeted`."""
    from rdflib import URIRef

    targeted = untargeted.to_rdflib_graph()
    for shape, nodes in partition.focus_nodes.items():
        for node in nodes:
            targeted.add((untargeted.to_rdflib_node(shape), URIRef(SH.targetNode), to_rdflib(node)))
    data = rdflib_graph(partition.triples, shapes.site)
    return run_pyshacl(data, targeted, shapes, advanced=False)
