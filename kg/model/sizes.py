"""Numbers of bytes, as people write them."""

from __future__ import annotations

import re
from typing import Final

from kg.model.errors import ConfigurationError

_SIZE: Final = re.compile(r"([1-9][0-9]{0,14})\s*([kmg]i?)?b?", re.IGNORECASE)
_UNITS: Final = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}


def parse_size(text: str) -> int:
    """Return the number of bytes a text states. Raises ConfigurationError if it states none.

    >>> parse_size("64MB"), parse_size("64 MiB"), parse_size("500000")
    (64000000, 67108864, 500000)
    """
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise ConfigurationError(f"not a size: {text!r}; write one like 64MB, 1GiB or 500000")
    return int(match[1]) * _UNITS[(match[2] or "").lower()]
