"""`kg query`: ask a question of sources."""

from __future__ import annotations

import os
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click
from click.core import ParameterSource

from kg.cli import options
from kg.cli.console import say
from kg.cli.gathering import Request, gather
from kg.cli.load import refresh
from kg.cli.output import open_output
from kg.cli.tables import markdown, table
from kg.model.errors import FormatError
from kg.model.formats import find_format, format_of_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyoxigraph

    from kg.model.site import Site
    from kg.queries.catalog import Query
    from kg.stores import Address
    from kg.stores.store import Answer

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
@click.option(
    "--store",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Ask a store in a folder, as kg load fills it; with SOURCES, load what changed first.",
)
@click.option("--endpoint", metavar="URL", help="Ask a server that kg load filled.")
@options.CACHE
@options.reaching
def query(
    name: str,
    parameters: tuple[str, ...],
    form: str | None,
    output: Path | None,
    store: str | None,
    endpoint: str | None,
    cache: Path | None,
    **shared: Any,
) -> int:
    """Answer a SPARQL query, bundled (see kg queries) or your own, from what SOURCES say."""
    from kg.model.errors import QueryError
    from kg.queries.catalog import find_query, parse_query

    if name == "-" and "-" in shared["sources"]:
        raise click.UsageError("standard input cannot be both the query and a source")
    if endpoint and (store or shared["sources"]):
        raise click.UsageError("give one thing to ask: SOURCES, --store or --endpoint")
    if not (store and shared["sources"]) and _is_given("cache"):
        raise click.UsageError("--cache is for SOURCES that go to a --store")
    asked = parse_query("standard input", sys.stdin.read()) if name == "-" else find_query(name)
    given = dict(_pair(parameter) for parameter in parameters)
    address = options.address(store or endpoint or "", shared)
    request = Request(**shared)
    loaded = refresh(address, request, cache) if store and request.sources else 0
    with (
        _of_store(address, request, asked, given)
        if address.where
        else _of_sources(request, asked, given)
    ) as (answer, site, code):
        try:
            content = _rendered(answer, form, output, site)
        except (RuntimeError, OSError, ValueError) as error:  # it fails while rows are drawn
            raise QueryError(f"{asked.name}: {error}") from error
    with open_output(output) as stream:
        stream.write(content)
    return max(code, loaded)


Answered: TypeAlias = "tuple[Answer, Site, int]"
"""An answer, the site it is about, and what the command exits with."""


@contextmanager
def _of_sources(request: Request, asked: Query, given: dict[str, str]) -> Iterator[Answered]:
    from kg.graph.convert import oxigraph_store
    from kg.graph.named import merge_triples
    from kg.queries.evaluation import bind_parameters, run_query

    gathered = gather(request)
    bound = bind_parameters(asked, given, gathered.site)
    held = oxigraph_store(merge_triples(gathered.graphs))
    answer = run_query(asked, held, bound, gathered.site)
    yield answer, gathered.site, int(gathered.broken)


@contextmanager
def _of_store(
    address: Address, request: Request, asked: Query, given: dict[str, str]
) -> Iterator[Answered]:
    from kg.graph.convert import oxigraph_store
    from kg.queries.evaluation import bind_parameters, run_query, standalone_text
    from kg.stores import open_store
    from kg.stores.asking import answer_query, site_in_store

    with closing(open_store(address, os.environ)) as store:
        site = site_in_store(store, request.base_iri)
        bound = bind_parameters(asked, given, site)
        run_query(asked, oxigraph_store(()), bound, site)  # says where it is not SPARQL
        answer, strangers = answer_query(standalone_text(asked, bound, site), store, site)
        if strangers:
            notice = f"notice: the store holds other graphs too ({strangers[0]}), so kg asks a copy"
            say(f"{notice} of the site's graphs", quiet=request.quiet)
        yield answer, site, 0


def _is_given(option: str) -> bool:
    """Whether an option is among the words of the call; the environment speaks to every command."""
    source = click.get_current_context().get_parameter_source(option)
    return source is ParameterSource.COMMANDLINE


def _pair(parameter: str) -> tuple[str, str]:
    name, equals, value = parameter.partition("=")
    if not equals:
        raise click.UsageError(f"-p takes NAME=VALUE, not {parameter!r}")
    return name, value


def _rendered(answer: Answer, form: str | None, output: Path | None, site: Site) -> bytes:
    import pyoxigraph

    if not isinstance(answer, pyoxigraph.QueryBoolean | pyoxigraph.QuerySolutions):
        return _graph(answer, form, output, site)
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


def _graph(answer: Iterable[Any], form: str | None, output: Path | None, site: Site) -> bytes:
    from io import BytesIO

    from kg.sources.rdf import without_blank_nodes
    from kg.writers.registry import write_dataset

    known = find_format(form) if form else format_of_path(str(output)) if output else None
    triples = without_blank_nodes(answer, "answer", site)
    stream = BytesIO()
    write_dataset({site.iri("answer"): triples}, known or find_format("turtle"), site, stream)
    return stream.getvalue()
