"""Measure read, map, write, validate and query, each alone in a process of its own.

CPU seconds are those of the step; peak memory is the process's, which streams what comes before.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from kg import formats, graphs, mapping, queries, sources, validation, writers
from kg.namespaces import Site
from kg.records import Record, Triple
from tests.benchmarks import corpus

SITE: Final = Site()
VALIDATED: Final = 200
"""Articles that the validation sees at most: pySHACL takes tens of milliseconds for each."""


class Clock:
    """CPU seconds inside its `with` blocks."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> None:
        self._started = time.process_time()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.process_time() - self._started


def _records(folder: Path) -> Iterator[list[Record]]:
    for source in sources.discover([str(folder)]):
        yield sources.records(source, mapping.WITHHELD)


def _triples(folder: Path, most: int | None = None) -> set[Triple]:
    found = sources.discover([str(folder)])[:most]
    made = graphs.named_graphs(found, graphs.mapper(SITE))
    return {said[:3] for graph in made for said in graph.statements}


def read(folder: Path, clock: Clock) -> int:
    found = sources.discover([str(folder)])
    with clock:
        for source in found:
            sources.records(source, mapping.WITHHELD)
    return len(found)


def map_(folder: Path, clock: Clock) -> int:
    mapper, mapped = graphs.mapper(SITE), 0
    for records in _records(folder):
        mapped += 1
        with clock:
            for record in records:
                mapper.map(record)
    return mapped


def _write(form: str) -> Callable[[Path, Clock], int]:
    def write(folder: Path, clock: Clock) -> int:
        dataset = {"": _triples(folder)}
        with clock:
            writers.write(dataset, formats.find(form), SITE, BytesIO())
        return len(sources.discover([str(folder)]))

    return write


def validate(folder: Path, clock: Clock) -> int:
    graph = graphs.rdflib_graph(_triples(folder, VALIDATED), SITE)
    shapes = validation.shapes(validation.bundled(), SITE)
    with clock:
        validation.validate(graph, shapes)
    return min(VALIDATED, len(sources.discover([str(folder)])))


def query(folder: Path, clock: Clock) -> int:
    store = graphs.store(_triples(folder))
    with clock:
        for one in queries.bundled():
            given = {p.name: "https://example.org/" for p in one.parameters if p.default is None}
            for _ in queries.run(one, store, queries.bind(one, given, SITE), SITE):  # type: ignore[union-attr]
                pass
    return len(sources.discover([str(folder)]))


STEPS: Final[dict[str, Callable[[Path, Clock], int]]] = {
    "read": read,
    "map": map_,
    "write N-Triples": _write("ntriples"),
    "write Turtle": _write("turtle"),
    "write JSON-LD": _write("jsonld"),
    "validate": validate,
    "all queries": query,
}


def _measure(step: str, folder: Path) -> None:
    clock = Clock()
    articles = STEPS[step](folder, clock)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"articles": articles, "seconds": clock.seconds, "megabytes": peak}))


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    arguments.add_argument("--articles", type=int, default=1000)
    arguments.add_argument("--generate", type=Path, metavar="FOLDER", help="only write the corpus")
    arguments.add_argument("--small", action="store_true", help="articles without related items")
    arguments.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    arguments.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.step:
        _measure(given.step, given.folder)
        return
    if given.generate:
        corpus.generate(given.generate, given.articles, small=given.small)
        return
    with tempfile.TemporaryDirectory() as folder:
        corpus.generate(Path(folder), given.articles, small=given.small)
        print("| step | articles | CPU s | articles/s | peak MB |\n|---|---|---|---|---|")
        for step in STEPS:
            command = [sys.executable, "-m", "tests.benchmarks", "--step", step, "--folder", folder]
            got = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            rate = got["articles"] / got["seconds"]
            print(
                f"| {step} | {got['articles']:,} | {got['seconds']:.2f} | {rate:,.0f}"
                f" | {got['megabytes']:.0f} |"
            )


if __name__ == "__main__":
    main()
