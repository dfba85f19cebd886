"""The parts of a load: bodies, plan, manifest, and a store without a server."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, cast

import pytest

from kg import __version__
from kg.graph.payloads import Payloads, payload_lines, payload_of, to_nquads
from kg.graph.union import SubjectLines, lines_by_subject
from kg.model.errors import StoreError
from kg.model.records import Source, Triple
from kg.model.site import Site
from kg.queries.catalog import Query, bundled_queries
from kg.stores import (
    Address,
    Store,
    Sync,
    SyncResult,
    check_owner,
    delete_site,
    graphs_of_site,
    loading,
    manifest,
    open_store,
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
from kg.stores.plan import Plan, Scope, plan_sync, scope_of
from kg.stores.proof import compare_counts, compare_nothing, compare_statements
from kg.stores.store import Row
from tests import site_in_store as sites
from tests.gate import Gate
from tests.site_in_store import load, run, write
from tests.stores.processes import answers, free_port, running

SITE: Final = Site("https://a.example/news/", url="https://a.example", title="News")
A, B, C, D = (f"<https://a.example/news/graph/{name}>" for name in "abcd")
SAID: Final = [("<http://s>", "<http://p>", f'"{number}"') for number in range(3)]
WHOLE: Final = Scope(frozenset(), (), whole=True)


def of(triples: Iterable[Triple]) -> list[SubjectLines]:
    """The nodes of triples in any order."""
    return list(lines_by_subject(sorted(set(triples))))


SOME: Final = payload_of(of(SAID))
LESS: Final = payload_of(of(SAID[1:]))


def rehearsed(wanted: Payloads, store: Store) -> SyncResult:
    return Sync(wanted, SITE, WHOLE).dry_run(store)


def loaded(wanted: Payloads, store: Store) -> SyncResult:
    return Sync(wanted, SITE, WHOLE).run(store, compare_statements)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return sites.site(tmp_path / "site")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store in a folder."""
    one = open_store(Address(str(tmp_path / "store")), {}, create=True)
    yield one
    one.close()


def test_a_body_is_sorted_distinct_lines() -> None:
    body = payload_of(of([*reversed(SAID), *SAID]))
    lines = [f"{' '.join(triple)} ." for triple in SAID]
    assert lines == body.read().decode().splitlines()
    quads = [f"{' '.join(triple)} {A} ." for triple in SAID]
    assert quads == to_nquads(body.read(), A).decode().splitlines()
    assert (3, 1) == (body.triples, payload_of(of(SAID[:1])).triples)


def test_quads_are_what_oxigraph_reads_even_where_a_text_looks_like_an_end() -> None:
    body = payload_of(of([("<http://s>", "<http://p>", '"a .\\n b ."')]))
    quads = to_nquads(body.read(), A).decode().splitlines()
    assert [f'<http://s> <http://p> "a .\\n b ." {A} .'] == quads


def test_equal_graphs_have_equal_digests_in_any_order() -> None:
    one, same, other = (payload_of(of(said)) for said in (SAID, SAID[::-1], SAID[1:]))
    assert one.digest == same.digest != other.digest


def test_what_a_strict_parser_refuses_does_not_travel(store: Store) -> None:
    bad = payload_of(of([("<http://s s>", "<http://p>", '"x"')]))
    for do in (rehearsed, loaded):
        with pytest.raises(StoreError, match=f"^{A}: cannot be loaded: "):
            do({A: bad, B: SOME}, store)
    assert [] == store.select("SELECT * { GRAPH ?g { ?s ?p ?o } }")


