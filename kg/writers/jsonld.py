"""JSON-LD 1.1: a context of short names, and a node object for each subject."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kg.graph import SubjectLines
from kg.mapping import DATATYPES, MAPS, METADATA, TriplesMap
from kg.model import XSD, FormatError, Site, Term, unquote
from kg.writers.names import LOCAL_NAME, RELATIVE_IRI
from kg.writers.streams import TYPE, Lines, by_predicate


def jsonld_context(site: Site) -> dict[str, Any]:
    """Return the JSON-LD context of an export: prefixes, and the types of properties' values."""
    coerced = {
        _key(site.iri(iri), site): {"@type": datatype.replace(str(XSD), "xsd:")}
        for iri, datatype in _coerced_properties()
    }
    prefixes = {name: namespace for name, namespace in site.prefixes.items() if name != "schema"}
    return {"@base": site.base, "@vocab": site.schema, **prefixes, **dict(sorted(coerced.items()))}


def _coerced_properties() -> Iterator[tuple[str, str]]:
    """Yield the properties whose values are IRIs or have a datatype, with `@id` or the datatype."""
    for map_ in (*MAPS.values(), *METADATA.values()):
        for row in map_.rows if isinstance(map_, TriplesMap) else ():
            datatype = "@id" if isinstance(row.object, str) else DATATYPES.get(row.object)
            yield from ((iri, datatype) for iri in (row.property, row.inverse) if iri and datatype)


def jsonld(subjects: Iterable[SubjectLines], site: Site) -> Lines:
    """Yield a document with a context and a node object for each subject.

    Raises FormatError for an IRI that the context would take for a short name.
    """
    context = jsonld_context(site)
    coerced = {key: value["@type"] for key, value in context.items() if isinstance(value, dict)}
    yield '{\n  "@context": ' + _indented(context, "  ") + ',\n  "@graph": ['
    comma = ""
    for subject in subjects:
        yield f"{comma}\n    " + _indented(_json_node(subject, coerced, site), "    ")
        comma = ","
    yield "\n  ]\n}\n"


def _indented(value: object, indent: str) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", f"\n{indent}")


def _json_node(
    subject_lines: SubjectLines, coerced: Mapping[str, str], site: Site
) -> dict[str, Any]:
    subject, lines = subject_lines
    node: dict[str, Any] = {"@id": _json_id(subject, site)}
    for predicate, terms in by_predicate(lines):
        if predicate == TYPE:
            key = "@type"
            values: list[Any] = [_key(term, site) for term in terms]
        else:
            key = _key(predicate, site)
            values = [_json_value(term, coerced.get(key), site) for term in terms]
        node[key] = values if len(values) > 1 else values[0]
    return node


def _json_iri(term: Term, site: Site) -> str:
    if term[1:].partition(":")[0] in site.prefixes:
        raise FormatError(f"JSON-LD reads {term} as a short name; choose another format")
    return term[1:-1]


def _json_id(term: Term, site: Site) -> str:
    iri = _json_iri(term, site)
    relative = iri[len(site.base) :] if iri.startswith(site.base) else ""
    return relative if RELATIVE_IRI.match(relative) else iri


def _key(term: Term, site: Site) -> str:
    """Return an IRI as a key of the context: bare in schema.org, with a prefix, or in full."""
    iri = _json_iri(term, site)
    for prefix, namespace in site.prefixes.items():
        local = iri[len(namespace) :]
        if iri.startswith(namespace) and LOCAL_NAME.match(local):
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
        # Parsers read a JSON number as a double: a larger integer would lose digits.
        if datatype == "xsd:integer" and re.match(r"(0|-?[1-9][0-9]{0,14})\Z", text):
            return int(text)
        if datatype == "xsd:boolean" and text in {"true", "false"}:
            return text == "true"
    return text if datatype == coerced else {"@value": text, "@type": datatype}
