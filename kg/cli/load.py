"""`kg load`: sources to a triple store, and the store in step with them."""

from __future__ import annotations

import json
import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import click

from kg.cli import options
from kg.cli.console import complain, counting, say
from kg.cli.gathering import Prepared, Request, broken, exported, prepared, remembering
from kg.model.messages import counted
from kg.model.tables import markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg.graph.collect import CollectedGraph
    from kg.graph.payloads import Payloads
    from kg.model.findings import Finding
    from kg.model.records import Term
    from kg.model.site import Site
    from kg.stores import Address
    from kg.stores.loading import Proof, Sync, SyncResult
    from kg.stores.plan import Plan, Scope
    from kg.stores.proof import Mismatch
    from kg.stores.store import Store

VERSION: Final = 1
"""Of the JSON layout; raised when a reader would have to change."""
NAMED: Final = ("add", "replace", "delete", "kept")
PROOFS: Final = ("counts", "full")
SHOWN: Final = 10
"""Graphs that are named when they do not hold."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a load may use: processes, bytes of memory in each, and the folder of a cache."""

    jobs: int
    memory: int
    cache: Path | None


def _list_profiles(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        from kg.stores.profiles import PROFILES

        rows = [[profile.name, profile.auth, profile.quirks] for profile in PROFILES.values()]
        click.echo(markdown_table(["profile", "authentication", "what to know"], rows), nl=False)
        context.exit()


@click.command()
@options.reading
@click.option(
    "--to",
    "where",
    envvar="KG_STORE",
    required=True,
    metavar="URL|DIR",
    help="The store: a server's URL, or a folder for a store without a server.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be done, and send nothing.")
@click.option("--delete", is_flag=True, help="Remove every graph of the site from the store.")
@click.option(
    "--verify",
    type=click.Choice(PROOFS),
    default="counts",
    show_default=True,
    help="Compare how many statements each graph has in the store, or every statement.",
)
@click.option("--no-verify", is_flag=True, help="Compare nothing.")
@options.CACHE
@options.JOBS
@options.MEMORY
@options.reaching
@click.option(
    "--profiles",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_profiles,
    help="List the kinds of stores and what each does unlike others.",
)
@options.JSON
def load(
    where: str,
    dry_run: bool,
    delete: bool,
    verify: str,
    no_verify: bool,
    cache: Path | None,
    jobs: int,
    memory: int,
    as_json: bool,
    **shared: Any,
) -> int:
    """Fill a triple store with what SOURCES say, and keep it in step with them.

    Each file is a named graph. Only what changed travels; graphs of files that are gone from a
    folder of SOURCES are removed, graphs of others are left alone. What broke off is finished by
    the next load.
    """
    from kg.stores import open_for_reading, open_store

    address = options.address(where, shared)
    request = Request(**shared)
    if delete or dry_run:
        store = open_for_reading(address, os.environ)
    else:
        store = open_store(address, os.environ, new=True)
    with closing(store):
        if delete:
            return _delete(store, request, dry_run=dry_run, as_json=as_json)
        proof = None if no_verify else verify
        means = Means(jobs, memory, cache)
        return _load(store, request, means, proof, dry_run=dry_run, as_json=as_json)


def refresh(address: Address, request: Request, cache: Path | None) -> int:
    """Bring a store in a folder in step with sources; return what `kg load` exits with."""
    from kg.stores import open_store
    from kg.workers import cores

    with closing(open_store(address, os.environ, new=True)) as store:
        means = Means(cores(), options.HELD, cache)
        return _load(store, request, means, PROOFS[0], dry_run=False, as_json=False)


def _load(
    store: Store,
    request: Request,
    means: Means,
    proof: str | None,
    *,
    dry_run: bool,
    as_json: bool,
) -> int:
    from kg.graph.collect import CollectOptions
    from kg.stores.lease import Heartbeat
    from kg.stores.loading import check_owner

    with (
        TemporaryDirectory(prefix="kg-") as folder,
        remembering(means.cache, request) as kept,
    ):
        ready = prepared(request, kept)
        check_owner(store, ready.site)
        wanted = CollectOptions(Path(folder), means.memory, bodies=True)
        said = exported(ready, request, wanted, means.jobs, kept)
        work = _work(said, ready, request)
        if dry_run:
            done = work.rehearse(store)
            _print_plan(done.plan, as_json=as_json, quiet=request.quiet)
        else:
            with counting("graphs", len(work.wanted), quiet=request.quiet) as told:
                done = work.run(store, _proof(proof), told, Heartbeat())
            if as_json:
                _print_json(done, work.wanted, proof)
    _say_wrong(done.wrong)
    if not dry_run:
        say(f"{_summary(done, work.wanted, proof)} in {store.address}", quiet=request.quiet)
    for graph in done.plan.kept:
        say(f"kept as it was, since its source is broken: {graph[1:-1]}", quiet=request.quiet)
    return int(broken(said.findings) or bool(done.wrong))


def _work(said: CollectedGraph, ready: Prepared, request: Request) -> Sync:
    """Return what a store shall say: the graphs of the sources; of a whole site, metadata too."""
    from kg.graph.payloads import payload_of
    from kg.graph.statistics import METADATA_GRAPH, VoidStatistics
    from kg.stores.loading import Sync

    site, scope = ready.site, _scope(ready, request)
    metadata, wanted = site.iri(METADATA_GRAPH), said.bodies()
    unread = _unread(said.findings, site) - wanted.keys()
    if scope.whole and wanted and not unread:
        tally = VoidStatistics(site)
        said.count(tally)
        wanted[metadata] = payload_of(tally.nodes())
    return Sync(wanted, site, scope, frozenset(unread | {metadata} if unread else ()))


def _scope(ready: Prepared, request: Request) -> Scope:
    from kg.sources.discovery import site_root
    from kg.stores.plan import scope_of

    folders = [
        Path(os.path.abspath(path)).relative_to(site_root(path))
        for path in request.sources or (".",)
        if Path(path).is_dir()
    ]
    return scope_of([folder.as_posix() for folder in folders], ready.sources, ready.site)


def _unread(findings: Iterable[Finding], site: Site) -> set[Term]:
    """Return the graphs of the sources that could not be used as a whole or in part."""
    from kg.graph.named import graph_name
    from kg.model.findings import Severity

    return {
        graph_name(place.source, site)
        for finding in findings
        for place in finding.places
        if finding.severity is Severity.VIOLATION
    }


def _proof(name: str | None) -> Proof:
    from kg.stores.proof import compare_counts, compare_statements, prove_nothing

    return {"counts": compare_counts, "full": compare_statements, None: prove_nothing}[name]


def _delete(store: Store, request: Request, *, dry_run: bool, as_json: bool) -> int:
    from kg.sites.configuration import read_settings
    from kg.stores.asking import graphs_of_site, site_in_store
    from kg.stores.lease import Heartbeat
    from kg.stores.loading import SyncResult, delete_site
    from kg.stores.plan import Plan

    said = read_settings(request.sources or (".",)).site(request.base_iri)
    known = site_in_store(store, said.base)
    if dry_run:
        planned = Plan(delete=graphs_of_site(store, known))
        _print_plan(planned, as_json=as_json, quiet=request.quiet)
        return 0
    with counting("graphs", len(graphs_of_site(store, known)), quiet=request.quiet) as told:
        done = delete_site(store, known, told, Heartbeat())
    if as_json:
        _print_json(SyncResult(done), {}, None)
    graphs = counted(len(done.delete), "graph")
    say(f"{graphs} of {known.base} deleted from {store.address}", quiet=request.quiet)
    return 0


def _print_plan(made: Plan, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        click.echo(json.dumps({"version": VERSION, "plan": _names(made)}, indent=2))
        return
    for what in ("add", "replace", "delete"):
        for graph in getattr(made, what):
            click.echo(f"{what} {graph[1:-1]}")
    say(_counts(made), quiet=quiet)


def _print_json(done: SyncResult, wanted: Payloads, proof: str | None) -> None:
    document = {
        "version": VERSION,
        "plan": _names(done.plan),
        "statements": _statements(wanted),
        "verified": proof,
        "wrong": [
            {"graph": one.graph[1:-1], "expected": one.expected, "found": one.found}
            for one in done.wrong
        ],
    }
    click.echo(json.dumps(document, indent=2))


def _names(made: Plan) -> dict[str, Any]:
    """Name the graphs that change; those that stay as they are are counted."""
    named = {what: [graph[1:-1] for graph in getattr(made, what)] for what in NAMED}
    return {**named, "same": len(made.same)}


def _counts(made: Plan) -> str:
    verbs = (("added", made.add), ("replaced", made.replace), ("deleted", made.delete))
    said = ", ".join(f"{len(graphs):,} {verb}" for verb, graphs in verbs)
    return f"{said}, {len(made.same):,} the same"


def _statements(wanted: Payloads) -> int:
    return sum(body.triples for body in wanted.values())


def _summary(done: SyncResult, wanted: Payloads, proof: str | None) -> str:
    graphs = counted(len(wanted), "graph")
    held = f"{graphs} with {counted(_statements(wanted), 'statement')}"
    proved = {"counts": ", counted", "full": ", compared", None: ""}[proof]
    return f"{_counts(done.plan)}: {held}{'' if done.wrong else proved}"


def _say_wrong(wrong: Sequence[Mismatch]) -> None:
    """Name the graphs that are not as their files say, and what to do."""
    for one in wrong[:SHOWN]:
        complain(f"{one.graph[1:-1]}: {one.found:,} statements, not {one.expected:,}")
        for sign, triples in (("-", one.missing), ("+", one.extra)):
            for triple in triples:
                complain(f"  {sign} {' '.join(triple)}")
    if wrong:
        graphs = "1 graph is" if len(wrong) == 1 else f"{len(wrong):,} graphs are"
        complain(f"{graphs} not as the files say; the next kg load sends them again")
