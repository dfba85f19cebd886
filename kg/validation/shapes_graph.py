"""Shapes files read as one graph, and the rules that are in it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg import frontmatter, graphs, resources, sources
from kg.errors import ShapesError, SourceError
from kg.findings import Place, Rule, rule
from kg.namespaces import SH, Site
from kg.records import Source, Term, Triple
from kg.validation.results import message, named, severity

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
        gravity = severity(against.value(shape, sh.severity))
        text = message(against.objects(shape, sh.message))
        description = str(against.value(shape, sh.description) or "")
        name = rule(named(against, shape) or "")
        found.setdefault(name, Rule(name, text, description, gravity))
    return [found[name] for name in sorted(found)]
