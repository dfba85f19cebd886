"""Exports measured: against parsing alone, other tools, and kg itself with other options."""

from __future__ import annotations

import filecmp
from pathlib import Path
from typing import Final, NamedTuple

from tests.benchmarks.bench import (
    CORPORA,
    FIFTY_THOUSAND,
    SEEDS_LIKE,
    SHORT,
    TEN_THOUSAND,
    THOUSAND,
    Bench,
    slug,
)
from tests.benchmarks.processes import Runs, middle, run
from tests.benchmarks.report import Goal, Row, Rows, ratio, usage


def export(bench: Bench) -> Rows:
    """Export to N-Triples, against PyYAML's C loader parsing the same files and nothing else."""
    goal = Goal(at_most=True, bound=0.40, articles=TEN_THOUSAND)
    for kind in CORPORA:
        folder = bench.corpus(kind, TEN_THOUSAND)
        parse = bench.script("parse_only.py", str(folder))
        runs = bench.pair(bench.export(kind, TEN_THOUSAND, "nt"), parse)
        what, articles = "export to N-Triples / CSafeLoader parsing", bench.articles(TEN_THOUSAND)
        yield ratio(runs, "cpu", goal, what=what, corpus=kind, articles=articles)


def turtle(bench: Bench) -> Rows:
    """Export to Turtle, against a script of python-frontmatter and rdflib."""
    goal = Goal(at_most=True, bound=0.08, articles=THOUSAND)
    for kind in CORPORA:
        theirs = bench.output(f"script-{slug(kind)}.ttl")
        script = bench.peer("naive.py", str(bench.corpus(kind, THOUSAND)), str(theirs))
        runs = bench.pair(bench.export(kind, THOUSAND, "ttl"), script)
        alike = bench.alike(bench.exported(kind, THOUSAND, "ttl"), theirs)
        what = "export to Turtle / python-frontmatter and rdflib"
        articles, note = bench.articles(THOUSAND), f"The script, {kind}: {alike}."
        yield ratio(runs, "cpu", goal, what=what, corpus=kind, articles=articles, note=note)


class _Peer(NamedTuple):
    name: str
    cpu: Goal
    memory: Goal


MORPH: Final = _Peer(
    "Morph-KGC",
    cpu=Goal(at_most=True, bound=0.45, articles=TEN_THOUSAND),
    memory=Goal(at_most=True, bound=1 / 4, articles=TEN_THOUSAND, label="1/4"),
)
MAPLIB: Final = _Peer(
    "maplib",
    cpu=Goal(at_most=True, bound=0.40, articles=TEN_THOUSAND),
    memory=Goal(at_most=True, bound=1 / 8, articles=TEN_THOUSAND, label="1/8"),
)


TABLES: Final = ((SEEDS_LIKE, "flattened"), (SHORT, "flattened"), (SEEDS_LIKE, "distinct"))
"""Tables with a row for each node that a file describes; or with one row for each node. Then the
work of the exporter, to find that several files describe one thing, is already done: this is an
addition without a goal."""


def _tables(bench: Bench, kind: str, rows: str) -> Path:
    """Make the tables of a corpus, and return their folder."""
    graph = bench.graph(kind, TEN_THOUSAND, "nq" if rows == "flattened" else "nt")
    mapping = bench.output(f"{rows}-{slug(kind)}", "mapping.rml.ttl")
    run(bench.python("tests.benchmarks.tables", str(graph), str(mapping.parent)))
    return mapping.parent


_MORPH: Final = """\
[CONFIGURATION]
output_file: {output}
output_format: N-TRIPLES
number_of_processes: 1
[TABLES]
mappings: {tables}/mapping.rml.ttl
"""


def morph(bench: Bench) -> Rows:
    """Export to N-Triples from files, against Morph-KGC from CSV tables made before."""
    python = bench.environment("morph")
    for kind, rows in TABLES:
        tables = _tables(bench, kind, rows)
        output = tables.with_suffix(".morph.nt")
        settings = tables / "morph.ini"
        settings.write_text(_MORPH.format(output=output, tables=tables), encoding="utf-8")
        theirs = (python, "-m", "morph_kgc", str(settings))
        yield from _against_tables(bench, kind, theirs, output, MORPH)


def maplib(bench: Bench) -> Rows:
    """Export to N-Triples from files, against maplib from CSV tables made before."""
    for kind, rows in TABLES:
        tables = _tables(bench, kind, rows)
        output = tables.with_suffix(".maplib.nt")
        theirs = bench.peer("ottr.py", str(tables), str(output))
        yield from _against_tables(bench, kind, theirs, output, MAPLIB)


