"""The measurements, by name: each compares kg with something else and has a goal."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from tests.benchmarks import exports
from tests.benchmarks.bench import (
    CORPORA,
    SEEDS_LIKE,
    SHORT,
    TEN_THOUSAND,
    THOUSAND,
    WITH_TOPICS,
    Bench,
    slug,
)
from tests.benchmarks.processes import ROOT, NotAvailable, Run, Runs, run
from tests.benchmarks.report import Goal, Row, Rows, ratio

MUTATIONS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Measure:
    """One measurement; `peers` is true if it needs packages that kg does not use."""

    rows: Callable[[Bench], Rows]
    peers: bool = False


def reader(bench: Bench) -> Rows:
    """Reading front matter, against PyYAML's C loader, the texts in memory."""
    for kind, bound in ((SEEDS_LIKE, 0.20), (SHORT, 0.25)):
        goal = Goal(at_most=True, bound=bound, articles=TEN_THOUSAND)
        folder = str(bench.corpus(kind, TEN_THOUSAND))
        kg, c_loader = (
            bench.python("tests.benchmarks.reading", name, folder) for name in ("kg", "yaml")
        )
        runs, articles = bench.pair(kg, c_loader), bench.articles(TEN_THOUSAND)
        seconds = [_parsing(side) / articles for side in (runs.ours, runs.theirs)]
        ours, theirs = (f"{one * 1e6:.0f} µs an article" for one in seconds)
        value, what = seconds[0] / seconds[1], "reader / CSafeLoader, CPU of parsing"
        yield Row(what, kind, articles, ours, theirs, value, f"{value:.3f}", goal)


def _parsing(runs: list[Run]) -> float:
    return median(float(one.answer()["seconds"]) for one in runs)


def mutations(bench: Bench) -> Rows:
    """Mutated texts that the fast reader reads differently."""
    if not (ROOT / "tests" / "mutations.py").is_file():
        raise NotAvailable("kg has no second reader, tests/mutations.py is not there")
    number = MUTATIONS if bench.most >= TEN_THOUSAND else bench.most
    command = bench.python("tests.benchmarks.reading", "mutations", str(number))
    differ = run(command).answer()["differ"]
    goal = Goal(at_most=True, bound=0, articles=MUTATIONS, label="0")
    what = f"differences in {number:,} mutations"
    yield Row(what, "", number, "", "", differ, f"{differ:,}", goal)


def _validate(bench: Bench, kind: str, *words: str) -> tuple[tuple[str, ...], Path]:
    report = bench.output(f"report-{slug(kind)}{''.join(words)}.json")
    corpus = str(bench.corpus(kind, THOUSAND))
    words = (*words, "--fail-on", "never", "--format", "json", "--output", str(report))
    return bench.kg("validate", corpus, *words), report


def validate_fast(bench: Bench) -> Rows:
    """Validate with the fast engine, against an export of the same files."""
    goal = Goal(at_most=True, bound=1.0, articles=THOUSAND)
    for kind in CORPORA:
        ours, _ = _validate(bench, kind, "--engine", "shacl")
        runs = bench.pair(ours, bench.export(kind, THOUSAND, "nt"))
        what, articles = "validate, fast engine / export", bench.articles(THOUSAND)
        yield ratio(runs, "cpu", goal, what=what, corpus=kind, articles=articles)


def validate(bench: Bench) -> Rows:
    """Validate with the default engine on both cores, against pySHACL on the whole graph."""
    goal = Goal(at_most=True, bound=0.40, articles=THOUSAND)
    for kind in CORPORA:
        yield _against_pyshacl(bench, kind, goal, "wall", "-j", "2")


def engines(bench: Bench) -> Rows:
    """Validate with the fast engine, against pySHACL on the whole graph."""
    for kind in CORPORA:
        yield _against_pyshacl(bench, kind, None, "cpu", "--engine", "shacl")


