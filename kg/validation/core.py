"""The parameters of SHACL Core that are plainly understood, and what their values must be."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from kg.model.namespaces import RDF, SH, XSD
from kg.model.records import Term
from kg.model.terms import lexical_form, unquote
from kg.validation.shapes_graph import ShapesGraph


class NotLocal(Exception):  # noqa: N818 - no failure
    """Something that is not plainly understood here."""


TYPES: Final = frozenset(
    f"<{type_}>" for type_ in (SH.NodeShape, SH.PropertyShape, SH.SPARQLTarget)
)
UNLIKE: Final = {True: SH.NodeShape, False: SH.PropertyShape}
"""What a shape with a path cannot be, and one without."""
TARGETS: Final = frozenset(
    ("targetNode", "targetClass", "targetSubjectsOf", "targetObjectsOf", "target")
)
SILENT: Final = frozenset(
    ("message", "severity", "name", "description", "order", "group", "defaultValue")
)
FAR: Final = ("rule", "parameter", "returnType", "entailment", "ask", "construct")
"""What bears on other shapes: rules, functions, and components and kinds of target of one's own."""
PATHS: Final = {
    "inversePath": "backward",
    "alternativePath": "alternative",
    "zeroOrMorePath": "closure",
    "oneOrMorePath": "closure",
    "zeroOrOnePath": "closure",  # sees no less than it needs
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


def list_members(against: ShapesGraph, node: Term) -> list[Term]:
    """Return the members of a list. Raises Doubt unless it is well-formed and not empty."""
    found: list[Term] = []
    seen: set[Term] = set()
    while node != _NIL:
        first, rest = against.objects(node, RDF.first), against.objects(node, RDF.rest)
        if node in seen or len(first) != 1 or len(rest) != 1:
            raise NotLocal
        seen.add(node)
        found += first
        node = rest[0]
    if not found:
        raise NotLocal
    return found


_NIL: Final = f"<{RDF.nil}>"


def _count(_against: ShapesGraph, value: Term) -> bool:
    return value.endswith(f"^^<{XSD.integer}>") and lexical_form(value).isdecimal()


def _number(_against: ShapesGraph, value: Term) -> bool:
    """Say whether a bound is a number: of other types the engines do not agree what compares."""
    return _text(_against, value) and unquote(value)[1] in _NUMBERS


def _boolean(_against: ShapesGraph, value: Term) -> bool:
    return value in {f'"{word}"^^<{XSD.boolean}>' for word in ("true", "false")}


def _kind(_against: ShapesGraph, value: Term) -> bool:
    return value in _KINDS


def _pattern(_against: ShapesGraph, value: Term) -> bool:
    try:
        return bool(re.compile(lexical_form(value)))
    except re.error:
        return False


def _list(against: ShapesGraph, value: Term) -> bool:
    return value == _NIL or bool(list_members(against, value))


def _text(_against: ShapesGraph, value: Term) -> bool:
    return value.startswith('"')


def _anything(_against: ShapesGraph, _value: Term) -> bool:
    return True


SHAPES: Final = frozenset(("property", "node", "not", "and", "or", "xone", "qualifiedValueShape"))
VALUES: Final[dict[str, Callable[[ShapesGraph, Term], bool]]] = {
    **dict.fromkeys(SHAPES, _anything),
    "class": ShapesGraph.is_iri,
    "closed": _boolean,
    "datatype": ShapesGraph.is_iri,
    "deactivated": _boolean,
    "disjoint": ShapesGraph.is_iri,
    "equals": ShapesGraph.is_iri,
    "flags": _text,
    "hasValue": _anything,
    "ignoredProperties": _list,
    "in": _list,
    "languageIn": _list,
    "maxCount": _count,
    "maxExclusive": _number,
    "maxInclusive": _number,
    "maxLength": _count,
    "minCount": _count,
    "minExclusive": _number,
    "minInclusive": _number,
    "minLength": _count,
    "nodeKind": _kind,
    "pattern": _pattern,
    "qualifiedMaxCount": _count,
    "qualifiedMinCount": _count,
    "uniqueLang": _boolean,
}
"""The parameters of SHACL Core that are understood, and what their values must be.

Not `lessThan` and `lessThanOrEquals`, on which the engines differ, nor
`qualifiedValueShapesDisjoint`, which looks at the shapes beside its own.
"""
REPEATED: Final = frozenset(("class", "hasValue"))
OF_PATHS: Final = frozenset(
    ("maxCount", "minCount", "qualifiedMaxCount", "qualifiedMinCount", "uniqueLang")
)