def _against_tables(
    bench: Bench, kind: str, theirs: tuple[str, ...], output: Path, peer: _Peer
) -> Rows:
    runs = bench.pair(bench.export(kind, TEN_THOUSAND, "nt"), theirs)
    alike = bench.alike(bench.exported(kind, TEN_THOUSAND, "nt"), output)
    rows = output.name.partition("-")[0]
    what, note = f"{peer.name} from {rows} CSV", f"{peer.name}, {rows}, {kind}: {alike}."
    for metric, goal in (("cpu", peer.cpu), ("peak", peer.memory)):
        columns = {"what": f"export to N-Triples / {what}", "corpus": kind, "note": note}
        articles, bound = bench.articles(TEN_THOUSAND), goal if rows == "flattened" else None
        yield ratio(runs, metric, bound, articles=articles, **columns)


def _large_and_small(bench: Bench, kind: str) -> tuple[Runs, int, int]:
    """Measure the export of many articles beside that of a fiftieth of them."""
    large = bench.articles(FIFTY_THOUSAND)
    small = max(1, large * THOUSAND // FIFTY_THOUSAND)
    runs = bench.pair(bench.export(kind, large, "nt"), bench.export(kind, small, "nt"))
    return runs, large, small


def memory(bench: Bench) -> Rows:
    """Peak memory of an export of 50,000 articles, and its growth from 1,000."""
    for kind in CORPORA:
        runs, large, small = _large_and_small(bench, kind)
        peak, before = (middle(side, "peak") for side in (runs.ours, runs.theirs))
        growth = (peak - before) / max(1, large - small)
        ours, theirs = usage(runs.ours), usage(runs.theirs)
        goal = Goal(at_most=True, bound=100e6, articles=FIFTY_THOUSAND, label="100 MB")
        label = f"{peak / 1e6:.0f} MB"
        yield Row("peak memory, N-Triples", kind, large, ours, theirs, peak, label, goal)
        goal = Goal(at_most=True, bound=1000, articles=FIFTY_THOUSAND, label="1 kB an article")
        what = f"growth of memory from {small:,} articles"
        label = f"{growth / 1e3:.2f} kB an article"
        yield Row(what, kind, large, ours, theirs, growth, label, goal)


def scale(bench: Bench) -> Rows:
    """Articles per CPU second at 50,000 articles, against 1,000."""
    goal = Goal(at_most=False, bound=0.9, articles=FIFTY_THOUSAND)
    for kind in CORPORA:
        runs, large, small = _large_and_small(bench, kind)
        rates = large / middle(runs.ours, "cpu"), small / middle(runs.theirs, "cpu")
        ours, theirs = (f"{rate:,.0f} articles per CPU s" for rate in rates)
        value = rates[0] / rates[1]
        what = f"throughput / that of {small:,} articles"
        yield Row(what, kind, large, ours, theirs, value, f"{value:.2f}", goal)


def jobs(bench: Bench) -> Rows:
    """Wall clock of an export on one core, against two."""
    goal = Goal(at_most=False, bound=1.6, articles=TEN_THOUSAND)
    for kind in CORPORA:
        one, two = (bench.output(f"jobs-{number}.nt") for number in (1, 2))
        corpus = str(bench.corpus(kind, TEN_THOUSAND))
        with_one = bench.kg("export", corpus, "-j", "1", "--output", str(one))
        with_two = bench.kg("export", corpus, "-j", "2", "--output", str(two))
        runs = bench.pair(with_one, with_two)
        what, articles = "export to N-Triples, -j 1 / -j 2", bench.articles(TEN_THOUSAND)
        note = f"-j 1 and -j 2, {kind}: {_bytes(one, two)}."
        yield ratio(runs, "wall", goal, what=what, corpus=kind, articles=articles, note=note)


def _bytes(one: Path, other: Path) -> str:
    return "the same bytes" if filecmp.cmp(one, other, shallow=False) else "**the bytes differ**"


def cache(bench: Bench) -> Rows:
    """Export again with a cache after one file changed, against a full run."""
    goal = Goal(at_most=True, bound=0.10, articles=TEN_THOUSAND)
    for kind in CORPORA:
        corpus = bench.corpus(kind, TEN_THOUSAND)
        cache_folder, cached, full = (
            bench.output(f"cache-{slug(kind)}{end}") for end in ("", "-again.nt", "-full.nt")
        )
        ours = bench.kg(
            "export", str(corpus), "--cache", str(cache_folder), "--output", str(cached)
        )
        theirs = bench.kg("export", str(corpus), "--output", str(full))
        run(ours)
        edited = _EditedFile(next(iter(sorted(corpus.rglob("*.md")))))
        try:
            runs = bench.pair(ours, theirs, edited.change)
        finally:
            edited.restore()
        what, articles = "export with a cache, 1 file changed / full", bench.articles(TEN_THOUSAND)
        note = f"Cached and full, {kind}: {_bytes(cached, full)}."
        yield ratio(runs, "cpu", goal, what=what, corpus=kind, articles=articles, note=note)


class _EditedFile:
    """A file of a corpus that gets a new title each time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._original = path.read_text(encoding="utf-8")
        self._times = 0

    def change(self) -> None:
        self._times += 1
        text = self._original.replace('title: "', f'title: "{self._times}: ', 1)
        self._path.write_text(text, encoding="utf-8")

    def restore(self) -> None:
        self._path.write_text(self._original, encoding="utf-8")
