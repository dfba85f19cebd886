"""Where values stand: a second look at a text, for the few files that need it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cached_property
from typing import Any, Final, NamedTuple, TypeAlias

from kg.model.records import FieldPath
from kg.sources.frontmatter.blocks import Block, position_at

Node: TypeAlias = Any
"""A node of PyYAML, known by its `id`: `scalar`, `sequence` or `mapping`."""
_MERGE: Final = "tag:yaml.org,2002:merge"


class Scalar(NamedTuple):
    """A scalar as it is written: from where to where in the file's text, and in which style.

    The style is one of `'`, `"`, `|` and `>`, or None for a plain scalar. An anchor or tag before
    the scalar is no part of it.
    """

    start: int
    end: int
    style: str | None


_PROPERTIES = re.compile(r"(?:[&!]\S*\s+(?:#[^\r\n]*\s+)*)*")
"""The anchor and the tag of a node, and comments behind them."""


class Positions:
    """Where the values of a block stand. Raises SourceError for what cannot be read."""

    def __init__(self, source: Block) -> None:
        self._source = source
        from kg.sources.frontmatter.lines import read_lines  # few runs ask where values stand

        # To compose nodes takes twenty times as long: 2.4 ms for a file of 11 kB.
        self._lines = read_lines(source.text) if source.language == "yaml" else None
        if self._lines is None:
            self._documents  # noqa: B018 - to be refused now, if at all

    @cached_property
    def _documents(self) -> list[Node]:
        from kg.sources.frontmatter.nodes import compose_nodes  # brings PyYAML, which few runs need

        return list(compose_nodes(self._source))

    def position_of(self, document: int, field: FieldPath) -> tuple[int, int]:
        """Return line and column (from 1) of the value at a field path.

        For a field the document lacks: where the mapping starts that should have it.
        """
        if self._lines and document == 0:
            line, column = self._lines.position_of(field)
            return line + self._source.line - 1, column
        node = self._documents[document]
        for part in field:
            child = _child(node, part)
            if child is None:
                break
            node = child
        line, column = position_at(self._source.text, node.start_mark.index)
        return line + self._source.line - 1, column

    def scalar(self, document: int, field: FieldPath) -> Scalar | None:
        """Return how the scalar at a field path is written; None when there is none."""
        node: Node = self._documents[document]
        for part in field:
            node = _child(node, part) if node else None
        if node is None or node.id != "scalar":
            return None
        before = _PROPERTIES.match(self._source.text, node.start_mark.index, node.end_mark.index)
        start, end = before.end() if before else node.start_mark.index, node.end_mark.index
        return Scalar(self._source.start + start, self._source.start + end, node.style or None)

    def extents(self, names: Collection[str]) -> Iterator[tuple[int, int]]:
        """Yield from where to where in the file's text each of these keys stands, and its value."""
        found = list(self._documents)
        seen: set[int] = set()
        while found:
            node = found.pop()
            if id(node) in seen or node.id == "scalar":
                continue
            seen.add(id(node))
            if node.id == "sequence":
                found += node.value
                continue
            for key, value in node.value:
                if key.id == "scalar" and key.value in names:
                    # The end of a block collection is marked where the next thing starts.
                    written = self._source.text[: value.end_mark.index].rstrip()
                    start = self._source.start
                    yield start + key.start_mark.index, start + len(written)
                else:
                    found += key, value

    def lines_of(self, names: Collection[str]) -> set[int]:
        """Return the lines of the file on which a value at one of these keys stands, or its key."""
        lines: set[int] = set()
        for extent in self.extents(names):
            first, last = (
                position_at(self._source.text, end - self._source.start)[0] + self._source.line - 1
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
    found = (_child(mapping, part) for mapping in merged)
    return next((child for child in found if child is not None), None)
