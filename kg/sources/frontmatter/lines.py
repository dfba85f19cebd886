"""Where values stand in a text whose every line holds one key or one item, as nearly all do.

There a value is found by the column of its key, and what is beside it need not be looked at. For
twelve values in each of 1,000 files of 11 kB that takes 0.2 s of CPU, reading included; to read all
values again, and to count their lines, took 0.35 s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from kg.model.records import FieldPath
from kg.sources.frontmatter.subset import NAME, SCALAR

Kind: TypeAlias = Literal["mapping", "sequence", "scalar"]


@dataclass(slots=True)
class Node:
    """A value: at which index of the text it starts, in which column, and before which it ends.

    `below` are the values in it that were looked for: all of a sequence, if any.
    """

    kind: Kind
    start: int
    column: int = 0
    end: int = 0
    below: dict[str | int, Node | None] = field(default_factory=dict)


_LINES = re.compile(
    rf"""(?: [ ]*+
             (?: (?:-[ ])? {NAME}: [ ]*+ {SCALAR}? | -[ ] [ ]*+ {SCALAR} )?
             [ ]*+\n )*""",
    re.VERBOSE,
)
"""Lines with a key, an item or both, and blank ones: so no value has a second line."""
_ROOT = re.compile(r"(?:[ ]*\n)*(?=[A-Za-z_])")
_NAME = re.compile(NAME)
_SPACES = re.compile(" *")
_BELOW = re.compile(r"(?:\n *+)+(?=[^\n ])")
"""What stands between a key without a scalar and the next line that is not blank."""


def read_lines(text: str) -> Lines | None:
    """Return the lines of a YAML text; None unless each is plainly one key or one item.

    The text must be one that YAML allows: whoever asks where a value stands has read it before.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if text[-1:] != "\n":
        text += "\n"
    root = _ROOT.match(text)
    return Lines(text, root.end()) if root and _LINES.fullmatch(text) else None


class Lines:
    """Where the values of a text stand."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._root = Node("mapping", start, 0, len(text))

    def position_of(self, field: FieldPath) -> tuple[int, int]:
        """Return line and column (from 1) of the value at a field path, or of what is around it."""
        node = self._root
        for part in field:
            below = node.below.get(part) or self._within(node, part)
            if below is None:
                break
            node = below
        before = self._text.rfind("\n", 0, node.start)
        return self._text.count("\n", 0, node.start) + 1, node.start - before

    def _within(self, around: Node, part: str | int) -> Node | None:
        if around.kind == "mapping" and part not in around.below:
            around.below[part] = self._value(around, f"{part}:")
        elif around.kind == "sequence" and not around.below:
            around.below.update(enumerate(self._items(around)))
        return around.below.get(part)

    def _items(self, around: Node) -> Iterator[Node]:
        """Yield the items of a sequence: what stands behind its dashes."""
        text, lead, dash = self._text, f"\n{' ' * around.column}- ", around.start
        while dash >= 0:
            next_line = text.find(lead, dash, around.end)
            start = _SPACES.match(text, dash + 1).end()  # type: ignore[union-attr] # it may match nothing
            if _NAME.match(text, start):
                end = next_line + 1 if next_line >= 0 else around.end
                yield Node("mapping", start, around.column + 2, end)
            else:
                yield Node("scalar", start)
            dash = next_line + 1 + around.column if next_line >= 0 else -1

    def _value(self, around: Node, key: str) -> Node | None:
        text, at = self._text, around.start
        if not text.startswith(key, at):
            line = text.find(f"\n{' ' * around.column}{key}", at, around.end)
            if line < 0:
                return None
            at = line + 1 + around.column
        after = at + len(key)
        start = _SPACES.match(text, after).end()  # type: ignore[union-attr] # it may match nothing
        return Node("scalar", start) if text[start] != "\n" else self._below(around, after, start)

    def _below(self, around: Node, after: int, line_end: int) -> Node:
        """Return what begins below a key: a collection, or else nothing, right behind the key."""
        below = _BELOW.match(self._text, line_end)
        if below:
            start = below.end()
            column = start - 1 - self._text.rfind("\n", 0, start)
            kind: Kind = "sequence" if self._text.startswith("- ", start) else "mapping"
            if column > around.column or (column == around.column and kind == "sequence"):
                end = _behind(kind, column).search(self._text, start, around.end)
                return Node(kind, start, column, end.start() + 1 if end else around.end)
        return Node("scalar", after)


@lru_cache(128)
def _behind(kind: Kind, column: int) -> re.Pattern[str]:
    """Return what finds the line behind a collection in a column: it stands further left.

    A key in the column of a sequence is behind it, too.
    """
    inside: Final = "[ -]" if kind == "sequence" else ""
    return re.compile(rf"\n(?! {{{column}}}{inside}| *\n)")
