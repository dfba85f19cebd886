"""The union of what many sources state: sorted by subject, each triple once, in bounded memory.

The statements about a subject are one text, so that a million subjects are sorted and merged as a
million texts: to sort single lines takes several times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import TypeAlias

from kg.graph.sorted_runs import (
    ITEM_OVERHEAD,
    Blocks,
    KeyRange,
    SpillingBuffer,
    compact,
    key_ranges,
    merge_blocks,
)
from kg.mapping import Description
from kg.model import Term, Triple

SubjectLines: TypeAlias = tuple[Term, bytes]
"""A subject and what is stated about it: lines of `predicate object`, sorted, each once.

They are UTF-8 from the start: a string with one letter beyond Latin-1 takes two bytes for every
letter, and many have one.
"""


def lines_by_subject(triples: Iterable[Triple]) -> Iterator[SubjectLines]:
    """Yield sorted triples by subject."""
    for subject, about in groupby(triples, key=itemgetter(0)):
        yield subject, "\n".join([f"{predicate} {term}" for _, predicate, term in about]).encode()


def to_ntriples(item: SubjectLines, graph: Term = "") -> bytes:
    """Return a subject's statements as N-Triples; with the name of a graph, as N-Quads."""
    begin = f"{item[0]} ".encode()
    end = f" {graph} .\n".encode() if graph else b" .\n"
    return b"%b%b%b" % (begin, item[1].replace(b"\n", end + begin), end)


def triples_of(item: SubjectLines) -> Iterator[Triple]:
    """Yield the triples of a subject."""
    subject, lines = item
    for line in lines.decode().split("\n"):
        predicate, _, term = line.partition(" ")
        yield subject, predicate, term


def lines_of_description(description: Description) -> Iterator[SubjectLines]:
    """Yield the statements of a description by subject, in no order."""
    by_subject: dict[Term, list[str]] = {}
    _collect(description, by_subject)
    for subject, lines in by_subject.items():
        text = lines[0] if len(lines) == 1 else "\n".join(sorted(set(lines)))
        yield subject, text.encode()


def _collect(description: Description, by_subject: dict[Term, list[str]]) -> None:
    current = None
    for subject, predicate, term, _ in description.statements:
        if subject is not current:  # most have the subject of the statement before
            current, lines = subject, by_subject.setdefault(subject, [])
        lines.append(f"{predicate} {term}")
    for _, nested in description.nested:
        _collect(nested, by_subject)


def merge_subjects(items: Iterable[SubjectLines]) -> list[SubjectLines]:
    """Return the items sorted by subject, each subject once, with all its lines."""
    texts: dict[Term, list[bytes]] = {}
    for subject, lines in items:
        texts.setdefault(subject, []).append(lines)
    return [(subject, merge_lines(texts[subject])) for subject in sorted(texts)]


def merge_lines(texts: list[bytes]) -> bytes:
    """Return the lines of several texts about one subject, sorted, each once."""
    if len(texts) == 1 or all(text == texts[0] for text in texts):
        return texts[0]
    return b"\n".join(sorted({line for text in texts for line in text.split(b"\n")}))


class Union(SpillingBuffer[bytes]):
    """Statements of many sources by subject, each once, in bounded memory.

    It can be iterated several times.
    """

    def add(self, items: Iterable[SubjectLines]) -> None:
        """Add statements by subject, in any order."""
        buffer, growth = self._buffer, 0
        for subject, lines in items:
            present = buffer.get(subject)
            if present is None:
                buffer[subject] = lines
                growth += len(subject) + len(lines) + ITEM_OVERHEAD
            elif present != lines:
                buffer[subject] = merge_lines([present, lines])
                growth += len(buffer[subject]) - len(present)
        self._grow(growth)

    def __iter__(self) -> Iterator[SubjectLines]:
        """Yield the statements by subject, sorted."""
        blocks = self._sorted_blocks()
        if self.runs:
            yield from merge_blocks_of_subjects(blocks)
        else:
            yield from self._buffer.items()

    def ranges(self, number: int) -> list[KeyRange]:
        """Write all statements to runs, and return at most `number` ranges of about one size."""
        if self._buffer:
            self.spill()
        self.runs = compact(self.runs, self._folder)
        return key_ranges(self.runs, number)


def merge_blocks_of_subjects(runs: Iterable[Blocks]) -> Iterator[SubjectLines]:
    """Yield the items of sorted runs, sorted by subject, each subject once, with all its lines."""
    for items in merge_blocks(runs):
        yield from merge_subjects(items)