def _against_pyshacl(bench: Bench, kind: str, goal: Goal | None, metric: str, *words: str) -> Row:
    ours, report = _validate(bench, kind, *words)
    graph = str(bench.graph(kind, THOUSAND))
    theirs = bench.peer("shacl_whole.py", str(_write_inputs(bench) / "shapes.ttl"), graph)
    runs = bench.pair(ours, theirs)
    results = runs.theirs[0].answer()["results"]
    findings = len(json.loads(report.read_text(encoding="utf-8"))["findings"])
    options = " ".join(words)
    note = f"validate {options}, {kind}: pySHACL has {results:,} results, kg {findings:,} findings."
    what, articles = f"validate {options} / pySHACL on the whole graph", bench.articles(THOUSAND)
    return ratio(runs, metric, goal, what=what, corpus=kind, articles=articles, note=note)


def _write_inputs(bench: Bench) -> Path:
    """Write queries and shapes for the peers, and return their folder."""
    folder = bench.output("written", "shapes.ttl").parent
    run(bench.python("tests.benchmarks.answers", "--write", str(folder)))
    return folder


def queries(bench: Bench) -> Rows:
    """Each bundled query on 100,000 triples, against rdflib's engine."""
    goal = Goal(at_most=True, bound=1 / 15, articles=THOUSAND, label="1/15")
    graph = str(bench.graph(WITH_TOPICS, THOUSAND))
    kg = bench.python("tests.benchmarks.answers", graph)
    runs = bench.pair(kg, bench.peer("sparql.py", graph, str(_write_inputs(bench))))
    seconds = [_seconds(side) for side in (runs.ours, runs.theirs)]
    ratios = {name: seconds[0][name] / seconds[1][name] for name in seconds[0]}
    worst = max(ratios, key=lambda name: ratios[name])
    ours, theirs = (f"{side[worst] * 1e3:.1f} ms CPU" for side in seconds)
    what, label = f"the worst of {len(ratios)} queries: {worst}", f"1/{1 / ratios[worst]:.0f}"
    note = f"{_same(runs)}. {_each(ratios, goal)}."
    value, articles = ratios[worst], bench.articles(THOUSAND)
    yield Row(what, WITH_TOPICS, articles, ours, theirs, value, label, goal, note)


def _each(ratios: dict[str, float], goal: Goal) -> str:
    missed = sorted(name for name, value in ratios.items() if not goal.met(value))
    each = ", ".join(f"{name} 1/{1 / value:.0f}" for name, value in ratios.items())
    return f"Above the goal: {', '.join(missed) or 'none'}. Each: {each}"


def _seconds(runs: list[Run]) -> dict[str, float]:
    answers = [run.answer() for run in runs]
    return {name: median(one[name]["seconds"] for one in answers) for name in answers[0]}


def _same(runs: Runs) -> str:
    ours, theirs = runs.ours[0].answer(), runs.theirs[0].answer()
    unanswered = [name for name, answer in theirs.items() if answer["rows"] is None]
    same = sum(ours[name]["digest"] == theirs[name]["digest"] for name in ours)
    remark = f"; it was stopped before it answered {', '.join(unanswered)}" if unanswered else ""
    return f"Queries: rdflib gives the same rows for {same} of {len(ours)}{remark}"


MEASURES: Final[dict[str, Measure]] = {
    "export": Measure(exports.export),
    "reader": Measure(reader),
    "mutations": Measure(mutations),
    "turtle": Measure(exports.turtle, peers=True),
    "morph": Measure(exports.morph, peers=True),
    "maplib": Measure(exports.maplib, peers=True),
    "memory": Measure(exports.memory),
    "scale": Measure(exports.scale),
    "jobs": Measure(exports.jobs),
    "cache": Measure(exports.cache),
    "validate-fast": Measure(validate_fast),
    "validate": Measure(validate, peers=True),
    "engines": Measure(engines, peers=True),
    "queries": Measure(queries, peers=True),
}
