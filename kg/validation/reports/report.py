"""The outcome of a validation, and the words that all ways of writing it share."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from typing import Final

from kg.model.findings import Finding, Rule, Severity

UNREADABLE: Final = "source"
"""The rule of what no shape found: a source or a value that could not be read or mapped."""

_SHOWN: Final = 100
"""Characters of a value that a line of text shows."""

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a validation. `fail_on` is the mildest severity that fails; None for none.

    `known` counts the findings that are left out because they are in the baseline.
    """

    findings: tuple[Finding, ...]
    rules: tuple[Rule, ...]
    fail_on: Severity | None = Severity.VIOLATION
    known: int = 0

    def fails(self, finding: Finding) -> bool:
        """Whether a finding is grave enough to fail."""
        return self.fail_on is not None and finding.severity.rank <= self.fail_on.rank

    @property
    def conforms(self) -> bool:
        """Whether no finding fails."""
        return not any(self.fails(finding) for finding in self.findings)

    def count(self, severity: Severity) -> int:
        """How many findings have a severity."""
        return sum(finding.severity is severity for finding in self.findings)


def rule(finding: Finding) -> str:
    """Return the name of the rule that a finding breaks."""
    return finding.rule or UNREADABLE


def fingerprint(finding: Finding) -> str:
    """Name a finding by what it is about, not by where it stands: moving lines changes nothing.

    Nor does moving list items, or rewording a rule. Findings that are told apart by their places
    only have one name.
    """
    file = finding.places[0].source.name if finding.places else ""
    document = str(finding.places[0].document) if finding.places else ""
    here = (file, document, unnumbered(finding.field))
    about = (finding.focus, finding.path) if finding.focus else here
    said = (finding.value,) if finding.rule else (finding.value, finding.message)
    parts = "\n".join(part or "" for part in (finding.rule, *about, *said))
    return sha256(parts.encode(errors="surrogatepass")).hexdigest()[:32]


def unnumbered(field: str) -> str:
    """Spell a field without the numbers of its list items, which change when one is put in.

    >>> unnumbered("related[7].images[0].width")
    'related[].images[].width'
    """
    return re.sub(r"\[\d+\]", "[]", field)


def subject(finding: Finding) -> str:
    """Return what a finding without a place is about: its focus node, if it has one."""
    return (finding.focus or "").strip("<>")


def value(finding: Finding) -> str | None:
    """Return the value at fault; of values that disagree, that at the first place."""
    first = finding.places[0].value if finding.places else None
    return first if finding.value is None else finding.value


def disagree(finding: Finding) -> bool:
    """Whether its places are told apart by what they say."""
    return any(place.value is not None for place in finding.places)


def expects(finding: Finding) -> bool:
    """Whether to say what is expected: that there be one value goes without saying."""
    return finding.expected is not None and not disagree(finding)


def sentences(finding: Finding) -> str:
    """Say message, field, value and expectation in one breath, for readers that show only text."""
    parts = [_sentence(finding.message)]
    parts += [f"Field {finding.field}."] if finding.field else []
    wrong = value(finding)
    parts += [f"Value {quoted(wrong)}."] if wrong is not None else []
    parts += [f"Expected {finding.expected}."] if expects(finding) else []
    return printable(" ".join(parts))


def _sentence(words: str) -> str:
    stop = "" if words.endswith((".", "?", "!")) else "."
    return f"{words[:1].upper()}{words[1:]}{stop}"


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


def relative(path: str) -> str:
    """Write a path as seen from the current folder, with `/` between the parts."""
    return path if path == "-" else PurePath(os.path.relpath(path)).as_posix()
