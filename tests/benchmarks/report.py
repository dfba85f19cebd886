"""The rows of a run as Markdown, and as the block of a page between two comments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeAlias

from tests.benchmarks.processes import Run, Runs, middle

BEGIN: Final = "<!-- benchmarks -->"
END: Final = "<!-- end of benchmarks -->"
_BLOCK: Final = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
HEADER: Final = """\
| measurement | corpus | what | kg | against | result | goal | met |
|---|---|---|---|---|---|---|---|
"""


class Goal(NamedTuple):
    """The bound of a result; `articles` is the number it is for, `label` the text of the bound."""

    at_most: bool
    bound: float
    articles: int = 0
    label: str = ""

    def __str__(self) -> str:
        """Return it as text: ≤ 0.40."""
        return ("≤ " if self.at_most else "≥ ") + (self.label or f"{self.bound:.2f}")

    def met(self, value: float) -> bool:
        """Whether a value reaches it."""
        return value <= self.bound if self.at_most else value >= self.bound


@dataclass(frozen=True, slots=True)
class Row:
    """One result: what was measured, on how many articles of which corpus, and the value.

    `note` has the details for which the table has no room, such as how the outputs were compared.
    """

    what: str
    corpus: str
    articles: int
    ours: str
    theirs: str
    value: float
    label: str
    goal: Goal | None = None
    note: str = ""

    @property
    def met(self) -> str:
        """Return whether the goal is met; a smaller number of articles cannot decide it."""
        if self.goal is None:
            return ""
        if self.articles < self.goal.articles:
            return "too few articles"
        return "yes" if self.goal.met(self.value) else "**no**"


Rows: TypeAlias = Iterator[Row]
METRICS: Final = {"cpu": "CPU", "wall": "wall clock", "peak": "memory"}


def usage(runs: Sequence[Run]) -> str:
    """Return the CPU time, wall clock and memory of one side of a pair."""
    cpu, wall, peak = (middle(runs, metric) for metric in METRICS)
    return f"{cpu:.2f} s CPU, {wall:.2f} s, {peak / 1e6:.0f} MB"


def ratio(runs: Runs, metric: str, goal: Goal | None, **columns: Any) -> Row:
    """Make a row of the ratio of medians of a metric, the first of a pair by the second."""
    low, high = runs.range(metric)
    value = runs.ratio(metric)
    label = f"{value:.3f} ({low:.3f}–{high:.3f})"
    columns["what"] = f"{columns['what']}, {METRICS[metric]}"
    ours, theirs = usage(runs.ours), usage(runs.theirs)
    return Row(ours=ours, theirs=theirs, value=value, label=label, goal=goal, **columns)


def line(measure: str, row: Row) -> str:
    """Write a row of the table."""
    corpus = f"{row.articles:,} × {row.corpus}" if row.corpus else ""
    cells = (measure, corpus, row.what, row.ours, row.theirs, row.label)
    return "| " + " | ".join((*cells, str(row.goal or ""), row.met)) + " |\n"


def missing(measure: str, reason: str) -> str:
    """Write the line of a measurement that is not available."""
    reason = reason.replace("|", "\\|")
    return f"| {measure} | | not available: {reason} | | | | | |\n"


def block(lines: Sequence[str], notes: Sequence[str], conditions: Sequence[str]) -> str:
    """Return the whole block: what it was measured on, the table, and the notes."""
    about = " ".join(f"{sentence}." for sentence in conditions)
    note_lines = "".join(f"- {note}\n" for note in notes)
    return f"{about}\n\n{HEADER}{''.join(lines)}\n{note_lines}"


def has_place(path: Path) -> bool:
    """Whether a page has the two comments, or does not exist yet."""
    return not path.exists() or _BLOCK.search(path.read_text(encoding="utf-8")) is not None


def write(path: Path, text: str) -> None:
    """Put a block between the two comments of a page; a missing page is created."""
    page = path.read_text(encoding="utf-8") if path.exists() else f"{BEGIN}\n{END}\n"
    content = _BLOCK.sub(lambda _: f"{BEGIN}\n{text}{END}", page, count=1)
    path.write_text(content, encoding="utf-8")
