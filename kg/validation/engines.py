"""The engines that run shapes: pySHACL, which is the reference, and `shacl`, which is fast.

An engine takes a graph and shapes, and returns findings; they come in no order, and have no places.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from kg.graph.convert import from_rdflib
from kg.model.errors import ConfigurationError, ShapesError
from kg.model.findings import Finding
from kg.model.namespaces import SH
from kg.model.records import Term, Triple
from kg.model.terms import lexical_form, literal
from kg.queries.sparql import calls_service
from kg.validation.core import PATHS
from kg.validation.results import EngineResult, choose_message, finding_of, severity_of
from kg.validation.shapes_graph import ShapesGraph, canonical_term

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

ENGINES: Final = ("auto", "pyshacl", "shacl")


def run_pyshacl(
    data: Graph, shapes: Graph, against: ShapesGraph, *, advanced: bool = True
) -> list[Finding]:
    """Return what pySHACL finds with `shapes`, which were cut out of `against`.

    It adds triples of its own to them. Without `advanced` it knows SHACL Core only, and does not
    copy the data. Raises ShapesError when pySHACL cannot run the shapes.
    """
    import pyshacl
    from rdflib import Graph

    _refuse_services(against)
    logging.getLogger("pyshacl-validate").disabled = True  # it prints what it also raises
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pyshacl.errors.ShapeRecursionWarning)
            _, report, text = pyshacl.validate(data, shacl_graph=shapes, advanced=advanced)
    except Exception as error:
        raise ShapesError(f"the shapes cannot be run: {_first_line(error)}") from error
    if not isinstance(report, Graph):
        raise ShapesError(f"the shapes cannot be run: {_first_line(report or text)}")
    return list(_reported(report, against))


def _refuse_services(against: ShapesGraph) -> None:
    for asked in (SH.select, SH.ask, SH.construct):
        for _, query in against.pairs(asked):
            if calls_service(lexical_form(query)):
                raise ShapesError("the shapes cannot be run: a query asks another server (SERVICE)")


def _first_line(error: object) -> str:
    message = getattr(error, "message", None) or str(error)
    return next((line for line in str(message).splitlines() if line.strip()), type(error).__name__)


def _reported(report: Graph, against: ShapesGraph) -> Iterator[Finding]:
    from rdflib import Namespace

    sh = Namespace(str(SH))
    for result in report.objects(None, sh.result):  # not those in the details of another
        said = {name: _term(report.value(result, sh[name])) for name in _OF_RESULTS}
        told = [from_rdflib(one) or "" for one in report.objects(result, sh.resultMessage)]
        one = EngineResult(
            focus=said["focusNode"],
            shape=said["sourceShape"],
            component=said["sourceConstraintComponent"],
            value=said["value"],
            path=_path(report, report.value(result, sh.resultPath)),
            severity=severity_of(said["resultSeverity"]),
            message=choose_message(told),
        )
        yield finding_of(one, against)


_OF_RESULTS: Final = (
    *("focusNode", "sourceShape", "sourceConstraintComponent"),
    *("value", "resultSeverity"),
)


def _term(node: Node | None) -> Term | None:
    """Write a node; shapes without an IRI are blank nodes that are called by the one they have."""
    return from_rdflib(node) or (None if node is None else f"<{node}>")


def _path(report: Graph, node: Node | None) -> str | None:
    """Write a path in SPARQL's syntax: `<p>` or `^<p>`; None for one that is neither."""
    from rdflib import URIRef

    inverse = None if node is None else from_rdflib(report.value(node, URIRef(SH.inversePath)))
    return f"^{inverse}" if inverse else from_rdflib(node)


def choose_engine(engine: str) -> str:
    """Return the engine that a name stands for: `auto` is `shacl` where that is installed.

    Raises ConfigurationError for an unknown one, and, saying how to get it, for `shacl` when it is
    not installed.
    """
    if engine not in ENGINES:
        raise ConfigurationError(f"unknown engine: {engine!r}; one of {', '.join(ENGINES)}")
    there = find_spec("shacl") is not None
    if engine == "auto":
        return "shacl" if there else "pyshacl"
    if engine == "shacl" and not there:
        raise ConfigurationError(
            "the engine shacl is not installed; get it with: pip install 'kg-exporter[fast]'"
        )
    return engine


def run_shacl(triples: Iterable[Triple], against: ShapesGraph) -> Iterator[Finding]:
    """Yield what the engine `shacl` finds: SHACL Core and SPARQL targets, in Rust.

    Of a shape that is not as SHACL wants it, it may find nothing: give it only shapes whose views
    are known. It holds `sh:pattern` to the letter of its standard, where pySHACL takes any regular
    expression of Python. Raises ValueError for what it cannot run.
    """
    import shacl

    compiled = shacl.Shapes.from_text(_ntriples(against), "ntriples")
    lines = "".join([f"{s} {p} {o} .\n" for s, p, o in triples])
    found = compiled.validate_text(lines, "ntriples").results
    known: dict[tuple[str, ...], Finding] = {}
    for result in found:
        # All but the nodes is the shape's own, and the same for each of them.
        shape = result.source_shape or ""
        key = (shape, result.component_iri, result.path or "", result.message or "")
        if key not in known:
            known[key] = _without_nodes(result, shape, against)
        focus = canonical_term(result.focus_node)
        value = result.value and canonical_term(result.value)
        shown = None if value == focus else result.value_plain
        yield replace(known[key], focus=focus, term=value, value=shown)


_STEP = re.compile(r"\^?<[^<>]*>")
"""A path along one property, or back along it."""


def _ntriples(against: ShapesGraph) -> str:
    """Write shapes, those without an IRI by the one they are called by, for the results to name it.

    A path with an IRI would be taken for a property.
    """
    names = {node: f"_:b{number}" for number, node in enumerate(_paths(against))}
    lines = (" ".join(names.get(term, term) for term in triple) for triple in against)
    return "".join(f"{line} .\n" for line in lines)


def _paths(against: ShapesGraph) -> dict[Term, None]:
    """Return the nodes of paths."""
    found: dict[Term, None] = {}
    waiting = [path for name in ("path", *PATHS) for _, path in against.pairs(SH[name])]
    while waiting:
        node = waiting.pop()
        if against.is_blank(node) and node not in found:
            found[node] = None
            waiting += [one for said in against.about(node).values() for one in said]
    return found


def _without_nodes(result: Any, shape: Term, against: ShapesGraph) -> Finding:
    said = against.objects(shape, SH.message)
    own = [literal(result.message)] if result.message else []
    told = EngineResult(
        focus=None,
        shape=shape,
        component=f"<{result.component_iri}>",
        value=None,
        path=result.path if _STEP.fullmatch(result.path or "") else None,
        severity=severity_of(f"<{result.severity_iri}>"),
        message=choose_message(said or own),
    )
    return finding_of(told, against)
