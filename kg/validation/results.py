"""What engines report, as findings: what a result says, and what its shape says beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from kg import graphs
from kg.findings import Finding, Severity
from kg.namespaces import SH
from kg.records import Term

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node


def severity(node: Node | None) -> Severity:
    """SHACL's three; a severity of one's own counts as the gravest (SHACL 2.1.5 allows any IRI)."""
    name = str(node).rpartition("#")[2].lower()
    return Severity(name) if name in set(Severity) else Severity.VIOLATION


def message(messages: Iterable[Node]) -> str:
    """Choose among languages: none, then English, then the first."""
    told = sorted((getattr(m, "language", None) or "", str(m)) for m in messages)
    english = [text for language, text in told if language.startswith("en")]
    plain = [text for language, text in told if not language]
    return next(iter([*plain, *english, *(text for _, text in told)]), "Does not conform.")


class Result(NamedTuple):
    """A result as SHACL has it (section 3.6.2); the path is written as in SPARQL."""

    focus: Node | None
    shape: Node | None
    component: Node | None
    value: Node | None
    path: str | None
    severity: Severity
    message: str


def finding(result: Result, against: Graph) -> Finding:
    """Return what a result says, and what its shape has to say beside it."""
    value = result.value
    return Finding(
        severity=result.severity,
        message=result.message,
        # A SPARQL target picks the node as a whole: its own IRI is no value to show.
        value=None if value is None or value == result.focus else str(value),
        expected=_expected(against, result.shape, result.component),
        shape=named(against, result.shape),
        focus=graphs.term(result.focus),
        path=result.path,
        term=graphs.term(value),
        component=graphs.term(result.component),
    )


def order(finding: Finding) -> tuple[int | str, ...]:
    """Sort the gravest first, then by shape and focus node, and then by all there is."""
    terms = (finding.shape, finding.focus, finding.value, finding.path, finding.component)
    told = (*terms, finding.message, finding.term, finding.expected)
    return (finding.severity.rank, *(one or "" for one in told))


def path(graph: Graph, node: Node | None) -> str | None:
    """Write a path in SPARQL's syntax: `<p>` or `^<p>`; None for one that is neither."""
    from rdflib import URIRef

    inverse = graph.value(node, URIRef(SH.inversePath)) if node is not None else None
    if isinstance(inverse, URIRef):
        return f"^{graphs.term(inverse)}"
    return graphs.term(node) if isinstance(node, URIRef) else None


def named(against: Graph, shape: Node | None) -> Term | None:
    """Return the IRI of a shape, or of the nearest shape around one that has none."""
    from rdflib import URIRef

    around = shape
    while around is not None and not isinstance(around, URIRef):
        around = next(against.subjects(None, around), None)
    return graphs.term(around) or (None if shape is None else f"<{shape}>")


_PHRASES: Final = {
    "minCount": "at least {}",
    "maxCount": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minInclusive": "{} or more",
    "maxInclusive": "{} or less",
    "minExclusive": "more than {}",
    "maxExclusive": "less than {}",
    "pattern": "a match of {}",
    "datatype": "a literal of type {}",
    "class": "a {}",
    "nodeKind": "a {}",
    "hasValue": "{}",
}


def _expected(against: Graph, shape: Node | None, component: Node | None) -> str | None:
    """Say what a core constraint asks for, from its parameter in the shape; None for the others."""
    from rdflib import URIRef

    name = str(component).rpartition("#")[2].removesuffix("ConstraintComponent")
    parameter = name[:1].lower() + name[1:]
    if shape is None or parameter not in _PHRASES:
        return None
    wanted: list[Any] = sorted(against.objects(shape, URIRef(SH[parameter])), key=str)
    short = against.namespace_manager.normalizeUri
    shown = [short(one) if isinstance(one, URIRef) else one for one in wanted]
    return " and ".join(_PHRASES[parameter].format(one) for one in shown) or None
