"""The difference of two graphs as text: in words, as Markdown, JSON, RDF Patch or SPARQL Update."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final, TypeAlias

from kg.graph.differences import TYPE, Difference
from kg.model.records import Term, Triple
from kg.model.terms import escape_for_sparql

VERSION: Final = 1
"""Of the JSON layout; raised when a reader would have to change."""


Shorten: TypeAlias = Callable[[Term], str]
"""Writes a term as people do."""
Lines: TypeAlias = Iterator[str]


def _text(difference: Difference, short: Shorten) -> Lines:
    if difference.changes:
        yield f"{', '.join(str(change) for change in difference.changes)}\n"
    for paragraph in _paragraphs(difference, short):
        yield "\n"
        yield from paragraph


def _markdown(difference: Difference, short: Shorten) -> Lines:
    yield from (f"- {change}\n" for change in difference.changes)
    for paragraph in _paragraphs(difference, short):
        yield "\n```diff\n"
        yield from paragraph
        yield "```\n"


def _paragraphs(difference: Difference, short: Shorten) -> Iterator[Lines]:
    """Yield the lines about each node, what is removed before what is added instead."""
    signed = [("-", *triple) for triple in difference.removed]
    signed += [("+", *triple) for triple in difference.added]
    signed.sort(key=lambda one: (one[1], one[2] != TYPE, one[2], one[0] == "+", one[3]))
    for subject, about in groupby(signed, key=lambda one: one[1]):
        if subject not in difference.files:
            yield _about(subject, difference.titles.get(subject), about, short)


def _about(
    subject: Term, title: str | None, signed: Iterable[tuple[str, str, str, str]], short: Shorten
) -> Lines:
    yield f"{short(subject)} # {title}\n" if title else f"{short(subject)}\n"
    for sign, _, predicate, term in signed:
        yield f"{sign} {'a' if predicate == TYPE else short(predicate)} {short(term)}\n"


def _json(difference: Difference, _short: Shorten) -> Lines:
    document = {
        "version": VERSION,
        "equal": not difference,
        "changes": [change._asdict() for change in difference.changes],
        "removed": [_json_triple(triple) for triple in difference.removed],
        "added": [_json_triple(triple) for triple in difference.added],
    }
    yield json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _json_triple(triple: Triple) -> dict[str, str]:
    return dict(zip(("subject", "predicate", "object"), triple, strict=True))


def _patch(difference: Difference, _short: Shorten) -> Lines:
    """RDF Patch, one transaction."""
    yield "TX .\n"
    yield from (f"D {' '.join(triple)} .\n" for triple in difference.removed)
    yield from (f"A {' '.join(triple)} .\n" for triple in difference.added)
    yield "TC .\n"


_OPERATION: Final = 1000
"""Statements of one operation: stores parse an operation as a whole."""


def _sparql(difference: Difference, _short: Shorten) -> Lines:
    """SPARQL 1.1 Update: there is always an operation, since no engine need take an empty text."""
    said = (("DELETE", difference.removed), ("INSERT", difference.added))
    operations = [
        (verb, triples[start : start + _OPERATION])
        for verb, triples in said
        for start in range(0, len(triples), _OPERATION)
    ]
    separator = ""
    for verb, triples in operations or [("INSERT", ())]:
        yield f"{separator}{verb} DATA {{\n"
        yield from (f"  {' '.join(map(escape_for_sparql, triple))} .\n" for triple in triples)
        yield "}"
        separator = " ;\n"
    yield "\n"


DIFFERENCE_WRITERS: Final[Mapping[str, Callable[[Difference, Shorten], Lines]]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "patch": _patch,
    "sparql": _sparql,
}
EXACT_FORMATS: Final = ("patch", "sparql")
"""The formats that programs apply: they leave nothing out."""
