"""Named SPARQL queries: list them, read their headers, answer them with Oxigraph.

A query whose header expects something of its answer is a test: what it finds is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from kg.mapping.term_maps import boolean, date_time, integer, url
from kg.model.errors import InvalidValue, QueryError, SourceError
from kg.model.findings import Finding, Place, Rule, Severity
from kg.model.records import Source, Term
from kg.model.site import Site
from kg.model.terms import literal
from kg.queries.sparql import TOKEN, asks_elsewhere
from kg.resources import bundled_files
from kg.sources.frontmatter import read_documents
from kg.sources.frontmatter.blocks import Block

if TYPE_CHECKING:
    import pyoxigraph

SUFFIX: Final = ".rq"
_PARAMETER = re.compile(r"_([A-Za-z][A-Za-z0-9]*)(?:_(iri|integer|date|boolean))?\Z")
_EXPECTED = re.compile(r"empty|rows\s*(?P<sign>>=|<=)\s*(?P<number>[0-9]{1,9})")

SHOWN: Final = 10
"""Rows of one query that are reported; the others are counted."""


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
            return f"at least {_counted(self.least)}"
        return f"at most {_counted(self.most)}" if self.most else "no rows"

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


def bundled() -> list[Query]:
    """Return the queries that come with kg, by name."""
    return [parse(path.stem, path.read_text(encoding="utf-8")) for path in _files()]


def find(word: str) -> Query:
    """Return the query a word names: a bundled one, or a file. Raises QueryError for neither."""
    path = next((path for path in _files() if path.stem == word), Path(word))
    try:
        return parse(word, path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(path.stem for path in _files())
        raise QueryError(f"no query {word!r}: neither a file nor one of {known}") from error


def files(paths: Iterable[Path]) -> list[Query]:
    """Return the queries that paths name: each file, and those in each folder.

    Raises QueryError for a path that is not there or a folder without queries.
    """
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob(f"*{SUFFIX}")) if path.is_dir() else [path]
        if not inside:
            raise QueryError(f"{path}: no queries there; name a {SUFFIX} file or a folder of them")
        found += inside
    return [_read(path) for path in found]


def tests(paths: Iterable[Path]) -> list[Query]:
    """Return the queries that paths name and that expect something of their answers.

    Raises QueryError when there is none in a path.
    """
    found: list[Query] = []
    for path in paths:
        expecting = [query for query in files([path]) if query.expects]
        if not expecting:
            raise QueryError(f"{path}: no query there says what to expect: #+ expect: empty")
        found += expecting
    return found


def _read(path: Path) -> Query:
    try:
        return parse(str(path), path.read_text(encoding="utf-8"))
    except OSError as error:
        raise QueryError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise QueryError(f"{path}: not UTF-8") from error


def _files() -> list[Path]:
    return sorted(bundled_files("queries", SUFFIX), key=lambda path: path.stem)


def parse(name: str, text: str) -> Query:
    """Read a query's header and find its parameters.

    Raises QueryError for a header that is no YAML, or that expects what cannot be counted.
    """
    header = _header(name, text)
    defaults = _mapping(header.get("defaults"))
    choices = _choices(header.get("enumerate"))
    variables = {token["variable"] or "" for token in TOKEN.finditer(text)}
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


_TERMS: Final[Mapping[str, Callable[[object, Site], Term | None]]] = {
    "text": lambda value, _site: literal(str(value)),
    "iri": url,
    "integer": integer,
    "date": date_time,
    "boolean": boolean,
}


def bind(query: Query, values: Mapping[str, str], site: Site) -> dict[str, Term]:
    """Make the values of a query's parameters terms, by variable; defaults fill what is not given.

    Raises QueryError for a value that does not fit, is missing, or is for no parameter.
    """
    known = {parameter.name: parameter for parameter in query.parameters}
    for name in values:
        if name not in known:
            has = ", ".join(known) or "none"
            raise QueryError(f"{query.name}: no parameter {name!r}; it has {has}")
    bound: dict[str, Term] = {}
    for name, parameter in known.items():
        value = values.get(name, parameter.default)
        if value is None:
            raise QueryError(f"{query.name}: needs a value: -p {name}=...")
        if parameter.choices and value not in parameter.choices:
            known_values = ", ".join(parameter.choices)
            raise QueryError(f"{query.name}: {name}: one of {known_values}, not {value!r}")
        try:
            bound[parameter.variable] = _TERMS[parameter.kind](value, site) or literal("")
        except InvalidValue as error:
            raise QueryError(f"{query.name}: {name}: {error}: {value!r}") from error
    return bound


def run(
    query: Query, held: pyoxigraph.Store, bound: Mapping[str, Term], site: Site
) -> pyoxigraph.QuerySolutions | pyoxigraph.QueryBoolean | pyoxigraph.QueryTriples:
    """Answer a query from a store, its parameters bound as terms, whatever their text says.

    Relative IRIs in the query are below the site's base. Raises QueryError with the place for a
    query that is not SPARQL 1.1, and for one that would ask a server.
    """
    if asks_elsewhere(query.text):
        message = "it asks a server (SERVICE), and kg reaches for none; ask that one by --endpoint"
        raise QueryError(f"{query.name}: {message}")
    try:
        return held.query(
            site.localize(_with_terms(query.text, bound)),
            base_iri=site.base,
            use_default_graph_as_union=True,
        )
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        raise QueryError(_refusal(query, error)) from error


def prepared(query: Query, bound: Mapping[str, Term], site: Site) -> str:
    """Write a query as any engine takes it: with its base, and terms in place of parameters."""
    return f"BASE <{site.base}> {site.localize(_with_terms(query.text, bound))}"


def _with_terms(text: str, bound: Mapping[str, Term]) -> str:
    """Write terms where their variables stand: a term is one token, whatever its text says.

    Oxigraph's own substitution takes only variables that are projected, and misses those in a
    BIND of a UNION (pyoxigraph 0.5.13, measured).
    """
    return TOKEN.sub(lambda match: bound.get(match["variable"] or "", match[0]), text)


def _refusal(query: Query, error: Exception) -> str:
    place = re.match(r"error at (\d+:\d+): (.*)", str(error), re.DOTALL)
    hint = "; a parameter stands for its value: to select it, BIND it" if query.parameters else ""
    return (
        f"{query.name}:{place[1]}: not SPARQL 1.1: {place[2]}{hint}"
        if place
        else f"{query.name}: {error}"
    )


def rule(query: Query) -> Rule:
    """Return what a query is expected to give as a rule, as shapes are."""
    expected = query.expectation
    said = expected.message or query.summary or query.rule
    return Rule(query.rule, said, f"The query must give {expected}.", expected.severity)


def findings(query: Query, held: pyoxigraph.Store, site: Site) -> list[Finding]:
    """Answer a query, with the defaults of its parameters, and return what is not as expected.

    Each row of a query that should give none is a finding about the first node in it that the store
    describes, to be located like any other. What is about no node has its place in the query.
    Raises QueryError for a query that cannot be answered, or whose answer has no rows.
    """
    expected = query.expectation
    columns, rows = _rows(query, held, site)
    if expected.met_by(len(rows)):
        return []
    said = expected.message or f"{query.summary} {_counted(len(rows))}.".lstrip()
    whole = Finding(
        expected.severity,
        said,
        (_place(query),),
        expected=str(expected),
        shape=site.iri(f"queries/{query.rule}"),
    )
    if expected.most != 0:
        return [whole]
    cells = ({name: row[name] for name in columns} for row in rows)
    return [_about(row, whole, held) for row in cells]


def _rows(
    query: Query, held: pyoxigraph.Store, site: Site
) -> tuple[list[str], list[pyoxigraph.QuerySolution]]:
    import pyoxigraph

    for parameter in query.parameters:
        if parameter.default is None:
            name = parameter.name
            raise QueryError(f"{query.name}: {name}: a test needs a default; give it in the header")
    answer = run(query, held, bind(query, {}, site), site)
    if not isinstance(answer, pyoxigraph.QuerySolutions):
        raise QueryError(f"{query.name}: only the answer of a SELECT query has rows to expect")
    try:
        return [variable.value for variable in answer.variables], list(answer)
    except (RuntimeError, OSError, ValueError) as error:  # evaluation fails while rows are drawn
        raise QueryError(f"{query.name}: {error}") from error


def _place(query: Query) -> Place:
    source = Source(query.name, Path(query.name).name)
    at = query.expectation
    return Place(source, ("expect",), line=at.line, column=at.column)


def _about(row: Mapping[str, Any], whole: Finding, held: pyoxigraph.Store) -> Finding:
    """Make a row of the answer a finding: its node is what it is about, the rest its value."""
    cells = {name: term for name, term in row.items() if term is not None}
    node = next((name for name, term in cells.items() if _described(term, held)), None)
    value = ", ".join(f"{name} {term.value}" for name, term in cells.items() if name != node)
    finding = replace(whole, value=value or None)
    return finding if node is None else replace(finding, focus=str(cells[node]), places=())


def _described(term: Any, held: pyoxigraph.Store) -> bool:
    import pyoxigraph

    return isinstance(term, pyoxigraph.NamedNode) and any(
        held.quads_for_pattern(term, None, None, None)
    )


def shortened(found: Iterable[Finding], asked: Iterable[Query]) -> Iterator[Finding]:
    """Yield findings, of each query only the first rows, and a last one that counts the others."""
    queries = {query.rule: query for query in asked}
    for name, group in groupby(found, key=lambda one: None if one.component else one.rule):
        rows = list(group)
        if name not in queries or len(rows) <= SHOWN:
            yield from rows
            continue
        yield from rows[:SHOWN]
        more = f"And {_counted(len(rows) - SHOWN)} more."
        place = _place(queries[name])
        yield replace(rows[0], message=more, value=None, focus=None, places=(place,))


def _counted(rows: int) -> str:
    return f"{rows:,} {'row' if rows == 1 else 'rows'}"
