"""Named SPARQL queries: list them, read their headers, answer them with Oxigraph.

A query whose header expects something of its answer is a test: what it finds is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from kg.model.errors import QueryError, SourceError
from kg.model.findings import Severity
from kg.queries.sparql import SPARQL_TOKEN
from kg.resources import bundled_files
from kg.sources.frontmatter import read_documents
from kg.sources.frontmatter.blocks import Block

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

    A query that fails it is a finding of that severity; `line` and `column` are where it stands.
    """

    least: int = 0
    most: int | None = None
    severity: Severity = Severity.VIOLATION
    message: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """Say it: no rows, at least 3 rows, at most 1 row."""
        if self.most is None:
            return f"at least {rows_counted(self.least)}"
        return f"at most {rows_counted(self.most)}" if self.most else "no rows"

    def met_by(self, rows: int) -> bool:
        """Whether that many rows are as expected."""
        return self.least <= rows and (self.most is None or rows <= self.most)


@dataclass(frozen=True, slots=True)
class Query:
    """A query and what its header says (the `#+` lines of grlc: YAML behind comment signs)."""

    name: str
    text: str = field(repr=False)
    summary: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    expectation: Expectation = Expectation()

    @property
    def expects(self) -> bool:
        """Whether the query is a test: not just any answer will do."""
        return self.expectation != Expectation()

    @property
    def rule(self) -> str:
        """The name its findings go by: that of its file, as the last part of an IRI."""
        return quote(Path(self.name).stem, safe="", errors="surrogateescape")


def bundled_queries() -> list[Query]:
    """Return the queries that come with kg, by name."""
    return [parse_query(path.stem, path.read_text(encoding="utf-8")) for path in _files()]


def find_query(word: str) -> Query:
    """Return the query a word names: a bundled one, or a file. Raises QueryError for neither."""
    path = next((path for path in _files() if path.stem == word), Path(word))
    try:
        return parse_query(word, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(path.stem for path in _files())
        raise QueryError(f"no query {word!r}: neither a file nor one of {known}") from error


def read_queries(paths: Iterable[Path]) -> list[Query]:
    """Return the queries that paths name: each file, and those in each folder.

    Raises QueryError for a path that is not there or a folder without queries.
    """
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
        if not inside:
            raise QueryError(f"{path}: no queries there; name a {SUFFIX} file or a folder of them")
        found += inside
    return [_read_query(path) for path in found]


def queries_with_expectations(paths: Iterable[Path]) -> list[Query]:
    """Return the queries that paths name and that expect something of their answers.

    Raises QueryError when there is none in a path.
    """
    found: list[Query] = []
    for path in paths:
        expecting = [query for query in read_queries([path]) if query.expects]
        if not expecting:
            raise QueryError(f"{path}: no query there says what to expect: #+ expect: empty")
        found += expecting
    return found


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
    """Read a query's header and find its parameters.

    Raises QueryError for a header that is no YAML, or that expects what cannot be counted.
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
    """Take a mapping, or grlc's list of one-key mappings."""
    parts = value if isinstance(value, list) else [value]
    return {
        str(k): "" if v is None else str(v)
        for part in parts
        if isinstance(part, dict)
        for k, v in part.items()
    }


def _choices(value: object) -> dict[str, tuple[str, ...]]:
    """Take grlc's `enumerate`: a list of one-key mappings to lists of values."""
    return {
        str(name): tuple(str(one) for one in values)
        for part in (value if isinstance(value, list) else [])
        if isinstance(part, dict)
        for name, values in part.items()
        if isinstance(values, list)
    }


def _expectation(name: str, text: str, header: Mapping[str, Any]) -> Expectation:
    if "expect" not in header:
        return Expectation()
    match = _EXPECTED.fullmatch(str(header["expect"]))
    if match is None:
        advice = "write empty, rows >= N or rows <= N"
        raise QueryError(f"{_refused(name, text, header, 'expect')}; {advice}")
    severity = header.get("severity", Severity.VIOLATION)
    if severity not in list(Severity):
        advice = f"write {', '.join(Severity)}"
        raise QueryError(f"{_refused(name, text, header, 'severity')}; {advice}")
    number = int(match["number"] or 0)
    least, most = (number, None) if match["sign"] == ">=" else (0, number)
    message = str(header.get("message") or "")
    return Expectation(least, most, Severity(severity), message, *_position(text, "expect"))


def _refused(name: str, text: str, header: Mapping[str, Any], key: str) -> str:
    line, column = _position(text, key)
    return f"{name}:{line}:{column}: {key}: not understood: {header[key]!r}"


def _position(text: str, key: str) -> tuple[int, int]:
    """Return line and column of a key of the header; 0 where it is spelled in some other way."""
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(rf"#\+\s*({key})\s*:", line)
        if match:
            return number, match.start(1) + 1
    return 0, 0


def rows_counted(rows: int) -> str:
    """Write a number of rows with its noun."""
    return f"{rows:,} {'row' if rows == 1 else 'rows'}"
