"""The files that come with kg: its vocabulary and topics, shapes and queries."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parent

VOCABULARY_FILE: Final = _PACKAGE / "mapping" / "vocabulary.nt"
TOPICS_FILE: Final = _PACKAGE / "mapping" / "topics.nt"
"""Both are canonical N-Triples below the default base, so that no run has to load a parser."""


def bundled_files(folder: str, suffix: str) -> list[Path]:
    """Return the bundled files of a folder (`shapes`, `queries`) with a suffix, sorted by name.

    The folder is inside the package in a wheel, and beside it in a checkout.
    """
    in_wheel = _PACKAGE / "bundled" / folder
    parent = in_wheel if in_wheel.is_dir() else _PACKAGE.parent / folder
    return sorted(parent.glob(f"*{suffix}"))
