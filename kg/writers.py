"""Triples to bytes, in every format: sorted, so that equal graphs are equal bytes."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, BinaryIO, Final, TypeAlias
from xml.sax.saxutils import escape, quoteattr

from kg import mapping
from kg.errors import FormatError
from kg.formats import Format
from kg.mapper import TriplesMap
from kg.namespaces import RDF, XSD, Site
from kg.records import Term, Triple
from kg.terms import DATATYPES, unquote

Dataset: TypeAlias = Mapping[Term, Collection[Triple]]
"""Named graphs: the triples of each, by name."""
Lines: TypeAlias = Iterator[str]

_TYPE: Final = f"<{RDF.type}>"


def write(
    dataset: Dataset, form: Format, site: Site, out: BinaryIO, *, compress: bool = False
) -> None:
    """Write named graphs to a binary stream; formats without named graphs get the merged graph.

    Raises FormatError when the format cannot carry the data (RDF/XML and control characters).
    """
    text = lines(dataset, form, site)
    if not compress:
        _pour(text, out)
        return
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as packed:
        _pour(text, packed)


def lines(dataset: Dataset, form: Format, site: Site) -> Lines:
    """Yield what `write` writes; of N-Triples and N-Quads, a statement at a time."""
    return _WRITERS[form.name](dataset, site)


_CHUNK: Final = 1000
"""Lines that are encoded and written at once."""


def _pour(text: Lines, out: BinaryIO | gzip.GzipFile) -> None:
    chunk: list[str] = []
    for line in text:
        chunk.append(line)
        if len(chunk) == _CHUNK:
            out.write("".join(chunk).encode())
            chunk.clear()
    out.write("".join(chunk).encode())


def merged(dataset: Dataset) -> list[Triple]:
    """Return the triples of all graphs, each once, sorted."""
    return sorted(set().union(*dataset.values()))


def _ntriples(dataset: Dataset, _site: Site) -> Lines:
    for subject, predicate, term in merged(dataset):
        yield f"{subject} {predicate} {term} .\n"


def _nquads(dataset: Dataset, _site: Site) -> Lines:
    for name in sorted(dataset):
        for subject, predicate, term in sorted(dataset[name]):
            yield f"{subject} {predicate} {term} {name} .\n"


def _turtle(dataset: Dataset, site: Site) -> Lines:
    triples = merged(dataset)
    names = Names(site)
    body = list(_subjects(triples, names, ""))
    yield from names.header()
    yield from body


def _trig(dataset: Dataset, site: Site) -> Lines:
    names = Names(site)
    body: list[str] = []
    for name in sorted(dataset):
        body.append(f"\n{names.short(name)} {{\n")
        body += _subjects(sorted(dataset[name]), names, "    ")
        body.append("}\n")
    yield from names.header()
    yield from body


def _subjects(triples: Iterable[Triple], names: Names, indent: str) -> Lines:
    """Write one paragraph for each subject: its classes, then its properties by name."""
    for subject, about in groupby(triples, key=itemgetter(0)):
        lines = [
            f"{'a' if predicate == _TYPE else names.short(predicate)} "
            + ", ".join(names.short(triple[2]) for triple in group)
            for predicate, group in groupby(sorted(about, key=_types_first), key=itemgetter(1))
        ]
        yield f"\n{indent}{names.short(subject)} " + f" ;\n{indent}    ".join(lines) + " .\n"


def _types_first(triple: Triple) -> tuple[bool, Term, Term]:
    return (triple[1] != _TYPE, triple[1], triple[2])


_LOCAL = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*\Z")
_RELATIVE = re.compile(
    r"[A-Za-z][A-Za-z0-9]*(?:/[A-Za-z0-9_~%!$&'()*+,;=\-][A-Za-z0-9._~%!$&'()*+,;=\-]*)*\Z"
)
"""What may follow the base in a relative IRI: no segment that starts with a dot, no colon."""


class Names:
    """Short forms of terms, and which prefixes they took."""

    _NUMBER: Final = {
        f"^^<{XSD.integer}>": re.compile(r"[+-]?[0-9]+\Z"),
        f"^^<{XSD.decimal}>": re.compile(r"[+-]?[0-9]*\.[0-9]+\Z"),
        f"^^<{XSD.boolean}>": re.compile(r"true\Z|false\Z"),
    }

    def __init__(self, site: Site) -> None:
        self.site = site
        self.used: set[str] = set()
        self.prefixes = sorted(site.prefixes.items(), key=lambda pair: -len(pair[1]))
        self.short = lru_cache(maxsize=None)(self._short)
        """Write a term as short as Turtle has it."""

    def header(self) -> Lines:
        """Yield the declarations that the short names so far need."""
        if "" in self.used:
            yield f"@base <{self.site.base}> .\n"
        for prefix, namespace in self.site.prefixes.items():
            if prefix in self.used:
                yield f"@prefix {prefix}: <{namespace}> .\n"

    def _short(self, term: Term) -> str:
        return self._iri(term) if term.startswith("<") else self._literal(term)

    def _iri(self, term: Term) -> str:
        iri = term[1:-1]
        for prefix, namespace in self.prefixes:
            if iri.startswith(namespace) and _LOCAL.match(iri, len(namespace)):
                self.used.add(prefix)
                return f"{prefix}:{iri[len(namespace) :]}"
        if iri.startswith(self.site.base) and _RELATIVE.match(iri, len(self.site.base)):
            self.used.add("")
            return f"<{iri[len(self.site.base) :]}>"
        return term

    def _literal(self, term: Term) -> str:
        quoted, quote, tail = term.rpartition('"')
        number = self._NUMBER.get(tail)
        if number and number.match(quoted[1:]):
            return quoted[1:]
        datatype = f"^^{self.short(tail[2:])}" if tail.startswith("^^") else tail
        return f"{quoted}{quote}{datatype}"


def context(site: Site) -> dict[str, Any]:
    """Return the JSON-LD context of an export: short names, and the type of a property's values."""
    coerced = {}
    for one in (*mapping.MAPS.values(), *mapping.METADATA.values()):
        for row in one.rows if isinstance(one, TriplesMap) else ():
            datatype = "@id" if isinstance(row.object, str) else DATATYPES.get(row.object)
            for iri in (row.property, row.inverse):
                if iri and datatype:
                    coerced[_key(site.iri(iri), site)] = {
                        "@type": datatype.replace(str(XSD), "xsd:")
                    }
    prefixes = {name: namespace for name, namespace in site.prefixes.items() if name != "schema"}
    return {"@base": site.base, "@vocab": site.schema, **prefixes, **dict(sorted(coerced.items()))}


