"""How far a shape looks: which statements about a node, and around it, can matter to its verdict.

With SHACL Core the shapes themselves say so: a shape looks along its path, at the types of the
values where it asks for a class, and on from there with the shapes inside it. A shape that says
anything else is in doubt, as is one that SHACL does not allow: it is shown the whole graph.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from kg.graph.convert import oxigraph_store
from kg.model.namespaces import RDF, RDFS, SH
from kg.model.records import Term, Triple
from kg.model.terms import lexical_form
from kg.queries.sparql import calls_service
from kg.validation.core import (
    FAR,
    OF_PATHS,
    PATHS,
    REPEATED,
    SHAPES,
    SILENT,
    TARGETS,
    TYPES,
    UNLIKE,
    VALUES,
    NotLocal,
    list_members,
)
from kg.validation.shapes_graph import ShapesGraph


class ScopePath(NamedTuple):
    """A property path: a step along one predicate, or what is made of other paths."""

    kind: str
    predicate: Term = ""
    parts: tuple[ScopePath, ...] = ()


class ShapeScope(NamedTuple):
    """What a shape looks at, from a node."""

    path: ScopePath | None = None
    types: bool = False
    """Whether it looks at the types of the values at the path's end."""
    inner: tuple[ShapeScope, ...] = ()
    """What is looked at from there."""


class Targets(NamedTuple):
    """Which nodes a shape is about."""

    nodes: tuple[Term, ...] = ()
    classes: tuple[Term, ...] = ()
    subjects_of: tuple[Term, ...] = ()
    objects_of: tuple[Term, ...] = ()
    selects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LocalShape:
    """A shape with targets whose view is known.

    `parts` are its property shapes when it has nothing else to say: then to hold a node against
    each of them comes to the same (SHACL 4.7.2), and many nodes are held against each at once.
    """

    shape: Term
    targets: Targets
    view: ShapeScope
    parts: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class ShapeScopes:
    """The shapes with targets: those whose views are known, and the others."""

    aimed: tuple[LocalShape, ...]
    doubted: frozenset[Term]

    @property
    def plain(self) -> frozenset[Term]:
        """The shapes whose views are known."""
        return frozenset(one.shape for one in self.aimed)


def analyse_scopes(against: ShapesGraph) -> ShapeScopes:
    """Return what the shapes with targets look at, as far as it is plain."""
    shapes = sorted(_with_targets(against))
    if _bears_on_others(against):
        return ShapeScopes((), frozenset(shapes))
    aimed = {shape: _Reader(against).aimed(shape) for shape in shapes}
    plain = tuple(one for one in aimed.values() if one)
    return ShapeScopes(plain, frozenset(shape for shape, one in aimed.items() if not one))


def _bears_on_others(against: ShapesGraph) -> bool:
    far = {f"<{name}>" for name in (RDFS.subClassOf, *(SH[name] for name in FAR))}
    return any(predicate in far for _, predicate, _ in against)


def without_targets(against: ShapesGraph, shapes: Collection[Term]) -> ShapesGraph:
    """Return a copy of the shapes, some of them without targets: a class is one, too."""
    targets = {f"<{SH[name]}>" for name in TARGETS}

    def stays(triple: Triple) -> bool:
        subject, predicate, value = triple
        aims = predicate in targets or (predicate == _TYPE and value not in TYPES)
        return not (aims and subject in shapes)

    return against.only(stays)


def _with_targets(against: ShapesGraph) -> set[Term]:
    """Return the shapes that have targets, or may be a class and so have its instances."""
    found = {shape for name in TARGETS for shape, _ in against.pairs(SH[name])}
    for node, type_ in against.pairs(RDF.type):
        is_shape = any(predicate.startswith(f"<{SH}") for predicate in against.about(node))
        if type_ not in _SHAPES and is_shape:
            found.add(node)
    return found - {target for _, target in against.pairs(SH.target)}


_TYPE = f"<{RDF.type}>"
_SHAPES = frozenset(f"<{type_}>" for type_ in UNLIKE.values())


