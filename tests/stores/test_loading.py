"""kg load with Oxigraph's server: the requests, and the content of the store afterwards."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import pytest

from tests.gate import Gate, Reply, Request, Reset
from tests.sample_site import (
    ARTICLE,
    BASE,
    CLIENT,
    dirty_graphs,
    exported_quads,
    load,
    lose_types,
    run,
    select_rows,
    stored_quads,
    write_article,
)
from tests.stores.processes import answers, free_port, running

if TYPE_CHECKING:
    from tests.gate import Keeper

FOREIGN: Final = "http://foreign.example/graph"


def graphs(requests: list[Request]) -> list[str]:
    """Return the graphs in requests to the Graph Store, relative to the base."""
    iris = [str(httpx.URL(one.target).params["graph"]) for one in requests]
    return sorted(graph.removeprefix(BASE) for graph in iris)


def test_after_the_first_load_the_store_equals_the_files(folder: Path, gate: Gate) -> None:
    result = load(folder, "--to", gate.url)
    assert exported_quads(folder) == stored_quads(gate.url)
    assert "6 added, 0 replaced, 0 deleted, 0 the same" in result.stderr
    assert "counted" in result.stderr
    assert [] == dirty_graphs(gate.url)


def test_a_second_load_sends_nothing(folder: Path, gate: Gate) -> None:
    load(folder, "--to", gate.url)
    gate.seen.clear()
    result = load(folder, "--to", gate.url)
    assert "0 added, 0 replaced, 0 deleted, 6 the same" in result.stderr
    assert {"/", "/query"} == {one.path for one in gate.seen}


def test_one_edited_file_sends_one_graph(folder: Path, gate: Gate) -> None:
    load(folder, "--to", gate.url)
    gate.seen.clear()
    (folder / "a.md").write_text(ARTICLE.format(name="a").replace("Article a", "Another title"))
    load(folder, "--to", gate.url)
    assert ["graph/a.md"] == graphs(gate.sent("PUT"))
    assert [] == gate.sent("DELETE") + gate.sent("POST")
    assert exported_quads(folder) == stored_quads(gate.url)


def test_added_edited_deleted_and_renamed_files_are_updated_in_the_store(
    folder: Path, gate: Gate
) -> None:
    load(folder, "--to", gate.url)
    gate.seen.clear()
    write_article(folder, "f")
    write_article(folder, "g")
    write_article(folder, "a", "Edited")
    (folder / "b.md").unlink()
    (folder / "c.md").rename(folder / "renamed.md")
    result = load(folder, "--to", gate.url, "--verify", "full")
    assert ["graph/b.md", "graph/c.md"] == graphs(gate.sent("DELETE"))
    assert ["graph/a.md", "graph/f.md", "graph/g.md", "graph/renamed.md", "metadata"] == graphs(
        gate.sent("PUT")
    )
    assert "3 added, 2 replaced, 2 deleted, 2 the same" in result.stderr
    assert "compared" in result.stderr
    assert exported_quads(folder) == stored_quads(gate.url)


def test_many_graphs_are_sent_in_bulk_and_arrive_complete(folder: Path, gate: Gate) -> None:
    for number in range(60):
        write_article(folder, f"more{number}")
    load(folder, "--to", gate.url)
    for number in range(55):
        write_article(folder, f"more{number}", "New")
    result = load(folder, "--to", gate.url, "--verify", "full")
    assert (0, 2) == (len(gate.sent("PUT")), len(gate.sent("POST")))
    assert "0 added, 55 replaced, 0 deleted, 11 the same" in result.stderr
    assert exported_quads(folder) == stored_quads(gate.url)


def test_bodies_have_a_length_and_are_lines_of_triples_or_quads(folder: Path, gate: Gate) -> None:
    load(folder, "--to", gate.url)
    for number in range(60):
        write_article(folder, f"more{number}")
    load(folder, "--to", gate.url)
    sent = [*gate.sent("PUT"), *gate.sent("POST")]
    forms = {"PUT": "application/n-triples", "POST": "application/n-quads"}
    assert {one.method for one in sent} == set(forms)
    for one in sent:
        assert forms[one.method] == one.headers["content-type"]
        assert str(len(one.body)) == one.headers["content-length"]
        assert "transfer-encoding" not in one.headers


def test_a_dry_run_prints_the_plan_and_changes_nothing(folder: Path, gate: Gate) -> None:
    load(folder, "--to", gate.url)
    write_article(folder, "a", "New")
    (folder / "b.md").unlink()
    before = stored_quads(gate.url)
    gate.seen.clear()
    result = load(folder, "--to", gate.url, "--dry-run")
    assert f"replace {BASE}graph/a.md\nreplace {BASE}metadata\ndelete {BASE}graph/b.md\n" == (
        result.stdout
    )
    assert {"/", "/query"} == {one.path for one in gate.seen}
    assert before == stored_quads(gate.url)


def test_a_folder_covers_only_the_files_below_it(folder: Path, gate: Gate) -> None:
    load(folder, "--to", gate.url)
    (folder / "a.md").unlink()
    (folder / "deep/d.md").unlink()
    result = load(folder / "deep", "--to", gate.url, "--json")
    plan = json.loads(result.stdout)["plan"]
    assert [f"{BASE}graph/deep/d.md"] == plan["delete"]
    assert ([], [], 1) == (plan["add"], plan["replace"], plan["same"])


def test_a_broken_source_keeps_its_graph_and_the_metadata(folder: Path, gate: Gate) -> None:
    load(folder, "--to", gate.url)
    before = stored_quads(gate.url)
    (folder / "a.md").write_text("---\n[not: yaml\n---\n")
    result = run("load", folder, "--to", gate.url)
    assert 1 == result.exit_code
    assert f"not updated, since its source has errors: {BASE}graph/a.md" in result.stderr
    assert before == stored_quads(gate.url)


def test_delete_removes_only_loaded_graphs(folder: Path, gate: Gate) -> None:
    CLIENT.put(f"{gate.url}/store", params={"graph": FOREIGN}, content="<http://a> <http://b> 1 .",
              headers={"Content-Type": "text/turtle"})  # fmt: skip
    CLIENT.put(f"{gate.url}/store?default", content="<http://a> <http://b> 2 .",
              headers={"Content-Type": "text/turtle"})  # fmt: skip
    before = stored_quads(gate.url)
    load(folder, "--to", gate.url)
    assert before < stored_quads(gate.url)
    load(folder, "--to", gate.url, "--delete")
    assert before == stored_quads(gate.url)
    assert [] == select_rows(gate.url, f"SELECT * {{ GRAPH <{BASE}manifest> {{ ?s ?p ?o }} }}")


def test_graphs_of_another_base_are_refused(folder: Path, gate: Gate) -> None:
    load(folder, "--to", gate.url)
    before = stored_quads(gate.url)
    result = run("load", folder, "--to", gate.url, "--base-iri", "https://other.example/")
    assert 3 == result.exit_code
    assert f"holds the graphs of the site at {BASE}" in result.stderr
    assert f"--base-iri {BASE}" in result.stderr
    assert before == stored_quads(gate.url)


def test_graphs_of_another_site_with_the_same_base_are_refused(
    folder: Path, gate: Gate, tmp_path: Path
) -> None:
    load(folder, "--to", gate.url)
    (folder / "kg.toml").write_text(f'base-iri = "{BASE}"\nurl = "https://b.example"\n')
    result = run("load", folder, "--to", gate.url)
    assert (3, True) == (result.exit_code, "holds the graphs of https://a.example" in result.stderr)
    (folder / "kg.toml").write_text(f'base-iri = "{BASE}"\n')
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(folder / "kg.toml", other)
    write_article(other, "z")
    result = run("load", other, "--to", gate.url)
    assert (3, True) == (result.exit_code, "none of them from SOURCES" in result.stderr)


def failing(where: Callable[[Request], bool], *faults: Reply | Reset) -> Keeper:
    """Fail the first matching requests, once for each fault."""
    remaining = list(faults)

    def keep(request: Request) -> Reply | None:
        if not where(request) or not remaining:
            return None
        fault = remaining.pop(0)
        if isinstance(fault, Reset):
            raise fault
        return fault

    return keep


BUSY: Final = Reply(503, {"Retry-After": "0"}, b"busy")


@pytest.mark.parametrize(
    "faults",
    [(BUSY, BUSY), (Reply(429, {"Retry-After": "0"}),), (Reset(),), (Reset(after=True),)],
    ids=["busy", "too many", "reset before", "reset after"],
)
@pytest.mark.parametrize("path", ["/store", "/update", "/query"])
def test_temporary_failures_are_retried(
    path: str, faults: tuple[Reply | Reset, ...], folder: Path, gate: Gate
) -> None:
    gate.keeper = failing(lambda request: request.path == path, *faults)
    load(folder, "--to", gate.url)
    assert exported_quads(folder) == stored_quads(gate.url)


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_a_manifest_that_comes_back_as_something_else_is_refused(
    words: tuple[str, ...], folder: Path, gate: Gate
) -> None:
    load(folder, "--to", gate.url)
    gate.seen.clear()
    gate.keeper = failing(lambda one: b"CONSTRUCT" in one.body, *[Reply(200, {}, b"<b>no</b>")] * 9)
    result = run("load", folder, "--to", gate.url, *words)
    assert 3 == result.exit_code
    assert "the answer is not N-Triples; is it the store's URL?" in result.stderr
    assert {"/", "/query"} == {one.path for one in gate.seen}


def test_an_interrupted_load_is_completed_by_the_next(folder: Path, gate: Gate) -> None:
    load(folder, "--to", gate.url)
    for name in ("a", "b", "c"):
        write_article(folder, name, f"New {name}")
    refuse_store = failing(
        lambda request: request.path == "/store", *[Reply(500, {}, b"<b>no</b>")] * 9
    )
    gate.keeper = refuse_store
    result = run("load", folder, "--to", gate.url)
    assert 3 == result.exit_code
    assert re.search(r"500 Internal Server Error: no$", result.stderr.strip())
    assert [f"{BASE}graph/{name}.md" for name in "abc"] == sorted(dirty_graphs(gate.url))
    gate.keeper = lambda _: None
    load(folder, "--to", gate.url)
    assert ([], exported_quads(folder)) == (dirty_graphs(gate.url), stored_quads(gate.url))


def test_a_graph_that_fails_verification_is_named_marked_and_repaired(
    folder: Path, gate: Gate
) -> None:
    load(folder, "--to", gate.url)
    lose_types(gate.url, "a.md")
    result = run("load", folder, "--to", gate.url)
    assert 1 == result.exit_code
    assert re.search(
        rf"{BASE}graph/a\.md: \d+ statements in the store, \d+ expected", result.stderr
    )
    assert [f"{BASE}graph/a.md"] == dirty_graphs(gate.url)
    load(folder, "--to", gate.url)
    assert exported_quads(folder) == stored_quads(gate.url)


def test_full_verification_finds_differences_that_counts_do_not(folder: Path, gate: Gate) -> None:
    load(folder, "--to", gate.url)
    swap_titles = (
        f'DELETE {{ GRAPH ?g {{ ?s ?p "Article a" }} }} INSERT {{ GRAPH ?g {{ ?s ?p "Fake" }} }} '
        f'WHERE {{ BIND (<{BASE}graph/a.md> AS ?g) GRAPH ?g {{ ?s ?p "Article a" }} }}'
    )
    CLIENT.post(f"{gate.url}/update", data={"update": swap_titles})
    load(folder, "--to", gate.url)
    result = run("load", folder, "--to", gate.url, "--verify", "full")
    assert 1 == result.exit_code
    assert ('"Article a"' in result.stderr, '"Fake"' in result.stderr) == (True, True)
    load(folder, "--to", gate.url)
    assert exported_quads(folder) == stored_quads(gate.url)


def test_queries_see_our_graphs_only(folder: Path, gate: Gate) -> None:
    load(folder, "--to", gate.url)
    outputs = [run("query", "providers", "-f", "csv", folder).stdout]
    outputs.append(run("query", "providers", "-f", "csv", "--endpoint", gate.url).stdout)
    triple = "<http://x> <https://schema.org/publisher> <http://y> ."
    CLIENT.put(f"{gate.url}/store", params={"graph": FOREIGN}, content=triple,
              headers={"Content-Type": "text/turtle"})  # fmt: skip
    result = run("query", "providers", "-f", "csv", "--endpoint", gate.url)
    assert "the store has other graphs too" in result.stderr
    outputs.append(result.stdout)
    assert 1 == len(set(outputs))


def test_diff_compares_with_a_store(folder: Path, gate: Gate) -> None:
    load(folder, "--to", gate.url)
    assert 0 == run("diff", folder, gate.url).exit_code
    write_article(folder, "a", "New")
    result = run("diff", gate.url, folder)
    assert 1 == result.exit_code
    assert '+ schema:headline "New"' in result.stdout


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
        write_article(folder, "a", r'"A \\u0041, lines \L that \N are none"')
        (folder / "b.md").unlink()
        result = load(folder, *to, "--verify", "full")
        assert "0 added, 1 replaced, 1 deleted" in result.stderr.replace("2 replaced", "1 replaced")
        assert {"POST"} == {one.method for one in gate.seen[1:]} - {"GET"}
        assert max(one.body.count(b" .\n") for one in gate.seen) <= 200