def _jsonld(dataset: Dataset, site: Site) -> Lines:
    names = context(site)
    coerced = {key: value["@type"] for key, value in names.items() if isinstance(value, dict)}
    yield '{\n  "@context": ' + _indented(names, "  ") + ',\n  "@graph": ['
    comma = ""
    for subject, about in groupby(merged(dataset), key=itemgetter(0)):
        yield f"{comma}\n    " + _indented(_json_node(subject, about, coerced, site), "    ")
        comma = ","
    yield "\n  ]\n}\n"


def _indented(value: object, indent: str) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", f"\n{indent}")


def _json_node(
    subject: Term, about: Iterable[Triple], coerced: Mapping[str, str], site: Site
) -> dict[str, Any]:
    node: dict[str, Any] = {"@id": _json_id(subject, site)}
    for predicate, group in groupby(sorted(about, key=_types_first), key=itemgetter(1)):
        if predicate == _TYPE:
            key = "@type"
            values: list[Any] = [_key(triple[2], site) for triple in group]
        else:
            key = _key(predicate, site)
            values = [_json_value(triple[2], coerced.get(key), site) for triple in group]
        node[key] = values if len(values) > 1 else values[0]
    return node


def _json_iri(term: Term, site: Site) -> str:
    if term[1:].partition(":")[0] in site.prefixes:
        raise FormatError(f"JSON-LD takes {term} for a short name; choose another format")
    return term[1:-1]


