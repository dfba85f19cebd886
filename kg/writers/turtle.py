"""Triples to bytes, in every format: sorted, so that equal graphs are equal bytes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Final

from kg.graph.union import SubjectLines
from kg.model.site import Site
from kg.writers.names import CHUNK, TYPE, Graphs, Lines, PrefixedNames


def turtle(found: Iterable[SubjectLines], site: Site) -> Lines:
    """Yield a paragraph for each subject, below the prefixes that are used."""
    names = PrefixedNames(site)
    yield from _with_prefixes(_subjects(found, names, ""), names)


def trig(found: Graphs, site: Site) -> Lines:
    """Yield a block for each named graph, below the prefixes that are used."""
    names = PrefixedNames(site)
    yield from _with_prefixes(_blocks(found, names), names)


def _blocks(found: Graphs, names: PrefixedNames) -> Lines:
    for name, graph in found:
        yield f"\n{names.short(name)} {{\n"
        yield from _subjects(graph, names, "    ")
        yield "}\n"


def _with_prefixes(body: Lines, names: PrefixedNames) -> Lines:
    """Yield the declarations that a body needs, which shows only at its end, and then the body."""
    with SpooledTemporaryFile(_SPOOLED, "w+", encoding="utf-8", newline="\n") as spool:
        while chunk := "".join(islice(body, CHUNK)):
            spool.write(chunk)
        spool.seek(0)
        yield from names.header()
        while piece := spool.read(_PIECE):
            yield piece


_SPOOLED: Final = 1 << 22
"""Bytes of a body that are held in memory."""
_PIECE: Final = 1 << 16
"""Characters that are read back at once."""


def _subjects(found: Iterable[SubjectLines], names: PrefixedNames, indent: str) -> Lines:
    """Write one paragraph for each subject: its classes, then its properties by name."""
    between = f" ;\n{indent}    "
    for subject, lines in found:
        listed = between.join(_predicate_object_list(lines.decode(), names))
        yield f"\n{indent}{names.iri(subject)} {listed} .\n"


def _predicate_object_list(lines: str, names: PrefixedNames) -> list[str]:
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
        elif predicate == TYPE:
            types = len(said)
            said.append(f"a {term}")
        else:
            said.append(f"{iri(predicate)} {term}")
        latest = predicate
    if types:
        said.insert(0, said.pop(types))
    return said
