"""A memo of descriptions: equal items make equal statements in every file."""

from __future__ import annotations

import marshal
from collections import deque
from typing import Any, Final

from kg.mapping.descriptions import Description
from kg.model import Term

_EQUAL_BYTES: Final = 2
"""The version of marshal's format in which equal values are equal bytes: no references."""


def value_bytes(value: Any) -> bytes:
    """Return a plain value as bytes: equal values of equal types are equal bytes."""
    return marshal.dumps(value, _EQUAL_BYTES)


def item_key(name: str, inherited: str, value: Any, content: str | bytes) -> int:
    """Return the key of an item by the map that describes it, what it inherits, and its value.

    `content` is the value itself if it is text, else its `value_bytes`. The type is part of the
    key because text hashes as its bytes do; -1 hashes as -2, so numbers are compared as bytes.

    Two different items with one key would lose the statements of one of them. The hash is 64 bits
    of SipHash with a random seed, so among n items that happens with a chance of about n²/2⁶⁵:
    less than one in a thousand for a hundred million items.
    """
    return hash((name, inherited, type(value), content))


class DescriptionMemo:
    """The latest descriptions of items, by their keys.

    Only descriptions that do not depend on what is around an item are kept: many files mention the
    same provider or topic. The oldest entry is dropped when there are `limit` entries.
    """

    def __init__(self, limit: int, entries: dict[int, Description | Term] | None = None) -> None:
        self.entries = {} if entries is None else entries
        self._limit = limit
        self._keys: deque[int] = deque()

    def keep(self, key: int, description: Description) -> None:
        """Add the description of an item that has no entry."""
        self._keep(key, description)

    def _keep(self, key: int, entry: Description | Term) -> None:
        if len(self._keys) >= self._limit:
            self.entries.pop(self._keys.popleft(), None)
        self._keys.append(key)
        self.entries[key] = entry


class SeenNodes(DescriptionMemo):
    """The nodes of items whose statements are already collected, so that they are not made again.

    An item with a fault gets no entry, because the fault is reported for every file. An item
    without statements gets none, because it is described quickly.
    """

    def keep(self, key: int, description: Description) -> None:
        """Add the node of an item, unless it has a fault or no statement."""
        states = description.statements or description.nested or description.notes
        if description.node and states and not description.faults:
            self._keep(key, description.node)
