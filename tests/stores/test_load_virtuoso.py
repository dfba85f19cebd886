"""`kg load` and a Virtuoso: digest authentication, graphs that are not replaced in one step."""

from __future__ import annotations

import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeAlias

import httpx
import pyoxigraph
import pytest
from click.testing import CliRunner, Result

from kg.cli import kg
from kg.model.site import DEFAULT_BASE
from tests.queries.test_queries import GOLDEN
from tests.stores import processes
from tests.stores.virtuoso import USER, Virtuoso

pytestmark = pytest.mark.stores

ROOT: Final = Path(__file__).parents[2]
GENERATE: Final = runpy.run_path(str(ROOT / "tests" / "benchmarks" / "corpus.py"))["generate"]
MANIFEST: Final = f"{DEFAULT_BASE}manifest"
STRANGER: Final = "https://other.example/graph"
MARKED: Final = "The Marketplace"

StatementsByGraph: TypeAlias = dict[str, set[str]]
"""Statements by the names of their graphs, in a uniform spelling."""
Run: TypeAlias = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, checkout: Path) -> Path:
    """A copy of the seeds, to be edited."""
    return shutil.copytree(checkout / "seeds", tmp_path / "site")


@pytest.fixture
def run(virtuoso: Virtuoso) -> Run:
    """Run kg in this process, with the store's password in its environment."""

    def invoke(*words: str | Path, password: str = virtuoso.password) -> Result:
        secrets = {"KG_STORE_USER": USER, "KG_STORE_PASSWORD": password}
        result = CliRunner(env=secrets).invoke(kg, [str(word) for word in words])
        if isinstance(result.exception, Exception):
            raise result.exception
        return result

    return invoke


def plan(result: Result) -> dict[str, Any]:
    """Return how many graphs a load added, replaced, deleted and left unchanged."""
    assert 0 == result.exit_code, result.stderr
    counts = json.loads(result.stdout)["plan"]
    return {what: len(counts[what]) for what in ("add", "replace", "delete")} | {
        "same": counts["same"]
    }


def exported_statements(run: Run, folder: Path) -> StatementsByGraph:
    """Return the statements of the files."""
    output = run("export", folder, "-q", "-f", "nquads").stdout
    statements: StatementsByGraph = defaultdict(set)
    for quad in pyoxigraph.parse(output, pyoxigraph.RdfFormat.N_QUADS):
        assert isinstance(quad.graph_name, pyoxigraph.NamedNode)
        statements[quad.graph_name.value].add(str(quad.triple))
    return dict(statements)


def stored_statements(virtuoso: Virtuoso) -> StatementsByGraph:
    """Return the statements of the store, except its manifest."""
    statements: StatementsByGraph = {}
    for graph in virtuoso.counts():
        if graph != MANIFEST:
            triples = pyoxigraph.parse(virtuoso.get(graph), pyoxigraph.RdfFormat.N_TRIPLES)
            statements[graph] = {str(quad.triple) for quad in triples}
    return statements


def change_files(folder: Path) -> None:
    """Edit, add, delete and rename a file."""
    deleted, edited, renamed, *_ = sorted(folder.iterdir())
    text = edited.read_text(encoding="utf-8")
    edited.write_text(text.replace("\nheat: -1\n", "\nheat: 7\n", 1), encoding="utf-8")
    (folder / "new.md").write_text(
        "---\ntitle: New\nwebUrl: https://new.example/1\n---\n", encoding="utf-8"
    )
    deleted.unlink()
    renamed.rename(folder / "renamed.txt")


def test_a_load_fills_the_store_and_a_second_one_sends_nothing(
    run: Run, virtuoso: Virtuoso, folder: Path
) -> None:
    load = ("load", folder, "--to", virtuoso.url, "-q", "--json")
    assert {"add": 6, "replace": 0, "delete": 0, "same": 0} == plan(run(*load))
    assert exported_statements(run, folder) == stored_statements(virtuoso)
    assert {"add": 0, "replace": 0, "delete": 0, "same": 6} == plan(run(*load, "--verify", "full"))


def test_only_changes_are_sent(run: Run, virtuoso: Virtuoso, folder: Path) -> None:
    load = ("load", folder, "--to", virtuoso.url, "-q", "--json")
    virtuoso.put(STRANGER, b"<https://a.example/s> <https://a.example/p> <https://a.example/o> .\n")
    run(*load)
    change_files(folder)
    # One edited, one added, one deleted, one renamed; and the metadata of the site.
    assert {"add": 2, "replace": 2, "delete": 2, "same": 2} == plan(run(*load, "--verify", "full"))
    found = stored_statements(virtuoso)
    assert 1 == len(found.pop(STRANGER))
    assert exported_statements(run, folder) == found


