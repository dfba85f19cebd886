"""Unified diffs for git and patch that do not show withheld values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, NamedTuple, TypeAlias

_CONTEXT: Final = 3

LineChange: TypeAlias = tuple[int, int, int, int]
"""A range of old lines and the range of new lines that replaces it, as start, end, start, end."""


class Patch(NamedTuple):
    """A unified diff of one file; empty if there is nothing to show."""

    text: str
    unshown: int = 0
    """The number of changes that are left out, since they have a hidden line."""
    needs_unidiff_zero: bool = False
    """Whether git needs `--unidiff-zero`, since the line right below a change is hidden."""


def split_lines(text: str) -> list[str]:
    """Return the lines of a text as git splits it: only at line feeds, which are kept."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def overlapping_lines(text: str, extents: Collection[tuple[int, int]]) -> set[int]:
    """Return the numbers of the lines, from 0, that overlap any of the extents."""
    numbers, start = set(), 0
    for number, line in enumerate(split_lines(text)):
        end = start + len(line)
        if any(start < last and first < end for first, last in extents):
            numbers.add(number)
        start = end
    return numbers


def unified_diff(
    name: str,
    before: str,
    after: str,
    hidden: Collection[int] = frozenset(),
    hidden_after: Collection[int] = frozenset(),
) -> Patch:
    """Return the patch that turns one text into another, without their hidden lines.

    `hidden` are numbers of lines of `before`, from 0, `hidden_after` of `after`. Next to a hidden
    line there is less context.
    """
    old, new = split_lines(before), split_lines(after)

    def is_hidden(change: LineChange) -> bool:
        return _any(change[:2], hidden) or _any(change[2:], hidden_after)

    changes = [
        part
        for change in _changes(old, new)
        for part in (_parts(change) if is_hidden(change) else [change])
    ]
    shown = [change for change in changes if not is_hidden(change)]
    hunks = [_Hunk(old, new, group, hidden) for group in _grouped(shown, hidden)]
    if not hunks:
        return Patch("", len(changes))
    text, shift = f"--- {_quoted_path('a/' + name)}\n+++ {_quoted_path('b/' + name)}\n", 0
    for hunk in hunks:
        text += hunk.text(shift)
        shift += hunk.growth
    return Patch(text, len(changes) - len(shown), any(hunk.hidden_below for hunk in hunks))


def _changes(old: Sequence[str], new: Sequence[str]) -> list[LineChange]:
    if len(old) == len(new):  # the matcher may pair repeated lines wrongly
        pairs = enumerate(zip(old, new, strict=True))
        return _joined((n, n + 1, n, n + 1) for n, (before, after) in pairs if before != after)
    codes = SequenceMatcher(None, old, new).get_opcodes()
    return [(i1, i2, j1, j2) for kind, i1, i2, j1, j2 in codes if kind != "equal"]


def _joined(changes: Iterable[LineChange]) -> list[LineChange]:
    """Return the changes, adjacent ones joined."""
    joined: list[LineChange] = []
    for i1, i2, j1, j2 in changes:
        if joined and joined[-1][1] == i1:
            joined[-1] = (joined[-1][0], i2, joined[-1][2], j2)
        else:
            joined.append((i1, i2, j1, j2))
    return joined


def _parts(change: LineChange) -> list[LineChange]:
    """Return the changes of single lines in a change, if it has as many new lines as old ones."""
    i1, i2, j1, j2 = change
    if i2 - i1 != j2 - j1:
        return [change]
    return [(i, i + 1, j, j + 1) for i, j in zip(range(i1, i2), range(j1, j2), strict=True)]


def _any(extent: Sequence[int], numbers: Collection[int]) -> bool:
    return any(number in numbers for number in range(*extent))


def _grouped(changes: Iterable[LineChange], hidden: Collection[int]) -> list[list[LineChange]]:
    """Return the changes in groups, each with those whose context would overlap."""
    groups: list[list[LineChange]] = []
    for change in changes:
        gap = (groups[-1][-1][1], change[0]) if groups else (0, 0)
        if groups and gap[1] - gap[0] <= 2 * _CONTEXT and not _any(gap, hidden):
            groups[-1].append(change)
        else:
            groups.append([change])
    return groups


class _Hunk:
    """Changes with the lines around them."""

    def __init__(
        self,
        old: Sequence[str],
        new: Sequence[str],
        changes: Sequence[LineChange],
        hidden: Collection[int],
    ) -> None:
        self._old, self._new, self._changes = old, new, changes
        first, last = changes[0][0], changes[-1][1]
        above, cut_above = _context(range(first - 1, -1, -1), hidden)
        below, cut_below = _context(range(last, len(old)), hidden)
        if cut_above or cut_below:  # patch takes uneven context for the end of the file
            even = max(1, min(above, below))
            above, below = min(above, even), min(below, even)
        self._start, self._end = first - above, last + below
        self.hidden_below = below == 0 and last < len(old)
        self.growth = sum((j2 - j1) - (i2 - i1) for i1, i2, j1, j2 in changes)

    def text(self, shift: int) -> str:
        """Return the hunk as text; the hunks above it make the file longer by `shift` lines."""
        size = self._end - self._start
        old, new = (
            f"{start + bool(number)},{number}"
            for start, number in ((self._start, size), (self._start + shift, size + self.growth))
        )
        return f"@@ -{old} +{new} @@\n" + "".join(_line(sign, line) for sign, line in self._lines())

    def _lines(self) -> Iterator[tuple[str, str]]:
        position = self._start
        for i1, i2, j1, j2 in self._changes:
            yield from ((" ", line) for line in self._old[position:i1])
            yield from (("-", line) for line in self._old[i1:i2])
            yield from (("+", line) for line in self._new[j1:j2])
            position = i2
        yield from ((" ", line) for line in self._old[position : self._end])


def _context(numbers: Iterable[int], hidden: Collection[int]) -> tuple[int, bool]:
    """Return how many of the lines can be shown as context, and whether a hidden line ends it."""
    shown = 0
    for number in numbers:
        if shown == _CONTEXT or number in hidden:
            return shown, shown < _CONTEXT
        shown += 1
    return shown, False


def _line(sign: str, line: str) -> str:
    return sign + line if line.endswith("\n") else f"{sign}{line}\n\\ No newline at end of file\n"


def _quoted_path(path: str) -> str:
    """Return a path as git writes it: quoted if a character needs it, a tab after spaces."""
    if not re.search(r'["\\\x00-\x1f\x7f]', path):
        return f"{path}\t" if " " in path else path
    escaped = re.sub(
        r'["\\\x00-\x1f\x7f]',
        lambda match: _ESCAPES.get(match[0]) or f"\\{ord(match[0]):03o}",
        path,
    )
    return f'"{escaped}"'


_ESCAPES: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
