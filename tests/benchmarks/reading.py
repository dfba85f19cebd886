"""The reader of front matter alone: `python -m tests.benchmarks.reading kg|yaml FOLDER`.

Prints the CPU seconds of parsing, every text in memory already; `mutations NUMBER` prints how many
mutated texts kg's two readers disagree about.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import yaml

from kg.sources.frontmatter import read_documents
from kg.sources.frontmatter.blocks import Block, find_block

SEED: Final = 1


def blocks(folder: Path) -> list[Block]:
    """Return the front matter of every file below a folder."""
    paths = sorted(folder.rglob("*.md"))
    return [find_block(path.read_text(encoding="utf-8")) for path in paths]


def ours(block: Block) -> None:
    """Read with kg: it passes other YAML to PyYAML, whose time counts too."""
    list(read_documents(block))


def theirs(block: Block) -> None:
    """Read with PyYAML's C loader."""
    yaml.load(block.text, yaml.CSafeLoader)


READERS: Final[dict[str, Callable[[Block], None]]] = {"kg": ours, "yaml": theirs}


def seconds(reader: Callable[[Block], None], folder: Path) -> float:
    """Return the CPU seconds a reader takes for a folder."""
    texts = blocks(folder)
    started = time.process_time()
    for text in texts:
        reader(text)
    return time.process_time() - started


def differences(number: int) -> int:
    """Count the mutated texts that are read differently."""
    mutations = importlib.import_module("tests.mutations")  # comes with the second reader
    return sum(map(bool, map(mutations.differs, mutations.mutations(number, SEED))))


def main(what: str, which: str) -> None:
    """Print one figure as JSON."""
    if what == "mutations":
        print(json.dumps({"differ": differences(int(which))}))
    else:
        print(json.dumps({"seconds": seconds(READERS[what], Path(which))}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
