"""The engines that run shapes: pySHACL, which is the reference, and `shacl`, which is fast.

An engine takes a graph and shapes, and returns findings in no order and without places.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from kg.graph import from_rdflib
from kg.model import (
    SH,
    ConfigurationError,
    Finding,
    ShapesError,
    Term,
    Triple,
    lexical_form,
    literal,
)
from kg.queries import calls_service
from kg.validation.core import PATH_KINDS
from kg.validation.results import EngineResult, choose_message, finding_of, severity_of
from kg.validation.shapes_graph import ShapesGraph, canonical_term

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

ENGINES: Final = ("auto", "pyshacl", "shacl")


def run_pyshacl(
    data: Graph, shacl_graph: Graph, shapes: ShapesGraph, *, advanced: bool = True
) -> list[Finding]:
    """Return the findings of pySHACL with `shacl_graph`, which was made from `shapes`.

    pySHACL adds triples to `shacl_graph`. Without `advanced` it runs SHACL Core only, and does not
    copy the data. Raises ShapesError when pySHACL cannot run the shapes.
    """
    import pyshacl
    from rdflib import Graph

    _refuse_services(shapes)
    logging.getLogger("pyshacl-validate").disabled = True  # it prints what it also raises
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pyshacl.errors.ShapeRecursionWarning)
            _, report, text = pyshacl.validate(data, shacl_graph=shacl_graph, advanced=advanced)
    except Exception as error:
        raise ShapesError(f"the shapes cannot be run: {_first_line(error)}") from error
    if not isinstance(report, Graph):
        raise ShapesError(f"the shapes cannot be run: {_first_line(report or text)}")
    return list(_findings_of_report(report, shapes))


def _refuse_services(shapes: ShapesGraph) -> None:
    for property_ in (SH.select, SH.ask, SH.construct):
        for _, query in shapes.subject_objects(property_):
            if calls_service(lexical_form(query)):
                raise ShapesError("the shapes cannot be run: a query asks another server (SERVICE)")


def _first_line(error: object) -> str:
    message = getattr(error, "message", None) or str(error)
    return next((line for line in str(message).splitlines() if line.strip()), type(error).__name__)


def _findings_of_report(report: Graph, shapes: ShapesGraph) -> Iterator[Finding]:
    from rdflib import Namespace

    sh = Namespace(str(SH))
    for node in report.objects(None, sh.result):  # not those in the details of another
        terms = {name: _term_of(report.value(node, sh[name])) for name in _RESULT_PROPERTIES}
        messages = [from_rdflib(term) or "" for term in report.objects(node, sh.resultMessage)]
        result = EngineResult(
            focus=terms["focusNode"],
            shape=terms["sourceShape"],
            component=terms["sourceConstraintComponent"],
            value=terms["value"],
            path=_path_text(report, report.value(node, sh.resultPath)),
            severity=severity_of(terms["resultSeverity"]),
            message=choose_message(messages),
        )
        yield finding_of(result, shapes)


_RESULT_PROPERTIES: Final = (
    *("focusNode", "sourceShape", "sourceConstraintComponent"),
    *("value", "resultSeverity"),
)


def _term_of(node: Node | None) -> Term | None:
    """Return the term of a node; the label of a blank node is the skolem IRI of a shape."""
    return from_rdflib(node) or (None if node is None else f"<{node}>")


def _path_text(report: Graph, node: Node | None) -> str | None:
    """Return a path in SPARQL's syntax: `<p>` or `^<p>`; None for any other path."""
    from rdflib import URIRef

    inverse = None if node is None else from_rdflib(report.value(node, URIRef(SH.inversePath)))
    return f"^{inverse}" if inverse else from_rdflib(node)


def choose_engine(engine: str) -> str:
    """Return the engine to use: `auto` is `shacl` if that is installed, else `pyshacl`.

    Raises ConfigurationError for an unknown engine, and for `shacl` if it is not installed.
    """
    if engine not in ENGINES:
        raise ConfigurationError(f"unknown engine: {engine!r}; one of {', '.join(ENGINES)}")
    is_installed = find_spec("shacl") is not None
    if engine == "auto":
        return "shacl" if is_installed else "pyshacl"
    if engine == "shacl" and not is_installed:
        raise ConfigurationError(
            "the engine shacl is not installed; get it with: pip install 'kg-exporter[fast]'"
        )
    return engine


def run_shacl(triples: Iterable[Triple], shapes: ShapesGraph) -> Iterator[Finding]:
    """Yield the findings of the engine `shacl`: SHACL Core and SPARQL targets, in Rust.

    It may ignore a shape that is not well-formed, so it takes local shapes only. Its `sh:pattern`
    is a regular expression of the standard, where that of pySHACL is any of Python's. Raises
    ValueError when it cannot run the shapes.
    """
    import shacl

    compiled = shacl.Shapes.from_text(_ntriples(shapes), "ntriples")
    lines = "".join([f"{s} {p} {o} .\n" for s, p, o in triples])
    templates: dict[tuple[str, ...], Finding] = {}
    for result in compiled.validate_text(lines, "ntriples").results:
        # All but the nodes depends on the shape alone.
        shape = result.source_shape or ""
        key = (shape, result.component_iri, result.path or "", result.message or "")
        if key not in templates:
            templates[key] = _finding_without_nodes(result, shape, shapes)
        focus = canonical_term(result.focus_node)
        value = result.value and canonical_term(result.value)
        shown = None if value == focus else result.value_plain
        yield replace(templates[key], focus=focus, term=value, value=shown)


_STEP = re.compile(r"\^?<[^<>]*>")
"""A path of one step, forwards or backwards."""


def _ntriples(shapes: ShapesGraph) -> str:
    """Return shapes as N-Triples, with the skolem IRIs of shapes, for the results to name them.

    Paths are blank nodes again: one with an IRI would be taken for a property.
    """
    labels = {node: f"_:b{number}" for number, node in enumerate(_path_nodes(shapes))}
    lines = (" ".join(labels.get(term, term) for term in triple) for triple in shapes)
    return "".join(f"{line} .\n" for line in lines)


def _path_nodes(shapes: ShapesGraph) -> dict[Term, None]:
    """Return the nodes of paths that were blank nodes."""
    nodes: dict[Term, None] = {}
    waiting = [
        path for name in ("path", *PATH_KINDS) for _, path in shapes.subject_objects(SH[name])
    ]
    while waiting:
        node = waiting.pop()
        if shapes.is_blank(node) and node not in nodes:
            nodes[node] = None
            for objects in shapes.predicate_objects(node).values():
                waiting += objects
    return nodes


def _finding_without_nodes(result: Any, shape: Term, shapes: ShapesGraph) -> Finding:
    messages = shapes.objects(shape, SH.message)
    default = [literal(result.message)] if result.message else []
    of_any_node = EngineResult(
        focus=None,
        shape=shape,
        component=f"<{result.component_iri}>",
        value=None,
        path=result.path if _STEP.fullmatch(result.path or "") else None,
        severity=severity_of(f"<{result.severity_iri}>"),
        message=choose_message(messages or default),
    )
    return finding_of(of_any_node, shapes)
