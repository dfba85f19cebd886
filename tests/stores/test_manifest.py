"""The manifest: written and read, in pages if the store cuts its results."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from kg import __version__
from kg.graph.payloads import Payloads
from kg.model.errors import StoreError
from kg.model.records import Triple
from kg.model.site import Site
from kg.stores import (
    Store,
    manifest,
    site_in_store,
)
from kg.stores.manifest import (
    Entry,
    claim_update,
    delete_entries,
    manifest_name,
    mark_clean,
    mark_dirty,
    property_of,
    read_manifest,
    sites_in_store,
)
from kg.stores.store import Row
from tests.stores.graphs import PAYLOAD, SHORT, SITE, A, B, C


def entries(payloads: Payloads) -> dict[str, Entry]:
    return {
        graph: Entry(body.digest, body.triples, __version__) for graph, body in payloads.items()
    }


def test_a_manifest_comes_back_as_it_was_written(store: Store) -> None:
    payloads = {A: PAYLOAD, B: SHORT}
    store.update(claim_update(SITE))
    store.update(mark_dirty([A, B], SITE))
    assert {A: Entry(dirty=True), B: Entry(dirty=True)} == read_manifest(store, SITE).entries
    store.update(mark_clean(payloads, SITE))
    assert entries(payloads) == read_manifest(store, SITE).entries
    store.update(delete_entries([A], SITE))
    assert [B] == list(read_manifest(store, SITE).entries)
    assert [SITE] == sites_in_store(store)


def test_a_graph_that_is_marked_again_keeps_its_entry(store: Store) -> None:
    payloads = {A: PAYLOAD}
    store.update(mark_clean(payloads, SITE))
    store.update(mark_dirty([A], SITE))
    (entry,) = read_manifest(store, SITE).entries.values()
    assert (payloads[A].digest, True) == (entry.digest, entry.dirty)


def test_foreign_statements_in_a_manifest_are_ignored(store: Store) -> None:
    digest, number, mark = (
        property_of("graph", field, SITE) for field in ("digest", "triples", "dirty")
    )
    triples = f'{A} {digest} "x" ; {number} "many" . {B} a {C} . {C} {mark} "?" .'
    store.update(f"INSERT DATA {{ GRAPH {manifest_name(SITE)} {{ {triples} }} }}")
    assert {A: Entry("x"), C: Entry()} == read_manifest(store, SITE).entries


class CuttingStore:
    """A store that cuts answers at some rows without a warning."""

    def __init__(self, store: Store, most: int) -> None:
        self._store, self._most = store, most
        self.address = store.address

    def select(self, query: str) -> list[Row]:
        return self._store.select(query)[: self._most]

    def construct(self, query: str) -> list[Triple]:
        return self._store.construct(query)[: self._most]


@pytest.mark.parametrize("page", [7, 12, 1000])
def test_a_manifest_is_read_in_pages_where_answers_are_cut(
    page: int, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    payloads = {f"<{SITE.base}graph/{number}>": PAYLOAD for number in range(20)}
    store.update(mark_clean(payloads, SITE))
    monkeypatch.setattr(manifest, "PAGE_ROWS", page)
    cutting = cast("Store", CuttingStore(store, page))
    assert entries(payloads) == read_manifest(cutting, SITE).entries


def test_a_manifest_with_more_rows_of_a_graph_than_a_page_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.update(mark_clean({A: PAYLOAD}, SITE))
    monkeypatch.setattr(manifest, "PAGE_ROWS", 2)
    with pytest.raises(StoreError, match="which kg did not write"):
        read_manifest(cast("Store", CuttingStore(store, 2)), SITE)


def test_one_query_finds_the_manifests_of_any_base(store: Store) -> None:
    others = [Site("http://b.example/"), Site("http://c.example/x/", schema="http://schema.org/")]
    for one in (SITE, *others):
        store.update(claim_update(one))
    assert [*others, SITE] == sites_in_store(store)
    with pytest.raises(StoreError, match="holds several sites; choose one with --base-iri"):
        site_in_store(store)
    assert others[1] == site_in_store(store, "http://c.example/x/")


def test_a_manifest_has_the_current_site(store: Store) -> None:
    for title in ("Olds", "News"):
        store.update(claim_update(replace(SITE, title=title)))
    assert [SITE] == sites_in_store(store)
