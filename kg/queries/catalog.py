"""SPARQL queries, bundled or in files, and what their headers state.

A query whose header has an expectation (`#+ expect`) is a test of the graph.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from kg.model import QueryError, Severity, SourceError, format_count
from kg.queries.sparql import SPARQL_TOKEN
from kg.resources import bundled_files
from kg.sources import Block, read_documents

SUFFIX: Final = ".rq"
_PARAMETER = re.compile(r"_([A-Za-z][A-Za-z0-9]*)(?:_(iri|integer|date|boolean))?\Z")
_EXPECTED = re.compile(r"empty|rows\s*(?P<sign>>=|<=)\s*(?P<number>[0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Parameter:
    """`?_topic` in a query's text is its parameter `topic`; `?_since_date` is `since`, a date."""

    name: str
    variable: str
    kind: str
    default: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expectation:
    """How many rows the answer must have: from `least` to `most`, None for any number.

    An answer with another number of rows is a finding of `severity`. `line` and `column` are the
    place of `expect` in the query's text, 0 if it has none.
    """

    least: int = 0
    most: int | None = None
    severity: Severity = Severity.VIOLATION
    message: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Return the number in words: no rows, at least 3 rows, at most 1 row."""
        if self.most is None:
            return f"at least {format_count(self.least, 'row')}"
        return f"at most {format_count(self.most, 'row')}" if self.most else "no rows"

    def met_by(self, rows: int) -> bool:
        """Return whether a number of rows is as expected."""
        return self.least <= rows and (self.most is None or rows <= self.most)


@dataclass(frozen=True, slots=True)
class Query:
    """A query and its header (the `#+` lines of grlc: YAML in comments).

    `name` is the word or the path that it was found by, `columns` the descriptions of its columns.
    """

    name: str
    text: str = field(repr=False)
    summary: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    expectation: Expectation = Expectation()

    @property
    def expects(self) -> bool:
        """Return whether the query is a test: its header has an expectation."""
        return self.expectation != Expectation()

    @property
    def rule(self) -> str:
        """Return the rule of its findings: the name of its file, as the last segment of an IRI."""
        return quote(Path(self.name).stem, safe="", errors="surrogateescape")


def bundled_queries() -> list[Query]:
    """Return the queries that are bundled with kg, sorted by name."""
    return [parse_query(path.stem, path.read_text(encoding="utf-8")) for path in _files()]


def find_query(word: str) -> Query:
    """Return the bundled query of a name, or the one in a file. Raises QueryError for neither."""
    path = next((path for path in _files() if path.stem == word), Path(word))
    try:
        return parse_query(word, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        names = ", ".join(path.stem for path in _files())
        raise QueryError(f"no query {word!r}: not a file, and not one of {names}") from error


def read_queries(paths: Iterable[Path]) -> list[Query]:
    """Return the queries in files, and in the files of folders, sorted within each folder.

    Raises QueryError for a file that cannot be read, and for a folder without queries.
    """
    files: list[Path] = []
    for path in paths:
        inside = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
        if not inside:
            raise QueryError(f"{path}: has no queries; name a {SUFFIX} file or a folder of them")
        files += inside
    return [_read_query(path) for path in files]


def queries_with_expectations(paths: Iterable[Path]) -> list[Query]:
    """Return the queries in files and folders that have an expectation.

    Raises QueryError as `read_queries` does, and for a path without such a query.
    """
    queries: list[Query] = []
    for path in paths:
        expecting = [query for query in read_queries([path]) if query.expects]
        if not expecting:
            advice = "add a line such as #+ expect: empty"
            raise QueryError(f"{path}: no query has an expected result; {advice}")
        queries += expecting
    return queries


def _read_query(path: Path) -> Query:
    try:
        return parse_query(str(path), path.read_text(encoding="utf-8"))
    except OSError as error:
        raise QueryError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise QueryError(f"{path}: not UTF-8") from error


def _files() -> list[Path]:
    return sorted(bundled_files("queries", SUFFIX), key=lambda path: path.stem)


def parse_query(name: str, text: str) -> Query:
    """Return the query of a text, with its header and its parameters.

    Raises QueryError for a header that is not YAML, and for an expectation that is not understood.
    """
    header = _header(name, text)
    defaults = _mapping(header.get("defaults"))
    choices = _choices(header.get("enumerate"))
    variables = {token["variable"] or "" for token in SPARQL_TOKEN.finditer(text)}
    parameters = tuple(
        Parameter(m[1], m[0], m[2] or "text", defaults.get(m[1]), choices.get(m[1], ()))
        for m in map(_PARAMETER.match, sorted(variables))
        if m
    )
    summary = str(header.get("summary") or "")
    columns = _mapping(header.get("columns"))
    return Query(name, text, summary, columns, parameters, _expectation(name, text, header))


def _header(name: str, text: str) -> dict[str, Any]:
    lines = [line[2:] for line in text.splitlines() if line.startswith("#+")]
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    block = Block("\n".join(line[margin:] for line in lines), 1)
    try:
        values = [document.value for document in read_documents(block)]
    except SourceError as error:
        raise QueryError(f"{name}: the #+ header is not YAML: {error}") from error
    return values[0] if values and isinstance(values[0], dict) else {}


def _mapping(value: object) -> dict[str, str]:
    """Return the items of a mapping, or of grlc's list of one-key mappings."""
    mappings = value if isinstance(value, list) else [value]
    return {
        str(key): "" if text is None else str(text)
        for mapping in mappings
        if isinstance(mapping, dict)
        for key, text in mapping.items()
    }


def _choices(value: object) -> dict[str, tuple[str, ...]]:
    """Return the items of grlc's `enumerate`: a list of one-key mappings to lists of values."""
    return {
        str(name): tuple(map(str, values))
        for mapping in (value if isinstance(value, list) else [])
        if isinstance(mapping, dict)
        for name, values in mapping.items()
        if isinstance(values, list)
    }


def _expectation(name: str, text: str, header: Mapping[str, Any]) -> Expectation:
    if "expect" not in header:
        return Expectation()
    match = _EXPECTED.fullmatch(str(header["expect"]))
    if match is None:
        advice = "write empty, rows >= N or rows <= N"
        raise QueryError(f"{_not_understood(name, text, header, 'expect')}; {advice}")
    severity = header.get("severity", Severity.VIOLATION)
    if severity not in list(Severity):
        advice = f"write {', '.join(Severity)}"
        raise QueryError(f"{_not_understood(name, text, header, 'severity')}; {advice}")
    number = int(match["number"] or 0)
    least, most = (number, None) if match["sign"] == ">=" else (0, number)
    message = str(header.get("message") or "")
    return Expectation(least, most, Severity(severity), message, *_position(text, "expect"))


def _not_understood(name: str, text: str, header: Mapping[str, Any], key: str) -> str:
    line, column = _position(text, key)
    return f"{name}:{line}:{column}: {key}: not understood: {header[key]!r}"


def _position(text: str, key: str) -> tuple[int, int]:
    """Return line and column of a key of the header; 0 if no line begins with it."""
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(rf"#\+\s*({key})\s*:", line)
        if match:
            return number, match.start(1) + 1
    return 0, 0
