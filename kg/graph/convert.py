"""Triples as graphs of rdflib and Oxigraph, and terms as rdflib's nodes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kg.model import Site, Term, Triple, literal, unquote
from kg.sources import encode_ntriples

if TYPE_CHECKING:
    import pyoxigraph
    import rdflib


def oxigraph_store(triples: Iterable[Triple]) -> pyoxigraph.Store:
    """Return an Oxigraph store in memory with the triples in its default graph."""
    import pyoxigraph

    store = pyoxigraph.Store()
    store.bulk_load(encode_ntriples(triples), pyoxigraph.RdfFormat.N_TRIPLES)
    return store


def rdflib_graph(triples: Iterable[Triple], site: Site) -> rdflib.Graph:
    """Return an rdflib Graph of the triples; every literal keeps its lexical form."""
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    _bind(graph, site)
    _add(triples, graph, {})
    return graph


def rdflib_dataset(graphs: Iterable[tuple[Term, Iterable[Triple]]], site: Site) -> rdflib.Dataset:
    """Return an rdflib Dataset of named graphs; every literal keeps its lexical form."""
    import rdflib

    dataset = rdflib.Dataset()
    _bind(dataset, site)
    nodes: dict[Term, rdflib.term.Node] = {}
    for name, triples in graphs:
        _add(triples, dataset.graph(rdflib.URIRef(name[1:-1])), nodes)
    return dataset


def _bind(graph: rdflib.Graph, site: Site) -> None:
    for prefix, namespace in site.prefixes.items():
        graph.bind(prefix, namespace)


def _add(
    triples: Iterable[Triple], graph: rdflib.Graph, nodes: dict[Term, rdflib.term.Node]
) -> None:
    """Add triples to a graph; `nodes` has the nodes of the terms so far."""
    for triple in triples:
        added = (nodes.get(term) or nodes.setdefault(term, to_rdflib(term)) for term in triple)
        graph.add(tuple(added))  # type: ignore[arg-type] # three of them


def to_rdflib(term: Term) -> rdflib.term.Node:
    """Return a term as an rdflib node with the same lexical form: rdflib's parsers change some."""
    import rdflib

    if term.startswith("<"):
        return rdflib.URIRef(term[1:-1])
    text, tail = unquote(term)
    return rdflib.Literal(
        text,
        lang=tail[1:] if tail.startswith("@") else None,
        datatype=rdflib.URIRef(tail[3:-1]) if tail.startswith("^^") else None,
        normalize=False,
    )


def from_rdflib(node: rdflib.term.Node | None) -> Term | None:
    """Return an rdflib node as a term; None for None and for a blank node."""
    import rdflib

    if isinstance(node, rdflib.URIRef):
        return f"<{node}>"
    if isinstance(node, rdflib.Literal):
        tail = (
            f"@{node.language}"
            if node.language
            else f"^^<{node.datatype}>"
            if node.datatype
            else ""
        )
        return literal(str(node)) + tail
    return None
