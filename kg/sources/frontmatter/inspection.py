"""What no document may contain, in any language; withheld values are removed on the way."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

import yaml

from kg.model import SourceError
from kg.sources.frontmatter.blocks import Block, error_at
from kg.sources.frontmatter.yaml_nodes import MAX_DEPTH, TAG, TOO_DEEP
from kg.sources.withheld import may_be_withheld, takes_in_field

MAX_EXPANSION: Final = 100_000
"""Nodes that aliases may add to a document; front matter in use has hardly any aliases."""

_SHOWN_KEY = re.compile(r"[\w.\-]{1,40}\Z")
"""A key that a message may show: a longer one may be a withheld value."""


class Inspection:
    """A check of each node of a document before any value is constructed."""

    def __init__(self, withheld: Collection[str], block: Block) -> None:
        self.withheld = withheld
        self.block = block
        self.sizes: dict[int, tuple[int, int]] = {}  # size and depth by the id of a node
        self.nodes = 0
        self.secret: dict[int, yaml.Node] = {}  # keeps the nodes, whose ids would be reused

    def run(self, node: yaml.Node) -> None:
        """Replace withheld values by null. Raises SourceError for what is not allowed."""
        size, _ = self._visit(node)
        if size - self.nodes > MAX_EXPANSION:
            message = f"aliases add more than {MAX_EXPANSION:,} nodes"
            raise self._error(message, node)
        if not self.secret.keys().isdisjoint(self.sizes):
            raise self._error("an alias repeats a withheld value", node)

    def _visit(self, node: yaml.Node) -> tuple[int, int]:
        """Return the number of nodes at and below a node, aliases expanded, and the depth."""
        visited = self.sizes.get(id(node))
        if visited:
            return visited
        self.nodes += 1
        if isinstance(node, yaml.ScalarNode) and takes_in_field(node.value, self.withheld):
            # One wrong quote or indent is enough, and the text is valid YAML.
            raise self._error(
                "this value contains a withheld field; fix its quotes or indent", node
            )
        self.sizes[id(node)] = (0, MAX_DEPTH + 1)  # for an alias to its own ancestor
        size, depth = 1, 0
        for child in self._children(node):
            child_size, child_depth = self._visit(child)
            size, depth = size + child_size, max(depth, child_depth + 1)
            if depth > MAX_DEPTH:
                raise self._error(TOO_DEEP, child)
        self.sizes[id(node)] = (size, depth)
        return size, depth

    def _children(self, node: yaml.Node) -> Iterator[yaml.Node]:
        if isinstance(node, yaml.SequenceNode):
            yield from node.value
        elif isinstance(node, yaml.MappingNode):
            self._withhold(node)
            self._check_keys(node)
            for key, value in node.value:
                yield key
                yield value

    def _withhold(self, node: yaml.MappingNode) -> None:
        pairs = []
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in self.withheld:
                self._mark_secret(value)
                null = yaml.ScalarNode(f"{TAG}null", "", value.start_mark, value.end_mark)
                pairs.append((key, null))
            else:
                pairs.append((key, value))
        node.value = pairs

    def _mark_secret(self, node: yaml.Node) -> None:
        if id(node) in self.secret:
            return
        self.secret[id(node)] = node
        if isinstance(node, yaml.CollectionNode):
            for child in node.value:
                for part in child if isinstance(child, tuple) else (child,):
                    self._mark_secret(part)

    def _check_keys(self, node: yaml.MappingNode) -> None:
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if self.withheld and may_be_withheld(key.value):
                raise self._error("this key may be a withheld value; fix the line before it", key)
            name = (key.tag, "" if key.tag == f"{TAG}null" else key.value)
            if name in seen:
                shown = f" {key.value!r}" if _SHOWN_KEY.match(key.value) else ""
                raise self._error(f"duplicate key{shown}; keep one", key)
            seen.add(name)

    def _error(self, message: str, node: yaml.Node) -> SourceError:
        return error_at(message, self.block, node.start_mark.index)
