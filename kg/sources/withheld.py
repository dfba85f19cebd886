"""What must never leave a source, and whether a text that was read there may be shown.

A withheld value is base64, hundreds of characters long. It is withheld under its key; the rules
here find it where an author's mistake puts it: in a comment, in the body, in a key, or inside
another value.
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
"""As much base64 as no word of prose, no key of a field and no commented-out field has."""
_LONG_RUN: Final = f"{_BASE64}{{100}}"
"""A value may have `_RUN`: digests (64 hex digits for SHA-256) and paths of URLs match it."""
_GAP: Final = 80
"""Characters between a key and its value: a quote, a block's sign, a line break and an indent.

A headline with the word `secured:` in it has no run of base64 so near.
"""

_NAMES: Final = "|".join(map(re.escape, WITHHELD))
_HIDDEN_IN_COMMENT = re.compile(f"{_NAMES}|{_RUN}")
_HIDDEN = re.compile(rf"{_NAMES}|{_LONG_RUN}|(?:\A|\s)\#.*{_RUN}", re.DOTALL)
"""YAML's comments begin with a `#` that is first or behind white space; so do TOML's, mostly."""
_RUN_ANYWHERE = re.compile(_RUN)


def may_show(line: str, *, in_comment: bool = False) -> bool:
    """Return whether a line of a source may be shown, so far as the line itself can tell.

    The lines of a withheld value, which has a place, must be left out before
    (`Positions.lines_of`, `Positions.extents`). A line is hidden if it has the name of a withheld
    field, or as much base64 as its kind has only where a value is: a comment, or the body of a text
    (`in_comment`), needs less than a line of fields.
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
