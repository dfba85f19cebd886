"""Helpers of every measurement: corpora, commands, and pairs of processes in one run."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from tests.benchmarks import machine
from tests.benchmarks.processes import NotAvailable, Runs, in_turns, run

SEEDS_LIKE: Final = "11 kB"
SHORT: Final = "1.4 kB"
CORPORA: Final = (SEEDS_LIKE, SHORT)
WITH_TOPICS: Final = "11 kB and topics"
"""The first with a topic set, which some of the queries are about."""
_OPTIONS: Final = {SHORT: ("--small",), WITH_TOPICS: ("--declared",)}
THOUSAND: Final = 1_000
TEN_THOUSAND: Final = 10_000
FIFTY_THOUSAND: Final = 50_000
_HERE: Final = Path(__file__).parent


def slug(kind: str) -> str:
    """Return the name of a kind of corpus for use in a file's name.

    >>> slug("1.4 kB")
    '1-4kB'
    """
    return kind.replace(" ", "").replace(".", "-")


@dataclass(slots=True)
class Bench:
    """The folder of one run of the benchmarks, and the number of its rounds and articles.

    `most` bounds the articles of every measurement.
    """

    build: Path
    rounds: int = 5
    most: int = FIFTY_THOUSAND
    environments: set[str] = field(default_factory=set)
    _pairs: dict[tuple[tuple[str, ...], ...], Runs] = field(default_factory=dict)
    _help: dict[str, str] = field(default_factory=dict)

    def articles(self, number: int) -> int:
        """Return how many articles to take where a goal is for `number`."""
        return min(number, self.most)

    def corpus(self, kind: str, number: int) -> Path:
        """Return the folder of a corpus, generated unless the same code has generated it before."""
        articles = self.articles(number)
        folder = self.build / "corpora" / f"{slug(kind)}-{articles}"
        stamp = folder.with_suffix(".made")
        digest = sha256((_HERE / "corpus.py").read_bytes()).hexdigest()
        if not (stamp.is_file() and stamp.read_text() == digest):
            shutil.rmtree(folder, ignore_errors=True)
            options = _OPTIONS.get(kind, ())
            generate = ["--generate", str(folder), "--articles", str(articles), *options]
            run(self.python("tests.benchmarks", *generate))
            stamp.write_text(digest)
        return folder

    def output(self, *parts: str) -> Path:
        """Return the path of a file to write, in an existing folder."""
        path = self.build.joinpath("output", *parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def exported(self, kind: str, number: int, suffix: str) -> Path:
        """Return where kg's export of a corpus is written."""
        return self.output(f"kg-{slug(kind)}-{self.articles(number)}.{suffix}")

    def export(self, kind: str, number: int, suffix: str) -> tuple[str, ...]:
        """Return the command that exports a corpus."""
        folder, output = self.corpus(kind, number), self.exported(kind, number, suffix)
        return self.kg("export", str(folder), "--output", str(output))

    def graph(self, kind: str, number: int, suffix: str = "nt") -> Path:
        """Export a corpus without metadata, for others to start from."""
        path = self.output(f"graph-{slug(kind)}-{self.articles(number)}.{suffix}")
        folder = str(self.corpus(kind, number))
        run(self.kg("export", folder, "--no-metadata", "--output", str(path)))
        return path

    def python(self, module: str, *words: str) -> tuple[str, ...]:
        """Return the command for a module in kg's own environment."""
        return (sys.executable, "-m", module, *words)

    def kg(self, verb: str, *words: str) -> tuple[str, ...]:
        """Return the command for a verb of kg; raise NotAvailable for an option that it lacks.

        On one core unless `words` say otherwise, so that CPU and memory are of one process.
        """
        for word in words:
            if word.startswith("-") and not self._has(verb, word):
                raise NotAvailable(f"kg {verb} has no {word}")
        one_job = ("-j", "1") if "-j" not in words and self._has(verb, "-j") else ()
        return self.python("kg", verb, "--quiet", *one_job, *words)

    def _has(self, verb: str, option: str) -> bool:
        if verb not in self._help:
            self._help[verb] = run(self.python("kg", verb, "--help")).stdout
        return re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", self._help[verb]) is not None

    def script(self, name: str, *words: str) -> tuple[str, ...]:
        """Return the command for a script of the peers that needs only kg's environment."""
        return (sys.executable, str(machine.PEERS / name), *words)

    def peer(self, script: str, *words: str) -> tuple[str, ...]:
        """Return the command for a script of the peers."""
        return (self.environment("python"), str(machine.PEERS / script), *words)

    def environment(self, name: str) -> str:
        """Return the Python of a peers' environment, made when needed."""
        python = machine.environment(name, self.build)
        self.environments.add(name)
        return python

    def pair(
        self,
        ours: Sequence[str],
        theirs: Sequence[str],
        prepare: Callable[[], None] | None = None,
    ) -> Runs:
        """Measure two commands in turns; the same two are not measured again."""
        key = (tuple(ours), tuple(theirs))
        if key not in self._pairs:
            optional = (prepare,) if prepare else ()
            self._pairs[key] = in_turns(ours, theirs, self.rounds, *optional)
        return self._pairs[key]

    def alike(self, ours: Path, theirs: Path) -> str:
        """Return a phrase that compares the triples of two graphs."""
        command = self.python("tests.benchmarks.sameness", str(ours), str(theirs))
        counts: dict[str, int] = json.loads(run(command).stdout)
        part = f"{counts['both']:,} of its {counts['theirs']:,}"
        share = f"all its {counts['theirs']:,}" if counts["both"] == counts["theirs"] else part
        return f"{share} triples are among kg's {counts['ours']:,}"