class _Reader:
    """Reads a shapes graph. Everything in it but `aimed` raises Doubt."""

    def __init__(self, against: ShapesGraph) -> None:
        self._against = against

    def aimed(self, shape: Term) -> LocalShape | None:
        """Return a shape with its view; None when that is in doubt."""
        try:
            return self._aimed(shape)
        except NotLocal:
            return None

    def _aimed(self, shape: Term) -> LocalShape:
        view = self.view(shape, ())
        said = self._said(shape)
        if "target" in said and not self._declared(shape):
            raise NotLocal  # pySHACL takes the other targets, but not this, for the sign of a shape
        collects = said.keys() & (VALUES.keys() | {"path", "deactivated"}) == {"property"}
        parts = tuple(sorted(said["property"], key=lexical_form)) if collects else ()
        return LocalShape(shape, self._targets(said), view, parts)

    def _targets(self, said: dict[str, list[Term]]) -> Targets:
        nodes, classes, subjects, objects = (
            tuple(self._term(node) for node in said.get(name, ()))
            for name in ("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf")
        )
        selects = tuple(self._select(target) for target in said.get("target", ()))
        return Targets(nodes, classes, subjects, objects, selects)

    def _select(self, target: Term) -> str:
        """Return the query of a target that is nothing but a query, and a good one."""
        said = self._said(target)
        if said.keys() != {"select"}:
            raise NotLocal
        query = lexical_form(self._only(said["select"]))
        if calls_service(query):
            raise NotLocal
        try:
            answer = oxigraph_store(()).query(query)
        except (OSError, SyntaxError) as error:
            raise NotLocal from error
        if "this" not in {variable.value for variable in getattr(answer, "variables", ())}:
            raise NotLocal
        return query

    def view(self, shape: Term, around: tuple[Term, ...]) -> ShapeScope:
        """Return the view of a shape inside others. Recursive shapes are in doubt."""
        said = self._said(shape)
        if shape in around or not said or self._is(shape, UNLIKE["path" in said]):
            raise NotLocal
        path = self.path(self._only(said["path"])) if "path" in said else None
        inner: list[Term] = []
        for name, values in said.items():
            if name in SHAPES:
                inner += [one for value in values for one in self._shapes(name, value)]
            elif name not in SILENT | TARGETS | {"path"}:
                self._check(name, values, bare=path is None)
        views = tuple(self.view(one, (*around, shape)) for one in inner)
        return ShapeScope(path, "class" in said, views)

    def _check(self, name: str, values: list[Term], *, bare: bool) -> None:
        """Doubt a parameter that is unknown, or whose value is not what SHACL allows there."""
        check = VALUES.get(name)
        if check is None or (bare and name in OF_PATHS):
            raise NotLocal
        for value in values if name in REPEATED else [self._only(values)]:
            if not check(self._against, value):
                raise NotLocal

    def _shapes(self, name: str, value: Term) -> list[Term]:
        if name in {"and", "or", "xone"}:
            return list_members(self._against, value)
        if name in {"property", "node"}:
            along = bool(self._against.objects(value, SH.path))
            return [value] if along == (name == "property") else _doubt()
        return [value]

    def path(self, node: Term) -> ScopePath:
        """Read a property path (SHACL 2.3.1)."""
        if self._against.is_iri(node):
            return ScopePath("forward", node)
        said = self._said(node)
        if not said:
            return ScopePath("sequence", parts=self._paths(node))
        (kind, values), *more = said.items()
        if more or kind not in PATHS:
            raise NotLocal
        value = self._only(values)
        if kind == "alternativePath":
            return ScopePath(PATHS[kind], parts=self._paths(value))
        if kind == "inversePath":
            # pySHACL takes the inverse of a sequence part by part, in the order of the sequence.
            return ScopePath(PATHS[kind], value if self._against.is_iri(value) else _doubt())
        return ScopePath(PATHS[kind], parts=(self.path(value),))

    def _paths(self, node: Term) -> tuple[ScopePath, ...]:
        parts = list_members(self._against, node)
        return tuple(map(self.path, parts)) if len(parts) > 1 else _doubt()

    def _said(self, node: Term) -> dict[str, list[Term]]:
        """Return what SHACL's own terms say of a node, by their names."""
        said = self._against.about(node)
        if not TYPES.issuperset(said.get(_TYPE, ())):
            raise NotLocal
        sh = f"<{SH}"
        return {
            predicate[len(sh) : -1]: values
            for predicate, values in said.items()
            if predicate.startswith(sh)
        }

    def _declared(self, shape: Term) -> bool:
        return self._is(shape, SH.NodeShape) or self._is(shape, SH.PropertyShape)

    def _is(self, node: Term, type_: str) -> bool:
        return f"<{type_}>" in self._against.objects(node, RDF.type)

    def _only(self, values: list[Term]) -> Term:
        return values[0] if len(values) == 1 else _doubt()

    def _term(self, node: Term) -> Term:
        return _doubt() if self._against.is_blank(node) else node


def _doubt() -> Any:
    raise NotLocal


def backward_paths(views: Iterable[ShapeScope]) -> set[Term]:
    """Return the predicates that views follow from object to subject."""
    found: set[Term] = set()
    for view in views:
        paths = [view.path] if view.path else []
        while paths:
            path = paths.pop()
            paths += path.parts
            found |= {path.predicate} if path.kind == "backward" else set()
        found |= backward_paths(view.inner)
    return found
