"""Measure kg beside others: `python -m tests.benchmarks`, `--only reader`, `--articles 1000`.

Two commands at a time run in turns as whole processes, in one run on one machine; what counts is
the ratio of the medians. Quote ratios, and measure on an idle machine.
"""

from __future__ import annotations

import argparse
from collections.abc import Collection
from pathlib import Path
from typing import Final

from tests.benchmarks import corpus, machine, report
from tests.benchmarks.bench import FIFTY_THOUSAND, Bench
from tests.benchmarks.measures import MEASURES
from tests.benchmarks.processes import ROOT, NotAvailable

BUILD: Final = ROOT / "build" / "benchmarks"
METHOD: Final = (
    "Whole processes in turns; medians, and in brackets the range over the pairs",
    "CPU is user and system time with children, memory that of the largest process",
    "kg reads the files, with -j 1 unless -j is shown; tables for others are made before",
    "Triples are compared term by term, Z and +00:00 taken as one",
)


def _arguments() -> argparse.ArgumentParser:
    arguments = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    names = f"one of {', '.join(MEASURES)}; may be repeated"
    arguments.add_argument(
        "--only", choices=MEASURES, action="append", metavar="MEASUREMENT", help=names
    )
    arguments.add_argument(
        "--articles", type=int, default=FIFTY_THOUSAND, help="at most so many [%(default)s]"
    )
    arguments.add_argument("--rounds", type=int, default=5, help="pairs that count [%(default)s]")
    arguments.add_argument("--date", help="when it was measured, for the text")
    arguments.add_argument("--markdown", type=Path, metavar="FILE", help="page to write it into")
    arguments.add_argument("--build", type=Path, default=BUILD, help=argparse.SUPPRESS)
    arguments.add_argument("--generate", type=Path, metavar="FOLDER", help="only write a corpus")
    arguments.add_argument("--small", action="store_true", help="of articles of 1.4 kB")
    arguments.add_argument("--declared", action="store_true", help="with a set of topics")
    return arguments


def main() -> None:
    """Run the selected measurements."""
    parser = _arguments()
    options = parser.parse_args()
    if options.articles < 1 or options.rounds < 1:
        parser.error("--articles and --rounds: at least 1")
    if options.markdown and not report.has_place(options.markdown):
        parser.error(f"{options.markdown}: write {report.BEGIN} and {report.END} into it first")
    if options.generate:
        kinds = {"small": options.small, "declared": options.declared}
        corpus.generate(options.generate, options.articles, **kinds)
        return
    bench = Bench(options.build.absolute(), options.rounds, options.articles)
    lines, notes = _measure(bench, options.only or MEASURES)
    date = f" on {options.date}" if options.date else ""
    conditions = [f"Measured{date}: {machine.describe()}"]
    conditions += [machine.versions(bench.build, bench.environments), *METHOD]
    text = report.block(lines, notes, conditions)
    print("".join(f"{line}\n" for line in ("", *conditions, *notes)))
    if options.markdown:
        report.write(options.markdown, text)


def _measure(bench: Bench, names: Collection[str]) -> tuple[list[str], list[str]]:
    lines, notes = [], []
    print(report.HEADER, end="", flush=True)
    for name, measure in MEASURES.items():
        if name not in names:
            continue
        try:
            for row in measure.rows(bench):
                lines.append(report.line(name, row))
                notes += [row.note] if row.note and row.note not in notes else []
                print(lines[-1], end="", flush=True)
        except NotAvailable as error:
            lines.append(report.missing(name, str(error)))
            print(lines[-1], end="", flush=True)
    return lines, notes


if __name__ == "__main__":
    main()
