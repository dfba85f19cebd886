"""Descriptions that are remembered, because equal items say the same wherever they stand."""

from __future__ import annotations

from collections import deque

from kg.mapping.descriptions import Description
from kg.model.records import Term


class DescriptionMemo:
    """The latest descriptions of items that say the same wherever they stand.

    A site names a provider or a topic again and again, and an item is told by many files. Each is
    `known` by what tells equal items, until as many others as the limit have come.
    """

    def __init__(self, limit: int, known: dict[int, Description | Term] | None = None) -> None:
        self.known = {} if known is None else known
        self._limit = limit
        self._keys: deque[int] = deque()

    def keep(self, key: int, one: Description) -> None:
        """Keep the description of an item that is not known."""
        self._keep(key, one)

    def _keep(self, key: int, value: Description | Term) -> None:
        if len(self._keys) >= self._limit:
            self.known.pop(self._keys.popleft(), None)
        self._keys.append(key)
        self.known[key] = value


class SeenNodes(DescriptionMemo):
    """The same, of items whose statements are only wanted once: so only their nodes are known.

    An item that says nothing is not kept, since it is soon described; nor is one with something
    wrong, for that is to be told of every file.
    """

    def keep(self, key: int, one: Description) -> None:
        """Keep the node of an item for a while."""
        if one.node and one.parts and not one.faulty:
            self._keep(key, one.node)
