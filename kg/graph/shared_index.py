"""An index of described items that processes share, so that each item is described by one of them.

Without it every process describes the items that are in files of several.
"""

from __future__ import annotations

import mmap
from pathlib import Path
from struct import Struct
from typing import Any, Final
from zlib import crc32

from kg.mapping import Description
from kg.model import Term

_NODE_BYTES: Final = 116
_ENTRY: Final = Struct(f"<Iq{_NODE_BYTES}s")
"""Checksum, key and node of an item."""
_ENTRIES: Final = 1 << 16
_SIZE: Final = _ENTRIES * _ENTRY.size


class SharedSeenIndex(dict[int, Description | Term]):
    """The nodes of items by their keys: those that this process set, and those of the others.

    Entries are in a memory-mapped file of the folder that the processes share. There are no locks:
    an entry may be overwritten at any time, even while it is read, and one with a wrong checksum
    counts as missing. Keys are hashes; processes that hash otherwise use another file.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        with (folder / f"{hash(__name__):x}.seen").open("a+b") as file:
            file.truncate(_SIZE)
            self._entries = mmap.mmap(file.fileno(), _SIZE)

    def __setitem__(self, key: int, node: Description | Term) -> None:
        super().__setitem__(key, node)
        if isinstance(node, str) and len(text := node.encode()) <= _NODE_BYTES:
            _ENTRY.pack_into(self._entries, _offset(key), _checksum(key, text), key, text)

    def get(self, key: int, default: Any = None) -> Any:
        """Return the node of an item that any of the processes has set."""
        return super().get(key) or self._shared(key) or default

    def _shared(self, key: int) -> Term | None:
        checksum, entry_key, node = _ENTRY.unpack_from(self._entries, _offset(key))
        if entry_key != key:
            return None
        text = node.rstrip(b"\0")
        return text.decode() if checksum == _checksum(key, text) else None


def _offset(key: int) -> int:
    return key % _ENTRIES * _ENTRY.size


def _checksum(key: int, node: bytes) -> int:
    return crc32(node, key & 0xFFFFFFFF)
