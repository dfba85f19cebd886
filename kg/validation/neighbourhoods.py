"""A graph in pieces: some focus nodes each, with every statement their shapes can look at.

A shape finds the same in a piece as in the whole graph, for nothing it looks at is missing: a node
that several files speak of comes with what all of them say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from kg.graph.convert import oxigraph_store
from kg.model.namespaces import RDF, RDFS
from kg.model.records import Term, Triple
from kg.validation.shapes_graph import canonical_term
from kg.validation.views import LocalShape, ScopePath, ShapeScope, backward_paths

NODES: Final = 1500
"""Focus nodes in a piece: those of about 75 articles. Fewer repeat more of what they share."""

_TYPE: Final = f"<{RDF.type}>"
_SUBCLASS: Final = f"<{RDFS.subClassOf}>"


class Partition(NamedTuple):
    """Statements, and for each shape the nodes among them to hold against it."""

    triples: list[Triple]
    focus: dict[Term, list[Term]]


def partitions(triples: Iterable[Triple], shapes: Iterable[LocalShape]) -> Iterator[Partition]:
    """Yield a graph in pieces: each focus node of each shape once. There is always one piece."""
    shapes = tuple(shapes)
    index = _Index(triples, backward_paths(shape.view for shape in shapes))
    aims: dict[Term, list[LocalShape]] = {}
    for shape in sorted(shapes, key=lambda shape: len(shape.parts)):
        for node in index.focus(shape):
            aims.setdefault(node, []).append(shape)
    # In the order in which the graph speaks of them, for neighbours to share a piece.
    order = [node for node in index.about if node in aims]
    order += [node for node in aims if node not in index.about]
    for start in range(0, len(order) or 1, NODES):
        yield _partition({node: aims[node] for node in order[start : start + NODES]}, index)


def _partition(aims: dict[Term, list[LocalShape]], index: _Index) -> Partition:
    together: dict[LocalShape, set[Term]] = {}
    for node, shapes in aims.items():
        for shape in shapes:
            together.setdefault(shape, set()).add(node)
    seen = PartitionBuilder(index)
    for shape, nodes in together.items():
        seen.look(shape.view, nodes)
    return Partition(seen.triples(), _focus(aims))


def _focus(aims: dict[Term, list[LocalShape]]) -> dict[Term, list[Term]]:
    """Hold nodes against the parts of a shape, unless one has met that part by another way.

    Then the shape holds it again, as often as the whole graph's report would tell of it.
    """
    focus: dict[Term, list[Term]] = {}
    for node, shapes in aims.items():
        met: set[Term] = set()
        for shape in shapes:  # those without parts come first
            chosen = shape.parts if met.isdisjoint(shape.parts) else ()
            for one in chosen or (shape.shape,):
                focus.setdefault(one, []).append(node)
                met.add(one)
    return focus


class _Index:
    """A graph by subject, and backwards along some predicates."""

    def __init__(self, triples: Iterable[Triple], followed: set[Term]) -> None:
        self.about: dict[Term, list[Triple]] = {}
        self.to: dict[tuple[Term, Term], list[Triple]] = {}
        self.along: dict[Term, list[Triple]] = {}
        for triple in triples:
            subject, predicate, term = triple
            self.about.setdefault(subject, []).append(triple)
            self.along.setdefault(predicate, []).append(triple)
            if predicate in followed:
                self.to.setdefault((predicate, term), []).append(triple)
        self.hierarchy = self.along.get(_SUBCLASS, [])
        self._store: Any = None

    def focus(self, shape: LocalShape) -> Iterable[Term]:
        """Return the focus nodes of a shape, each once (SHACL 2.1.3)."""
        targets = shape.targets
        found = dict.fromkeys(targets.nodes)
        if targets.classes:
            classes = self._below(targets.classes)
            found.update((s, None) for s, _, o in self.along.get(_TYPE, ()) if o in classes)
        for predicate in targets.subjects_of:
            found.update((s, None) for s, _, _ in self.along.get(predicate, ()))
        for predicate in targets.objects_of:
            found.update((o, None) for _, _, o in self.along.get(predicate, ()))
        for select in targets.selects:
            found.update(dict.fromkeys(self._selected(select)))
        return found

    def _below(self, classes: Iterable[Term]) -> set[Term]:
        found = set(classes)
        while more := {s for s, _, o in self.hierarchy if o in found} - found:
            found |= more
        return found

    def _selected(self, select: str) -> Iterator[Term]:
        if self._store is None:
            self._store = oxigraph_store(t for said in self.about.values() for t in said)
        for row in self._store.query(select):
            if row["this"] is not None:
                # Spelled as kg spells it: Oxigraph escapes other characters.
                yield canonical_term(str(row["this"]))


class PartitionBuilder:
    """What has been looked at: nodes with all that is said of them, and statements to nodes."""

    def __init__(self, index: _Index) -> None:
        self._index = index
        self._nodes: dict[Term, None] = {}
        self._to: dict[Triple, None] = {}

    def triples(self) -> list[Triple]:
        """Return all statements that were looked at, each once."""
        found = dict(self._to)
        for node in self._nodes:
            found.update(dict.fromkeys(self._index.about.get(node, ())))
        found.update(dict.fromkeys(self._index.hierarchy))
        return list(found)

    def look(self, view: ShapeScope, nodes: set[Term]) -> None:
        """Look at nodes as a shape does."""
        self._nodes.update(dict.fromkeys(nodes))
        values = self._walk(view.path, nodes) if view.path else nodes
        if view.types:
            self._nodes.update(dict.fromkeys(values))
        for inner in view.inner:
            self.look(inner, values)

    def _walk(self, path: ScopePath, nodes: set[Term]) -> set[Term]:
        """Return where a path leads from nodes; see every statement on the way."""
        if path.kind == "forward":
            self._nodes.update(dict.fromkeys(nodes))
            about, predicate = self._index.about, path.predicate
            return {o for node in nodes for _, p, o in about.get(node, ()) if p == predicate}
        if path.kind == "backward":
            said = [t for n in nodes for t in self._index.to.get((path.predicate, n), ())]
            self._to.update(dict.fromkeys(said))
            return {subject for subject, _, _ in said}
        if path.kind == "alternative":
            return {node for part in path.parts for node in self._walk(part, nodes)}
        if path.kind == "closure":
            reached, new = set(nodes), set(nodes)
            while new:
                new = self._walk(path.parts[0], new) - reached
                reached |= new
            return reached
        for part in path.parts:
            nodes = self._walk(part, nodes)
        return nodes
