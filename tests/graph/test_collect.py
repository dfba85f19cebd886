"""Many sources at once: the same result for any number of processes and any memory limit."""

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
from kg.writers.formats import write_dataset
from tests.benchmarks import corpus

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kg.model.site import Site

T = TypeVar("T")

ARTICLES = 520
"""Enough for two processes; a few broken files are added."""


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("articles")
    corpus.generate(folder, ARTICLES)
    (folder / "broken.md").write_text("---\ntitle: [\n---\n")
    (folder / "nothing.md").write_text("no front matter\n")
    (folder / "wrong.md").write_text("---\ntype: article\npublishedDateTime: soon\n---\n")
    return folder


def collect_folder(folder: Path, site: Site, into: Path, jobs: int, memory: int) -> CollectedGraph:
    into.mkdir()
    sources = discover_sources([str(folder)])
    options = CollectOptions(into, memory, Keep.GRAPHS)
    return collect_graph(sources, make_mapper(site, sources), options, jobs=jobs)


def write_all_formats(collected: CollectedGraph, site: Site) -> dict[str, bytes]:
    content = ExportDocument(collected, site, metadata=True)
    outputs = {}
    for form in FORMATS:
        out = BytesIO()
        content.write(form, out)
        outputs[form.name] = out.getvalue()
    return outputs


def messages_of(findings: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(one.places[0].source.name, one.message) for one in findings]


@pytest.mark.slow
def test_bytes_and_findings_are_the_same_for_any_number_of_processes_and_any_memory(
    articles: Path, site: Site, tmp_path: Path
) -> None:
    one = collect_folder(articles, site, tmp_path / "one", jobs=1, memory=10**9)
    two = collect_folder(articles, site, tmp_path / "two", jobs=2, memory=200_000)
    assert two.union.runs != []
    assert len(one.files) < len(two.files)
    assert (one.records, one.skipped) == (two.records, two.skipped) == (ARTICLES + 1, 2)
    assert messages_of(one.findings) == messages_of(two.findings)
    assert write_all_formats(one, site) == write_all_formats(two, site)


@pytest.mark.process
def test_processes_do_not_write_over_the_runs_of_others(
    checkout: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "FILES_PER_PROCESS", 1)
    one = collect_folder(checkout / "seeds", site, tmp_path / "one", jobs=1, memory=10**9)
    five = collect_folder(checkout / "seeds", site, tmp_path / "five", jobs=5, memory=1)
    assert len({run.path for run in five.union.runs}) == len(five.union.runs)
    assert list(one.union) == list(five.union)


@pytest.mark.process
def test_the_union_has_the_same_counts_for_any_number_of_processes(
    checkout: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "FILES_PER_PROCESS", 1)
    monkeypatch.setattr(sorted_runs, "_INDEX_EVERY", 1000)
    tallies = [VoidStatistics(site) for _ in range(2)]
    for jobs, tally in zip((1, 4), tallies, strict=True):
        collected = collect_folder(
            checkout / "seeds", site, tmp_path / str(jobs), jobs, memory=10**9
        )
        assert jobs == collected.jobs
        collected.count(tally)
    assert tallies[0].metadata_lines() == tallies[1].metadata_lines()


@pytest.mark.process
@pytest.mark.parametrize("jobs", [1, 3])
def test_payloads_are_the_lines_of_the_named_graphs_for_any_number_of_processes(
    jobs: int, checkout: Path, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "FILES_PER_PROCESS", 1)
    collected = collect_folder(checkout / "seeds", site, tmp_path / "one", jobs=1, memory=10**9)
    expected = {name: payload_lines(nodes) for name, nodes in collected.graphs()}
    sources = discover_sources([str(checkout / "seeds")])
    options = CollectOptions(tmp_path, 10**9, Keep.PAYLOADS)
    mapper = make_mapper(site, sources)
    payload_by_name = collect_graph(sources, mapper, options, jobs=jobs).payloads()
    assert expected == {name: payload.read() for name, payload in payload_by_name.items()}
    assert 5 == len(payload_by_name)
    for payload in payload_by_name.values():
        assert digest_lines(payload.read()) == (payload.digest, payload.triples)


def test_a_source_without_statements_has_no_payload(site: Site, tmp_path: Path) -> None:
    for name, text in (("a.md", "---\ntitle: A\n---\n"), ("b.md", "no front matter\n")):
        (tmp_path / name).write_text(text)
    sources = discover_sources([str(tmp_path)])
    options = CollectOptions(tmp_path, 10**9, Keep.PAYLOADS)
    collected = collect_graph(sources, make_mapper(site, sources), options, jobs=1)
    assert [graph_name(sources[0], site)] == list(collected.payloads())


@pytest.mark.slow
def test_the_export_equals_the_statements(articles: Path, site: Site, tmp_path: Path) -> None:
    collected = collect_folder(articles, site, tmp_path / "one", jobs=1, memory=300_000)
    found = discover_sources([str(articles)])
    dataset = {
        graph.name: {statement[:3] for statement in graph.statements()}
        for graph in map_sources(found, make_mapper(site, found))
        if graph.states_anything
    }
    for name in ("ntriples", "nquads"):
        form, out, expected = find_format(name), BytesIO(), BytesIO()
        ExportDocument(collected, site, metadata=False).write(form, out)
        write_dataset(dataset, form, site, expected)
        assert expected.getvalue() == out.getvalue()


def test_few_files_take_one_process(checkout: Path, site: Site, tmp_path: Path) -> None:
    collected = collect_folder(checkout / "seeds", site, tmp_path / "seeds", jobs=8, memory=10**9)
    assert 1 == len(collected.files)


@pytest.mark.slow
def test_a_worker_that_dies_is_reported(
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
        collect_folder(articles, site, tmp_path / "one", jobs=2, memory=10**9)


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
        _, messages = running.communicate(timeout=60)
    assert (130, False) == (running.returncode, b"Traceback" in messages)
    assert ["tmp"] == [path.name for path in tmp_path.iterdir()]
    assert [] == list((tmp_path / "tmp").iterdir())