def test_an_incomplete_graph_is_found_and_sent_again(
    run: Run, virtuoso: Virtuoso, folder: Path
) -> None:
    load = ("load", folder, "--to", virtuoso.url, "-q", "--json")
    run(*load)
    graph, triples = max(exported_statements(run, folder).items(), key=lambda item: len(item[1]))
    half = "".join(f"{triple} .\n" for triple in sorted(triples)[: len(triples) // 2])
    with pytest.raises(httpx.HTTPStatusError, match="500"):
        virtuoso.put(graph, f"{half}and then it broke off".encode())
    assert (
        stored_statements(virtuoso)[graph] < triples
    )  # the old graph is deleted, half of the new one exists
    broken = run(*load)
    assert (1, graph) == (broken.exit_code, json.loads(broken.stdout)["wrong"][0]["graph"])
    assert {"add": 0, "replace": 1, "delete": 0, "same": 5} == plan(run(*load, "--verify", "full"))
    assert exported_statements(run, folder) == stored_statements(virtuoso)


def test_findings_of_full_verification_are_repaired_by_the_next_load(
    run: Run, virtuoso: Virtuoso, folder: Path
) -> None:
    load = ("load", folder, "--to", virtuoso.url, "-q", "--json")
    run(*load)
    graph = next(name for name in stored_statements(virtuoso) if "/graph/" in name)
    virtuoso.isql(
        f"SPARQL WITH <{graph}> DELETE {{ ?s ?p ?o }} INSERT {{ ?s ?p '{MARKED}' }} "
        "WHERE { ?s ?p ?o FILTER (?p = <https://schema.org/headline>) }"
    )
    assert exported_statements(run, folder) != stored_statements(virtuoso)
    found = run(*load, "--verify", "full")
    assert 1 == found.exit_code
    assert MARKED in found.stderr
    run(*load)
    assert exported_statements(run, folder) == stored_statements(virtuoso)


def test_a_killed_load_is_completed_by_the_next(
    run: Run, virtuoso: Virtuoso, tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    GENERATE(folder, 60)
    words = ("load", str(folder), "--to", virtuoso.url, "-q", "--json")
    secrets = {"KG_STORE_USER": USER, "KG_STORE_PASSWORD": virtuoso.password}
    expected = exported_statements(run, folder)
    for graphs in (1, 20, 45):
        virtuoso.clear()
        with subprocess.Popen(
            [sys.executable, "-m", "kg", *words],
            env={**os.environ, **secrets},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            while process.poll() is None and len(virtuoso.counts()) < graphs:
                time.sleep(0.01)
            process.kill()
        assert expected != stored_statements(virtuoso)
        again = run(*words)
        assert (0, expected) == (again.exit_code, stored_statements(virtuoso)), again.stderr


def test_two_concurrent_loads_end_with_the_files_in_the_store(
    run: Run, virtuoso: Virtuoso, tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    GENERATE(folder, 40)
    command = [sys.executable, "-m", "kg", "load", str(folder), "--to", virtuoso.url, "-q"]
    environment = {**os.environ, "KG_STORE_USER": USER, "KG_STORE_PASSWORD": virtuoso.password}
    both = [
        subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ends = [(one.communicate()[1], one.returncode) for one in both]
    assert 0 in {code for _, code in ends}
    assert [] == [
        stderr_text for stderr_text, code in ends if code and "another load" not in stderr_text
    ]
    assert exported_statements(run, folder) == stored_statements(virtuoso)


def test_everything_of_the_site_can_be_deleted_and_nothing_else(
    run: Run, virtuoso: Virtuoso, folder: Path
) -> None:
    virtuoso.put(STRANGER, b"<https://a.example/s> <https://a.example/p> <https://a.example/o> .\n")
    run("load", folder, "--to", virtuoso.url, "-q")
    assert 0 == run("load", folder, "--to", virtuoso.url, "-q", "--delete").exit_code
    assert {STRANGER: 1} == virtuoso.counts()


def test_a_wrong_password_is_reported_and_not_shown(
    run: Run, virtuoso: Virtuoso, folder: Path
) -> None:
    result = run("load", folder, "--to", virtuoso.url, "-q", password="not-the-one")  # noqa: S106 - it is none
    assert 3 == result.exit_code
    assert "401" in result.stderr
    assert "not-the-one" not in result.output
    assert {} == virtuoso.counts()


@pytest.mark.parametrize("strangers", [False, True], ids=["alone", "among others"])
def test_a_query_gives_the_rows_of_the_files(
    strangers: bool, run: Run, virtuoso: Virtuoso, folder: Path
) -> None:
    run("load", folder, "--to", virtuoso.url, "-q")
    if strangers:
        virtuoso.put(STRANGER, b"<https://a.example/s> <https://schema.org/about> <urn:o> .\n")
    for answer in GOLDEN:
        words = ["query", answer.query.name, "-q", "-f", "csv"]
        words += [
            word for name, value in answer.values.items() for word in ("-p", f"{name}={value}")
        ]
        there = run(*words, "--endpoint", virtuoso.url)
        assert (0, run(*words, folder).stdout) == (there.exit_code, there.stdout), str(answer)


def test_the_store_does_not_differ_from_the_files(
    run: Run, virtuoso: Virtuoso, folder: Path
) -> None:
    run("load", folder, "--to", virtuoso.url, "-q")
    assert 0 == run("diff", folder, virtuoso.url, "-q").exit_code
    change_files(folder)
    assert 1 == run("diff", folder, virtuoso.url, "-q").exit_code


def test_the_commands_of_the_page_run(virtuoso: Virtuoso, checkout: Path, folder: Path) -> None:
    text = (checkout / "docs/stores.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^## Virtuoso\n.*?^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    tools = f"PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH"
    script = block.replace("http://localhost:8890", virtuoso.url).replace("_news", folder.name)
    lines = ("set -e", tools, f"PASSWORD={virtuoso.password}", script)
    result = processes.run("bash", "-c", "\n".join(lines), folder=folder.parent)
    assert "6 added" in result.stderr
    assert re.search("^AI +5 ", result.stdout, re.MULTILINE)
    assert result.stderr.endswith("no difference in 1,292 statements\n")
