"""The positions of values in a text whose every line has one key or one item, as nearly all have.

There a value is found by the column of its key, without parsing its siblings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from kg.model import FieldPath
from kg.sources.frontmatter.subset import NAME, SCALAR

Kind: TypeAlias = Literal["mapping", "sequence", "scalar"]


@dataclass(slots=True)
class Node:
    """A value: the index in the text at which it starts, its column, and the index of its end.

    `children` are the values in it that were found so far: of a sequence, all or none.
    """

    kind: Kind
    start: int
    column: int = 0
    end: int = 0
    children: dict[str | int, Node | None] = field(default_factory=dict)


_LINES = re.compile(
    rf"""(?: [ ]*+
             (?: (?:-[ ])? {NAME}: [ ]*+ {SCALAR}? | -[ ] [ ]*+ {SCALAR} )?
             [ ]*+\n )*""",
    re.VERBOSE,
)
"""Lines that are blank or have a key, an item or both: so no value has a second line."""
_ROOT = re.compile(r"(?:[ ]*\n)*(?=[A-Za-z_])")
_NAME = re.compile(NAME)
_SPACES = re.compile(" *")
_TO_NEXT_LINE = re.compile(r"(?:\n *+)+(?=[^\n ])")
"""From a key without a scalar to the next line that is not blank."""


def read_lines(text: str) -> Lines | None:
    """Return the lines of a YAML text; None unless each has one key or one item.

    The text must be valid YAML: it was parsed before.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n")
    if text[-1:] != "\n":
        text += "\n"
    root = _ROOT.match(text)
    return Lines(text, root.end()) if root and _LINES.fullmatch(text) else None


class Lines:
    """Finds the positions of the values of a text."""

    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._root = Node("mapping", start, 0, len(text))

    def position_of(self, field: FieldPath) -> tuple[int, int]:
        """Return line and column (from 1) of the value at a field path, or of its last parent."""
        node = self._root
        for part in field:
            child = node.children.get(part) or self._find_child(node, part)
            if child is None:
                break
            node = child
        before = self._text.rfind("\n", 0, node.start)
        return self._text.count("\n", 0, node.start) + 1, node.start - before

    def _find_child(self, parent: Node, part: str | int) -> Node | None:
        if parent.kind == "mapping" and part not in parent.children:
            parent.children[part] = self._value(parent, f"{part}:")
        elif parent.kind == "sequence" and not parent.children:
            parent.children.update(enumerate(self._items(parent)))
        return parent.children.get(part)

    def _items(self, parent: Node) -> Iterator[Node]:
        """Yield the items of a sequence, each after its dash."""
        text, lead, dash = self._text, f"\n{' ' * parent.column}- ", parent.start
        while dash >= 0:
            next_line = text.find(lead, dash, parent.end)
            start = _SPACES.match(text, dash + 1).end()  # type: ignore[union-attr] # matches always
            if _NAME.match(text, start):
                end = next_line + 1 if next_line >= 0 else parent.end
                yield Node("mapping", start, parent.column + 2, end)
            else:
                yield Node("scalar", start)
            dash = next_line + 1 + parent.column if next_line >= 0 else -1

    def _value(self, parent: Node, key: str) -> Node | None:
        """Return the value of a key of a mapping; None if the mapping lacks the key."""
        text, at = self._text, parent.start
        if not text.startswith(key, at):
            line = text.find(f"\n{' ' * parent.column}{key}", at, parent.end)
            if line < 0:
                return None
            at = line + 1 + parent.column
        after = at + len(key)
        start = _SPACES.match(text, after).end()  # type: ignore[union-attr] # matches always
        return (
            Node("scalar", start) if text[start] != "\n" else self._collection(parent, after, start)
        )

    def _collection(self, parent: Node, after: int, line_end: int) -> Node:
        """Return the collection that begins below a key; if none does, the null after the key."""
        gap = _TO_NEXT_LINE.match(self._text, line_end)
        if gap:
            start = gap.end()
            column = start - 1 - self._text.rfind("\n", 0, start)
            kind: Kind = "sequence" if self._text.startswith("- ", start) else "mapping"
            if column > parent.column or (column == parent.column and kind == "sequence"):
                end = _end_of(kind, column).search(self._text, start, parent.end)
                return Node(kind, start, column, end.start() + 1 if end else parent.end)
        return Node("scalar", after)


@lru_cache(128)
def _end_of(kind: Kind, column: int) -> re.Pattern[str]:
    """Return the pattern of the line break before the first line after a collection in a column.

    That line is less indented. A key in the column of a sequence is also after it.
    """
    inside: Final = "[ -]" if kind == "sequence" else ""
    return re.compile(rf"\n(?! {{{column}}}{inside}| *\n)")
