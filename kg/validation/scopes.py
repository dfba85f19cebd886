"""The scope of a shape: the statements about and around a node that its results depend on.

The shapes of SHACL Core state their scope: the path, the types of the values where a class is
required, and from there the scopes of the shapes inside. The scope of any other shape, and of one
that is not well-formed, is unlimited: it needs the whole graph.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from kg.graph import oxigraph_store
from kg.model import RDF, RDFS, SH, Term, Triple, lexical_form
from kg.queries import calls_service
from kg.validation.core import (
    ADVANCED,
    NON_VALIDATING,
    OTHER_TYPE,
    PARAMETERS,
    PATH_KINDS,
    REPEATABLE,
    SHAPE_PARAMETERS,
    TARGETS,
    TYPES,
    WITH_PATH_ONLY,
    NotLocal,
    list_members,
)
from kg.validation.shapes_graph import ShapesGraph


class ScopePath(NamedTuple):
    """A property path: a step along one predicate, or a composition of other paths."""

    kind: str
    predicate: Term = ""
    parts: tuple[ScopePath, ...] = ()


class ShapeScope(NamedTuple):
    """The statements that a shape reads, starting at a node."""

    path: ScopePath | None = None
    types: bool = False
    """Whether it reads the types of the value nodes."""
    inner: tuple[ShapeScope, ...] = ()
    """The scopes that start at the value nodes."""


class Targets(NamedTuple):
    """The targets of a shape; `selects` are the queries of SPARQL targets."""

    nodes: tuple[Term, ...] = ()
    classes: tuple[Term, ...] = ()
    subjects_of: tuple[Term, ...] = ()
    objects_of: tuple[Term, ...] = ()
    selects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LocalShape:
    """A shape with targets whose scope is limited.

    `parts` are its property shapes if it has no other parameters: validating a node with each of
    them is equivalent (SHACL 4.7.2), and one property shape validates many nodes at once.
    """

    shape: Term
    targets: Targets
    scope: ShapeScope
    parts: tuple[Term, ...] = ()


@dataclass(frozen=True, slots=True)
class ShapeScopes:
    """The shapes with targets: those of limited scope, and those that need the whole graph."""

    local: tuple[LocalShape, ...]
    unlimited: frozenset[Term]

    @property
    def local_shapes(self) -> frozenset[Term]:
        """The nodes of the local shapes."""
        return frozenset(local.shape for local in self.local)


def analyse_scopes(shapes: ShapesGraph) -> ShapeScopes:
    """Return the scopes of the shapes with targets."""
    targeted = sorted(_with_targets(shapes))
    if _has_global_effects(shapes):
        return ShapeScopes((), frozenset(targeted))
    local_shapes = {node: _ScopeReader(shapes).local_shape(node) for node in targeted}
    local = tuple(shape for shape in local_shapes.values() if shape)
    return ShapeScopes(local, frozenset(node for node, shape in local_shapes.items() if not shape))


def _has_global_effects(shapes: ShapesGraph) -> bool:
    predicates = {f"<{name}>" for name in (RDFS.subClassOf, *(SH[name] for name in ADVANCED))}
    return any(predicate in predicates for _, predicate, _ in shapes)


def without_targets(shapes: ShapesGraph, untargeted: Collection[Term]) -> ShapesGraph:
    """Return a copy in which some shapes have no targets, nor the class that is an implicit one."""
    targets = {f"<{SH[name]}>" for name in TARGETS}

    def keep(triple: Triple) -> bool:
        subject, predicate, value = triple
        is_target = predicate in targets or (predicate == _TYPE and value not in TYPES)
        return not (is_target and subject in untargeted)

    return shapes.filtered(keep)


def _with_targets(shapes: ShapesGraph) -> set[Term]:
    """Return the shapes that have targets, or may be a class and so have its instances."""
    nodes = {shape for name in TARGETS for shape, _ in shapes.subject_objects(SH[name])}
    for node, type_ in shapes.subject_objects(RDF.type):
        predicates = shapes.predicate_objects(node)
        is_shape = any(predicate.startswith(f"<{SH}") for predicate in predicates)
        if type_ not in _SHAPE_TYPES and is_shape:
            nodes.add(node)
    return nodes - {target for _, target in shapes.subject_objects(SH.target)}


_TYPE = f"<{RDF.type}>"
_SHAPE_TYPES = frozenset(f"<{type_}>" for type_ in OTHER_TYPE.values())


class _ScopeReader:
    """Reads the scopes of shapes. Every method but `local_shape` raises NotLocal."""

    def __init__(self, shapes: ShapesGraph) -> None:
        self._shapes = shapes

    def local_shape(self, shape: Term) -> LocalShape | None:
        """Return a shape with its scope; None if that is unlimited."""
        try:
            return self._local_shape(shape)
        except NotLocal:
            return None

    def _local_shape(self, shape: Term) -> LocalShape:
        scope = self.scope(shape, ())
        parameters = self._parameters(shape)
        if "target" in parameters and not self._has_shape_type(shape):
            raise NotLocal  # pySHACL takes the other targets, but not this, for the sign of a shape
        constraints = parameters.keys() & (PARAMETERS.keys() | {"path", "deactivated"})
        is_split = constraints == {"property"}
        parts = tuple(sorted(parameters["property"], key=lexical_form)) if is_split else ()
        return LocalShape(shape, self._targets(parameters), scope, parts)

    def _targets(self, parameters: dict[str, list[Term]]) -> Targets:
        nodes, classes, subjects, objects = (
            tuple(self._not_blank(node) for node in parameters.get(name, ()))
            for name in ("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf")
        )
        selects = tuple(self._select(target) for target in parameters.get("target", ()))
        return Targets(nodes, classes, subjects, objects, selects)

    def _select(self, target: Term) -> str:
        """Return the query of a target that has nothing else, if it is valid and selects ?this."""
        parameters = self._parameters(target)
        if parameters.keys() != {"select"}:
            raise NotLocal
        query = lexical_form(self._single(parameters["select"]))
        if calls_service(query):
            raise NotLocal
        try:
            solutions = oxigraph_store(()).query(query)
        except (OSError, SyntaxError) as error:
            raise NotLocal from error
        if "this" not in {variable.value for variable in getattr(solutions, "variables", ())}:
            raise NotLocal
        return query

    def scope(self, shape: Term, ancestors: tuple[Term, ...]) -> ShapeScope:
        """Return the scope of a shape inside others; that of a recursive shape is unlimited."""
        parameters = self._parameters(shape)
        other_type = OTHER_TYPE["path" in parameters]
        if shape in ancestors or not parameters or self._has_type(shape, other_type):
            raise NotLocal
        path = self.path(self._single(parameters["path"])) if "path" in parameters else None
        inner: list[Term] = []
        for name, values in parameters.items():
            if name in SHAPE_PARAMETERS:
                inner += [node for value in values for node in self._inner_shapes(name, value)]
            elif name not in NON_VALIDATING | TARGETS | {"path"}:
                self._check_parameter(name, values, has_path=path is not None)
        scopes = tuple(self.scope(node, (*ancestors, shape)) for node in inner)
        return ShapeScope(path, "class" in parameters, scopes)

    def _check_parameter(self, name: str, values: list[Term], *, has_path: bool) -> None:
        """Raise NotLocal for a parameter that is unknown, or has a value that SHACL forbids."""
        is_allowed = PARAMETERS.get(name)
        if is_allowed is None or (name in WITH_PATH_ONLY and not has_path):
            raise NotLocal
        for value in values if name in REPEATABLE else [self._single(values)]:
            if not is_allowed(self._shapes, value):
                raise NotLocal

    def _inner_shapes(self, name: str, value: Term) -> list[Term]:
        if name in {"and", "or", "xone"}:
            return list_members(self._shapes, value)
        if name in {"property", "node"}:
            has_path = bool(self._shapes.objects(value, SH.path))
            return [value] if has_path == (name == "property") else _not_local()
        return [value]

    def path(self, node: Term) -> ScopePath:
        """Return a property path (SHACL 2.3.1)."""
        if self._shapes.is_iri(node):
            return ScopePath("forward", node)
        parameters = self._parameters(node)
        if not parameters:
            return ScopePath("sequence", parts=self._paths(node))
        (kind, values), *others = parameters.items()
        if others or kind not in PATH_KINDS:
            raise NotLocal
        value = self._single(values)
        if kind == "alternativePath":
            return ScopePath(PATH_KINDS[kind], parts=self._paths(value))
        if kind == "inversePath":
            # pySHACL inverts a sequence part by part, but keeps the order of the parts.
            predicate = value if self._shapes.is_iri(value) else _not_local()
            return ScopePath(PATH_KINDS[kind], predicate)
        return ScopePath(PATH_KINDS[kind], parts=(self.path(value),))

    def _paths(self, node: Term) -> tuple[ScopePath, ...]:
        members = list_members(self._shapes, node)
        return tuple(map(self.path, members)) if len(members) > 1 else _not_local()

    def _parameters(self, node: Term) -> dict[str, list[Term]]:
        """Return the objects of a node by the local names of SHACL's properties."""
        objects = self._shapes.predicate_objects(node)
        if not TYPES.issuperset(objects.get(_TYPE, ())):
            raise NotLocal
        sh = f"<{SH}"
        return {
            predicate[len(sh) : -1]: values
            for predicate, values in objects.items()
            if predicate.startswith(sh)
        }

    def _has_shape_type(self, shape: Term) -> bool:
        return self._has_type(shape, SH.NodeShape) or self._has_type(shape, SH.PropertyShape)

    def _has_type(self, node: Term, type_: str) -> bool:
        return f"<{type_}>" in self._shapes.objects(node, RDF.type)

    def _single(self, values: list[Term]) -> Term:
        return values[0] if len(values) == 1 else _not_local()

    def _not_blank(self, node: Term) -> Term:
        return _not_local() if self._shapes.is_blank(node) else node


def _not_local() -> Any:
    raise NotLocal


def backward_predicates(scopes: Iterable[ShapeScope]) -> set[Term]:
    """Return the predicates that scopes follow from object to subject."""
    predicates: set[Term] = set()
    for scope in scopes:
        paths = [scope.path] if scope.path else []
        while paths:
            path = paths.pop()
            paths += path.parts
            predicates |= {path.predicate} if path.kind == "backward" else set()
        predicates |= backward_predicates(scope.inner)
    return predicates
