"""A graph of shapes: terms by subject and predicate.

It is not rdflib's, whose import alone takes 80 ms of CPU: a tenth of validating 1,000 short files
with the fast engine. pySHACL is given a copy that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from kg.graph.convert import to_rdflib
from kg.model.records import Term, Triple
from kg.model.site import Site
from kg.model.terms import literal, unquote

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node


class ShapesGraph:
    """Shapes, each triple once; what was a blank node has an IRI below `.well-known/genid/`."""

    def __init__(self, triples: Iterable[Triple], site: Site) -> None:
        self.site = site
        self._triples = dict.fromkeys(triples)
        self._about: dict[Term, dict[Term, list[Term]]] = {}
        self._to: dict[Term, Term] = {}
        for subject, predicate, term in self._triples:
            self._about.setdefault(subject, {}).setdefault(predicate, []).append(term)
            self._to.setdefault(term, subject)

    def __iter__(self) -> Iterator[Triple]:
        """Yield the triples."""
        return iter(self._triples)

    def __contains__(self, triple: Triple) -> bool:
        """Whether a triple is one of them."""
        return triple in self._triples

    def about(self, subject: Term) -> dict[Term, list[Term]]:
        """Return what is said of a node: objects by predicate."""
        return self._about.get(subject, {})

    def objects(self, subject: Term, iri: str) -> list[Term]:
        """Return what is said of a node with a property, given by its IRI."""
        return self.about(subject).get(f"<{iri}>", [])

    def pairs(self, iri: str) -> Iterator[tuple[Term, Term]]:
        """Yield subject and object of each triple with a property."""
        predicate = f"<{iri}>"
        return ((subject, term) for subject, said, term in self._triples if said == predicate)

    def around(self, node: Term) -> Term | None:
        """Return a node that has another as an object."""
        return self._to.get(node)

    def is_iri(self, node: Term) -> bool:
        """Whether a node has an IRI of its own."""
        return node.startswith("<") and not self.is_blank(node)

    def is_blank(self, node: Term) -> bool:
        """Whether a node was a blank one."""
        return node.startswith(f"<{self.site.genid}")

    def only(self, keep: Callable[[Triple], bool]) -> ShapesGraph:
        """Return the graph of some of the triples."""
        return ShapesGraph(filter(keep, self._triples), self.site)

    def rdflib(self) -> Graph:
        """Return a copy for pySHACL: a path that has an IRI would be taken for a property."""
        from rdflib import Graph

        graph = Graph(bind_namespaces="none")
        for prefix, namespace in self.site.prefixes.items():
            graph.bind(prefix, namespace)
        for triple in self._triples:
            graph.add(tuple(map(self.node, triple)))  # type: ignore[arg-type] # three of them
        return graph

    def node(self, term: Term) -> Node:
        """Read a term as a node of such a copy."""
        from rdflib import BNode

        return BNode(term[1:-1]) if self.is_blank(term) else to_rdflib(term)


def canonical_term(term: Term) -> Term:
    """Escape as kg does: others escape other characters."""
    if "\\" not in term or term.startswith("<"):
        return term
    text, tail = unquote(term)
    return literal(text) + tail
