"""What one process has stated, the others need not: they note it on a board.

Without it each of two processes describes what both meet, a seventh of all their work (measured for
10,000 articles).
"""

from __future__ import annotations

import mmap
from pathlib import Path
from struct import Struct
from typing import Any, Final
from zlib import crc32

from kg.mapping.descriptions import Description
from kg.model.records import Term

_NODE_BYTES: Final = 116
_ENTRY: Final = Struct(f"<Iq{_NODE_BYTES}s")
"""Check sum, key and node of an item."""
_ENTRIES: Final = 1 << 16
_SIZE: Final = _ENTRIES * _ENTRY.size


class SharedSeenIndex(dict[int, Description | Term]):
    """Nodes of items by their keys: those that were set here, and those that others have noted.

    The notes are in a file that all processes have in memory who name its folder. One may be
    written over at any time, even while it is read, for nobody waits: what does not fit its check
    sum is no note. Keys are hashes; who hashes otherwise has another board.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        with (folder / f"{hash(__name__):x}.board").open("a+b") as file:
            file.truncate(_SIZE)
            self._notes = mmap.mmap(file.fileno(), _SIZE)

    def __setitem__(self, key: int, node: Description | Term) -> None:
        super().__setitem__(key, node)
        if isinstance(node, str) and len(text := node.encode()) <= _NODE_BYTES:
            _ENTRY.pack_into(self._notes, _offset(key), _checksum(key, text), key, text)

    def get(self, key: int, default: Any = None) -> Any:
        """Return the node of an item, whoever has stated it."""
        return super().get(key) or self._noted(key) or default

    def _noted(self, key: int) -> Term | None:
        check, found, node = _ENTRY.unpack_from(self._notes, _offset(key))
        if found != key:
            return None
        text = node.rstrip(b"\0")
        return text.decode() if check == _checksum(key, text) else None


def _offset(key: int) -> int:
    return key % _ENTRIES * _ENTRY.size


def _checksum(key: int, node: bytes) -> int:
    return crc32(node, key & 0xFFFFFFFF)
