"""Triples to bytes, in every format: sorted, so that equal graphs are equal bytes."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, Final, TypeAlias, TypeVar

from kg.graph.union import Node, nodes, ntriples
from kg.mapping.language import TriplesMap
from kg.mapping.schema_org import MAPS, METADATA
from kg.mapping.term_maps import DATATYPES
from kg.model.errors import FormatError
from kg.model.formats import NOT_XML, Format
from kg.model.namespaces import RDF, XSD
from kg.model.records import Term, Triple
from kg.model.site import Site
from kg.model.terms import unquote

T = TypeVar("T")

Dataset: TypeAlias = Mapping[Term, Collection[Triple]]
"""Named graphs: the triples of each, by name."""
Graphs: TypeAlias = Iterable[tuple[Term, Iterable[Node]]]
"""Named graphs, sorted, with their nodes, sorted."""
Lines: TypeAlias = Iterator[str]
Pieces: TypeAlias = Iterator[bytes]

_TYPE: Final = f"<{RDF.type}>"
_TYPED: Final = f"{_TYPE} ".encode()


def write(
    dataset: Dataset, form: Format, site: Site, out: BinaryIO, *, compress: bool = False
) -> None:
    """Write named graphs to a binary stream; formats without named graphs get the merged graph.

    Raises FormatError when the format cannot carry the data (RDF/XML and control characters).
    """
    _pour(_pieces(dataset, form, site), out, compress=compress)


def lines(dataset: Dataset, form: Format, site: Site) -> Lines:
    """Yield what `write` writes; of N-Triples and N-Quads, a statement at a time."""
    pieces = _pieces(dataset, form, site)
    return _statements(pieces) if form.name in {"ntriples", "nquads"} else map(bytes.decode, pieces)


def quads(found: Graphs, site: Site) -> Lines:
    """Yield sorted named graphs as N-Quads, a statement at a time."""
    return _statements(_nquads(found, site))


def _pieces(dataset: Dataset, form: Format, site: Site) -> Pieces:
    if form.name in _OF_GRAPHS:
        graphs = [(name, list(nodes(sorted(dataset[name])))) for name in sorted(dataset)]
        return _OF_GRAPHS[form.name](graphs, site)
    return _OF_NODES[form.name](list(nodes(merged(dataset))), site)


def _statements(pieces: Pieces) -> Lines:
    for piece in pieces:
        yield from (f"{line}\n" for line in piece[:-1].decode().split("\n"))


def write_nodes(
    found: Iterable[Node], form: Format, site: Site, out: BinaryIO, *, compress: bool = False
) -> None:
    """Write sorted nodes in a format without named graphs; they are gone through once or twice.

    Raises FormatError as `write` does.
    """
    _pour(_OF_NODES[form.name](found, site), out, compress=compress)


def write_graphs(
    found: Graphs, form: Format, site: Site, out: BinaryIO, *, compress: bool = False
) -> None:
    """Write sorted named graphs in a format that has them."""
    _pour(_OF_GRAPHS[form.name](found, site), out, compress=compress)


def has_graphs(form: Format) -> bool:
    """Whether a format has named graphs."""
    return form.name in _OF_GRAPHS


_CHUNK: Final = 100
"""Pieces that are written at once."""


def _pour(pieces: Pieces, out: BinaryIO, *, compress: bool) -> None:
    if compress:
        with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as packed:
            _fill(pieces, packed)
    else:
        _fill(pieces, out)


def _fill(pieces: Pieces, out: BinaryIO | gzip.GzipFile) -> None:
    while chunk := b"".join(islice(pieces, _CHUNK)):
        out.write(chunk)


def merged(dataset: Dataset) -> list[Triple]:
    """Return the triples of all graphs, each once, sorted."""
    return sorted(set().union(*dataset.values()))


def _encoded(text: Callable[[T, Site], Lines]) -> Callable[[T, Site], Pieces]:
    """Return what writes the bytes of a text."""
    return lambda found, site: map(str.encode, text(found, site))


def _ntriples(found: Iterable[Node], _site: Site) -> Pieces:
    return map(ntriples, found)


def _nquads(found: Graphs, _site: Site) -> Pieces:
    for name, graph in found:
        yield from (ntriples(node, name) for node in graph)


def _turtle(found: Iterable[Node], site: Site) -> Lines:
    names = Names(site)
    yield from _headed(_subjects(found, names, ""), names)


def _trig(found: Graphs, site: Site) -> Lines:
    names = Names(site)
    yield from _headed(_blocks(found, names), names)


def _blocks(found: Graphs, names: Names) -> Lines:
    for name, graph in found:
        yield f"\n{names.short(name)} {{\n"
        yield from _subjects(graph, names, "    ")
        yield "}\n"


def _headed(body: Lines, names: Names) -> Lines:
    """Yield the declarations that a body needs, which shows only at its end, and then the body."""
    with SpooledTemporaryFile(_SPOOLED, "w+", encoding="utf-8", newline="\n") as spool:
        while chunk := "".join(islice(body, _CHUNK)):
            spool.write(chunk)
        spool.seek(0)
        yield from names.header()
        while piece := spool.read(_PIECE):
            yield piece


_SPOOLED: Final = 1 << 22
"""Bytes of a body that are held in memory."""
_PIECE: Final = 1 << 16
"""Characters that are read back at once."""


def _subjects(found: Iterable[Node], names: Names, indent: str) -> Lines:
    """Write one paragraph for each subject: its classes, then its properties by name."""
    between = f" ;\n{indent}    "
    for subject, lines in found:
        yield f"\n{indent}{names.iri(subject)} {between.join(_said(lines.decode(), names))} .\n"


def _said(lines: str, names: Names) -> list[str]:
    """Write what is said of a subject, each predicate once: lines that have it stand together."""
    iri, literal = names.iri, names.literal
    said: list[str] = []
    latest, types = "", 0
    for line in lines.split("\n"):
        predicate, _, term = line.partition(" ")
        if term[-1] != '"':
            term = iri(term) if term[0] == "<" else literal(term)
        if predicate == latest:
            said[-1] += f", {term}"
        elif predicate == _TYPE:
            types = len(said)
            said.append(f"a {term}")
        else:
            said.append(f"{iri(predicate)} {term}")
        latest = predicate
    if types:
        said.insert(0, said.pop(types))
    return said


def _by_predicate(lines: bytes) -> list[tuple[Term, list[Term]]]:
    """Return the predicates of a node, classes first, with their objects."""
    found: dict[Term, list[Term]] = {_TYPE: []} if _TYPED in lines else {}
    for line in lines.decode().split("\n"):
        predicate, _, term = line.partition(" ")
        known = found.get(predicate)
        if known is None:
            found[predicate] = [term]
        else:
            known.append(term)
    return [pair for pair in found.items() if pair[1]]


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
        self._prefixes = {namespace: prefix for prefix, namespace in site.prefixes.items()}
        self.iri = lru_cache(maxsize=_NAMES)(self._iri)

    def header(self) -> Lines:
        """Yield the declarations that the short names so far need."""
        if "" in self.used:
            yield f"@base <{self.site.base}> .\n"
        for prefix, namespace in self.site.prefixes.items():
            if prefix in self.used:
                yield f"@prefix {prefix}: <{namespace}> .\n"

    def short(self, term: Term) -> str:
        """Write a term as short as Turtle has it."""
        return self.iri(term) if term[0] == "<" else self.literal(term)

    def _iri(self, term: Term) -> str:
        cut, end = max(term.rfind("/"), term.rfind("#")) + 1, len(term) - 1
        prefix = self._prefixes.get(term[1:cut])  # each namespace ends in one of the two
        if prefix and _LOCAL.match(term, cut, end):
            self.used.add(prefix)
            return f"{prefix}:{term[cut:end]}"
        base = self.site.base
        if term.startswith(base, 1) and _RELATIVE.match(term, len(base) + 1, end):
            self.used.add("")
            return f"<{term[len(base) + 1 :]}"
        return term

    def literal(self, term: Term) -> str:
        """Write a literal as short as Turtle has it."""
        quoted, quote, tail = term.rpartition('"')
        if not tail:
            return term
        number = self._NUMBER.get(tail)
        if number and number.match(quoted, 1):
            return quoted[1:]
        datatype = f"^^{self.iri(tail[2:])}" if tail[0] == "^" else tail
        return f"{quoted}{quote}{datatype}"


_NAMES: Final = 1 << 15
"""Short names that are remembered: those of properties, topics and providers come again."""


def context(site: Site) -> dict[str, Any]:
    """Return the JSON-LD context of an export: short names, and the type of a property's values."""
    coerced = {}
    for one in (*MAPS.values(), *METADATA.values()):
        for row in one.rows if isinstance(one, TriplesMap) else ():
            datatype = "@id" if isinstance(row.object, str) else DATATYPES.get(row.object)
            for iri in (row.property, row.inverse):
                if iri and datatype:
                    coerced[_key(site.iri(iri), site)] = {
                        "@type": datatype.replace(str(XSD), "xsd:")
                    }
    prefixes = {name: namespace for name, namespace in site.prefixes.items() if name != "schema"}
    return {"@base": site.base, "@vocab": site.schema, **prefixes, **dict(sorted(coerced.items()))}


