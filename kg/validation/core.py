"""The parameters of SHACL Core that are plainly understood, and what their values must be."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from kg.namespaces import RDF, SH, XSD

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node


class Doubt(Exception):  # noqa: N818 - no failure
    """Something that is not plainly understood here."""


TYPES: Final = frozenset(SH[name] for name in ("NodeShape", "PropertyShape", "SPARQLTarget"))
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
    SH[name]
    for name in (
        *("IRI", "Literal", "BlankNode"),
        *("BlankNodeOrIRI", "BlankNodeOrLiteral", "IRIOrLiteral"),
    )
)
_NUMBERS: Final = frozenset(XSD[name] for name in ("integer", "decimal", "double", "float"))


def members(against: Graph, node: Node) -> list[Node]:
    """Return the members of a list. Raises Doubt unless it is well-formed and not empty."""
    from rdflib import URIRef

    found: list[Node] = []
    seen: set[Node] = set()
    while node != URIRef(RDF.nil):
        first = list(against.objects(node, URIRef(RDF.first)))
        rest = list(against.objects(node, URIRef(RDF.rest)))
        if node in seen or len(first) != 1 or len(rest) != 1:
            raise Doubt
        seen.add(node)
        found += first
        node = rest[0]
    if not found:
        raise Doubt
    return found


def _count(_against: Graph, value: Any) -> bool:
    return str(getattr(value, "datatype", "")) == XSD.integer and str(value).isdecimal()


def _number(_against: Graph, value: Any) -> bool:
    """Say whether a bound is a number: of other types the engines do not agree what compares."""
    return str(getattr(value, "datatype", "")) in _NUMBERS


def _boolean(_against: Graph, value: Any) -> bool:
    return str(getattr(value, "datatype", "")) == XSD.boolean and str(value) in {"true", "false"}


def _iri(_against: Graph, value: Any) -> bool:
    from rdflib import URIRef

    return isinstance(value, URIRef)


def _kind(_against: Graph, value: Any) -> bool:
    return str(value) in _KINDS


def _pattern(_against: Graph, value: Any) -> bool:
    try:
        return bool(re.compile(str(value)))
    except re.error:
        return False


def _list(against: Graph, value: Any) -> bool:
    from rdflib import URIRef

    return value == URIRef(RDF.nil) or bool(members(against, value))


def _text(_against: Graph, value: Any) -> bool:
    from rdflib import Literal

    return isinstance(value, Literal)


def _anything(_against: Graph, _value: Any) -> bool:
    return True


SHAPES: Final = frozenset(("property", "node", "not", "and", "or", "xone", "qualifiedValueShape"))
VALUES: Final[dict[str, Callable[[Graph, Any], bool]]] = {
    **dict.fromkeys(SHAPES, _anything),
    "class": _iri,
    "closed": _boolean,
    "datatype": _iri,
    "deactivated": _boolean,
    "disjoint": _iri,
    "equals": _iri,
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
