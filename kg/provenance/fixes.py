"""What mends a value, by the kind of term it becomes: from how it is written to what was meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from kg.mapping.term_maps import TermMap, date_time, domain, text, url
from kg.mapping.urls import clean_url
from kg.model.errors import InvalidValue
from kg.model.site import Site
from kg.model.terms import unquote

Step: TypeAlias = Callable[[str], str]
Fix: TypeAlias = Mapping[str, Step]
"""Steps in their order, each by the name of what it does away with."""

_NOWHERE: Final = Site()

_THAI_TO_KHMER: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_INVISIBLE = re.compile(
    "[\u00ad\u2060\ufeff\x00-\x08\x0e-\x1b]"
    f"|(?<![{_THAI_TO_KHMER}\u200b])\u200b+|\u200b+(?![{_THAI_TO_KHMER}\u200b])"
)
"""Joiners mean something, and so does U+200B between letters of scripts without blanks."""
_NO_BREAK = re.compile("(?:(?<=\\S) +)?[\u00a0\x0b\x0c\x1c-\x1f](?:[ \u00a0\x0b\x0c\x1c-\x1f])*")
"""Blanks that look like one, with the plain ones around them."""

_SEVERAL = re.compile(r"[\x00-\x1f\x7f]|\s\S+://")
"""A line break in a URL, or a blank and another URL."""
_TIME = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d)(?::(\d\d(?:\.\d+)?))?"
    r"[ \t]*([Zz]|UTC|GMT|[+-]\d\d?(?::\d\d)?|[+-]\d{4})?\Z",
    re.ASCII,
)
"""What YAML 1.1's timestamps and ISO 8601 give one meaning: the year first, hours up to 24."""


def _unescaped(words: str) -> str:
    term = text(words, _NOWHERE)
    return words if term is None else unquote(term)[0]


def _visible(words: str) -> str:
    return _NO_BREAK.sub(" ", _INVISIBLE.sub("", words))


def _legal(words: str) -> str:
    """Clean a URL as the graph does, but leave what only a site or a person can decide about."""
    spelled = words.strip()
    if spelled.startswith("//") or _SEVERAL.search(spelled):
        return words
    try:
        return clean_url(words, None)
    except InvalidValue:  # a relative URL, or none
        return words


def _dated(words: str) -> str:
    spelled = _visible(words).strip()
    match = _TIME.match(spelled)
    if match:
        year, month, day, hour, minute, second, zone = match.groups()
        date = f"{year}-{month:0>2}-{day:0>2}"
        spelled = f"{date}T{hour:0>2}:{minute}:{second or '00'}{_offset(zone or '')}"
    try:
        date_time(spelled, _NOWHERE)
    except InvalidValue:
        return words
    return spelled


def _offset(zone: str) -> str:
    """Write a time zone as XML Schema does: `Z`, or hours and minutes."""
    if zone in {"Z", "z", "UTC", "GMT"}:
        return "Z"
    hours, _, minutes = zone[1:].partition(":")
    if len(hours) == len("hhmm"):
        hours, minutes = hours[:2], hours[2:]
    return f"{zone[0]}{hours:0>2}:{minutes or '00'}" if zone else ""


FIXES: Final[Mapping[TermMap, Fix]] = {
    text: {
        "entities": _unescaped,
        "invisible characters": _visible,
        "surrounding white space": str.strip,
    },
    url: {"characters no URL may hold": _legal},
    date_time: {"form of the date": _dated},
    domain: {"surrounding white space": str.strip},
}
"""By kind of term; values of other kinds are left alone."""


def apply_fix(words: str, remedy: Fix) -> tuple[str, tuple[str, ...]]:
    """Return what a remedy makes of a value, and its steps that changed it; never nothing."""
    used = []
    for name, step in remedy.items():
        meant = step(words)
        if meant != words and meant.strip():
            used.append(name)
            words = meant
    return words, tuple(used)
