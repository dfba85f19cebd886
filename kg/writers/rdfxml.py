"""RDF/XML: a description for each subject."""

from __future__ import annotations

import re
from collections.abc import Iterable
from operator import itemgetter

from kg.graph import SubjectLines
from kg.model import NOT_XML, RDF, FormatError, Site, Term, Triple, unquote
from kg.writers.streams import Lines, by_predicate


def rdfxml(subjects: Iterable[SubjectLines], site: Site) -> Lines:
    """Yield a document with a description for each subject; iterates the subjects twice.

    Raises FormatError for characters and property names that XML does not allow.
    """
    from xml.sax.saxutils import quoteattr  # imports HTTP too, which other formats do not need

    prefixes = _namespace_prefixes(subjects, site)
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF'
    for namespace, prefix in sorted(prefixes.items(), key=itemgetter(1)):
        yield f"\n    xmlns:{prefix}={quoteattr(namespace)}"
    yield ">\n"
    for subject, lines in subjects:
        yield f"  <rdf:Description rdf:about={quoteattr(subject[1:-1])}>\n"
        for predicate, terms in by_predicate(lines):
            namespace, local = _split(predicate)
            name = f"{prefixes[namespace]}:{local}"
            yield from (f"    {_element(name, (subject, predicate, term))}\n" for term in terms)
        yield "  </rdf:Description>\n"
    yield "</rdf:RDF>\n"


def _namespace_prefixes(subjects: Iterable[SubjectLines], site: Site) -> dict[str, str]:
    """Return the namespaces of all properties, and of RDF, with their prefixes.

    Namespaces that the site has no prefix for are numbered: ns1, ns2.
    """
    predicates = {line.partition(b" ")[0] for _, lines in subjects for line in lines.split(b"\n")}
    namespaces = {str(RDF), *(_split(predicate.decode())[0] for predicate in predicates)}
    of_site = {namespace: prefix for prefix, namespace in site.prefixes.items()}
    others = sorted(namespaces - of_site.keys())
    prefixes = of_site | {namespace: f"ns{number}" for number, namespace in enumerate(others, 1)}
    return {namespace: prefixes[namespace] for namespace in namespaces}


_LAST_NAME = re.compile(r"<(.*?)([A-Za-z_][A-Za-z0-9_.\-]*)>\Z", re.DOTALL)


def _split(predicate: Term) -> tuple[str, str]:
    """Return the namespace and the local name of a property."""
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
        character = f"U+{ord(illegal[0]):04X}, which is in {triple[1]} of {triple[0]}"
        raise FormatError(f"RDF/XML cannot carry {character}; choose another format")
    attribute = f" xml:lang={quoteattr(tail[1:])}" if tail.startswith("@") else ""
    attribute = f" rdf:datatype={quoteattr(tail[3:-1])}" if tail.startswith("^^") else attribute
    return f"<{name}{attribute}>{escape(text, {chr(13): '&#13;'})}</{name}>"
