"""What engines report, as findings: what a result says, and what its shape says beside it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from kg.model.findings import Finding, Severity
from kg.model.namespaces import SH
from kg.model.records import Term
from kg.model.terms import lexical_form, unquote
from kg.validation.shapes_graph import ShapesGraph


def severity_of(term: Term | None) -> Severity:
    """SHACL's three; a severity of one's own counts as the gravest (SHACL 2.1.5 allows any IRI)."""
    name = lexical_form(term or "<>").rpartition("#")[2].lower()
    return Severity(name) if name in set(Severity) else Severity.VIOLATION


def choose_message(messages: Iterable[Term]) -> str:
    """Choose among languages: none, then English, then the first."""
    told = sorted((tail, text) for text, tail in map(unquote, messages))
    english = [text for tail, text in told if tail.startswith("@en")]
    plain = [text for tail, text in told if not tail.startswith("@")]
    return next(iter([*plain, *english, *(text for _, text in told)]), "Does not conform.")


class EngineResult(NamedTuple):
    """A result as SHACL has it (section 3.6.2); the path is written as in SPARQL."""

    focus: Term | None
    shape: Term | None
    component: Term | None
    value: Term | None
    path: str | None
    severity: Severity
    message: str


def finding_of(result: EngineResult, against: ShapesGraph) -> Finding:
    """Return what a result says, and what its shape has to say beside it."""
    value = result.value
    return Finding(
        severity=result.severity,
        message=result.message,
        # A SPARQL target picks the node as a whole: its own IRI is no value to show.
        value=None if value is None or value == result.focus else lexical_form(value),
        expected=_expected(against, result.shape, result.component),
        shape=None if result.shape is None else shape_name(against, result.shape),
        focus=result.focus,
        path=result.path,
        term=value,
        component=result.component,
    )


def finding_order(finding: Finding) -> tuple[int | str, ...]:
    """Sort the gravest first, then by shape and focus node, and then by all there is."""
    terms = (finding.shape, finding.focus, finding.value, finding.path, finding.component)
    told = (*terms, finding.message, finding.term, finding.expected)
    return (finding.severity.rank, *(one or "" for one in told))


def shape_name(against: ShapesGraph, shape: Term) -> Term:
    """Return the IRI of a shape, or of the nearest shape around one that has none."""
    around: Term | None = shape
    while around is not None and against.is_blank(around):
        around = against.around(around)
    return around or shape


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


def _expected(against: ShapesGraph, shape: Term | None, component: Term | None) -> str | None:
    """Say what a core constraint asks for, from its parameter in the shape; None for the others."""
    name = (component or "<>")[1:-1].rpartition("#")[2].removesuffix("ConstraintComponent")
    parameter = name[:1].lower() + name[1:]
    if shape is None or parameter not in _PHRASES:
        return None
    wanted = sorted(against.objects(shape, SH[parameter]), key=lexical_form)
    shown = [_short(one, against) for one in wanted]
    return " and ".join(_PHRASES[parameter].format(one) for one in shown) or None


def _short(term: Term, against: ShapesGraph) -> str:
    """Write an IRI with its prefix, in brackets when it has none, and of a literal the text."""
    if not against.is_iri(term):
        return lexical_form(term)
    short = against.site.compact(term[1:-1])
    return short if _QUALIFIED.fullmatch(short) else term


_QUALIFIED = re.compile(r"[a-z]+:[A-Za-z_][\w.\-]*")
