"""What kg offers to a Python program."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.graph.convert import rdflib_graph
from kg.graph.named import named_graphs
from kg.mapping.project import make_mapper, table_of
from kg.model.records import Statement
from kg.model.site import Site
from kg.sites.configuration import read_settings, site_of
from kg.sources.discovery import discover_sources

if TYPE_CHECKING:
    import rdflib


def statements_of(*paths: str, site: Site | None = None) -> Iterator[Statement]:
    """Yield what files and folders say, file by file; equal statements may come again.

    Sources that cannot be read are left out; `named_graphs` hands out the findings.
    """
    found, settings = discover_sources(paths), read_settings(paths)
    chosen = site or settings.site()
    for graph in named_graphs(found, make_mapper(chosen, found, table=table_of(settings))):
        yield from graph.statements


def graph_of(*paths: str, site: Site | None = None) -> rdflib.Graph:
    """Return what files and folders say as one rdflib Graph."""
    chosen = site or site_of(paths)
    return rdflib_graph((said[:3] for said in statements_of(*paths, site=chosen)), chosen)