def _json_id(term: Term, site: Site) -> str:
    iri = _json_iri(term, site)
    relative = iri[len(site.base) :] if iri.startswith(site.base) else ""
    return relative if _RELATIVE.match(relative) else iri


def _key(term: Term, site: Site) -> str:
    """Write an IRI as a term of the context: bare in schema.org, with a prefix, or in full."""
    iri = _json_iri(term, site)
    for prefix, namespace in site.prefixes.items():
        local = iri[len(namespace) :]
        if iri.startswith(namespace) and _LOCAL.match(local):
            return local if prefix == "schema" else f"{prefix}:{local}"
    return iri


def _json_value(term: Term, coerced: str | None, site: Site) -> Any:
    if term.startswith("<"):
        iri = _json_id(term, site)
        return iri if coerced == "@id" else {"@id": iri}
    text, tail = unquote(term)
    if not tail:
        return text if coerced is None else {"@value": text}
    if tail.startswith("@"):
        return {"@value": text, "@language": tail[1:]}
    datatype = _json_iri(tail[2:], site).replace(str(XSD), "xsd:")
    if coerced is None:
        # A JSON number comes back as xsd:integer only while a double holds it exactly.
        if datatype == "xsd:integer" and re.match(r"(0|-?[1-9][0-9]{0,14})\Z", text):
            return int(text)
        if datatype == "xsd:boolean" and text in {"true", "false"}:
            return text == "true"
    return text if datatype == coerced else {"@value": text, "@type": datatype}


def _rdfxml(dataset: Dataset, site: Site) -> Lines:
    triples = merged(dataset)
    spaces = {namespace: prefix for prefix, namespace in site.prefixes.items()}
    used = {str(RDF)}
    for predicate in {triple[1] for triple in triples}:
        namespace = _split(predicate)[0]
        used.add(namespace)
        spaces.setdefault(namespace, "")
    for number, namespace in enumerate(sorted(n for n, prefix in spaces.items() if not prefix), 1):
        spaces[namespace] = f"ns{number}"
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF'
    for namespace in sorted(used, key=spaces.__getitem__):
        yield f"\n    xmlns:{spaces[namespace]}={quoteattr(namespace)}"
    yield ">\n"
    for subject, about in groupby(triples, key=itemgetter(0)):
        yield f"  <rdf:Description rdf:about={quoteattr(subject[1:-1])}>\n"
        for triple in sorted(about, key=_types_first):
            namespace, local = _split(triple[1])
            yield f"    {_element(f'{spaces[namespace]}:{local}', triple)}\n"
        yield "  </rdf:Description>\n"
    yield "</rdf:RDF>\n"


_LAST_NAME = re.compile(r"<(.*?)([A-Za-z_][A-Za-z0-9_.\-]*)>\Z", re.DOTALL)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _split(predicate: Term) -> tuple[str, str]:
    match = _LAST_NAME.match(predicate)
    if not match:
        raise FormatError(
            f"RDF/XML has no name for the property {predicate}; choose another format"
        )
    return match[1], match[2]


def _element(name: str, triple: Triple) -> str:
    term = triple[2]
    if term.startswith("<"):
        return f"<{name} rdf:resource={quoteattr(term[1:-1])}/>"
    text, tail = unquote(term)
    illegal = _NOT_XML.search(text)
    if illegal:
        where = f"U+{ord(illegal[0]):04X}, which stands in {triple[1]} of {triple[0]}"
        raise FormatError(f"RDF/XML cannot carry {where}; choose another format")
    attribute = f" xml:lang={quoteattr(tail[1:])}" if tail.startswith("@") else ""
    attribute = f" rdf:datatype={quoteattr(tail[3:-1])}" if tail.startswith("^^") else attribute
    return f"<{name}{attribute}>{escape(text, {chr(13): '&#13;'})}</{name}>"


_WRITERS: Final[Mapping[str, Callable[[Dataset, Site], Lines]]] = {
    "turtle": _turtle,
    "ntriples": _ntriples,
    "nquads": _nquads,
    "trig": _trig,
    "jsonld": _jsonld,
    "rdfxml": _rdfxml,
}
