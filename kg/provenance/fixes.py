"""Fixes of values, by the kind of term that they become."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from kg.mapping import TermMap, clean_url, date_time, domain, text, url
from kg.model import InvalidValue, Site, unquote

Step: TypeAlias = Callable[[str], str]
Fix: TypeAlias = Mapping[str, Step]
"""The steps of a fix in their order, each by the name of the mistake that it corrects."""

_NO_SITE: Final = Site()

_THAI_TO_KHMER: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_INVISIBLE = re.compile(
    "[\u00ad\u2060\ufeff\x00-\x08\x0e-\x1b]"
    f"|(?<![{_THAI_TO_KHMER}\u200b])\u200b+|\u200b+(?![{_THAI_TO_KHMER}\u200b])"
)
"""Joiners change the text, and so does U+200B between letters of scripts without spaces."""
_OTHER_SPACES = re.compile(
    "(?:(?<=\\S) +)?[\u00a0\x0b\x0c\x1c-\x1f](?:[ \u00a0\x0b\x0c\x1c-\x1f])*"
)
"""Characters that look like a space, with the plain spaces around them."""

_SEVERAL = re.compile(r"[\x00-\x1f\x7f]|\s\S+://")
"""A line break in a URL, or a space and another URL."""
_TIME = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d)(?::(\d\d(?:\.\d+)?))?"
    r"[ \t]*([Zz]|UTC|GMT|[+-]\d\d?(?::\d\d)?|[+-]\d{4})?\Z",
    re.ASCII,
)
"""What YAML 1.1's timestamps and ISO 8601 both read alike: the year first, hours up to 24."""


def _unescape_entities(value: str) -> str:
    term = text(value, _NO_SITE)
    return value if term is None else unquote(term)[0]


def _remove_invisible(value: str) -> str:
    return _OTHER_SPACES.sub(" ", _INVISIBLE.sub("", value))


def _make_legal_url(value: str) -> str:
    """Clean a URL as the graph does; leave one that is relative to a site, and several in one."""
    stripped = value.strip()
    if stripped.startswith("//") or _SEVERAL.search(stripped):
        return value
    try:
        return clean_url(value, None)
    except InvalidValue:  # a relative URL, or none
        return value


def _to_rdf_date(value: str) -> str:
    date = _remove_invisible(value).strip()
    match = _TIME.match(date)
    if match:
        year, month, day, hour, minute, second, zone = match.groups()
        date = f"{year}-{month:0>2}-{day:0>2}"
        date = f"{date}T{hour:0>2}:{minute}:{second or '00'}{_offset(zone or '')}"
    try:
        date_time(date, _NO_SITE)
    except InvalidValue:
        return value
    return date


def _offset(zone: str) -> str:
    """Return a time zone as XML Schema writes it: `Z`, or hours and minutes."""
    if zone in {"Z", "z", "UTC", "GMT"}:
        return "Z"
    hours, _, minutes = zone[1:].partition(":")
    if len(hours) == len("hhmm"):
        hours, minutes = hours[:2], hours[2:]
    return f"{zone[0]}{hours:0>2}:{minutes or '00'}" if zone else ""


FIXES: Final[Mapping[TermMap, Fix]] = {
    text: {
        "entities": _unescape_entities,
        "invisible characters": _remove_invisible,
        "surrounding white space": str.strip,
    },
    url: {"characters not allowed in a URL": _make_legal_url},
    date_time: {"form of the date": _to_rdf_date},
    domain: {"surrounding white space": str.strip},
}
"""By kind of term; values of other kinds are not fixed."""


def apply_fix(value: str, fix: Fix) -> tuple[str, tuple[str, ...]]:
    """Return the fixed value, which is never empty, and the mistakes that were corrected."""
    mistakes = []
    for mistake, step in fix.items():
        changed = step(value)
        if changed != value and changed.strip():
            mistakes.append(mistake)
            value = changed
    return value, tuple(mistakes)
