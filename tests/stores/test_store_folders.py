"""kg load into a folder, without a server, and queries on that store."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kg.queries.catalog import Query, bundled_queries
from kg.stores import (
    Address,
    open_store,
    site_in_store,
)
from kg.stores.site_query import graphs_of_site
from tests.sample_site import load, run, write_article


def test_a_store_in_a_folder_needs_no_server(folder: Path, tmp_path: Path) -> None:
    where = tmp_path / "new" / "store"
    where.parent.mkdir()
    load(folder, "--to", where)
    result = load(folder, "--to", where, "--verify", "full")
    assert "0 added, 0 replaced, 0 deleted, 6 the same" in result.stderr
    assert 0 == run("diff", folder, where, "--all").exit_code
    write_article(folder, "a", "New")
    assert 1 == run("diff", folder, where).exit_code
    load(folder, "--to", where)
    assert 0 == run("diff", folder, where, "--all").exit_code


@pytest.mark.parametrize(
    "query", [q for q in bundled_queries() if q.name != "provenance"], ids=lambda q: q.name
)
def test_a_bundled_query_has_the_same_rows_from_files_and_from_a_store(
    query: Query, seeds_store: Path, checkout: Path
) -> None:
    words = ("query", query.name, "-q", "-f", "csv")
    from_files, from_store = (
        run(*words, *where) for where in ((checkout / "seeds",), ("--store", seeds_store))
    )
    assert (0, from_files.stdout) == (from_store.exit_code, from_store.stdout)
    assert from_files.stdout.count("\n") > 0


@pytest.fixture(scope="module")
def seeds_store(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("seeds") / "store"
    load(checkout / "seeds", "--to", where)
    return where


def test_a_store_answers_ask_and_construct_queries(seeds_store: Path, tmp_path: Path) -> None:
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


def test_an_invalid_query_is_refused_with_its_place(seeds_store: Path, tmp_path: Path) -> None:
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
    store = open_store(Address(str(seeds_store)), {})
    content = b"".join(store.get(graph) for graph in graphs_of_site(store, site_in_store(store)))
    store.close()
    assert len(secret) > 20
    assert secret[:20].encode() not in content


def test_a_query_of_sources_updates_the_store_first(folder: Path, tmp_path: Path) -> None:
    words = ("query", "stubs", folder, "--store", tmp_path / "kept", "-f", "csv")
    first = run(*words)
    write_article(folder, "f")
    second = run(*words)
    assert ("6 added, 0 replaced" in first.stderr, "our own,5" in first.stdout) == (True, True)
    assert "1 added, 1 replaced, 0 deleted, 5 the same" in second.stderr
    assert "our own,6" in second.stdout


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ((), 0),
        (("LOCK", "LOG"), 0),
        (("LOCK", "LOG", "LOG.old.17", "IDENTITY", "MANIFEST-000001", "000001.dbtmp"), 0),
        (("LOCK", "000004.sst"), 3),
        (("LOCK", "notes.md"), 3),
    ],
)
def test_a_store_whose_creation_was_interrupted_is_created_again(
    files: tuple[str, ...], code: int, folder: Path, tmp_path: Path
) -> None:
    where = tmp_path / "store"
    where.mkdir()
    for file in files:
        (where / file).touch()
    result = run("load", folder, "--to", where, "--verify", "full")
    assert (code, code != 0) == (result.exit_code, "is not a store" in result.stderr)


def test_a_store_in_a_folder_needs_no_http_client(tmp_path: Path) -> None:
    code = (
        "import sys; from kg.stores import Address, open_store; "
        "open_store(Address('store'), {}, create=True).close(); print('httpx' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "False\n" == done.stdout
