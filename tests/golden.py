"""Files that `make remake` writes and tests compare. tests/remake.py lists what generates them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, TypeAlias

import pytest

ROOT: Final = Path(__file__).parents[1]

Files: TypeAlias = Iterator[tuple[Path, str | None]]
"""What a generator yields: the path of each file and its content, or None to delete the file."""


def name_of(path: Path) -> str:
    """Return the path as a contributor writes it."""
    return path.relative_to(ROOT).as_posix()


def golden(path: Path) -> str:
    """Return the text of a generated file. If it is missing, the failure names the command."""
    __tracebackhide__ = True
    if not path.exists():
        pytest.fail(f"{name_of(path)} is missing; `make remake` writes it", pytrace=False)
    return path.read_text(encoding="utf-8")


def assert_golden(path: Path, text: str) -> None:
    """Assert that a generated file has this text."""
    __tracebackhide__ = True
    assert golden(path) == text, (
        f"{name_of(path)} is out of date; `make remake` rewrites it: read the difference"
    )
