"""A graph held against SHACL shapes, by pySHACL: findings with shape, focus node and value."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kg import frontmatter, graphs, resources, sources
from kg.errors import ShapesError, SourceError
from kg.findings import Finding, Place, Rule, Severity
from kg.namespaces import SH, Site
from kg.records import Source, Term

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

SUFFIX: Final = ".ttl"


def bundled() -> list[Path]:
    """Return the shapes files that come with kg."""
    return resources.bundled("shapes", SUFFIX)


def files(paths: Iterable[Path]) -> list[Path]:
    """Return the shapes files that paths name: each file, and the Turtle files in each folder.

    Raises ShapesError for a path that is not there or a folder without shapes.
    """
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
        if not inside or not path.exists():
            raise ShapesError(f"{path}: no shapes there; name a Turtle file or a folder of them")
        found += inside
    return found


def shapes(paths: Iterable[Path], site: Site) -> Graph:
    """Read shapes files as one graph, relative IRIs (`<vocab#quality>`) below the site's base.

    Raises ShapesError naming file, line and column for what is not Turtle.
    """
    from rdflib import Graph, Literal, URIRef

    graph = Graph(bind_namespaces="none")
    for path in paths:
        try:
            text = frontmatter.decode(sources.read(Source(str(path), path.name)))
            graphs.read_rdf(
                text.encode(), path.name, site
            )  # a strict parser, and it knows the place
            graph.parse(data=site.localize(text), format="turtle", publicID=site.base)
        except SourceError as error:
            place = Place(Source(str(path), path.name), line=error.line, column=error.column)
            raise ShapesError(f"{place}: {error}") from error
        except (SyntaxError, LookupError) as error:
            raise ShapesError(f"{path}: rdflib cannot read this Turtle: {error}") from error
    select = URIRef(SH.select)
    for shape, query in list(graph.subject_objects(select)):
        # A relative IRI in a query is text to the Turtle parser; BASE resolves it like the others.
        graph.set((shape, select, Literal(f"BASE <{site.base}>\n{query}")))
    return graph


def rules(against: Graph) -> list[Rule]:
    """Return the shapes that can report, by name: those with a message of their own."""
    from rdflib import Namespace

    sh = Namespace(str(SH))
    found = {}
    for shape, message in sorted(against.subject_objects(sh.message)):
        severity = str(against.value(shape, sh.severity) or sh.Violation).rpartition("#")[2].lower()
        name = re.split(r"[#/]", str(shape))[-1]
        description = str(against.value(shape, sh.description) or "")
        found[name] = Rule(name, str(message), description, Severity(severity))
    return [found[name] for name in sorted(found)]


def validate(data: Graph, against: Graph) -> list[Finding]:
    """Return what the shapes find in a graph, the gravest first, then by shape and focus node.

    The findings have no places yet; `provenance.locate` adds them. The data graph is not changed.
    Raises ShapesError when pySHACL cannot run the shapes.
    """
    import pyshacl
    from rdflib import Graph

    logging.getLogger("pyshacl-validate").disabled = True  # it prints what it also raises
    try:
        # pySHACL adds triples of its own to the shapes it is given.
        _, report, text = pyshacl.validate(data, shacl_graph=Graph() + against, advanced=True)
    except Exception as error:
        raise ShapesError(f"the shapes cannot be run: {_first_line(error)}") from error
    if not isinstance(report, Graph):
        raise ShapesError(f"the shapes cannot be run: {_first_line(report or text)}")
    return sorted(_findings(report, against), key=_order)


def _first_line(error: object) -> str:
    message = getattr(error, "message", None) or str(error)
    return next((line for line in str(message).splitlines() if line.strip()), type(error).__name__)


def _order(finding: Finding) -> tuple[int, str, str, str]:
    return (finding.severity.rank, finding.shape or "", finding.focus or "", finding.value or "")


def _findings(report: Graph, against: Graph) -> Iterator[Finding]:
    from rdflib import Namespace

    sh = Namespace(str(SH))
    for result in report.objects(None, sh.result):  # not those in the details of another
        shape = report.value(result, sh.sourceShape)
        component = report.value(result, sh.sourceConstraintComponent)
        focus = report.value(result, sh.focusNode)
        value = report.value(result, sh.value)
        messages = sorted(str(message) for message in report.objects(result, sh.resultMessage))
        yield Finding(
            severity=Severity(
                str(report.value(result, sh.resultSeverity)).rpartition("#")[2].lower()
            ),
            message=messages[0] if messages else "Does not conform.",
            # A SPARQL target picks the node as a whole: its own IRI is no value to show.
            value=None if value is None or value == focus else str(value),
            expected=_expected(against, shape, component),
            shape=_named(against, shape),
            focus=graphs.term(focus),
            path=_path(report, report.value(result, sh.resultPath)),
            term=graphs.term(value),
            component=graphs.term(component),
        )


def _path(report: Graph, path: Node | None) -> str | None:
    """Write a path in SPARQL's syntax: `<p>` or `^<p>`; None for one that is neither."""
    from rdflib import URIRef

    inverse = report.value(path, URIRef(SH.inversePath)) if path is not None else None
    if isinstance(inverse, URIRef):
        return f"^{graphs.term(inverse)}"
    return graphs.term(path) if isinstance(path, URIRef) else None


def _named(against: Graph, shape: Node | None) -> Term | None:
    """Return the IRI of a shape, or of the nearest shape around one that has none."""
    from rdflib import URIRef

    while shape is not None and not isinstance(shape, URIRef):
        shape = next(against.subjects(None, shape), None)
    return graphs.term(shape)


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
    wanted: Any = against.value(shape, URIRef(SH[parameter])) if shape is not None else None
    if wanted is None or parameter not in _PHRASES:
        return None
    shown = against.namespace_manager.normalizeUri(wanted) if isinstance(wanted, URIRef) else wanted
    return _PHRASES[parameter].format(shown)
