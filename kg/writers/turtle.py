"""Turtle and TriG: a paragraph for each subject, each predicate once."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Final

from kg.graph import SubjectLines
from kg.model import Site
from kg.writers.names import PrefixedNames
from kg.writers.streams import CHUNK, TYPE, Graphs, Lines


def turtle(subjects: Iterable[SubjectLines], site: Site) -> Lines:
    """Yield the prefixes in use, and a paragraph for each subject."""
    names = PrefixedNames(site)
    yield from _with_prefixes(_paragraphs(subjects, names, ""), names)


def trig(graphs: Graphs, site: Site) -> Lines:
    """Yield the prefixes in use, and a block for each named graph."""
    names = PrefixedNames(site)
    yield from _with_prefixes(_blocks(graphs, names), names)


def _blocks(graphs: Graphs, names: PrefixedNames) -> Lines:
    for name, subjects in graphs:
        yield f"\n{names.short(name)} {{\n"
        yield from _paragraphs(subjects, names, "    ")
        yield "}\n"


def _with_prefixes(body: Lines, names: PrefixedNames) -> Lines:
    """Yield the declarations that a body needs, then the body, which is buffered.

    Which prefixes are in use is known only at its end.
    """
    with SpooledTemporaryFile(_BUFFER, "w+", encoding="utf-8", newline="\n") as spool:
        while chunk := "".join(islice(body, CHUNK)):
            spool.write(chunk)
        spool.seek(0)
        yield from names.header()
        while piece := spool.read(_PIECE):
            yield piece


_BUFFER: Final = 1 << 22
"""Bytes of a body that stay in memory; a larger body goes to a temporary file."""
_PIECE: Final = 1 << 16
"""Characters of a body in one piece."""


def _paragraphs(subjects: Iterable[SubjectLines], names: PrefixedNames, indent: str) -> Lines:
    """Yield a paragraph for each subject: its classes, then its other properties."""
    separator = f" ;\n{indent}    "
    for subject, lines in subjects:
        predicates = separator.join(_predicate_object_list(lines.decode(), names))
        yield f"\n{indent}{names.iri(subject)} {predicates} .\n"


def _predicate_object_list(lines: str, names: PrefixedNames) -> list[str]:
    """Return each predicate of a subject with its objects; lines of one predicate are adjacent."""
    iri, literal = names.iri, names.literal
    predicates: list[str] = []
    latest, types = "", 0
    for line in lines.split("\n"):
        predicate, _, term = line.partition(" ")
        if term[-1] != '"':
            term = iri(term) if term[0] == "<" else literal(term)
        if predicate == latest:
            predicates[-1] += f", {term}"
        elif predicate == TYPE:
            types = len(predicates)
            predicates.append(f"a {term}")
        else:
            predicates.append(f"{iri(predicate)} {term}")
        latest = predicate
    if types:
        predicates.insert(0, predicates.pop(types))
    return predicates
