"""Is the subset reader right, and how fast? `python -m tests.benchmarks.reader --folder FOLDER`.

Its CPU time for the front matter of a folder as a share of what `yaml.load(text, CSafeLoader)`
takes, in turns in one process; and the differences from kg's own nodes, in the folder and in
mutations.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from kg import frontmatter, mapping, sources
from kg.errors import NoFrontMatter
from kg.frontmatter import subset
from tests import mutations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


def _texts(folder: Path) -> Iterator[str]:
    for source in sources.discover([str(folder)]):
        text = frontmatter.decode(sources.read(source))
        try:
            yield frontmatter.block(text).text
        except NoFrontMatter:
            yield text


def _seconds(read: Callable[[str], Any], texts: Iterable[str]) -> float:
    started = time.process_time()
    for text in texts:
        read(text)
    return time.process_time() - started


def _c_loader(text: str) -> Any:
    try:
        return yaml.load(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        return None


def _subset(text: str) -> Any:
    return subset.read(text, mapping.WITHHELD)


def _compare(folder: Path, rounds: int) -> None:
    texts = list(_texts(folder))
    pairs = [(_seconds(_subset, texts), _seconds(_c_loader, texts)) for _ in range(rounds)]
    ours, theirs = (
        statistics.median(column) / len(texts) * 1e6 for column in zip(*pairs, strict=True)
    )
    unread = sum(_subset(text) is None for text in texts)
    wrong = sum(map(mutations.differs, texts))
    size = sum(len(text.encode()) for text in texts) / len(texts)
    print(f"{len(texts):,} texts of {size:,.0f} bytes, {unread} left to PyYAML, {wrong} differ")
    print(f"{ours:.0f} us a text; CSafeLoader {theirs:.0f} us; ", end="")
    print(f"ratio {statistics.median(one / other for one, other in pairs):.3f}")


def _mutate(number: int, seed: int) -> None:
    read = wrong = 0
    for text in mutations.mutations(number, seed):
        read += _subset(text) is not None
        if mutations.differs(text):
            wrong += 1
            print(ascii(text))
    print(f"{number:,} mutations (seed {seed}): {read:,} read here, {wrong} differ")


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.benchmarks.reader")
    arguments.add_argument("--folder", type=Path, action="append", default=[])
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--mutations", type=int, default=0)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    for folder in given.folder:
        _compare(folder, given.rounds)
    if given.mutations:
        _mutate(given.mutations, given.seed)


if __name__ == "__main__":
    main()
