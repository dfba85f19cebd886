"""The subset of YAML that nearly all front matter is written in, read without a YAML library.

PyYAML's C loader makes events, then nodes, then values, each a Python object, which takes most of
an export's time. Nearly all front matter has a few kinds of line, and one regular expression finds
them. `python -m tests.benchmarks --only reader` compares the two.

The result must be that of YAML: a text with a line that is not in the subset for certain, or that
YAML or the inspection of nodes might reject, is not read here at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final

_ODD: Final = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff"
"""Line breaks, tabs, and the characters that YAML 1.1 (section 5.1) does not allow."""
NAME: Final = r"[A-Za-z_][A-Za-z0-9_\-]{0,38}+(?=:[ \n])"
"""A key, without its colon. It is shorter than what `may_be_withheld` looks for."""
SCALAR: Final = rf"""(?:
      "[^"\\{_ODD}]*+(?:\\["\\/bfnrt][^"\\{_ODD}]*+)*"   # the escapes that JSON also has
    | '[^'{_ODD}]*+'
    | (?:-(?=[0-9])|[^\s\-?:,\[\]{{}}\#&*!|>'"%@`=<~{_ODD}])      # no indicator of YAML
      [^:\#{_ODD}]*+(?::(?=[^\s{_ODD}])[^:\#{_ODD}]*+)*           # no key, no comment inside
    )"""
"""A value on one line; for re.VERBOSE.

No group is possessive: Python before 3.11.5 may match those where they should not (gh-106052).
"""
_LINE = re.compile(
    # Nesting that is too deep is left to the reader that reports it.
    rf"^ ([ ]{{0,60}}+(?:-[ ])?)  (?:({NAME}):)?  [ ]*+ ({SCALAR})?  [ ]*+\n",
    re.MULTILINE | re.VERBOSE,
)
"""A line: its indent and dash, its key and its value, each of which may be missing."""
_LEVELS: Final = {
    " " * column + dash: 2 * column + bool(dash) for column in range(61) for dash in ("", "- ")
}
"""The level of a line by its indent and dash; `_fields` draws it."""
_WORDS: Final = {"true": True, "false": False, "null": None, "Null": None, "NULL": None}
_NUMBER = re.compile(r"(0|-?[1-9][0-9]{0,17})|-?(?:0|[1-9][0-9]*)\.[0-9]+")


class _NotInSubset(Exception):  # noqa: N818 - no error: PyYAML reads the text
    """The text is not in the subset."""


def read_subset(text: str, withheld: Collection[str]) -> dict[str, Any] | None:
    """Return the fields of a YAML text, or None if it is not in the subset.

    The value at a `withheld` key is None.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n")  # no value has two lines
    if text[-1:] != "\n":
        text += "\n"
    lines = _LINE.findall(text)
    if len(lines) != text.count("\n"):
        return None
    hidden = [scalar for _, key, scalar in lines if key in withheld]
    if len(hidden) != sum(map(text.count, withheld)) or not all(hidden):
        return None  # the value has more lines, or the name is elsewhere and the value may be too
    try:
        return _fields(lines, withheld)
    except _NotInSubset:
        return None


def _fields(lines: list[tuple[str, str, str]], withheld: Collection[str]) -> dict[str, Any]:
    """Return the fields of lines, each an indent with its dash, a key and a scalar.

    A line is at level 2 * column, or one more if it has a dash. So a sequence may be in the column
    of its key, and still is at a deeper level than the mapping with that key:

        level  line               collection at the level
        0      title: T           the fields
        0      images:            the fields; the next line may open the value of `images`
        1      - url: a           the sequence; its item is a mapping in column 2, so at level 4
        4        width: 9         the item
        1      - url: b           the sequence, with its second item
        0      provider:          the fields
        4        names:           the mapping `provider`
        5        - N              the sequence `names`

    An item's mapping begins two columns behind its dash: 2 * (column + 2) is the dash's level + 3.
    """
    fields: dict[str, Any] = {}
    node: Any = fields
    level = 0
    enclosing: list[tuple[int, Any]] = []  # the open collections around the node, and their levels
    open_key = ""  # the key whose value the next line may begin
    for lead, key, scalar in lines:
        line_level = _LEVELS[lead]
        if not key and _is_blank(line_level, scalar, fields):
            continue
        if line_level != level:
            node = _collection(line_level, level, node, open_key, enclosing)
            level = line_level
        open_key = ""
        if not key:
            node.append(_scalar(scalar))
            continue
        if line_level % 2:
            enclosing.append((level, node))
            node.append({})
            level, node = line_level + 3, node[-1]
        if key in node or key in _WORDS:
            raise _NotInSubset
        if scalar:
            node[key] = None if key in withheld else _scalar(scalar)
        else:
            node[key], open_key = None, key
    return fields


def _collection(
    line_level: int, level: int, node: Any, open_key: str, enclosing: list[tuple[int, Any]]
) -> Any:
    """Return the collection of a line: a new one, the value of `open_key`, or one still open."""
    if line_level > level and open_key:
        enclosing.append((level, node))
        node[open_key] = [] if line_level % 2 else {}
        return node[open_key]
    while line_level < level:
        level, node = enclosing.pop()
    if line_level != level:
        raise _NotInSubset
    return node


def _is_blank(level: int, scalar: str, fields: dict[str, Any]) -> bool:
    """Return whether a line without a key is blank, else it is an item of a sequence.

    Raises _NotInSubset for a scalar without a dash, a dash without a scalar, and any line without
    a key before the first field.
    """
    if level % 2 == bool(scalar) and fields:
        return not scalar
    raise _NotInSubset


def _scalar(text: str) -> Any:
    quote = text[0]
    if quote == '"':
        return json.loads(text) if "\\" in text else text[1:-1]
    return text[1:-1] if quote == "'" else _plain(text)


@lru_cache(1024)
def _plain(text: str) -> Any:
    """Return the value of a plain scalar: its text, if Python would write the value otherwise."""
    text = text.rstrip(" ")
    number = _NUMBER.fullmatch(text)
    if not number:
        return _WORDS.get(text, text)
    if number[1]:
        return int(text)
    return float(text) if repr(float(text)) == text else text
