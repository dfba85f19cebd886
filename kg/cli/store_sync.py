"""Bring a store in step with sources, for `kg load` and `kg query --store`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click

from kg.cli.console import print_error, print_notice, progress_bar
from kg.cli.request import ReadOptions, collect, open_cache_in, open_site_with_notice
from kg.model import has_violation

if TYPE_CHECKING:
    from kg.stores import Plan, Store, Sync, SyncResult


@dataclass(frozen=True, slots=True)
class Resources:
    """Processes, bytes of memory in each, and the cache folder that a load may use."""

    jobs: int
    memory: int
    cache: Path | None = None


def sync_store(
    store: Store,
    request: ReadOptions,
    resources: Resources,
    proof: str | None = "counts",
    *,
    as_json: bool = False,
) -> int:
    """Load what changed in sources into a store, and print the result; return the exit code."""
    from kg.stores import PROOFS, result_document, result_summary

    with _prepared_sync(store, request, resources) as (sync, has_violations):
        with progress_bar("graphs", len(sync.payloads), quiet=request.quiet) as on_progress:
            result = sync.run(store, PROOFS[proof], on_progress)
        if as_json:
            click.echo(json.dumps(result_document(result, proof), indent=2))
    _print_mismatches(result)
    print_notice(f"{result_summary(result, proof)} in {store.address}", quiet=request.quiet)
    _print_skipped(result, quiet=request.quiet)
    return int(has_violations or bool(result.mismatches))


def preview_sync(store: Store, request: ReadOptions, resources: Resources, *, as_json: bool) -> int:
    """Print what `sync_store` would change; return the exit code."""
    with _prepared_sync(store, request, resources) as (sync, has_violations):
        result = sync.dry_run(store)
        print_plan(result.plan, as_json=as_json, quiet=request.quiet)
    _print_skipped(result, quiet=request.quiet)
    return int(has_violations)


def print_plan(plan: Plan, *, as_json: bool, quiet: bool) -> None:
    """Print the graphs that would change."""
    from kg.stores import plan_document, plan_lines, plan_summary

    if as_json:
        click.echo(json.dumps(plan_document(plan), indent=2))
        return
    for line in plan_lines(plan):
        click.echo(line)
    print_notice(plan_summary(plan), quiet=quiet)


@contextmanager
def _prepared_sync(
    store: Store, request: ReadOptions, resources: Resources
) -> Iterator[tuple[Sync, bool]]:
    """Collect the graphs of sources; yield their sync, and whether there were violations."""
    from kg.graph import CollectOptions, Keep
    from kg.stores import check_owner, sync_of

    with (
        TemporaryDirectory(prefix="kg-") as folder,
        open_cache_in(resources.cache, request) as cache,
    ):
        project = open_site_with_notice(request, cache)
        check_owner(store, project.site)
        options = CollectOptions(Path(folder), resources.memory, Keep.PAYLOADS)
        graph = collect(project, request, options, resources.jobs, cache)
        sync = sync_of(graph, project, request.paths)
        yield sync, has_violation(graph.findings)


def _print_mismatches(result: SyncResult) -> None:
    from kg.stores import mismatch_lines

    for line in mismatch_lines(result.mismatches):
        print_error(line)


def _print_skipped(result: SyncResult, *, quiet: bool) -> None:
    from kg.stores import skipped_lines

    for line in skipped_lines(result.plan):
        print_notice(line, quiet=quiet)
