"""A sync of a store: check, send, verify, and report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kg.cli.load import PROOF_NAMES
from kg.graph.collect import CollectOptions, Keep, collect_graph
from kg.graph.payloads import Payloads, payload_of, to_nquads
from kg.mapping.project import open_project
from kg.model.errors import StoreError
from kg.model.site import Site
from kg.sources.discovery import discover_sources
from kg.stores import (
    PROOFS,
    Store,
    Sync,
    SyncResult,
    check_owner,
    delete_site,
    deletion_plan,
    loading,
    sync_of,
)
from kg.stores.manifest import claim_update
from kg.stores.plan import Plan
from kg.stores.proof import compare_counts, compare_nothing, compare_statements
from kg.stores.sync import scope_of_paths
from tests.stores.graphs import PAYLOAD, SITE, TRIPLES, WHOLE, A, B, nodes_of


def dry_run(payloads: Payloads, store: Store) -> SyncResult:
    return Sync(payloads, SITE, WHOLE).dry_run(store)


def run_sync(payloads: Payloads, store: Store) -> SyncResult:
    return Sync(payloads, SITE, WHOLE).run(store, compare_statements)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (replace(SITE, title="New title"), True),
        (replace(SITE, url="https://b.example"), False),
        (replace(SITE, url=None), True),
        (replace(SITE, url=None, title="Other"), False),
        (replace(SITE, url=None, title=None), True),
        (replace(SITE, base="https://b.example/"), False),
    ],
)
def test_a_site_is_identified_by_its_base_its_url_or_else_its_title(
    other: Site, same: bool, store: Store
) -> None:
    store.update(claim_update(SITE))
    if same:
        check_owner(store, other)
    else:
        with pytest.raises(StoreError, match="holds the graphs of"):
            check_owner(store, other)


def test_data_that_a_strict_parser_refuses_is_not_sent(store: Store) -> None:
    bad = payload_of(nodes_of([("<http://s s>", "<http://p>", '"x"')]))
    for do in (dry_run, run_sync):
        with pytest.raises(StoreError, match=f"^{A}: cannot be loaded: "):
            do({A: bad, B: PAYLOAD}, store)
    assert [] == store.select("SELECT * { GRAPH ?g { ?s ?p ?o } }")


@pytest.mark.parametrize("number", [51, 400])
def test_many_graphs_are_sent_in_parts_of_about_the_size_limit(
    store: Store, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    payloads = {f"<{SITE.base}graph/{n:03}>": payload_of(nodes_of(TRIPLES)) for n in range(number)}
    monkeypatch.setattr(loading, "REQUEST_BYTES", len(to_nquads(PAYLOAD.read(), min(payloads))) * 7)
    sizes: list[int] = []
    real = store.add

    def record_size(body: bytes) -> None:
        sizes.append(body.count(b"\n"))
        real(body)

    monkeypatch.setattr(store, "add", record_size)
    run_sync(payloads, store)
    assert [21] * (number // 7) + [number % 7 * 3] == sizes
    assert [] == list(compare_statements(sorted(payloads), payloads, store))


def test_sent_graphs_are_verified(store: Store) -> None:
    payloads = {A: PAYLOAD, B: payload_of(nodes_of(TRIPLES[:1]))}
    done = run_sync(payloads, store)
    assert (Plan((A, B)), ()) == (done.plan, done.mismatches)
    store.put(A, payloads[B].read())
    assert [(A, 3, 1)] == [one[:3] for one in compare_counts([A, B], payloads, store)]
    (wrong,) = compare_statements([A, B], payloads, store)
    assert (tuple(TRIPLES[1:]), ()) == (wrong.missing, wrong.extra)


def test_progress_reports_every_graph_once(store: Store) -> None:
    payloads = {f"<{SITE.base}graph/{number}>": PAYLOAD for number in range(450)}
    reported: list[int] = []
    Sync(payloads, SITE, WHOLE).run(store, compare_nothing, reported.append)
    assert 450 == sum(reported)
    delete_site(store, SITE, reported.append)
    assert 900 == sum(reported)


@pytest.mark.parametrize(
    ("paths", "covered"),
    [
        (["."], ["a.md", "deep/d.md", "deep/gone.md", "gone.md"]),
        (["deep"], ["deep/d.md", "deep/gone.md"]),
        (["a.md", "deep"], ["a.md", "deep/d.md", "deep/gone.md"]),
        (["a.md"], ["a.md"]),
    ],
)
def test_the_scope_of_paths_is_their_files_and_the_contents_of_their_folders(
    paths: list[str], covered: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    scope = scope_of_paths(paths, discover_sources(paths), SITE)
    names = ("a.md", "deep/d.md", "deep/gone.md", "gone.md")
    assert covered == [name for name in names if scope.covers(f"<{SITE.base}graph/{name}>")]
    assert (paths == ["."]) == scope.whole


def sync_of_folder(folder: Path, work: Path) -> Sync:
    """Return the sync of the sources in a folder."""
    work.mkdir()
    project = open_project([str(folder)])
    options = CollectOptions(work, 10**6, keep=Keep.PAYLOADS)
    collected = collect_graph(
        project.sources, project.mapper, options, progress=lambda items, _total: items
    )
    return sync_of(collected, project, [str(folder)])


def test_a_sync_has_the_metadata_of_a_whole_site_that_could_be_read(
    folder: Path, tmp_path: Path
) -> None:
    names = {f"<{SITE.base}graph/{name}.md>" for name in ("a", "b", "c", "deep/d", "deep/e")}
    whole = sync_of_folder(folder, tmp_path / "whole")
    assert ({*names, f"<{SITE.base}metadata>"}, set()) == ({*whole.payloads}, {*whole.unreadable})
    part = sync_of_folder(folder / "deep", tmp_path / "part")
    assert {f"<{SITE.base}graph/deep/d.md>", f"<{SITE.base}graph/deep/e.md>"} == set(part.payloads)
    (folder / "a.md").write_text("---\n[not: yaml\n---\n")
    broken = sync_of_folder(folder, tmp_path / "broken")
    unreadable = {f"<{SITE.base}graph/a.md>", f"<{SITE.base}metadata>"}
    assert (names - unreadable, unreadable) == ({*broken.payloads}, {*broken.unreadable})


def test_proofs_have_the_names_of_the_option() -> None:
    assert {*PROOF_NAMES, None} == set(PROOFS)


def test_the_plan_of_a_deletion_is_every_graph(store: Store) -> None:
    run_sync({A: PAYLOAD, B: PAYLOAD}, store)
    assert Plan(delete=(A, B)) == deletion_plan(store, SITE) == delete_site(store, SITE)
    assert Plan() == deletion_plan(store, SITE)
