"""Find what is bundled: shapes and queries, in a wheel or beside the package in a checkout."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).parent

VOCABULARY: Final = _PACKAGE / "vocabulary.ttl"
TOPICS: Final = _PACKAGE / "topics.ttl"


def bundled(folder: str, suffix: str) -> list[Path]:
    """Return the bundled files of a folder (`shapes`, `queries`) with a suffix, sorted by name."""
    inside = _PACKAGE / folder
    home = inside if inside.is_dir() else _PACKAGE.parent / folder
    return sorted(home.glob(f"*{suffix}"))
