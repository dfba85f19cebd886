"""The parameters of SHACL Core whose scope is known, and the values that SHACL allows them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from kg.model import RDF, SH, XSD, Term, lexical_form, unquote
from kg.validation.shapes_graph import ShapesGraph


class NotLocal(Exception):  # noqa: N818 - no failure
    """The scope of a shape is unlimited."""


TYPES: Final = frozenset(
    f"<{type_}>" for type_ in (SH.NodeShape, SH.PropertyShape, SH.SPARQLTarget)
)
OTHER_TYPE: Final = {True: SH.NodeShape, False: SH.PropertyShape}
"""The type that a shape with a path cannot have, and one without."""
TARGETS: Final = frozenset(
    ("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf", "target")
)
NON_VALIDATING: Final = frozenset(
    ("message", "severity", "name", "description", "order", "group", "defaultValue")
)
ADVANCED: Final = ("rule", "parameter", "returnType", "entailment", "ask", "construct")
"""What affects other shapes: rules, functions, custom components and custom targets."""
PATH_KINDS: Final = {
    "inversePath": "backward",
    "alternativePath": "alternative",
    "zeroOrMorePath": "closure",
    "oneOrMorePath": "closure",
    "zeroOrOnePath": "closure",  # a superset of its scope
}

_KINDS: Final = frozenset(
    f"<{SH[name]}>"
    for name in (
        *("IRI", "Literal", "BlankNode"),
        *("BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral"),
    )
)
_NUMBERS: Final = frozenset(
    f"^^<{XSD[name]}>" for name in ("integer", "decimal", "double", "float")
)


def list_members(shapes: ShapesGraph, node: Term) -> list[Term]:
    """Return the members of a list. Raises NotLocal unless it is well-formed and not empty."""
    members: list[Term] = []
    visited: set[Term] = set()
    while node != _NIL:
        first, rest = shapes.objects(node, RDF.first), shapes.objects(node, RDF.rest)
        if node in visited or len(first) != 1 or len(rest) != 1:
            raise NotLocal
        visited.add(node)
        members += first
        node = rest[0]
    if not members:
        raise NotLocal
    return members


_NIL: Final = f"<{RDF.nil}>"


def _is_count(_shapes: ShapesGraph, value: Term) -> bool:
    return value.endswith(f"^^<{XSD.integer}>") and lexical_form(value).isdecimal()


def _is_number(_shapes: ShapesGraph, value: Term) -> bool:
    """Whether a bound is a number: the engines compare other types differently."""
    return _is_literal(_shapes, value) and unquote(value)[1] in _NUMBERS


def _is_boolean(_shapes: ShapesGraph, value: Term) -> bool:
    return value in {f'"{word}"^^<{XSD.boolean}>' for word in ("true", "false")}


def _is_node_kind(_shapes: ShapesGraph, value: Term) -> bool:
    return value in _KINDS


def _is_pattern(_shapes: ShapesGraph, value: Term) -> bool:
    try:
        return bool(re.compile(lexical_form(value)))
    except re.error:
        return False


def _is_list(shapes: ShapesGraph, value: Term) -> bool:
    return value == _NIL or bool(list_members(shapes, value))


def _is_literal(_shapes: ShapesGraph, value: Term) -> bool:
    return value.startswith('"')


def _is_anything(_shapes: ShapesGraph, _value: Term) -> bool:
    return True


SHAPE_PARAMETERS: Final = frozenset(
    ("property", "node", "not", "and", "or", "xone", "qualifiedValueShape")
)
PARAMETERS: Final[dict[str, Callable[[ShapesGraph, Term], bool]]] = {
    **dict.fromkeys(SHAPE_PARAMETERS, _is_anything),
    "class": ShapesGraph.is_iri,
    "closed": _is_boolean,
    "datatype": ShapesGraph.is_iri,
    "deactivated": _is_boolean,
    "disjoint": ShapesGraph.is_iri,
    "equals": ShapesGraph.is_iri,
    "flags": _is_literal,
    "hasValue": _is_anything,
    "ignoredProperties": _is_list,
    "in": _is_list,
    "languageIn": _is_list,
    "maxCount": _is_count,
    "maxExclusive": _is_number,
    "maxInclusive": _is_number,
    "maxLength": _is_count,
    "minCount": _is_count,
    "minExclusive": _is_number,
    "minInclusive": _is_number,
    "minLength": _is_count,
    "nodeKind": _is_node_kind,
    "pattern": _is_pattern,
    "qualifiedMaxCount": _is_count,
    "qualifiedMinCount": _is_count,
    "uniqueLang": _is_boolean,
}
"""The parameters of SHACL Core whose scope is known, each with a test of its values.

Not `lessThan` and `lessThanOrEquals`, on which the engines differ, nor
`qualifiedValueShapesDisjoint`, which depends on sibling shapes.
"""
REPEATABLE: Final = frozenset(("class", "hasValue"))
WITH_PATH_ONLY: Final = frozenset(
    ("maxCount", "minCount", "qualifiedMaxCount", "qualifiedMinCount", "uniqueLang")
)
