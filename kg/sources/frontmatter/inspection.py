"""What no document may hold, whatever its language: one look at each of its nodes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final

import yaml

from kg.model.errors import SourceError
from kg.sources.frontmatter.blocks import Block, error_at
from kg.sources.frontmatter.yaml_nodes import MAX_DEPTH, TAG, TOO_DEEP
from kg.sources.withheld import may_be_withheld, takes_in_field

MAX_EXPANSION: Final = 100_000
"""Nodes that aliases may add to a document; the largest real one has none."""

_WORD = re.compile(r"[\w.\-]{1,40}\Z")
"""A key that can be shown: a longer one may be a withheld value that slipped."""


class Inspection:
    """One look at each node of a document before anything is constructed from it."""

    def __init__(self, withheld: Collection[str], source: Block) -> None:
        self.withheld = withheld
        self.source = source
        self.sizes: dict[int, tuple[int, int]] = {}
        self.nodes = 0
        self.secret: dict[int, yaml.Node] = {}  # holds the nodes: an id is reused when one goes

    def run(self, node: yaml.Node) -> None:
        """Make a document's withheld values null. Raises SourceError for what it may not hold."""
        size, _ = self._visit(node)
        if size - self.nodes > MAX_EXPANSION:
            message = f"aliases add more than {MAX_EXPANSION:,} nodes"
            raise self._error(message, node)
        if not self.secret.keys().isdisjoint(self.sizes):
            raise self._error("an alias repeats a value that is withheld", node)

    def _visit(self, node: yaml.Node) -> tuple[int, int]:
        """Return how many nodes stand here and below, aliases written out, and how deep."""
        known = self.sizes.get(id(node))
        if known:
            return known
        self.nodes += 1
        if isinstance(node, yaml.ScalarNode) and takes_in_field(node.value, self.withheld):
            # One stray quote or indent is enough, and libyaml sees nothing wrong with it.
            raise self._error(
                "this value takes in a withheld field; mend its quotes or indent", node
            )
        self.sizes[id(node)] = (0, MAX_DEPTH + 1)  # what an alias to its own ancestor meets
        size, depth = 1, 0
        for child in self._children(node):
            below, deep = self._visit(child)
            size, depth = size + below, max(depth, deep + 1)
            if depth > MAX_DEPTH:
                raise self._error(TOO_DEEP, child)
        self.sizes[id(node)] = (size, depth)
        return size, depth

    def _children(self, node: yaml.Node) -> Iterator[yaml.Node]:
        if isinstance(node, yaml.SequenceNode):
            yield from node.value
        elif isinstance(node, yaml.MappingNode):
            self._withhold(node)
            self._refuse_repeated_keys(node)
            for key, value in node.value:
                yield key
                yield value

    def _withhold(self, node: yaml.MappingNode) -> None:
        kept = []
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in self.withheld:
                self._keep_secret(value)
                nothing = yaml.ScalarNode(f"{TAG}null", "", value.start_mark, value.end_mark)
                kept.append((key, nothing))
            else:
                kept.append((key, value))
        node.value = kept

    def _keep_secret(self, node: yaml.Node) -> None:
        if id(node) in self.secret:
            return
        self.secret[id(node)] = node
        if isinstance(node, yaml.CollectionNode):
            for child in node.value:
                for part in child if isinstance(child, tuple) else (child,):
                    self._keep_secret(part)

    def _refuse_repeated_keys(self, node: yaml.MappingNode) -> None:
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if self.withheld and may_be_withheld(key.value):
                raise self._error("a key that may be a withheld value; mend what is before it", key)
            name = (key.tag, "" if key.tag == f"{TAG}null" else key.value)
            if name in seen:
                which = f"the key {key.value!r}" if _WORD.match(key.value) else "a key"
                raise self._error(f"{which} stands here twice; keep one", key)
            seen.add(name)

    def _error(self, message: str, node: yaml.Node) -> SourceError:
        return error_at(message, self.source, node.start_mark.index)
