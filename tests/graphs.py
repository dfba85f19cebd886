"""The graph of files as part of a given site, without their own settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.graph.convert import rdflib_graph
from kg.graph.named import MappedSource, map_sources
from kg.mapping.project import make_mapper
from kg.model.records import Statement
from kg.model.site import Site
from kg.sources.discovery import discover_sources

if TYPE_CHECKING:
    import rdflib


def mapped(*paths: str, site: Site) -> Iterator[MappedSource]:
    """Yield each source mapped for the site."""
    sources = discover_sources(paths)
    return map_sources(sources, make_mapper(site, sources))


def statements(*paths: str, site: Site) -> Iterator[Statement]:
    """Yield the statements of all sources."""
    for source in mapped(*paths, site=site):
        yield from source.statements()


def rdf_graph(*paths: str, site: Site) -> rdflib.Graph:
    """Return the merged graph of all sources."""
    return rdflib_graph((statement[:3] for statement in statements(*paths, site=site)), site)
