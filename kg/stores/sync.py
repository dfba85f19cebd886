"""Keep a store in step with sources: compare, send what changed under a lease, prove, report."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kg.graph import METADATA_GRAPH, Payloads, VoidStatistics, graph_name, payload_of
from kg.mapping import Project
from kg.model import Finding, Severity, Site, Source, StoreError, Term, format_count
from kg.sources import site_root
from kg.stores.lease import HEARTBEAT, Heartbeat, hold_lease
from kg.stores.loading import OnProgress, apply_plan, check_payloads, ignore_progress, mark_graphs
from kg.stores.manifest import Manifest, manifest_name, read_manifest, sites_in_store
from kg.stores.plan import Plan, Scope, plan_sync, scope_of
from kg.stores.proof import Mismatch, Proof
from kg.stores.store import Store

if TYPE_CHECKING:
    from kg.graph import CollectedGraph


@dataclass(frozen=True, slots=True)
class SyncResult:
    """What a sync did or would do, the size of the site, and the graphs that do not match."""

    plan: Plan
    mismatches: tuple[Mismatch, ...] = ()
    graphs: int = 0
    statements: int = 0


@dataclass(frozen=True, slots=True)
class Sync:
    """The graphs that a store must hold, by name, within a scope.

    `unreadable` are graphs whose source is broken: the store keeps what it has of them.
    """

    payloads: Payloads
    site: Site
    scope: Scope
    unreadable: frozenset[Term] = frozenset()

    def plan(self, store: Store) -> Plan:
        """Compare the graphs with those in the store.

        Raises StoreError if the store holds another base or another site.
        """
        check_owner(store, self.site)
        manifest = read_manifest(store, self.site)
        plan = plan_sync(self.payloads, manifest.entries, self.scope, self.unreadable)
        _check_related(plan, manifest, store.address)
        return plan

    def dry_run(self, store: Store) -> SyncResult:
        """Return what `run` would do. Raises StoreError if it could not be done."""
        plan = self.plan(store)
        check_payloads(plan.sent, self.payloads)
        return self._result(plan)

    def run(
        self,
        store: Store,
        proof: Proof,
        on_progress: OnProgress = ignore_progress,
        heartbeat: Heartbeat = HEARTBEAT,
    ) -> SyncResult:
        """Send what changed, and prove it.

        The plan is made again under the lease, since another load may have changed the store in
        between. Raises StoreError if something fails: graphs that did not arrive stay marked, and
        those that do not match are marked too, so that the next load sends them again.
        """
        plan = self.plan(store)
        if not plan:
            mismatches = tuple(proof(plan.same, self.payloads, store))
            if mismatches:
                with hold_lease(store, self.site, heartbeat) as lease:
                    mark_graphs([mismatch.graph for mismatch in mismatches], lease)
            return self._result(plan, mismatches)
        with hold_lease(store, self.site, heartbeat) as lease:
            plan = self.plan(store)
            check_payloads(plan.sent, self.payloads)
            apply_plan(plan, self.payloads, lease, on_progress)
            graphs = sorted({*plan.changed, *plan.same})
            mismatches = tuple(proof(graphs, self.payloads, store))
            mark_graphs([mismatch.graph for mismatch in mismatches], lease)
            return self._result(plan, mismatches)

    def _result(self, plan: Plan, mismatches: tuple[Mismatch, ...] = ()) -> SyncResult:
        statements = sum(payload.triples for payload in self.payloads.values())
        return SyncResult(plan, mismatches, len(self.payloads), statements)


def sync_of(graph: CollectedGraph, project: Project, paths: Iterable[str]) -> Sync:
    """Return the sync of a store with the graphs collected from the sources of an open site.

    The site was opened at `paths`: graphs of files that are gone from these folders are deleted.
    The metadata is among the graphs if the paths are the whole site and every source could be
    read: otherwise it would count less than the store holds.
    """
    site = project.site
    scope = scope_of_paths(paths, project.sources, site)
    metadata, payloads = site.iri(METADATA_GRAPH), graph.payloads()
    unreadable = unread_graphs(graph.findings, site) - payloads.keys()
    if scope.whole and payloads and not unreadable:
        statistics = VoidStatistics(site)
        graph.count(statistics)
        payloads[metadata] = payload_of(statistics.metadata_lines())
    return Sync(payloads, site, scope, frozenset(unreadable | {metadata} if unreadable else ()))


def scope_of_paths(paths: Iterable[str], sources: Iterable[Source], site: Site) -> Scope:
    """Return the scope of the sources at paths: the files, and everything below the folders."""
    folders = [
        Path(os.path.abspath(path)).relative_to(site_root(path)).as_posix()
        for path in paths
        if Path(path).is_dir()
    ]
    return scope_of(folders, sources, site)


def unread_graphs(findings: Iterable[Finding], site: Site) -> set[Term]:
    """Return the graphs of the sources with a violation: all or part of the source is unusable."""
    return {
        graph_name(place.source, site)
        for finding in findings
        for place in finding.places
        if finding.severity is Severity.VIOLATION
    }


def deletion_plan(store: Store, site: Site) -> Plan:
    """Return the plan that removes every graph of a site."""
    return Plan(delete=tuple(sorted(read_manifest(store, site).entries)))


def delete_site(
    store: Store,
    site: Site,
    on_progress: OnProgress = ignore_progress,
    heartbeat: Heartbeat = HEARTBEAT,
) -> Plan:
    """Remove every graph of a site and its manifest; return the plan that was applied.

    Raises StoreError if something fails; the next deletion removes the rest.
    """
    with hold_lease(store, site, heartbeat) as lease:
        plan = deletion_plan(store, site)
        apply_plan(plan, {}, lease, on_progress)
        lease.check()
        store.drop(manifest_name(site))
        return plan


def check_owner(store: Store, site: Site) -> None:
    """Raise StoreError if a store holds the graphs of another base or another site."""
    for other in sites_in_store(store):
        if other.base != site.base:
            raise StoreError(
                f"{store.address}: holds the graphs of the site at {other.base}, but this site is "
                f"at {site.base}. Use another store, or load with --base-iri {other.base}, or "
                f"remove the graphs with kg load --delete --base-iri {other.base}"
            )
        theirs, ours = (
            (other.url, site.url) if other.url and site.url else (other.title, site.title)
        )
        if theirs and ours and theirs != ours:
            raise StoreError(
                f"{store.address}: holds the graphs of {theirs} below {site.base}, but this site "
                f"is {ours}. Use another store or another --base-iri, or remove the graphs with "
                "kg load --delete"
            )


def _check_related(plan: Plan, manifest: Manifest, address: str) -> None:
    """Raise StoreError if a plan deletes every graph in the store and shares none with it."""
    theirs = [graph for graph in plan.delete if not manifest.entries[graph].dirty]
    ours = [graph for graph in plan.replace + plan.same if graph != manifest.metadata]
    if theirs and not ours:
        raise StoreError(
            f"{address}: holds {format_count(len(theirs), 'graph')} below the same base, none of "
            "them from SOURCES. If they are of another site, give one of the two its own "
            "--base-iri; otherwise remove them with kg load --delete"
        )
