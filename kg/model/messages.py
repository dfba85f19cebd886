"""Text of findings: the parts of a message that all reports and commands share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from kg.model.findings import Finding, Place, Severity

_MAX_SHOWN: Final = 100
"""Characters of a value that a line of text shows."""

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def subject_of(finding: Finding) -> str:
    """Return the focus node of a finding, without angle brackets; empty if it has none."""
    return (finding.focus or "").strip("<>")


def value_of(finding: Finding) -> str | None:
    """Return the faulty value: that of the first place if the places have values."""
    first = finding.places[0].value if finding.places else None
    return first if finding.value is None else finding.value


def places_disagree(finding: Finding) -> bool:
    """Return whether the places of a finding have different values."""
    return any(place.value is not None for place in finding.places)


def states_expectation(finding: Finding) -> bool:
    """Return whether to add what is expected to a message.

    Not for a missing value and for values that disagree: there the message states it.
    """
    return finding.expected not in {None, "at least 1"} and not places_disagree(finding)


def quote_value(text: str) -> str:
    """Return a value in quotes, shortened, with what cannot be printed escaped."""
    return repr(shorten(text))


def shorten(text: str) -> str:
    """Return a value, cut if it is longer than a line of text shows."""
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"


def escape_unprintable(text: str) -> str:
    r"""Return a text with line breaks, control characters and noncharacters escaped.

    >>> escape_unprintable("two\nlines")
    'two\\u000alines'
    """
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def finding_line(finding: Finding) -> str:
    """Return a finding as a compiler writes it, with a line for each place that disagrees.

    `path:line:column: field: message: 'value'`. The severity is left out of a violation that no
    shape caused; the name of the shape is added to the others.
    """
    first = finding.places[0] if finding.places else None
    place = str(first) if first else subject_of(finding)
    parts = [place] if place else []
    plain = finding.shape is None and finding.severity is Severity.VIOLATION
    parts += [] if plain else [finding.severity.value]
    parts += [first.name] if first and first.name else []
    parts += [subject_of(finding)] if first and not first.line and finding.focus else []
    value = value_of(finding)
    parts += (
        [finding.message] if value is None else [finding.message.rstrip("."), quote_value(value)]
    )
    text = ": ".join(parts)
    text += f" (expected {finding.expected})" if states_expectation(finding) else ""
    text += f" [{finding.rule}]" if finding.rule else ""
    return escape_unprintable(text) + "".join(f"\n    {other}" for other in other_places(finding))


def other_places(finding: Finding) -> Iterator[str]:
    """Yield a line for each other place that disagrees, or one line for all others."""
    rest = finding.places[1:]
    if places_disagree(finding):
        for place in rest:
            yield _place_line(place, quote_value(place.value or ""))
    elif rest:
        more = f" and {len(rest) - 1} more" if len(rest) > 1 else ""
        yield f"also {_place_line(rest[0])}{more}"


def _place_line(place: Place, *more: str) -> str:
    return escape_unprintable(": ".join(part for part in (str(place), place.name, *more) if part))


def place_members(place: Place) -> dict[str, str | int]:
    """Return a place as the members of a JSON object; 0 and the empty text are unknown."""
    return {
        "file": place.source.path,
        "line": place.line,
        "column": place.column,
        "field": place.name,
    }


def format_count(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> format_count(1, "file"), format_count(1292, "file")
    ('1 file', '1,292 files')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
