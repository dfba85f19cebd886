"""The outcome of a validation, and the words that all ways of writing it share."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from typing import Final

from kg.model.findings import Finding, Rule, Severity
from kg.model.messages import printable, quoted, states_expectation, value_of

UNREADABLE: Final = "source"
"""The rule of what no shape found: a source or a value that could not be read or mapped."""


@dataclass(frozen=True, slots=True, order=True)
class KnownFinding:
    """An entry of a baseline: equal findings, which `fingerprint` identifies, and their number."""

    file: str
    field: str
    rule: str
    fingerprint: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a validation. `fail_on` is the mildest severity that fails; None for none.

    `known` counts the findings that are left out because they are in the baseline; `gone` are
    those of the baseline that were not found.
    """

    findings: tuple[Finding, ...]
    rules: tuple[Rule, ...]
    fail_on: Severity | None = Severity.VIOLATION
    known: int = 0
    gone: tuple[KnownFinding, ...] = ()

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


def rule_of(finding: Finding) -> str:
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


def sentences(finding: Finding) -> str:
    """Say message, field, value and expectation in one breath, for readers that show only text."""
    parts = [_sentence(finding.message)]
    parts += [f"Field {finding.field}."] if finding.field else []
    wrong = value_of(finding)
    parts += [f"Value {quoted(wrong)}."] if wrong is not None else []
    parts += [f"Expected {finding.expected}."] if states_expectation(finding) else []
    return printable(" ".join(parts))


def _sentence(words: str) -> str:
    stop = "" if words.endswith((".", "?", "!")) else "."
    return f"{words[:1].upper()}{words[1:]}{stop}"


def relative_path(path: str) -> str:
    """Write a path as seen from the current folder, with `/` between the parts."""
    return path if path == "-" else PurePath(os.path.relpath(path)).as_posix()
