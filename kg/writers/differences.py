"""The difference of two graphs as text, Markdown, JSON, RDF Patch or SPARQL Update."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import PurePath
from typing import Final, TypeAlias

from kg.graph import TYPE, Difference
from kg.model import FormatError, Site, Term, Triple, escape_for_sparql
from kg.workers import batches
from kg.writers.names import PrefixedNames

VERSION: Final = 1
"""The version of the JSON layout; a change that breaks readers increases it."""

Shorten: TypeAlias = Callable[[Term], str]
"""Returns the short form of a term."""
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
    """Yield the lines about each node: its type first, removed before added objects."""
    signed = [("-", *triple) for triple in difference.removed]
    signed += [("+", *triple) for triple in difference.added]
    signed.sort(key=lambda row: (row[1], row[2] != TYPE, row[2], row[0] == "+", row[3]))
    for subject, rows in groupby(signed, key=itemgetter(1)):
        if subject not in difference.files:
            yield _paragraph(subject, difference.titles.get(subject), rows, short)


def _paragraph(
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
    """Yield an RDF Patch of one transaction."""
    yield "TX .\n"
    yield from (f"D {' '.join(triple)} .\n" for triple in difference.removed)
    yield from (f"A {' '.join(triple)} .\n" for triple in difference.added)
    yield "TC .\n"


_OPERATION: Final = 1000
"""Statements of one operation; more are split, since stores parse an operation as a whole."""


def _sparql(difference: Difference, _short: Shorten) -> Lines:
    """Yield a SPARQL 1.1 Update; it has an operation even if nothing differs.

    Engines may refuse an empty text.
    """
    operations = [
        (verb, batch)
        for verb, triples in (("DELETE", difference.removed), ("INSERT", difference.added))
        for batch in batches(triples, _OPERATION)
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
"""The formats that programs apply, so they carry every statement."""

_SUFFIXES: Final = {".json": "json", ".md": "markdown", ".rdfp": "patch", ".ru": "sparql"}


def choose_difference_format(word: str | None, path: PurePath | None) -> str:
    """Return the format of a difference: that of a word, else of a path's suffix, else text.

    Raises FormatError for a word that is not one of DIFFERENCE_WRITERS.
    """
    form = word or _SUFFIXES.get(path.suffix if path else "", "text")
    if form not in DIFFERENCE_WRITERS:
        names = ", ".join(DIFFERENCE_WRITERS)
        raise FormatError(f"unknown format: {form!r}; one of {names}")
    return form


def difference_lines(difference: Difference, form: str, site: Site) -> Lines:
    """Yield the lines of a difference in one of DIFFERENCE_WRITERS, with the site's short names."""
    return DIFFERENCE_WRITERS[form](difference, PrefixedNames(site).short)
