"""What must never leave a source, and whether a line of one may be shown."""

from __future__ import annotations

from typing import Final

WITHHELD: Final = {"secured": "encrypted body; never leaves the source"}
