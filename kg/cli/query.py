"""`kg query`: ask a question of sources."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kg import formats
from kg.cli import options
from kg.cli.gathering import Gathered, Request, gather
from kg.cli.output import opened
from kg.cli.tables import markdown, table
from kg.errors import FormatError

if TYPE_CHECKING:
    import pyoxigraph

SERIALIZED = {
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
}
RESULTS = ("table", "markdown", *SERIALIZED)


@click.command()
@click.argument("name", metavar="NAME|FILE|-")
@options.reading
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value of a parameter of the query.",
)
@click.option(
    "-f",
    "--format",
    "form",
    metavar="FORMAT",
    help=f"One of {', '.join(RESULTS)}; an RDF format for CONSTRUCT and DESCRIBE.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write to [default: standard output].",
)
def query(
    name: str, parameters: tuple[str, ...], form: str | None, output: Path | None, **shared: Any
) -> int:
    """Answer a SPARQL query, bundled (see kg queries) or your own, from what SOURCES say."""
    from kg import graphs, queries
    from kg.errors import QueryError

    if name == "-" and "-" in shared["sources"]:
        raise click.UsageError("standard input cannot be both the query and a source")
    asked = queries.parse("standard input", sys.stdin.read()) if name == "-" else queries.find(name)
    given = dict(_pair(parameter) for parameter in parameters)
    gathered = gather(Request(**shared))
    bound = queries.bind(asked, given, gathered.site)
    store = graphs.store(set().union(*gathered.dataset.values()))
    answer = queries.run(asked, store, bound, gathered.site)
    try:
        content = _rendered(answer, form, output, gathered)
    except (RuntimeError, OSError, ValueError) as error:  # evaluation fails while rows are drawn
        raise QueryError(f"{asked.name}: {error}") from error
    with opened(output) as stream:
        stream.write(content)
    return int(gathered.broken)


def _pair(parameter: str) -> tuple[str, str]:
    name, equals, value = parameter.partition("=")
    if not equals:
        raise click.UsageError(f"-p takes NAME=VALUE, not {parameter!r}")
    return name, value


def _rendered(answer: Any, form: str | None, output: Path | None, gathered: Gathered) -> bytes:
    import pyoxigraph

    if isinstance(answer, pyoxigraph.QueryTriples):
        return _graph(answer, form, output, gathered)
    suffix = output.suffix[1:] if output else ""
    chosen = form or {"md": "markdown", "srj": "json", "srx": "xml"}.get(suffix, suffix)
    chosen = chosen if form or chosen in RESULTS else "table"
    if chosen not in RESULTS:
        raise FormatError(f"unknown format: {chosen!r}; one of {', '.join(RESULTS)}")
    if isinstance(answer, pyoxigraph.QueryBoolean):
        return _boolean(answer, chosen)
    return _solutions(answer, chosen)


def _boolean(answer: pyoxigraph.QueryBoolean, form: str) -> bytes:
    import pyoxigraph

    if form in {"json", "xml"}:
        kind = pyoxigraph.QueryResultsFormat.from_media_type(SERIALIZED[form])
        return (answer.serialize(format=kind) or b"") + b"\n"
    return b"true\n" if answer else b"false\n"


def _solutions(answer: pyoxigraph.QuerySolutions, form: str) -> bytes:
    import pyoxigraph

    if form in SERIALIZED:
        kind = pyoxigraph.QueryResultsFormat.from_media_type(SERIALIZED[form])
        content = answer.serialize(format=kind) or b""
        return content if content.endswith(b"\n") else content + b"\n"
    columns = [variable.value for variable in answer.variables]
    rows = [["" if term is None else term.value for term in solution] for solution in answer]
    return (markdown if form == "markdown" else table)(columns, rows).encode()


def _graph(
    answer: pyoxigraph.QueryTriples, form: str | None, output: Path | None, gathered: Gathered
) -> bytes:
    from io import BytesIO

    from kg import graphs, writers

    known = formats.find(form) if form else formats.of_path(str(output)) if output else None
    triples = graphs.without_blank_nodes(answer, "answer", gathered.site)
    stream = BytesIO()
    dataset = {gathered.site.iri("answer"): triples}
    writers.write(dataset, known or formats.find("turtle"), gathered.site, stream)
    return stream.getvalue()
