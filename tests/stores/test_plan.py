"""The plan of a load: the graphs to add, replace, delete and leave."""

from __future__ import annotations

from kg.model.records import Source
from kg.stores.manifest import (
    Entry,
)
from kg.stores.plan import Plan, plan_sync, scope_of
from tests.stores.graphs import SITE, WHOLE, A, B, C, D


def test_a_plan_lists_graphs_to_add_replace_delete_and_leave() -> None:
    payloads = {A: Entry("1"), B: Entry("2"), C: Entry("3")}
    stored = {B: Entry("2"), C: Entry("old"), D: Entry("4")}
    assert Plan((A,), (C,), (D,), (B,), graphs_in_store=3) == plan_sync(payloads, stored, WHOLE)


def test_a_dirty_graph_is_sent_again_or_deleted() -> None:
    stored = {A: Entry("1", dirty=True), B: Entry(dirty=True)}
    assert Plan((), (A,), (B,), graphs_in_store=2) == plan_sync({A: Entry("1")}, stored, WHOLE)


def test_a_source_that_cannot_be_read_keeps_its_graph() -> None:
    stored = {A: Entry("1"), B: Entry("2")}
    plan = plan_sync({A: Entry("1")}, stored, WHOLE, {B, C})
    assert Plan(same=(A,), skip=(B,), graphs_in_store=2) == plan
    assert not plan


def test_a_scope_covers_files_and_the_contents_of_folders() -> None:
    sources = [Source("x/a", "a"), Source("x/b/c", "b/c")]
    scope = scope_of(["b"], sources, SITE)
    graphs = ("a", "b", "b/c", "b/gone", "bc", "other")
    assert ["a", "b/c", "b/gone"] == [
        name for name in graphs if scope.covers(f"<{SITE.base}graph/{name}>")
    ]
    assert not scope.whole
    assert scope_of(["."], sources, SITE).whole
