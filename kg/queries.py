"""Named SPARQL queries: list them, read their headers, answer them with Oxigraph."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kg import frontmatter, resources, terms
from kg.errors import InvalidValue, QueryError, SourceError
from kg.namespaces import Site
from kg.records import Term

if TYPE_CHECKING:
    import pyoxigraph

SUFFIX: Final = ".rq"
_PARAMETER = re.compile(r"_([A-Za-z][A-Za-z0-9]*)(?:_(iri|integer|date|boolean))?\Z")
_TOKEN = re.compile(
    r"""<[^<>"{}|^`\\\s]*>|\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"""
    r"|\#[^\n]*|[?$](?P<variable>\w+)|(?P<other>\w+|\S)",
    re.DOTALL,
)
"""SPARQL's tokens, as far as needed to tell a variable from text, an IRI and a comment."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """`?_topic` in a query's text is its parameter `topic`; `?_since_date` is `since`, a date."""

    name: str
    variable: str
    kind: str
    default: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A query and what its header says (the `#+` lines of grlc: YAML behind comment signs)."""

    name: str
    text: str = field(repr=False)
    summary: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()


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


def _files() -> list[Path]:
    return sorted(resources.bundled("queries", SUFFIX), key=lambda path: path.stem)


def parse(name: str, text: str) -> Query:
    """Read a query's header and find its parameters. Raises QueryError if it is no YAML."""
    header = _header(name, text)
    defaults = _mapping(header.get("defaults"))
    choices = _choices(header.get("enumerate"))
    variables = {token["variable"] or "" for token in _TOKEN.finditer(text)}
    parameters = tuple(
        Parameter(m[1], m[0], m[2] or "text", defaults.get(m[1]), choices.get(m[1], ()))
        for m in map(_PARAMETER.match, sorted(variables))
        if m
    )
    summary = header.get("summary")
    return Query(name, text, str(summary or ""), _mapping(header.get("columns")), parameters)


def _header(name: str, text: str) -> dict[str, Any]:
    lines = [line[2:] for line in text.splitlines() if line.startswith("#+")]
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    block = frontmatter.Block("\n".join(line[margin:] for line in lines), 1)
    try:
        values = [document.value for document in frontmatter.documents(block)]
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


_TERMS: Final[Mapping[str, Callable[[object, Site], Term | None]]] = {
    "text": lambda value, _site: terms.literal(str(value)),
    "iri": terms.url,
    "integer": terms.integer,
    "date": terms.date_time,
    "boolean": terms.boolean,
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
            bound[parameter.variable] = _TERMS[parameter.kind](value, site) or terms.literal("")
        except InvalidValue as error:
            raise QueryError(f"{query.name}: {name}: {error}: {value!r}") from error
    return bound


def run(
    query: Query, held: pyoxigraph.Store, bound: Mapping[str, Term], site: Site
) -> pyoxigraph.QuerySolutions | pyoxigraph.QueryBoolean | pyoxigraph.QueryTriples:
    """Answer a query from a store, its parameters bound as terms, whatever their text says.

    Relative IRIs in the query are below the site's base. Raises QueryError with the place for a
    query that is not SPARQL 1.1.
    """
    try:
        return held.query(
            site.localize(_with_terms(query.text, bound)),
            base_iri=site.base,
            use_default_graph_as_union=True,
        )
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        raise QueryError(_refusal(query, error)) from error


def _with_terms(text: str, bound: Mapping[str, Term]) -> str:
    """Write terms where their variables stand: a term is one token, whatever its text says.

    Oxigraph's own substitution takes only variables that are projected, and misses those in a
    BIND of a UNION (pyoxigraph 0.5.13, measured).
    """
    return _TOKEN.sub(lambda match: bound.get(match["variable"] or "", match[0]), text)


def _refusal(query: Query, error: Exception) -> str:
    place = re.match(r"error at (\d+:\d+): (.*)", str(error), re.DOTALL)
    hint = "; a parameter stands for its value: to select it, BIND it" if query.parameters else ""
    return (
        f"{query.name}:{place[1]}: not SPARQL 1.1: {place[2]}{hint}"
        if place
        else f"{query.name}: {error}"
    )
