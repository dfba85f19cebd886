"""The fields whose values never leave a source, and the rules for what may be shown of its text.

A withheld value is base64, hundreds of characters long. Readers drop it by its key; these rules
find it where an author's mistake puts it: in a comment, in the body, in a key, or inside another
value.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache
from typing import Final

WITHHELD: Final = {"secured": "encrypted body; never leaves the source"}
"""The keys whose values are withheld, at any depth, and the reason for each."""

_BASE64: Final = "[A-Za-z0-9+/]"
_RUN: Final = f"{_BASE64}{{40}}"
"""More base64 than a word of prose, a key, or a comment on a field has."""
_LONG_RUN: Final = f"{_BASE64}{{100}}"
"""More than a value has that is not withheld: digests (SHA-256 has 64) and paths of URLs."""
_GAP: Final = 80
"""Most characters from a key to its value: quote, block indicator, line break and indent.

A headline that contains `secured:` has no run of base64 as near as that.
"""

_NAMES: Final = "|".join(map(re.escape, WITHHELD))
_HIDDEN_IN_COMMENT = re.compile(f"{_NAMES}|{_RUN}")
_HIDDEN = re.compile(rf"{_NAMES}|{_LONG_RUN}|(?:\A|\s)\#.*{_RUN}", re.DOTALL)
"""A comment begins with a `#` at the start or after white space, as in YAML."""
_RUN_ANYWHERE = re.compile(_RUN)


def may_show(line: str, *, in_comment: bool = False) -> bool:
    """Return whether a line of a source may be shown: it has no sign of a withheld value.

    The signs are the name of a withheld field, and a run of base64: 40 characters in a comment or
    in the body of a text (`in_comment`), 100 elsewhere. The caller leaves out the lines at withheld
    keys, which `Positions.lines_of` and `Positions.extents` give.
    """
    hidden = _HIDDEN_IN_COMMENT if in_comment else _HIDDEN
    return not hidden.search(line)


def may_be_withheld(key: str) -> bool:
    """Return whether a key may be a withheld value: a lost quote or indent makes it one."""
    return bool(_RUN_ANYWHERE.search(key))


def takes_in_field(value: str, withheld: Collection[str]) -> bool:
    """Return whether a value contains one of the withheld fields, by its key and some base64.

    That is what an author's lost quote does: a text goes on to the next quote, some fields later.
    """
    return bool(withheld) and bool(_field_pattern(frozenset(withheld)).search(value))


@cache
def _field_pattern(keys: frozenset[str]) -> re.Pattern[str]:
    names = "|".join(map(re.escape, sorted(keys)))
    return re.compile(rf"(?:{names})[\"']?\s*[:=].{{0,{_GAP}}}?{_RUN}", re.DOTALL)
