"""Results of an engine to findings."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from kg.model import SH, Finding, Severity, Term, lexical_form, unquote
from kg.validation.shapes_graph import ShapesGraph


def severity_of(term: Term | None) -> Severity:
    """Return one of SHACL's severities; any other IRI, which SHACL 2.1.5 allows, is a violation."""
    name = lexical_form(term or "<>").rpartition("#")[2].lower()
    return Severity(name) if name in set(Severity) else Severity.VIOLATION


def choose_message(messages: Iterable[Term]) -> str:
    """Return the message without a language, else in English, else the first by language tag."""
    texts = sorted((tail, text) for text, tail in map(unquote, messages))
    english = [text for tail, text in texts if tail.startswith("@en")]
    plain = [text for tail, text in texts if not tail.startswith("@")]
    return next(iter([*plain, *english, *(text for _, text in texts)]), "Does not conform.")


class EngineResult(NamedTuple):
    """A validation result (SHACL 3.6.2); the path is in SPARQL's syntax."""

    focus: Term | None
    shape: Term | None
    component: Term | None
    value: Term | None
    path: str | None
    severity: Severity
    message: str


def finding_of(result: EngineResult, shapes: ShapesGraph) -> Finding:
    """Return the finding of a result, with the expected value that its shape states."""
    value = result.value
    return Finding(
        severity=result.severity,
        message=result.message,
        # The value of a node shape is the focus node itself, which the report shows anyway.
        value=None if value is None or value == result.focus else lexical_form(value),
        expected=_expected(shapes, result.shape, result.component),
        shape=None if result.shape is None else shape_iri(shapes, result.shape),
        focus=result.focus,
        path=result.path,
        term=value,
        component=result.component,
    )


def finding_order(finding: Finding) -> tuple[int | str, ...]:
    """Return a sort key: the gravest first, then by shape and focus node, then by all the rest."""
    terms = (finding.shape, finding.focus, finding.value, finding.path, finding.component)
    texts = (*terms, finding.message, finding.term, finding.expected)
    return (finding.severity.rank, *(text or "" for text in texts))


def shape_iri(shapes: ShapesGraph, shape: Term) -> Term:
    """Return the IRI of a shape, or of the nearest shape that contains one without."""
    node: Term | None = shape
    while node is not None and shapes.is_blank(node):
        node = shapes.subject_of(node)
    return node or shape


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


def _expected(shapes: ShapesGraph, shape: Term | None, component: Term | None) -> str | None:
    """Return the value that a constraint of SHACL Core requires, in words; None for the others."""
    name = (component or "<>")[1:-1].rpartition("#")[2].removesuffix("ConstraintComponent")
    parameter = name[:1].lower() + name[1:]
    if shape is None or parameter not in _PHRASES:
        return None
    terms = sorted(shapes.objects(shape, SH[parameter]), key=lexical_form)
    texts = [_text_of(term, shapes) for term in terms]
    return " and ".join(_PHRASES[parameter].format(text) for text in texts) or None


def _text_of(term: Term, shapes: ShapesGraph) -> str:
    """Return a prefixed name, or else the IRI in brackets; of a literal, the lexical form."""
    if not shapes.is_iri(term):
        return lexical_form(term)
    short = shapes.site.compact(term[1:-1])
    return short if _PREFIXED_NAME.fullmatch(short) else term


_PREFIXED_NAME = re.compile(r"[a-z]+:[A-Za-z_][\w.\-]*")
