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
_PARAMETER = re.compile(r"[?$]_([A-Za-z][A-Za-z0-9]*)(?:_(iri|integer|date|boolean))?\b")
_COMMENT = re.compile(r"(?m)^[ \t]*#.*$")


@dataclass(frozen=True, slots=True)
class Parameter:
    """`?_topic` in a query's text is its parameter `topic`; `?_since_date` is `since`, a date."""

    name: str
    variable: str
    kind: str
    default: str | None = None


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
    return resources.bundled("queries", SUFFIX)


def parse(name: str, text: str) -> Query:
    """Read a query's header and find its parameters. Raises QueryError if it is no YAML."""
    header = _header(name, text)
    defaults = _mapping(header.get("defaults"))
    found = {match[1]: match for match in _PARAMETER.finditer(_COMMENT.sub("", text))}
    parameters = tuple(
        Parameter(name, match[0][1:], match[2] or "text", defaults.get(name))
        for name, match in sorted(found.items())
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
        try:
            bound[parameter.variable] = _TERMS[parameter.kind](value, site) or terms.literal("")
        except InvalidValue as error:
            raise QueryError(f"{query.name}: {name}: {error}: {value!r}") from error
    return bound


def run(
    query: Query, held: pyoxigraph.Store, bound: Mapping[str, Term], site: Site
) -> pyoxigraph.QuerySolutions | pyoxigraph.QueryBoolean | pyoxigraph.QueryTriples:
    """Answer a query from a store, its parameters bound as terms, never pasted into its text.

    Relative IRIs in the query are below the site's base. Raises QueryError with the place for a
    query that is not SPARQL 1.1.
    """
    import pyoxigraph

    substitutions: dict[Any, Any] = {
        pyoxigraph.Variable(variable): _term(term) for variable, term in bound.items()
    }
    try:
        return held.query(
            site.localize(query.text),
            base_iri=site.base,
            substitutions=substitutions,
            use_default_graph_as_union=True,
        )
    except (SyntaxError, ValueError, OSError, RuntimeError) as error:
        raise QueryError(_refusal(query, error)) from error


def _refusal(query: Query, error: Exception) -> str:
    place = re.match(r"error at (\d+:\d+): (.*)", str(error), re.DOTALL)
    return (
        f"{query.name}:{place[1]}: not SPARQL 1.1: {place[2]}"
        if place
        else f"{query.name}: {error}"
    )


def _term(term: Term) -> Any:
    import pyoxigraph

    triple = next(iter(pyoxigraph.parse(f"<x:s> <x:p> {term} .", pyoxigraph.RdfFormat.N_TRIPLES)))
    return triple.object
