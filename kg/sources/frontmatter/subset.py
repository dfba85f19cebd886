"""The YAML that front matter is really written in, read without a YAML library.

PyYAML's C loader makes events, then nodes, then values, each a Python object, and takes most of an
export's time for it. Nearly all front matter is a few kinds of line, and one regular expression
over the text finds those. CPU against `yaml.load(text, CSafeLoader)`, medians: 0.18 of its time for
files of 11 kB, 0.24 for files of 1.4 kB (`python -m tests.benchmarks --only reader`).

It must never know better than YAML: a text with one line that is not understood for certain, or
that YAML or the inspection of nodes might refuse, is not read here at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final

_ODD: Final = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff"
"""Breaks, tabs, and what YAML 1.1 (section 5.1) does not allow."""
NAME: Final = r"[A-Za-z_][A-Za-z0-9_\-]{0,38}+(?=:[ \n])"
"""A key, without its colon. It is too short to be a withheld value."""
SCALAR: Final = rf"""(?:
      "[^"\\{_ODD}]*+(?:\\["\\/bfnrt][^"\\{_ODD}]*+)*"   # the escapes that JSON has too
    | '[^'{_ODD}]*+'
    | (?:-(?=[0-9])|[^\s\-?:,\[\]{{}}\#&*!|>'"%@`=<~{_ODD}])      # no sign that YAML reads
      [^:\#{_ODD}]*+(?::(?=[^\s{_ODD}])[^:\#{_ODD}]*+)*           # no key and no comment within
    )"""
"""A value on one line; for re.VERBOSE.

No group in it is possessive: Python before 3.11.5 may match those where they do not (gh-106052).
"""
_LINE = re.compile(
    # Deep nesting is for others to refuse.
    rf"^ ([ ]{{0,60}}+(?:-[ ])?)  (?:({NAME}):)?  [ ]*+ ({SCALAR})?  [ ]*+\n",
    re.MULTILINE | re.VERBOSE,
)
"""A line: its indent and dash, its key and its value, none of which it needs to have."""
_LEVELS: Final = {
    " " * column + dash: 2 * column + bool(dash) for column in range(61) for dash in ("", "- ")
}
"""What a line belongs to: a mapping at twice its column, or a sequence at one more.

A sequence may stand in the very column of the key whose value it is, and is within it all the same.
"""
_WORDS: Final = {"true": True, "false": False, "null": None, "Null": None, "NULL": None}
_NUMBER = re.compile(r"(0|-?[1-9][0-9]{0,17})|-?(?:0|[1-9][0-9]*)\.[0-9]+")


class _Unsure(Exception):  # noqa: N818 - no fault: YAML's own reader is asked
    """The text is beyond this reader."""


def read_subset(text: str, withheld: Collection[str]) -> dict[str, Any] | None:
    """Return the mapping a YAML text holds, None at `withheld` keys; None if it is not for here."""
    if "\r" in text:
        text = text.replace("\r\n", "\n")  # no value is of two lines
    if text[-1:] != "\n":
        text += "\n"
    lines = _LINE.findall(text)
    if len(lines) != text.count("\n"):
        return None
    hidden = [written for _, key, written in lines if key in withheld]
    if len(hidden) != sum(map(text.count, withheld)) or not all(hidden):
        return None  # it may be of many lines; and where the name stands too, it may stand as well
    try:
        return _fields(lines, withheld)
    except _Unsure:
        return None


def _fields(lines: list[tuple[str, str, str]], withheld: Collection[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    node: Any = fields
    level = 0
    around: list[tuple[int, Any]] = []  # the collections that the node stands in
    opening = ""  # the key whose value the next line may begin
    for lead, key, written in lines:
        here = _LEVELS[lead]
        if not key and _is_blank(here, written, fields):
            continue
        if here != level:
            node = _collection(here, level, node, opening, around)
            level = here
        opening = ""
        if not key:
            node.append(_scalar(written))
            continue
        if here % 2:
            around.append((level, node))
            node.append({})
            level, node = here + 3, node[-1]
        if key in node or key in _WORDS:
            raise _Unsure
        if written:
            node[key] = None if key in withheld else _scalar(written)
        else:
            node[key], opening = None, key
    return fields


def _collection(
    here: int, level: int, node: Any, opening: str, around: list[tuple[int, Any]]
) -> Any:
    """Return the collection at a level: a new one, the value of `opening`, or one still open."""
    if here > level and opening:
        around.append((level, node))
        node[opening] = [] if here % 2 else {}
        return node[opening]
    while here < level:
        level, node = around.pop()
    if here != level:
        raise _Unsure
    return node


def _is_blank(level: int, written: str, before: object) -> bool:
    """Whether a line without a key is blank, rather than an item; it must be no other."""
    if level % 2 == bool(written) and before:
        return not written
    raise _Unsure


def _scalar(written: str) -> Any:
    quote = written[0]
    if quote == '"':
        return json.loads(written) if "\\" in written else written[1:-1]
    return written[1:-1] if quote == "'" else _plain(written)


@lru_cache(1024)
def _plain(written: str) -> Any:
    """Return a value only where it is written in the very same characters, as the Loader does."""
    written = written.rstrip(" ")
    number = _NUMBER.fullmatch(written)
    if not number:
        return _WORDS.get(written, written)
    if number[1]:
        return int(written)
    return float(written) if repr(float(written)) == written else written
