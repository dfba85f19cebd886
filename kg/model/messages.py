"""A finding in words: the parts of a message that every report and verb shares."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from kg.model.findings import Finding, Place, Severity

_SHOWN: Final = 100
"""Characters of a value that a line of text shows."""

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


def subject_of(finding: Finding) -> str:
    """Return what a finding without a place is about: its focus node, if it has one."""
    return (finding.focus or "").strip("<>")


def value_of(finding: Finding) -> str | None:
    """Return the value at fault; of values that disagree, that at the first place."""
    first = finding.places[0].value if finding.places else None
    return first if finding.value is None else finding.value


def places_disagree(finding: Finding) -> bool:
    """Whether its places are told apart by what they say."""
    return any(place.value is not None for place in finding.places)


def states_expectation(finding: Finding) -> bool:
    """Whether to say what is expected: that there be one value goes without saying."""
    return finding.expected is not None and not places_disagree(finding)


def quoted(words: str) -> str:
    """Write a value between quotes, what cannot be printed spelled out, and not too long."""
    return repr(shortened(words))


def shortened(words: str) -> str:
    """Cut a long value to what a line of text shows."""
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"


def printable(words: str) -> str:
    r"""Spell out line breaks, control characters and what is no character.

    >>> printable("two\nlines")
    'two\\u000alines'
    """
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", words)


def finding_line(finding: Finding) -> str:
    """Write a finding as a compiler would, with a line for each place that disagrees.

    `path:line:column: field: message: 'value'`; the severity is said unless it is a violation of no
    shape, and what a shape found has its name.
    """
    first = finding.places[0] if finding.places else None
    where = str(first) if first else subject_of(finding)
    parts = [where] if where else []
    plain = finding.shape is None and finding.severity is Severity.VIOLATION
    parts += [] if plain else [finding.severity.value]
    parts += [first.name] if first and first.name else []
    parts += [subject_of(finding)] if first and not first.line and finding.focus else []
    wrong = value_of(finding)
    parts += [finding.message] if wrong is None else [finding.message.rstrip("."), quoted(wrong)]
    text = ": ".join(parts)
    text += f" (expected {finding.expected})" if states_expectation(finding) else ""
    text += f" [{finding.rule}]" if finding.rule else ""
    return printable(text) + "".join(f"\n    {other}" for other in other_places(finding))


def other_places(finding: Finding) -> Iterator[str]:
    """Yield a line for each other place that disagrees, or one for all that say the same."""
    rest = finding.places[1:]
    if places_disagree(finding):
        for place in rest:
            yield _place_line(place, quoted(place.value or ""))
    elif rest:
        more = f" and {len(rest) - 1} more" if len(rest) > 1 else ""
        yield f"also {_place_line(rest[0])}{more}"


def _place_line(place: Place, *more: str) -> str:
    return printable(": ".join(part for part in (str(place), place.name, *more) if part))


def place_members(place: Place) -> dict[str, str | int]:
    """Return a place as the members of a JSON object; 0 and the empty text are unknown."""
    return {
        "file": place.source.path,
        "line": place.line,
        "column": place.column,
        "field": place.name,
    }


def counted(number: int, noun: str) -> str:
    """Write a number with its noun.

    >>> counted(1, "file"), counted(1292, "file")
    ('1 file', '1,292 files')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
