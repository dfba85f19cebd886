"""Partitions of a graph: some focus nodes each, with every statement in the scope of their shapes.

A shape has the same results in a partition as in the whole graph, since nothing in its scope is
missing: a node that several files describe comes with the statements of all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from kg.graph import oxigraph_store
from kg.model import RDF, RDFS, Term, Triple
from kg.validation.scopes import LocalShape, ScopePath, ShapeScope, backward_predicates
from kg.validation.shapes_graph import canonical_term

FOCUS_NODES: Final = 1500
"""Focus nodes of a partition: smaller partitions repeat more of the statements they share."""

_TYPE: Final = f"<{RDF.type}>"
_SUBCLASS: Final = f"<{RDFS.subClassOf}>"


class Partition(NamedTuple):
    """Statements, and by shape the focus nodes to validate with them."""

    triples: list[Triple]
    focus_nodes: dict[Term, list[Term]]


def partitions(triples: Iterable[Triple], shapes: Iterable[LocalShape]) -> Iterator[Partition]:
    """Yield partitions of a graph, at least one, with each focus node of each shape once."""
    shapes = tuple(shapes)
    index = _Index(triples, backward_predicates(shape.scope for shape in shapes))
    shapes_of: dict[Term, list[LocalShape]] = {}
    for shape in sorted(shapes, key=lambda shape: len(shape.parts)):
        for node in index.focus_nodes(shape):
            shapes_of.setdefault(node, []).append(shape)
    # In the order of the graph, so that neighbours share a partition.
    nodes = [node for node in index.by_subject if node in shapes_of]
    nodes += [node for node in shapes_of if node not in index.by_subject]
    for start in range(0, len(nodes) or 1, FOCUS_NODES):
        batch = nodes[start : start + FOCUS_NODES]
        yield _partition({node: shapes_of[node] for node in batch}, index)


def _partition(shapes_of: dict[Term, list[LocalShape]], index: _Index) -> Partition:
    nodes_of: dict[LocalShape, set[Term]] = {}
    for node, shapes in shapes_of.items():
        for shape in shapes:
            nodes_of.setdefault(shape, set()).add(node)
    builder = PartitionBuilder(index)
    for shape, nodes in nodes_of.items():
        builder.include(shape.scope, nodes)
    return Partition(builder.triples(), _focus_nodes(shapes_of))


def _focus_nodes(shapes_of: dict[Term, list[LocalShape]]) -> dict[Term, list[Term]]:
    """Return nodes by the parts of their shapes, or by the shape where another has that part too.

    Then the shape validates the part again, as often as the report of the whole graph lists it.
    """
    nodes_of: dict[Term, list[Term]] = {}
    for node, shapes in shapes_of.items():
        validated: set[Term] = set()
        for shape in shapes:  # those without parts come first
            parts = shape.parts if validated.isdisjoint(shape.parts) else ()
            for part in parts or (shape.shape,):
                nodes_of.setdefault(part, []).append(node)
                validated.add(part)
    return nodes_of


class _Index:
    """A graph by subject, by predicate, and for some predicates by object."""

    def __init__(self, triples: Iterable[Triple], backward: set[Term]) -> None:
        self.by_subject: dict[Term, list[Triple]] = {}
        self.by_object: dict[tuple[Term, Term], list[Triple]] = {}
        self.by_predicate: dict[Term, list[Triple]] = {}
        for triple in triples:
            subject, predicate, term = triple
            self.by_subject.setdefault(subject, []).append(triple)
            self.by_predicate.setdefault(predicate, []).append(triple)
            if predicate in backward:
                self.by_object.setdefault((predicate, term), []).append(triple)
        self.subclass_triples = self.by_predicate.get(_SUBCLASS, [])
        self._store: Any = None

    def focus_nodes(self, shape: LocalShape) -> Iterable[Term]:
        """Return the focus nodes of a shape, each once (SHACL 2.1.3)."""
        targets = shape.targets
        nodes = dict.fromkeys(targets.nodes)
        if targets.classes:
            classes = self._with_subclasses(targets.classes)
            nodes.update((s, None) for s, _, o in self.by_predicate.get(_TYPE, ()) if o in classes)
        for predicate in targets.subjects_of:
            nodes.update((s, None) for s, _, _ in self.by_predicate.get(predicate, ()))
        for predicate in targets.objects_of:
            nodes.update((o, None) for _, _, o in self.by_predicate.get(predicate, ()))
        for select in targets.selects:
            nodes.update(dict.fromkeys(self._selected_nodes(select)))
        return nodes

    def _with_subclasses(self, classes: Iterable[Term]) -> set[Term]:
        closure = set(classes)
        while more := {s for s, _, o in self.subclass_triples if o in closure} - closure:
            closure |= more
        return closure

    def _selected_nodes(self, select: str) -> Iterator[Term]:
        if self._store is None:
            self._store = oxigraph_store(
                triple for triples in self.by_subject.values() for triple in triples
            )
        for solution in self._store.query(select):
            if solution["this"] is not None:
                yield canonical_term(str(solution["this"]))


class PartitionBuilder:
    """Collects the statements in scopes: those about some nodes, and some that lead to a node."""

    def __init__(self, index: _Index) -> None:
        self._index = index
        self._subjects: dict[Term, None] = {}
        self._backward: dict[Triple, None] = {}

    def triples(self) -> list[Triple]:
        """Return the collected statements, each once, and the class hierarchy."""
        triples = dict(self._backward)
        for subject in self._subjects:
            triples.update(dict.fromkeys(self._index.by_subject.get(subject, ())))
        triples.update(dict.fromkeys(self._index.subclass_triples))
        return list(triples)

    def include(self, scope: ShapeScope, nodes: set[Term]) -> None:
        """Add the statements in the scope that starts at each of the nodes."""
        self._subjects.update(dict.fromkeys(nodes))
        values = self._follow(scope.path, nodes) if scope.path else nodes
        if scope.types:
            self._subjects.update(dict.fromkeys(values))
        for inner in scope.inner:
            self.include(inner, values)

    def _follow(self, path: ScopePath, nodes: set[Term]) -> set[Term]:
        """Return the value nodes of a path from nodes; add every statement on the way."""
        if path.kind == "forward":
            self._subjects.update(dict.fromkeys(nodes))
            by_subject, predicate = self._index.by_subject, path.predicate
            return {o for node in nodes for _, p, o in by_subject.get(node, ()) if p == predicate}
        if path.kind == "backward":
            by_object = self._index.by_object
            triples = [t for node in nodes for t in by_object.get((path.predicate, node), ())]
            self._backward.update(dict.fromkeys(triples))
            return {subject for subject, _, _ in triples}
        if path.kind == "alternative":
            return {node for part in path.parts for node in self._follow(part, nodes)}
        if path.kind == "closure":
            reached, new = set(nodes), set(nodes)
            while new:
                new = self._follow(path.parts[0], new) - reached
                reached |= new
            return reached
        for part in path.parts:
            nodes = self._follow(part, nodes)
        return nodes