def _jsonld(found: Iterable[Node], site: Site) -> Lines:
    names = context(site)
    coerced = {key: value["@type"] for key, value in names.items() if isinstance(value, dict)}
    yield '{\n  "@context": ' + _indented(names, "  ") + ',\n  "@graph": ['
    comma = ""
    for node in found:
        yield f"{comma}\n    " + _indented(_json_node(node, coerced, site), "    ")
        comma = ","
    yield "\n  ]\n}\n"


def _indented(value: object, indent: str) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", f"\n{indent}")


def _json_node(one: Node, coerced: Mapping[str, str], site: Site) -> dict[str, Any]:
    subject, lines = one
    node: dict[str, Any] = {"@id": _json_id(subject, site)}
    for predicate, terms in _by_predicate(lines):
        if predicate == _TYPE:
            key = "@type"
            values: list[Any] = [_key(term, site) for term in terms]
        else:
            key = _key(predicate, site)
            values = [_json_value(term, coerced.get(key), site) for term in terms]
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


def _rdfxml(found: Iterable[Node], site: Site) -> Lines:
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
        for predicate, terms in _by_predicate(lines):
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


_OF_NODES: Final[Mapping[str, Callable[[Iterable[Node], Site], Pieces]]] = {
    "turtle": _encoded(_turtle),
    "ntriples": _ntriples,
    "jsonld": _encoded(_jsonld),
    "rdfxml": _encoded(_rdfxml),
}
_OF_GRAPHS: Final[Mapping[str, Callable[[Graphs, Site], Pieces]]] = {
    "nquads": _nquads,
    "trig": _encoded(_trig),
}
