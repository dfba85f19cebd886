"""Shapes files read as one graph, and the rules that are in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from kg.model.errors import ShapesError, SourceError
from kg.model.findings import Rule, rule_name
from kg.model.namespaces import SH, XSD
from kg.model.records import Triple
from kg.model.site import Site
from kg.model.terms import lexical_form, literal
from kg.resources import bundled_files
from kg.sources.rdf import read_localized_rdf
from kg.validation.results import choose_message, severity_of, shape_name
from kg.validation.shapes_graph import ShapesGraph

SUFFIX: Final = ".ttl"
_QUERIES: Final = frozenset(f"<{iri}>" for iri in (SH.select, SH.ask, SH.construct))


def bundled_shapes() -> list[Path]:
    """Return the shapes files that come with kg."""
    return bundled_files("shapes", SUFFIX)


def shapes_files(paths: Iterable[Path]) -> list[Path]:
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


def load_shapes(paths: Iterable[Path], site: Site) -> ShapesGraph:
    """Read shapes files as one graph, relative IRIs (`<vocab#quality>`) below the site's base.

    Anonymous shapes are named by what they say, so they are called the same each time. Raises
    ShapesError naming file, line and column for what is not RDF, or holds no shapes.
    """
    return ShapesGraph((triple for path in paths for triple in _triples(path, site)), site)


def _triples(path: Path, site: Site) -> Iterator[Triple]:
    try:
        triples = read_localized_rdf(path, site)
    except SourceError as error:
        raise ShapesError(str(error)) from error
    if not any(predicate.startswith(f"<{SH}") for _, predicate, _ in triples):
        raise ShapesError(f"{path}: no shapes in it")
    for subject, predicate, term in triples:
        if predicate in _QUERIES:
            # A relative IRI in a query is mere text so far; BASE resolves it like the others.
            yield subject, predicate, literal(f"BASE <{site.base}>\n{lexical_form(term)}")
        else:
            yield subject, predicate, term


def rules_of(against: ShapesGraph) -> list[Rule]:
    """Return the shapes that can report, by name: those with a message of their own."""
    found: dict[str, Rule] = {}
    for shape in sorted({shape for shape, _ in against.pairs(SH.message)}):
        if f'"true"^^<{XSD.boolean}>' in against.objects(shape, SH.deactivated):
            continue
        gravity = severity_of(next(iter(against.objects(shape, SH.severity)), None))
        text = choose_message(against.objects(shape, SH.message))
        description = "".join(map(lexical_form, against.objects(shape, SH.description)[:1]))
        name = rule_name(shape_name(against, shape))
        found.setdefault(name, Rule(name, text, description, gravity))
    return [found[name] for name in sorted(found)]
