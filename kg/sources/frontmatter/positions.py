"""The positions of values in a text, which is parsed again for the few files that need it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

from kg.model import FieldPath
from kg.sources.frontmatter.blocks import Block, position_at

Node: TypeAlias = Any
"""A node of PyYAML, whose `id` is `scalar`, `sequence` or `mapping`."""
_MERGE: Final = "tag:yaml.org,2002:merge"


class Scalar(NamedTuple):
    """The source text of a scalar: its start and end in the file's text, and its style.

    The style is `'`, `"`, `|` or `>`, or None for a plain scalar. The text does not include an
    anchor or tag before the scalar.
    """

    start: int
    end: int
    style: str | None


_PROPERTIES = re.compile(r"(?:[&!]\S*\s+(?:#[^\r\n]*\s+)*)*")
"""The anchor and the tag of a node (YAML calls them properties), and comments after them."""


class Positions:
    """The positions of the values of a block. Raises SourceError if it cannot be parsed."""

    def __init__(self, block: Block) -> None:
        self._block = block
        from kg.sources.frontmatter.lines import read_lines  # few runs need positions

        # Composing nodes is many times slower.
        self._lines = read_lines(block.text) if block.language == "yaml" else None
        if self._lines is None:
            self._documents  # noqa: B018 - to raise now, if at all

    @cached_property
    def _documents(self) -> list[Node]:
        # It imports PyYAML, which few runs need.
        from kg.sources.frontmatter.nodes import compose_nodes

        return list(compose_nodes(self._block))

    def position_of(self, document: int, field: FieldPath) -> tuple[int, int]:
        """Return line and column (from 1) of the value at a field path.

        If the document lacks the field, return the position of the mapping that should have it.
        """
        if self._lines and document == 0:
            line, column = self._lines.position_of(field)
            return line + self._block.line - 1, column
        node = self._documents[document]
        for part in field:
            child = _child(node, part)
            if child is None:
                break
            node = child
        line, column = position_at(self._block.text, node.start_mark.index)
        return line + self._block.line - 1, column

    def scalar(self, document: int, field: FieldPath) -> Scalar | None:
        """Return the source text of the scalar at a field path; None if there is no scalar."""
        node: Node = self._documents[document]
        for part in field:
            node = _child(node, part) if node else None
        if node is None or node.id != "scalar":
            return None
        before = _PROPERTIES.match(self._block.text, node.start_mark.index, node.end_mark.index)
        start, end = before.end() if before else node.start_mark.index, node.end_mark.index
        return Scalar(self._block.start + start, self._block.start + end, node.style or None)

    def extents(self, names: Collection[str]) -> Iterator[tuple[int, int]]:
        """Yield start and end in the file's text of each key in `names` with its value."""
        nodes = list(self._documents)
        seen: set[int] = set()
        while nodes:
            node = nodes.pop()
            if id(node) in seen or node.id == "scalar":
                continue
            seen.add(id(node))
            if node.id == "sequence":
                nodes += node.value
                continue
            for key, value in node.value:
                if key.id == "scalar" and key.value in names:
                    # The end mark of a block collection is at the start of the next token.
                    end = len(self._block.text[: value.end_mark.index].rstrip())
                    yield self._block.start + key.start_mark.index, self._block.start + end
                else:
                    nodes += key, value

    def lines_of(self, names: Collection[str]) -> set[int]:
        """Return the numbers of the file's lines with a key in `names` or its value."""
        lines: set[int] = set()
        for extent in self.extents(names):
            first, last = (
                position_at(self._block.text, end - self._block.start)[0] + self._block.line - 1
                for end in extent
            )
            lines |= set(range(first, last + 1))
        return lines


def _child(node: Node, part: str | int) -> Node:
    if node.id == "sequence" and isinstance(part, int):
        return node.value[part] if part < len(node.value) else None
    if node.id != "mapping":
        return None
    merged: list[Node] = []
    for key, value in node.value:
        if key.tag == _MERGE:
            merged += value.value if value.id == "sequence" else [value]
        elif key.value == str(part):
            return value
    children = (_child(mapping, part) for mapping in merged)
    return next((child for child in children if child is not None), None)
