"""Results to a file, which is written as a whole or not at all, or to standard output."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def open_output(path: Path | None) -> Iterator[BinaryIO]:
    """Yield a stream to write a result to; None and `-` are standard output.

    Raises OutputError if a file cannot be written.
    """
    if path is None or str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    from kg.writers import open_file

    with open_file(path) as stream:
        yield stream
