"""Answers of queries as bytes, in the format that a word or the suffix of a path names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, TypeAlias, TypeGuard

from kg.model import Format, FormatError, Site, Triple, find_format, format_of_path, markdown_table
from kg.queries.evaluation import Answer
from kg.sources import without_blank_nodes

if TYPE_CHECKING:
    import pyoxigraph

DrawTable: TypeAlias = Callable[[Sequence[str], Iterable[Sequence[str]]], str]
"""Writes columns and rows as a table."""

_MEDIA_TYPES: Final = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
}
RESULT_FORMATS: Final = ("table", "markdown", *_MEDIA_TYPES)
"""The formats of SELECT and ASK."""
_SUFFIXES: Final = {
    ".md": "markdown",
    ".srj": "json",
    ".srx": "xml",
    **{f".{name}": name for name in RESULT_FORMATS},
}


def choose_result_format(word: str | None, path: PurePath | None) -> str:
    """Return the format of a SELECT or ASK: that of a word, else of a path's suffix, else table.

    Raises FormatError for a word that is not one of RESULT_FORMATS.
    """
    if not word:
        return _SUFFIXES.get(path.suffix if path else "", "table")
    if word not in RESULT_FORMATS:
        raise FormatError(f"unknown format: {word!r}; one of {', '.join(RESULT_FORMATS)}")
    return word


def choose_graph_format(word: str | None, path: PurePath | None) -> Format:
    """Return the RDF format of a CONSTRUCT or DESCRIBE: by word, by suffix, else Turtle.

    Raises FormatError for a word that names no RDF format.
    """
    if word:
        return find_format(word)
    return format_of_path(str(path or "")) or find_format("turtle")


def is_graph(answer: Answer) -> TypeGuard[pyoxigraph.QueryTriples]:
    """Return whether an answer is the triples of a CONSTRUCT or DESCRIBE."""
    import pyoxigraph

    return isinstance(answer, pyoxigraph.QueryTriples)


def answer_triples(answer: pyoxigraph.QueryTriples, site: Site) -> list[Triple]:
    """Return the triples of an answer; blank nodes become skolem IRIs."""
    return without_blank_nodes(answer, "answer", site)


def answer_bytes(answer: Answer, form: str, draw_table: DrawTable) -> bytes:
    """Return the rows of a SELECT or the boolean of an ASK in one of RESULT_FORMATS.

    `draw_table` writes the format `table`. Raises FormatError for triples.
    """
    import pyoxigraph

    if isinstance(answer, pyoxigraph.QueryBoolean):
        return _boolean_bytes(answer, form)
    if isinstance(answer, pyoxigraph.QuerySolutions):
        return _solution_bytes(answer, form, draw_table)
    raise FormatError(f"{form} cannot carry triples; choose an RDF format")


def _boolean_bytes(answer: pyoxigraph.QueryBoolean, form: str) -> bytes:
    if form in {"json", "xml"}:
        return (answer.serialize(format=_oxigraph_format(form)) or b"") + b"\n"
    return b"true\n" if answer else b"false\n"


def _solution_bytes(answer: pyoxigraph.QuerySolutions, form: str, draw_table: DrawTable) -> bytes:
    if form in _MEDIA_TYPES:
        content = answer.serialize(format=_oxigraph_format(form)) or b""
        return content if content.endswith(b"\n") else content + b"\n"
    columns = [variable.value for variable in answer.variables]
    rows = [["" if term is None else term.value for term in solution] for solution in answer]
    return (markdown_table if form == "markdown" else draw_table)(columns, rows).encode()


def _oxigraph_format(form: str) -> pyoxigraph.QueryResultsFormat | None:
    import pyoxigraph

    return pyoxigraph.QueryResultsFormat.from_media_type(_MEDIA_TYPES[form])
