"""`kg load`: load sources into a triple store."""

from __future__ import annotations

import json
import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from kg.cli import options
from kg.cli.console import print_notice, progress_bar
from kg.cli.request import ReadOptions
from kg.cli.store_sync import Resources, preview_sync, print_plan, sync_store
from kg.model import format_count, markdown_table

if TYPE_CHECKING:
    from kg.stores import Store

PROOF_NAMES: Final = ("counts", "full")


def _list_profiles(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from kg.stores import PROFILES

        rows = [[profile.name, profile.auth, profile.quirks] for profile in PROFILES.values()]
        click.echo(markdown_table(["profile", "authentication", "notes"], rows), nl=False)
        context.exit()


@click.command()
@options.read_options
@click.option(
    "--to",
    "location",
    envvar="KG_STORE",
    required=True,
    metavar="URL|DIR",
    help="The store: the URL of a server, or a folder for a store without a server.",
)
@click.option("--dry-run", is_flag=True, help="Print what would change; change nothing.")
@click.option("--delete", is_flag=True, help="Remove every graph of the site from the store.")
@click.option(
    "--verify",
    type=click.Choice(PROOF_NAMES),
    default="counts",
    show_default=True,
    help="Afterwards, compare the number of statements of each graph, or all statements.",
)
@click.option("--no-verify", is_flag=True, help="Do not compare.")
@options.CACHE
@options.JOBS
@options.MEMORY
@options.store_options
@click.option(
    "--profiles",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_list_profiles,
    help="List the store types and how they differ.",
)
@options.JSON
def load(
    location: str,
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
    """Load SOURCES into a triple store, and update only what changed.

    Each file becomes a named graph. Only graphs that changed are sent. Graphs whose file is gone
    from a folder of SOURCES are removed; graphs that kg did not load are not touched. An
    interrupted load is completed by the next one.
    """
    from kg.stores import open_for_reading, open_store

    address = options.take_address(location, shared)
    request = ReadOptions(**shared)
    if delete or dry_run:
        store = open_for_reading(address, os.environ)
    else:
        store = open_store(address, os.environ, create=True)
    resources = Resources(jobs, memory, cache)
    with closing(store):
        if delete:
            return _delete(store, request, dry_run=dry_run, as_json=as_json)
        if dry_run:
            return preview_sync(store, request, resources, as_json=as_json)
        proof = None if no_verify else verify
        return sync_store(store, request, resources, proof, as_json=as_json)


def _delete(store: Store, request: ReadOptions, *, dry_run: bool, as_json: bool) -> int:
    """Remove the graphs of the site that SOURCES belong to."""
    from kg.sites import read_settings
    from kg.stores import SyncResult, delete_site, deletion_plan, result_document, site_in_store

    base = read_settings(request.paths).site(request.base_iri).base
    site = site_in_store(store, base)
    plan = deletion_plan(store, site)
    if dry_run:
        print_plan(plan, as_json=as_json, quiet=request.quiet)
        return 0
    with progress_bar("graphs", len(plan.delete), quiet=request.quiet) as on_progress:
        plan = delete_site(store, site, on_progress)
    if as_json:
        click.echo(json.dumps(result_document(SyncResult(plan), None), indent=2))
    graphs = format_count(len(plan.delete), "graph")
    print_notice(f"{graphs} of {base} deleted from {store.address}", quiet=request.quiet)
    return 0
