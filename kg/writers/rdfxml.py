"""RDF/XML."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kg.graph.union import SubjectLines
from kg.model.errors import FormatError
from kg.model.formats import NOT_XML
from kg.model.namespaces import RDF
from kg.model.records import Term, Triple
from kg.model.site import Site
from kg.model.terms import unquote
from kg.writers.names import Lines, by_predicate


def rdfxml(found: Iterable[SubjectLines], site: Site) -> Lines:
    """Yield a document with a description for each subject; they are gone through twice.

    Raises FormatError for what XML cannot carry.
    """
    from xml.sax.saxutils import quoteattr  # it brings HTTP along: 15 ms that others need not pay

    spaces = {namespace: prefix for prefix, namespace in site.prefixes.items()}
    used = {str(RDF)}
    names = {line.partition(b" ")[0] for _, lines in found for line in lines.split(b"\n")}
    for namespace, _ in map(_split, map(bytes.decode, names)):
        used.add(namespace)
        spaces.setdefault(namespace, "")
    for number, namespace in enumerate(sorted(n for n, prefix in spaces.items() if not prefix), 1):
        spaces[namespace] = f"ns{number}"
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF'
    for namespace in sorted(used, key=spaces.__getitem__):
        yield f"\n    xmlns:{spaces[namespace]}={quoteattr(namespace)}"
    yield ">\n"
    for subject, lines in found:
        yield f"  <rdf:Description rdf:about={quoteattr(subject[1:-1])}>\n"
        for predicate, terms in by_predicate(lines):
            namespace, local = _split(predicate)
            name = f"{spaces[namespace]}:{local}"
            yield from (f"    {_element(name, (subject, predicate, one))}\n" for one in terms)
        yield "  </rdf:Description>\n"
    yield "</rdf:RDF>\n"


_LAST_NAME = re.compile(r"<(.*?)([A-Za-z_][A-Za-z0-9_.\-]*)>\Z", re.DOTALL)


def _split(predicate: Term) -> tuple[str, str]:
    match = _LAST_NAME.match(predicate)
    if not match:
        raise FormatError(
            f"RDF/XML has no name for the property {predicate}; choose another format"
        )
    return match[1], match[2]


def _element(name: str, triple: Triple) -> str:
    from xml.sax.saxutils import escape, quoteattr

    term = triple[2]
    if term.startswith("<"):
        return f"<{name} rdf:resource={quoteattr(term[1:-1])}/>"
    text, tail = unquote(term)
    illegal = NOT_XML.search(text)
    if illegal:
        where = f"U+{ord(illegal[0]):04X}, which stands in {triple[1]} of {triple[0]}"
        raise FormatError(f"RDF/XML cannot carry {where}; choose another format")
    attribute = f" xml:lang={quoteattr(tail[1:])}" if tail.startswith("@") else ""
    attribute = f" rdf:datatype={quoteattr(tail[3:-1])}" if tail.startswith("^^") else attribute
    return f"<{name}{attribute}>{escape(text, {chr(13): '&#13;'})}</{name}>"
