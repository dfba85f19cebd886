"""Shapes files to one graph of shapes, and the rules in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from kg.model import (
    SH,
    XSD,
    Rule,
    ShapesError,
    Site,
    SourceError,
    Triple,
    lexical_form,
    literal,
    rule_name,
)
from kg.resources import bundled_files
from kg.sources import read_localized_rdf
from kg.validation.results import choose_message, severity_of, shape_iri
from kg.validation.shapes_graph import ShapesGraph

SUFFIX: Final = ".ttl"
_QUERY_PROPERTIES: Final = frozenset(f"<{iri}>" for iri in (SH.select, SH.ask, SH.construct))


def bundled_shapes() -> list[Path]:
    """Return the shapes files that come with kg."""
    return bundled_files("shapes", SUFFIX)


def shapes_files(paths: Iterable[Path]) -> list[Path]:
    """Return the shapes files at paths: each file, and the Turtle files in each folder.

    Raises ShapesError for a path that does not exist, and for a folder without Turtle files.
    """
    files: list[Path] = []
    for path in paths:
        inside = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
        if not inside or not path.exists():
            raise ShapesError(f"{path}: no shapes there; name a Turtle file or a folder of them")
        files += inside
    return files


def load_shapes(paths: Iterable[Path], site: Site) -> ShapesGraph:
    """Read shapes files as one graph, relative IRIs (`<vocab#quality>`) below the site's base.

    Blank nodes become skolem IRIs, the same for the same file. Raises ShapesError, naming file,
    line and column, for a file that is not RDF or has no shapes.
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
        if predicate in _QUERY_PROPERTIES:
            # A query is text to a parser of RDF: BASE resolves the relative IRIs in it.
            yield subject, predicate, literal(f"BASE <{site.base}>\n{lexical_form(term)}")
        else:
            yield subject, predicate, term


def rules_of(shapes: ShapesGraph) -> list[Rule]:
    """Return the active shapes that have a message, sorted by name."""
    rules: dict[str, Rule] = {}
    for shape in sorted({shape for shape, _ in shapes.subject_objects(SH.message)}):
        if f'"true"^^<{XSD.boolean}>' in shapes.objects(shape, SH.deactivated):
            continue
        severity = severity_of(next(iter(shapes.objects(shape, SH.severity)), None))
        message = choose_message(shapes.objects(shape, SH.message))
        description = "".join(map(lexical_form, shapes.objects(shape, SH.description)[:1]))
        name = rule_name(shape_iri(shapes, shape))
        rules.setdefault(name, Rule(name, message, description, severity))
    return [rules[name] for name in sorted(rules)]
