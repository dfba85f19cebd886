"""Results to files and standard output: whole or not at all."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from kg.model.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def opened(path: Path | None) -> Iterator[BinaryIO]:
    """Give a stream to write a result to; None is standard output.

    A file appears, or is replaced, only when all of it is written. Raises OutputError when it
    cannot be written.
    """
    if path is None or str(path) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        if path.exists() and not path.is_file():  # a device or a pipe cannot be replaced
            with path.open("wb") as stream:
                yield stream
            return
        with _replacing(path) as stream:
            yield stream
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


@contextmanager
def _replacing(link: Path) -> Iterator[BinaryIO]:
    path = link.resolve()
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    try:  # the file is made in here, so that no interruption leaves it behind
        with temporary.open("xb") as stream:
            yield stream
        if path.exists():
            temporary.chmod(path.stat().st_mode & 0o777)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
