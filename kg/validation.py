"""A graph held against SHACL shapes, by pySHACL: findings with shape, focus node and value."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kg import frontmatter, graphs, resources, sources
from kg.errors import ShapesError, SourceError
from kg.findings import Finding, Place, Rule, Severity, rule
from kg.namespaces import SH, Site
from kg.records import Source, Term, Triple

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

    Anonymous shapes are named by what they say, so they are called the same each time. Raises
    ShapesError naming file, line and column for what is not RDF, or holds no shapes.
    """
    from rdflib import Graph, Literal, URIRef

    graph = Graph(bind_namespaces="none")
    for path in paths:
        for triple in _triples(path, site):
            graph.add(tuple(_node(term, site) for term in triple))  # type: ignore[arg-type]
    for prefix, namespace in site.prefixes.items():
        graph.bind(prefix, namespace)
    for asked in (SH.select, SH.ask, SH.construct):
        for shape, query in list(graph.subject_objects(URIRef(asked))):
            # A relative IRI in a query is mere text so far; BASE resolves it like the others.
            graph.set((shape, URIRef(asked), Literal(f"BASE <{site.base}>\n{query}")))
    return graph


def _triples(path: Path, site: Site) -> list[Triple]:
    try:
        text = frontmatter.decode(sources.read(Source(str(path), path.name)))
        triples = graphs.read_rdf(site.localize(text).encode(), path.name, site)
    except SourceError as error:
        place = Place(Source(str(path), path.name), line=error.line, column=error.column)
        raise ShapesError(f"{place}: {error}") from error
    if not any(predicate.startswith(f"<{SH}") for _, predicate, _ in triples):
        raise ShapesError(f"{path}: no shapes in it")
    return triples


def _node(term: Term, site: Site) -> Node:
    """Give back the blank nodes: a path that has an IRI would be taken for a property."""
    from rdflib import BNode

    return BNode(term[1:-1]) if term.startswith(f"<{site.genid}") else graphs.node(term)


def rules(against: Graph) -> list[Rule]:
    """Return the shapes that can report, by name: those with a message of their own."""
    from rdflib import Literal, Namespace

    sh = Namespace(str(SH))
    found: dict[str, Rule] = {}
    for shape in sorted(set(against.subjects(sh.message)), key=str):
        if (shape, sh.deactivated, Literal(True)) in against:
            continue
        severity = _severity(against.value(shape, sh.severity))
        message = _message(against.objects(shape, sh.message))
        description = str(against.value(shape, sh.description) or "")
        name = rule(_named(against, shape) or "")
        found.setdefault(name, Rule(name, message, description, severity))
    return [found[name] for name in sorted(found)]


def _severity(node: Node | None) -> Severity:
    """SHACL's three; a severity of one's own counts as the gravest (SHACL 2.1.5 allows any IRI)."""
    name = str(node).rpartition("#")[2].lower()
    return Severity(name) if name in set(Severity) else Severity.VIOLATION


def _message(messages: Iterable[Node]) -> str:
    """Choose among languages: none, then English, then the first."""
    told = sorted((getattr(m, "language", None) or "", str(m)) for m in messages)
    english = [text for language, text in told if language.startswith("en")]
    plain = [text for language, text in told if not language]
    return next(iter([*plain, *english, *(text for _, text in told)]), "Does not conform.")


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
        with warnings.catch_warnings():
            warnings.simplefilter("error", pyshacl.errors.ShapeRecursionWarning)
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
        yield Finding(
            severity=_severity(report.value(result, sh.resultSeverity)),
            message=_message(report.objects(result, sh.resultMessage)),
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
    wanted: Any = against.value(shape, URIRef(SH[parameter])) if shape is not None else None
    if wanted is None or parameter not in _PHRASES:
        return None
    shown = against.namespace_manager.normalizeUri(wanted) if isinstance(wanted, URIRef) else wanted
    return _PHRASES[parameter].format(shown)
