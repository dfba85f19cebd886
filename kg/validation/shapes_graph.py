"""A graph of shapes: terms by subject and predicate.

It is not rdflib's, whose import alone takes a tenth of the time in which the fast engine validates
a small site. pySHACL gets a copy as an rdflib Graph.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from kg.graph import to_rdflib
from kg.model import Site, Term, Triple, literal, unquote

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node


class ShapesGraph:
    """Shapes, each triple once; blank nodes are skolem IRIs below `.well-known/genid/`."""

    def __init__(self, triples: Iterable[Triple], site: Site) -> None:
        self.site = site
        self._triples = dict.fromkeys(triples)
        self._by_subject: dict[Term, dict[Term, list[Term]]] = {}
        self._subjects: dict[Term, Term] = {}
        for subject, predicate, term in self._triples:
            self._by_subject.setdefault(subject, {}).setdefault(predicate, []).append(term)
            self._subjects.setdefault(term, subject)

    def __iter__(self) -> Iterator[Triple]:
        """Yield the triples."""
        return iter(self._triples)

    def __contains__(self, triple: Triple) -> bool:
        """Whether the graph has a triple."""
        return triple in self._triples

    def predicate_objects(self, subject: Term) -> dict[Term, list[Term]]:
        """Return the objects of a subject by predicate."""
        return self._by_subject.get(subject, {})

    def objects(self, subject: Term, iri: str) -> list[Term]:
        """Return the objects of a subject and a predicate, which is given by its bare IRI."""
        return self.predicate_objects(subject).get(f"<{iri}>", [])

    def subject_objects(self, iri: str) -> Iterator[tuple[Term, Term]]:
        """Yield subject and object of each triple with a predicate, given by its bare IRI."""
        predicate = f"<{iri}>"
        return ((subject, term) for subject, each, term in self._triples if each == predicate)

    def subject_of(self, node: Term) -> Term | None:
        """Return the subject of the first triple with a node as its object; None without one."""
        return self._subjects.get(node)

    def is_iri(self, node: Term) -> bool:
        """Whether a node is an IRI, and was no blank node."""
        return node.startswith("<") and not self.is_blank(node)

    def is_blank(self, node: Term) -> bool:
        """Whether a node was a blank node."""
        return node.startswith(f"<{self.site.genid}")

    def filtered(self, keep: Callable[[Triple], bool]) -> ShapesGraph:
        """Return the graph of the triples to keep."""
        return ShapesGraph(filter(keep, self._triples), self.site)

    def to_rdflib_graph(self) -> Graph:
        """Return a copy with blank nodes: pySHACL takes a path with an IRI for a property."""
        from rdflib import Graph

        graph = Graph(bind_namespaces="none")
        for prefix, namespace in self.site.prefixes.items():
            graph.bind(prefix, namespace)
        for triple in self._triples:
            graph.add(tuple(map(self.to_rdflib_node, triple)))  # type: ignore[arg-type] # three
        return graph

    def to_rdflib_node(self, term: Term) -> Node:
        """Return a term as a node of such a copy."""
        from rdflib import BNode

        return BNode(term[1:-1]) if self.is_blank(term) else to_rdflib(term)


def canonical_term(term: Term) -> Term:
    """Return a term with the escapes that kg writes: engines escape other characters."""
    if "\\" not in term or term.startswith("<"):
        return term
    text, tail = unquote(term)
    return literal(text) + tail
