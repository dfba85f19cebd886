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

from kg import graphs
from kg.errors import ConfigurationError, ShapesError
from kg.findings import Finding
from kg.namespaces import SH
from kg.records import Term, Triple
from kg.sparql import asks_elsewhere
from kg.validation import results

ENGINES: Final = ("auto", "pyshacl", "shacl")

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node


def pyshacl(data: Graph, shapes: Graph, against: Graph, *, advanced: bool = True) -> list[Finding]:
    """Return what pySHACL finds with `shapes`, which were copied or cut out of `against`.

    It adds triples of its own to them. Without `advanced` it knows SHACL Core only, and does not
    copy the data. Raises ShapesError when pySHACL cannot run the shapes.
    """
    import pyshacl
    from rdflib import Graph

    _refuse_services(shapes)
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


def _refuse_services(shapes: Graph) -> None:
    from rdflib import URIRef

    for asked in (SH.select, SH.ask, SH.construct):
        for _, query in shapes.subject_objects(URIRef(asked)):
            if asks_elsewhere(str(query)):
                raise ShapesError("the shapes cannot be run: a query asks another server (SERVICE)")


def _first_line(error: object) -> str:
    message = getattr(error, "message", None) or str(error)
    return next((line for line in str(message).splitlines() if line.strip()), type(error).__name__)


def _reported(report: Graph, against: Graph) -> Iterator[Finding]:
    from rdflib import Namespace

    sh = Namespace(str(SH))
    for result in report.objects(None, sh.result):  # not those in the details of another
        one = results.Result(
            focus=report.value(result, sh.focusNode),
            shape=report.value(result, sh.sourceShape),
            component=report.value(result, sh.sourceConstraintComponent),
            value=report.value(result, sh.value),
            path=results.path(report, report.value(result, sh.resultPath)),
            severity=results.severity(report.value(result, sh.resultSeverity)),
            message=results.message(report.objects(result, sh.resultMessage)),
        )
        yield results.finding(one, against)


def chosen(engine: str) -> str:
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


def shacl(triples: Iterable[Triple], against: Graph) -> Iterator[Finding]:
    """Yield what the engine `shacl` finds: SHACL Core and SPARQL targets, in Rust.

    Of a shape that is not as SHACL wants it, it may find nothing: give it only shapes whose views
    are known. It holds `sh:pattern` to the letter of its standard, where pySHACL takes any regular
    expression of Python. Raises ValueError for what it cannot run.
    """
    import shacl

    names: dict[str, Node] = {}
    compiled = shacl.Shapes.from_text(_ntriples(against, names), "ntriples")
    lines = "".join(f"{s} {p} {o} .\n" for s, p, o in triples)
    found = compiled.validate_text(lines, "ntriples").results
    known: dict[tuple[str, ...], Finding] = {}
    for result in found:
        # All but the nodes is the shape's own, and the same for each of them.
        shape = result.source_shape or ""
        key = (shape, result.component_iri, result.path or "", result.message or "")
        if key not in known:
            known[key] = _without_nodes(result, names[shape], against)
        focus, value = _spelled(result.focus_node), result.value and _spelled(result.value)
        shown = None if value == focus else result.value_plain
        yield replace(known[key], focus=focus, term=value, value=shown)


_STEP = re.compile(r"\^?<[^<>]*>")
"""A path along one property, or back along it."""


def _spelled(term: Term) -> Term:
    """Escape as kg does: others escape other characters."""
    return graphs.term(graphs.node(term)) or term if "\\" in term else term


def _ntriples(against: Graph, names: dict[str, Node]) -> str:
    """Write shapes with an IRI for each subject that is no path, for the results to name it.

    A path with an IRI would be taken for a property, and a blank node is renamed by the engine.
    """
    from rdflib import BNode, URIRef

    leading = {URIRef(SH[name]) for name in ("path", "inversePath", "alternativePath")}
    leading |= {URIRef(SH[f"{name}Path"]) for name in ("zeroOrMore", "oneOrMore", "zeroOrOne")}
    reporting = set(against.subjects()) - _below(against, leading)
    numbers: dict[Node, str] = {}

    def term(node: Node) -> str:
        if node in reporting:
            name = f"<{node}>"
            names[name] = node
            return name
        if isinstance(node, BNode):
            return numbers.setdefault(node, f"_:b{len(numbers)}")
        return graphs.term(node) or ""

    return "".join(f"{term(s)} {term(p)} {term(o)} .\n" for s, p, o in against)


def _below(against: Graph, predicates: set[Any]) -> set[Node]:
    """Return the nodes of paths."""
    from rdflib import BNode

    found: set[Node] = set()
    waiting = [o for p in predicates for o in against.objects(None, p)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, BNode) and node not in found:
            found.add(node)
            waiting += against.objects(node)
    return found


def _without_nodes(result: Any, shape: Node, against: Graph) -> Finding:
    from rdflib import URIRef

    said = list(against.objects(shape, URIRef(SH.message)))
    own = [result.message] if result.message else []
    told = results.Result(
        focus=None,
        shape=shape,
        component=URIRef(result.component_iri),
        value=None,
        path=result.path if _STEP.fullmatch(result.path or "") else None,
        severity=results.severity(URIRef(result.severity_iri)),
        message=results.message(said or own),
    )
    return results.finding(told, against)
