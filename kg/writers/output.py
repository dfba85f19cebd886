"""Files that are written as a whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kg.model import OutputError


@contextmanager
def open_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a stream to write a file to, which appears or is replaced when the block ends.

    If the block raises, the file stays as it was; only a device or a pipe, which cannot be
    replaced, gets its bytes at once. Raises OutputError if the file cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                yield stream
            return
        with _replacement(path) as stream:
            yield stream
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


@contextmanager
def _replacement(link: Path) -> Iterator[BinaryIO]:
    """Yield a stream to a hidden file beside the target, which it replaces when all is written."""
    path = link.resolve()
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:  # the file is created inside the block, so that no interrupt leaves it behind
        with temporary.open("xb") as stream:
            yield stream
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o777)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
