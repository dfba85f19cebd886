"""The harness runs; no test asserts a time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import mean

import pytest

from kg.graph.convert import oxigraph_store
from kg.graph.named import map_sources, merge_triples
from kg.mapping.project import make_mapper
from kg.model.namespaces import XSD
from kg.model.site import Site
from kg.queries.catalog import find_query
from kg.sources.discovery import discover_sources
from tests.benchmarks import answers, corpus, report, sameness, tables
from tests.benchmarks.bench import Bench
from tests.benchmarks.measures import MEASURES
from tests.benchmarks.processes import ROOT, NotAvailable, Run, Runs, run
from tests.benchmarks.report import Goal, Row


def _row(value: float, articles: int) -> Row:
    goal = Goal(at_most=True, bound=0.4, articles=1000)
    return Row("a / b", "11 kB", articles, "1 s", "2 s", value, f"{value}", goal)


@pytest.mark.slow
def test_every_measurement_without_peers_has_a_line_and_a_block_in_a_page(tmp_path: Path) -> None:
    names = [name for name, measure in MEASURES.items() if not measure.peers]
    page = tmp_path / "page.md"
    page.write_text(f"# Speed\n{report.BEGIN}\nold\n{report.END}\nEnd\n")
    selection = [word for name in names for word in ("--only", name)]
    command = [sys.executable, "-m", "tests.benchmarks", *selection, "--articles", "20"]
    options = ["--rounds", "1", "--build", str(tmp_path), "--date", "2020-07-03"]
    result = subprocess.run(
        [*command, *options, "--markdown", str(page)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    text = page.read_text()
    rows = [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| ")]
    assert (0, "") == (result.returncode, result.stderr)
    assert set(names) == {row.removeprefix("| ") for row in rows} - {"measurement"}
    assert "too few articles" in text
    assert "Measured on 2020-07-03" in text
    assert "old" not in text
    assert text.startswith("# Speed\n")
    assert text.endswith(f"{report.END}\nEnd\n")


def test_a_result_meets_its_goal_or_misses_it_or_has_too_few_articles() -> None:
    outcomes = [_row(0.4, 1000).met, _row(0.41, 1000).met, _row(0.1, 999).met]
    assert ["yes", "**no**", "too few articles"] == outcomes


def test_a_ratio_is_of_medians_and_its_range_of_pairs() -> None:
    ours = [Run(cpu, 1, 1) for cpu in (1, 2, 9)]
    theirs = [Run(cpu, 1, 1) for cpu in (4, 4, 6)]
    runs = Runs(ours, theirs)
    assert (0.5, (0.25, 1.5)) == (runs.ratio("cpu"), runs.range("cpu"))


@pytest.mark.process
def test_a_page_without_the_two_comments_is_refused_before_anything_is_measured(
    tmp_path: Path,
) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Speed\n")
    command = [sys.executable, "-m", "tests.benchmarks", "--markdown", str(page)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (2, "") == (result.returncode, result.stdout)
    assert f"write {report.BEGIN} and {report.END} into it first" in result.stderr


@pytest.mark.process
def test_a_missing_option_of_kg_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotAvailable, match="kg export has no --faster"):
        Bench(tmp_path).kg("export", "--faster")


@pytest.mark.process
def test_a_failed_command_is_reported_with_its_last_line() -> None:
    script = "import sys; print('one', 'two', sep=chr(10), file=sys.stderr); sys.exit(3)"
    with pytest.raises(NotAvailable, match="exit code 3: two"):
        run([sys.executable, "-c", script])


@pytest.mark.process
def test_the_cpu_of_children_counts() -> None:
    child = "import time\nwhile time.process_time() < 0.3: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    assert run([sys.executable, "-c", parent]).cpu > 0.3


FIRST = """\
<http://a> <http://p#name> "One, \\"two\\"" {0}.
<http://a> <http://p#about> <http://b> {0}.
<http://a> <http://p#about> <http://c> {0}.
<http://a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://p#Work> {0}.
"""
SECOND = """\
<http://b> <http://p#count> "1"^^<http://www.w3.org/2001/XMLSchema#integer> {0}.
<http://b> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <http://p#Work> {0}.
"""
ONE, TWO = "<http://g#1> ", "<http://g#2> "
GRAPHS = {
    "graph.nt": FIRST.format("") + SECOND.format(""),
    "graph.nq": FIRST.format(ONE) + SECOND.format(ONE) + SECOND.format(TWO),
}


@pytest.mark.parametrize(("name", "rows"), [("graph.nt", 1), ("graph.nq", 2)])
def test_tables_have_a_row_for_each_node_and_a_table_for_each_property_with_several_values(
    name: str, rows: int, tmp_path: Path
) -> None:
    graph = tmp_path / name
    graph.write_text(GRAPHS[name])
    tables.main(graph, tmp_path)
    works = 'node,count_1,name_2\nhttp://a,,"One, ""two"""\n' + rows * "http://b,1,\n"
    links = "node,about_0\nhttp://a,http://b\nhttp://a,http://c\n"
    files = {path.name: path.read_text() for path in tmp_path.glob("*.csv")}
    assert {"Work.csv": works, "Work_about_0.csv": links} == files


def test_two_graphs_that_differ_only_in_the_spelling_of_utc_are_alike(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    moment = '<http://a> <http://p> "2020-07-03T00:00:00{}"^^<' + XSD.dateTime + "> ."
    one, other = tmp_path / "one.nt", tmp_path / "other.nt"
    one.write_text(moment.format("Z"))
    other.write_text(moment.format("+00:00") + '\n<http://a> <http://p> "+00:00" .\n')
    sameness.main(str(one), str(other))
    assert {"ours": 1, "theirs": 2, "both": 1} == json.loads(capsys.readouterr().out)


def test_a_corpus_may_have_a_topic_set(tmp_path: Path) -> None:
    corpus.generate(tmp_path, 20, declared=True)
    sources = discover_sources([str(tmp_path)])
    store = oxigraph_store(merge_triples([*map_sources(sources, make_mapper(Site(), sources))]))
    expected = {"orphan-topics": corpus.DECLARED - corpus.TOPICS, "topic-tree": corpus.DECLARED}
    for name, rows in expected.items():
        assert rows == answers.answer(find_query(name), store)["rows"]


def test_the_corpora_have_the_size_in_their_name(tmp_path: Path) -> None:
    corpus.generate(tmp_path / "long", 100)
    corpus.generate(tmp_path / "short", 100, small=True)
    sizes = {
        folder.name: mean(path.stat().st_size for path in folder.rglob("*.md"))
        for folder in tmp_path.iterdir()
    }
    assert 10_500 < sizes["long"] < 12_000
    assert 1_300 < sizes["short"] < 1_500
