"""Many sources at once: the same for any number of processes and any bound of memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from kg import workers
from kg.graph import collect, sorted_runs
from kg.graph.collect import CollectedGraph, CollectOptions, Keep, collect_graph
from kg.graph.named import graph_name, map_source, map_sources
from kg.graph.payloads import digest_lines, payload_lines
from kg.graph.statistics import VoidStatistics
from kg.mapping.project import make_mapper
from kg.model.errors import KgError
from kg.model.findings import Finding
from kg.model.formats import FORMATS, find_format
from kg.sources.discovery import discover_sources
from kg.writers.export import ExportDocument
from kg.writers.registry import write_dataset
from tests.benchmarks import corpus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.model.site import Site

T = TypeVar("T")

ARTICLES = 520
"""Enough for two processes, and a few that are broken."""


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("articles")
    corpus.generate(folder, ARTICLES)
    (folder / "broken.md").write_text("---\ntitle: [\n---\n")
    (folder / "nothing.md").write_text("no front matter\n")
    (folder / "wrong.md").write_text("---\ntype: article\npublishedDateTime: soon\n---\n")
    return folder


def exported(folder: Path, site: Site, into: Path, jobs: int, memory: int) -> CollectedGraph:
    into.mkdir()
    found = discover_sources([str(folder)])
    wanted = CollectOptions(into, memory, Keep.GRAPHS)
    return collect_graph(found, make_mapper(site, found), wanted, jobs=jobs)


def written(done: CollectedGraph, site: Site) -> dict[str, bytes]:
    content = ExportDocument(done, site, metadata=True)
    found = {}
    for form in FORMATS:
        out = BytesIO()
        content.write(form, out)
        found[form.name] = out.getvalue()
    return found


def told(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(one.places[0].source.name, one.message) for one in findings]


@pytest.mark.slow
def test_bytes_and_findings_are_the_same_for_any_number_of_processes_and_any_memory(
    articles: Path, site: Site, tmp_path: Path
) -> None:
    one = exported(articles, site, tmp_path / "one", jobs=1, memory=10**9)
    two = exported(articles, site, tmp_path / "two", jobs=2, memory=200_000)
    assert two.union.runs != []
    assert len(one.files) < len(two.files)
    assert (one.records, one.skipped) == (two.records, two.skipped) == (ARTICLES + 1, 2)
    assert told(one.findings) == told(two.findings)
    assert written(one, site) == written(two, site)


@pytest.mark.process
def test_processes_do_not_write_over_the_runs_of_others(
    checkout: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "FILES_PER_PROCESS", 1)
    one = exported(checkout / "seeds", site, tmp_path / "one", jobs=1, memory=10**9)
    five = exported(checkout / "seeds", site, tmp_path / "five", jobs=5, memory=1)
    assert len({run.path for run in five.union.runs}) == len(five.union.runs)
    assert list(one.union) == list(five.union)


@pytest.mark.process
def test_the_union_is_counted_alike_by_any_number_of_processes(
    checkout: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "FILES_PER_PROCESS", 1)
    monkeypatch.setattr(sorted_runs, "_INDEX_EVERY", 1000)
    tallies = [VoidStatistics(site) for _ in range(2)]
    for jobs, tally in zip((1, 4), tallies, strict=True):
        done = exported(checkout / "seeds", site, tmp_path / str(jobs), jobs, memory=10**9)
        assert jobs == done.jobs
        done.count(tally)
    assert tallies[0].metadata_lines() == tallies[1].metadata_lines()


@pytest.mark.process
@pytest.mark.parametrize("jobs", [1, 3])
def test_bodies_are_the_lines_of_the_named_graphs_for_any_number_of_processes(
    jobs: int, checkout: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "FILES_PER_PROCESS", 1)
    done = exported(checkout / "seeds", site, tmp_path / "one", jobs=1, memory=10**9)
    expected = {name: payload_lines(found) for name, found in done.graphs()}
    found = discover_sources([str(checkout / "seeds")])
    wanted = CollectOptions(tmp_path, 10**9, Keep.PAYLOADS)
    mapper = make_mapper(site, found)
    made = collect_graph(found, mapper, wanted, jobs=jobs).payloads()
    assert expected == {name: body.read() for name, body in made.items()}
    assert 5 == len(made)
    for body in made.values():
        assert digest_lines(body.read()) == (body.digest, body.triples)


def test_a_source_that_says_nothing_has_no_body(site: Site, tmp_path: Path) -> None:
    for name, text in (("a.md", "---\ntitle: A\n---\n"), ("b.md", "no front matter\n")):
        (tmp_path / name).write_text(text)
    found = discover_sources([str(tmp_path)])
    wanted = CollectOptions(tmp_path, 10**9, Keep.PAYLOADS)
    done = collect_graph(found, make_mapper(site, found), wanted, jobs=1)
    assert [graph_name(found[0], site)] == list(done.payloads())


@pytest.mark.slow
def test_they_are_what_the_statements_say(articles: Path, site: Site, tmp_path: Path) -> None:
    done = exported(articles, site, tmp_path / "one", jobs=1, memory=300_000)
    found = discover_sources([str(articles)])
    dataset = {
        graph.name: {statement[:3] for statement in graph.statements()}
        for graph in map_sources(found, make_mapper(site, found))
        if graph.states_anything
    }
    for name in ("ntriples", "nquads"):
        form, out, expected = find_format(name), BytesIO(), BytesIO()
        ExportDocument(done, site, metadata=False).write(form, out)
        write_dataset(dataset, form, site, expected)
        assert expected.getvalue() == out.getvalue()


def test_few_files_take_one_process(checkout: Path, site: Site, tmp_path: Path) -> None:
    done = exported(checkout / "seeds", site, tmp_path / "seeds", jobs=8, memory=10**9)
    assert 1 == len(done.files)


@pytest.mark.slow
def test_a_worker_that_dies_is_told(
    articles: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = os.getpid()
    real = map_source

    def fatal(*args: object) -> object:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(collect, "map_source", fatal)
    with pytest.raises(KgError, match="a worker process was killed"):
        exported(articles, site, tmp_path / "one", jobs=2, memory=10**9)


@pytest.mark.slow
def test_an_interrupt_ends_every_process_and_leaves_nothing(articles: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kg", "export", str(articles), "-j", "2", "-o", "out.nt"]
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp")}
    (tmp_path / "tmp").mkdir()
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, process_group=0
    ) as running:
        while not list((tmp_path / "tmp").glob("kg-*/*.graphs")):
            assert running.poll() is None
            time.sleep(0.01)
        os.killpg(running.pid, signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert (130, False) == (running.returncode, b"Traceback" in said)
    assert ["tmp"] == [path.name for path in tmp_path.iterdir()]
    assert [] == list((tmp_path / "tmp").iterdir())