@pytest.mark.parametrize("number", [51, 400])
def test_many_graphs_travel_in_shares_that_are_not_much_too_big(
    store: Store, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {f"<{SITE.base}graph/{n:03}>": payload_of(of(SAID)) for n in range(number)}
    monkeypatch.setattr(loading, "REQUEST_BYTES", len(to_nquads(SOME.read(), min(wanted))) * 7)
    sent: list[int] = []
    real = store.add

    def noted(body: bytes) -> None:
        sent.append(body.count(b"\n"))
        real(body)

    monkeypatch.setattr(store, "add", noted)
    loaded(wanted, store)
    assert [21] * (number // 7) + [number % 7 * 3] == sent
    assert [] == list(compare_statements(sorted(wanted), wanted, store))


def test_rdf_of_others_is_sent_as_a_store_gives_it_back() -> None:
    number = '"{}"^^<http://www.w3.org/2001/XMLSchema#integer>'
    said = [("<http://s>", "<http://p>", number.format(one)) for one in ("01", "1")]
    expected = of([("<http://s>", "<http://p>", number.format("1"))])
    assert payload_lines(expected) == payload_lines(of(said), foreign=True)


def test_a_plan_tells_what_to_add_replace_delete_and_leave() -> None:
    wanted = {A: Entry("1"), B: Entry("2"), C: Entry("3")}
    held = {B: Entry("2"), C: Entry("old"), D: Entry("4")}
    assert Plan((A,), (C,), (D,), (B,), graphs_in_store=3) == plan_sync(wanted, held, WHOLE)


def test_a_dirty_graph_is_sent_again_or_deleted() -> None:
    held = {A: Entry("1", dirty=True), B: Entry(dirty=True)}
    assert Plan((), (A,), (B,), graphs_in_store=2) == plan_sync({A: Entry("1")}, held, WHOLE)


def test_what_cannot_be_read_keeps_its_graph() -> None:
    held = {A: Entry("1"), B: Entry("2")}
    made = plan_sync({A: Entry("1")}, held, WHOLE, {B, C})
    assert Plan(same=(A,), skip=(B,), graphs_in_store=2) == made
    assert not made


def test_a_scope_covers_files_and_what_is_below_folders() -> None:
    found = [Source("x/a", "a"), Source("x/b/c", "b/c")]
    covered = scope_of(["b"], found, SITE)
    graphs = ("a", "b", "b/c", "b/gone", "bc", "other")
    assert ["a", "b/c", "b/gone"] == [
        name for name in graphs if covered.covers(f"<{SITE.base}graph/{name}>")
    ]
    assert not covered.whole
    assert scope_of(["."], found, SITE).whole


def entries(wanted: Payloads) -> dict[str, Entry]:
    return {graph: Entry(body.digest, body.triples, __version__) for graph, body in wanted.items()}


def test_a_manifest_comes_back_as_it_was_written(store: Store) -> None:
    wanted = {A: SOME, B: LESS}
    store.update(claim_update(SITE))
    store.update(mark_dirty([A, B], SITE))
    assert {A: Entry(dirty=True), B: Entry(dirty=True)} == read_manifest(store, SITE).entries
    store.update(mark_clean(wanted, SITE))
    assert entries(wanted) == read_manifest(store, SITE).entries
    store.update(delete_entries([A], SITE))
    assert [B] == list(read_manifest(store, SITE).entries)
    assert [SITE] == sites_in_store(store)


def test_a_graph_that_is_marked_again_keeps_what_is_known_of_it(store: Store) -> None:
    wanted = {A: SOME}
    store.update(mark_clean(wanted, SITE))
    store.update(mark_dirty([A], SITE))
    (entry,) = read_manifest(store, SITE).entries.values()
    assert (wanted[A].digest, True) == (entry.digest, entry.dirty)


def test_what_somebody_else_wrote_into_a_manifest_is_no_reason_to_stop(store: Store) -> None:
    digest, number, mark = (
        property_of("graph", field, SITE) for field in ("digest", "triples", "dirty")
    )
    said = f'{A} {digest} "x" ; {number} "many" . {B} a {C} . {C} {mark} "?" .'
    store.update(f"INSERT DATA {{ GRAPH {manifest_name(SITE)} {{ {said} }} }}")
    assert {A: Entry("x"), C: Entry()} == read_manifest(store, SITE).entries


class Cutting:
    """A store that cuts answers at some rows, and does not say so."""

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
    wanted = {f"<{SITE.base}graph/{number}>": SOME for number in range(20)}
    store.update(mark_clean(wanted, SITE))
    monkeypatch.setattr(manifest, "PAGE_ROWS", page)
    cutting = cast("Store", Cutting(store, page))
    assert entries(wanted) == read_manifest(cutting, SITE).entries


def test_a_manifest_that_says_more_of_a_graph_than_a_page_holds_is_none(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.update(mark_clean({A: SOME}, SITE))
    monkeypatch.setattr(manifest, "PAGE_ROWS", 2)
    with pytest.raises(StoreError, match="which kg did not write"):
        read_manifest(cast("Store", Cutting(store, 2)), SITE)


def test_one_query_finds_the_manifests_of_any_base(store: Store) -> None:
    others = [Site("http://b.example/"), Site("http://c.example/x/", schema="http://schema.org/")]
    for one in (SITE, *others):
        store.update(claim_update(one))
    assert [*others, SITE] == sites_in_store(store)
    with pytest.raises(StoreError, match="holds several sites; choose one with --base-iri"):
        site_in_store(store)
    assert others[1] == site_in_store(store, "http://c.example/x/")


def test_a_manifest_knows_a_site_as_it_is_now(store: Store) -> None:
    for title in ("Olds", "News"):
        store.update(claim_update(replace(SITE, title=title)))
    assert [SITE] == sites_in_store(store)


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
def test_a_site_is_known_by_its_base_its_url_or_else_its_title(
    other: Site, same: bool, store: Store
) -> None:
    store.update(claim_update(SITE))
    if same:
        check_owner(store, other)
    else:
        with pytest.raises(StoreError, match="holds the graphs of"):
            check_owner(store, other)


def test_what_was_sent_is_proved(store: Store) -> None:
    wanted = {A: SOME, B: payload_of(of(SAID[:1]))}
    done = loaded(wanted, store)
    assert (Plan((A, B)), ()) == (done.plan, done.mismatches)
    store.put(A, wanted[B].read())
    assert [(A, 3, 1)] == [one[:3] for one in compare_counts([A, B], wanted, store)]
    (wrong,) = compare_statements([A, B], wanted, store)
    assert (tuple(SAID[1:]), ()) == (wrong.missing, wrong.extra)


def test_progress_tells_of_every_graph_once(store: Store) -> None:
    wanted = {f"<{SITE.base}graph/{number}>": SOME for number in range(450)}
    told: list[int] = []
    Sync(wanted, SITE, WHOLE).run(store, compare_nothing, told.append)
    assert 450 == sum(told)
    delete_site(store, SITE, told.append)
    assert 900 == sum(told)


def test_a_store_in_a_folder_needs_no_server(folder: Path, tmp_path: Path) -> None:
    where = tmp_path / "new" / "store"
    where.parent.mkdir()
    load(folder, "--to", where)
    result = load(folder, "--to", where, "--verify", "full")
    assert "0 added, 0 replaced, 0 deleted, 6 the same" in result.stderr
    assert 0 == run("diff", folder, where, "--all").exit_code
    write(folder, "a", "New")
    assert 1 == run("diff", folder, where).exit_code
    load(folder, "--to", where)
    assert 0 == run("diff", folder, where, "--all").exit_code


@pytest.mark.parametrize(
    "query", [q for q in bundled_queries() if q.name != "provenance"], ids=lambda q: q.name
)
def test_a_bundled_query_has_the_same_rows_from_files_and_from_a_store(
    query: Query, seeds_store: Path, checkout: Path
) -> None:
    asked = ("query", query.name, "-q", "-f", "csv")
    files, held = (
        run(*asked, *where) for where in ((checkout / "seeds",), ("--store", seeds_store))
    )
    assert (0, files.stdout) == (held.exit_code, held.stdout)
    assert files.stdout.count("\n") > 0


@pytest.fixture(scope="module")
def seeds_store(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("seeds") / "store"
    load(checkout / "seeds", "--to", where)
    return where


def test_a_store_is_asked_yes_or_no_and_for_triples(seeds_store: Path, tmp_path: Path) -> None:
    schema = "PREFIX schema: <https://schema.org/>"
    for text, expected in (
        (f"{schema} ASK {{ ?s schema:headline ?o }}", "true\n"),
        (f"{schema} ASK {{ ?s schema:color ?o }}", "false\n"),
        (
            f"{schema} CONSTRUCT {{ ?s a <vocab#x> }} {{ ?s a schema:WebPage }} LIMIT 1",
            "a kg:x .\n",
        ),
    ):
        (tmp_path / "q.rq").write_text(text)
        result = run("query", tmp_path / "q.rq", "--store", seeds_store)
        assert (0, True) == (result.exit_code, result.stdout.endswith(expected)), result.output


def test_a_query_that_is_none_is_refused_with_its_place(seeds_store: Path, tmp_path: Path) -> None:
    (tmp_path / "q.rq").write_text("SELECT *\nWHERE ?s ?p ?o")
    result = run("query", tmp_path / "q.rq", "--store", seeds_store)
    assert (3, True) == (result.exit_code, "q.rq:2:7: not SPARQL 1.1" in result.stderr)


def test_delete_leaves_an_empty_store(folder: Path, tmp_path: Path) -> None:
    where = tmp_path / "store"
    load(folder, "--to", where)
    dry = load(folder, "--to", where, "--delete", "--dry-run", "--json")
    assert 6 == len(json.loads(dry.stdout)["plan"]["delete"])
    load(folder, "--to", where, "--delete")
    result = run("query", "topics", "--store", where)
    assert (3, True) == (result.exit_code, "holds no graphs loaded by kg" in result.stderr)
    assert 3 == run("load", folder, "--to", where, "--delete").exit_code


def test_nothing_withheld_is_in_a_store(seeds_store: Path, checkout: Path) -> None:
    text = next((checkout / "seeds").iterdir()).read_text(encoding="utf-8")
    (secret,) = re.findall(r'^secured: "(.+)"$', text, re.MULTILINE)
    held = open_store(Address(str(seeds_store)), {})
    said = b"".join(held.get(graph) for graph in graphs_of_site(held, site_in_store(held)))
    held.close()
    assert len(secret) > 20
    assert secret[:20].encode() not in said


@pytest.mark.slow
def test_a_store_without_a_graph_store_is_filled_by_updates(folder: Path, tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "start.nt").write_text("<http://a> <http://b> <http://c> .\n")
    program = str(Path(sys.executable).with_name("rdflib-endpoint"))
    words = ("serve", "--host", "127.0.0.1", "--port", str(port), "--enable-update", "start.nt")
    with (
        running((program, *words), tmp_path, lambda: answers(port)),
        Gate(f"http://127.0.0.1:{port}").open() as gate,
    ):
        to = ("--to", f"{gate.url}/", "--profile", "update", "--timeout", "60")
        result = run("load", folder, "--to", gate.url)
        assert (2, True) == (result.exit_code, "choose one with --profile" in result.stderr)
        load(folder, *to, "--verify", "full")
        write(folder, "a", r'"A \\u0041, lines \L that \N are none"')
        (folder / "b.md").unlink()
        result = load(folder, *to, "--verify", "full")
        assert "0 added, 1 replaced, 1 deleted" in result.stderr.replace("2 replaced", "1 replaced")
        assert {"POST"} == {one.method for one in gate.seen[1:]} - {"GET"}
        assert max(one.body.count(b" .\n") for one in gate.seen) <= 200


def test_a_query_of_sources_brings_the_store_in_step_first(folder: Path, tmp_path: Path) -> None:
    asked = ("query", "stubs", folder, "--store", tmp_path / "kept", "-f", "csv")
    first = run(*asked)
    write(folder, "f")
    second = run(*asked)
    assert ("6 added, 0 replaced" in first.stderr, "our own,5" in first.stdout) == (True, True)
    assert "1 added, 1 replaced, 0 deleted, 5 the same" in second.stderr
    assert "our own,6" in second.stdout
