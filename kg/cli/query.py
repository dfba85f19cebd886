"""`kg query`: run a SPARQL query on sources or on a store."""

from __future__ import annotations

import os
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click
from click.core import ParameterSource

from kg.cli import options
from kg.cli.console import print_notice
from kg.cli.output import open_output
from kg.cli.request import ReadOptions, load_and_report
from kg.cli.store_sync import Resources, sync_store
from kg.cli.tables import draw_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyoxigraph import QueryTriples

    from kg.model import Site
    from kg.queries import Answer, Query
    from kg.stores import Address

RESULTS = ("table", "markdown", "csv", "tsv", "json", "xml")


@click.command()
@click.argument("name", metavar="NAME|FILE|-")
@options.read_options
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value of a query parameter.",
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
    help="Query a store folder that kg load filled; with SOURCES, load what changed first.",
)
@click.option("--endpoint", metavar="URL", help="Query a server that kg load filled.")
@options.CACHE
@options.store_options
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
    """Run a bundled or your own SPARQL query on SOURCES.

    kg queries lists the bundled ones.
    """
    from kg.queries import evaluation_errors, find_query, parse_query

    if name == "-" and "-" in shared["sources"]:
        raise click.UsageError("standard input cannot be both the query and a source")
    if endpoint and (store or shared["sources"]):
        raise click.UsageError("give one of SOURCES, --store and --endpoint")
    if not (store and shared["sources"]) and _is_given("cache"):
        raise click.UsageError("--cache needs SOURCES and --store")
    query = parse_query("standard input", sys.stdin.read()) if name == "-" else find_query(name)
    values = dict(_pair(parameter) for parameter in parameters)
    address = options.take_address(store or endpoint or "", shared)
    request = ReadOptions(**shared)
    load_code = _load(address, request, cache) if store and request.sources else 0
    with (
        (
            _answer_of_store(address, request, query, values)
            if address.location
            else _answer_of_sources(request, query, values)
        ) as (answer, site, code),
        evaluation_errors(query),
    ):
        content = _answer_bytes(answer, form, output, site)
    with open_output(output) as stream:
        stream.write(content)
    return max(code, load_code)


def _load(address: Address, request: ReadOptions, cache: Path | None) -> int:
    """Load what changed in the sources into a store folder; return the exit code."""
    from kg.stores import open_store
    from kg.workers import cores

    with closing(open_store(address, os.environ, create=True)) as store:
        return sync_store(store, request, Resources(cores(), options.DEFAULT_MEMORY, cache))


SiteAnswer: TypeAlias = "tuple[Answer, Site, int]"
"""An answer, the site it is about, and the exit code."""


@contextmanager
def _answer_of_sources(
    request: ReadOptions, query: Query, values: dict[str, str]
) -> Iterator[SiteAnswer]:
    from kg.graph import oxigraph_store
    from kg.queries import bind_parameters, run_query

    graphs = load_and_report(request)
    terms = bind_parameters(query, values, graphs.site)
    store = oxigraph_store(graphs.triples())
    answer = run_query(query, store, terms, graphs.site)
    yield answer, graphs.site, int(graphs.has_violation)


@contextmanager
def _answer_of_store(
    address: Address, request: ReadOptions, query: Query, values: dict[str, str]
) -> Iterator[SiteAnswer]:
    from kg.queries import bind_parameters, check_syntax, standalone_text
    from kg.stores import answer_query, open_store, site_in_store

    with closing(open_store(address, os.environ)) as store:
        site = site_in_store(store, request.base_iri)
        terms = bind_parameters(query, values, site)
        check_syntax(query, terms, site)  # a server's message has no line and column
        answer, foreign_graphs = answer_query(standalone_text(query, terms, site), store, site)
        if foreign_graphs:
            notice = f"notice: the store has other graphs too ({foreign_graphs[0]}), so kg queries"
            print_notice(f"{notice} a copy of the site's graphs", quiet=request.quiet)
        yield answer, site, 0


def _is_given(option: str) -> bool:
    """Return whether an option is in the command line; KG_CACHE is for every command."""
    source = click.get_current_context().get_parameter_source(option)
    return source is ParameterSource.COMMANDLINE


def _pair(parameter: str) -> tuple[str, str]:
    name, equals, value = parameter.partition("=")
    if not equals:
        raise click.UsageError(f"-p takes NAME=VALUE, not {parameter!r}")
    return name, value


def _answer_bytes(answer: Answer, form: str | None, output: Path | None, site: Site) -> bytes:
    from kg.queries import answer_bytes, choose_result_format, is_graph

    if is_graph(answer):
        return _graph_bytes(answer, form, output, site)
    return answer_bytes(answer, choose_result_format(form, output), draw_table)


def _graph_bytes(answer: QueryTriples, form: str | None, output: Path | None, site: Site) -> bytes:
    from io import BytesIO

    from kg.queries import answer_triples, choose_graph_format
    from kg.writers import write_dataset

    stream = BytesIO()
    dataset = {site.iri("answer"): answer_triples(answer, site)}
    write_dataset(dataset, choose_graph_format(form, output), site, stream)
    return stream.getvalue()
