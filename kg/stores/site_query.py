"""Query a store about the graphs of one site and nothing else."""

from __future__ import annotations

from typing import NamedTuple

from kg.graph import METADATA_GRAPH
from kg.mapping import graph_iri
from kg.model import Site, StoreError, Term, Triple
from kg.queries import Answer
from kg.stores.manifest import MANIFEST_GRAPH, read_manifest, sites_in_store
from kg.stores.proof import fetch_graphs, graph_triples
from kg.stores.store import Store


class SiteAnswer(NamedTuple):
    """An answer, and some graphs of others, because of which it comes from a copy."""

    answer: Answer
    foreign_graphs: tuple[str, ...] = ()


def site_in_store(store: Store, base: str | None = None) -> Site:
    """Return the site whose graphs a store holds: the one at a base, or else the only one.

    Raises StoreError if there is none, or more than one.
    """
    sites = [site for site in sites_in_store(store) if base in {None, site.base}]
    if not sites:
        which = f" of the site at {base}" if base else ""
        raise StoreError(f"{store.address}: holds no graphs{which} loaded by kg; run kg load first")
    if len(sites) > 1:
        bases = ", ".join(site.base for site in sites)
        raise StoreError(
            f"{store.address}: holds several sites; choose one with --base-iri: {bases}"
        )
    return sites[0]


def graphs_of_site(store: Store, site: Site) -> tuple[Term, ...]:
    """Return the names of a site's graphs, sorted."""
    return tuple(sorted(read_manifest(store, site).entries))


def triples_of_site(store: Store, site: Site) -> set[Triple]:
    """Return the union of a site's graphs. Raises StoreError if one cannot be read."""
    graphs = graph_triples(graphs_of_site(store, site), store)
    return set().union(*(triples for _, triples in graphs))


def answer_query(query: str, store: Store, site: Site) -> SiteAnswer:
    """Answer a SPARQL query from the union of a site's graphs.

    The store answers if it holds nothing else. Otherwise the site's graphs are copied into memory
    and queried there: stores are slow with a FROM clause for each of thousands of graphs.
    """
    paths = (graph_iri(""), METADATA_GRAPH, MANIFEST_GRAPH)
    foreign_graphs = store.foreign_graphs(tuple(f"{site.base}{path}" for path in paths))
    if not foreign_graphs:
        return SiteAnswer(store.answer(query))
    import pyoxigraph

    copy = pyoxigraph.Store()
    for graph, content in fetch_graphs(graphs_of_site(store, site), store):
        name = pyoxigraph.NamedNode(graph[1:-1])
        copy.bulk_load(content, pyoxigraph.RdfFormat.N_TRIPLES, to_graph=name)
    answer = copy.query(query, use_default_graph_as_union=True)
    return SiteAnswer(answer, tuple(foreign_graphs))
