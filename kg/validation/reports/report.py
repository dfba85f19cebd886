"""The outcome of a validation, and the texts that all report formats share."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from typing import Final

from kg.model import (
    Finding,
    Rule,
    Severity,
    escape_unprintable,
    quote_value,
    states_expectation,
    value_of,
)

UNREADABLE: Final = "source"
"""The rule of findings without a shape: a source or a value could not be read or mapped."""


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
        """Return the number of findings of a severity."""
        return sum(finding.severity is severity for finding in self.findings)


def rule_of(finding: Finding) -> str:
    """Return the name of the rule that a finding breaks."""
    return finding.rule or UNREADABLE


def fingerprint(finding: Finding) -> str:
    """Return a hash that identifies a finding by its content, not by its position.

    It stays the same when lines or list items move, and when a rule is reworded. Findings that
    differ only in their positions have the same one.
    """
    file = finding.places[0].source.name if finding.places else ""
    document = str(finding.places[0].document) if finding.places else ""
    field = (file, document, unnumbered(finding.field))
    subject = (finding.focus, finding.path) if finding.focus else field
    problem = (finding.value,) if finding.rule else (finding.value, finding.message)
    text = "\n".join(part or "" for part in (finding.rule, *subject, *problem))
    return sha256(text.encode(errors="surrogatepass")).hexdigest()[:32]


def unnumbered(field: str) -> str:
    """Return a field without the numbers of its list items, which change when one is inserted.

    >>> unnumbered("related[7].images[0].width")
    'related[].images[].width'
    """
    return re.sub(r"\[\d+\]", "[]", field)


def sentences(finding: Finding) -> str:
    """Return message, field, value and expectation as one text, for formats without fields."""
    parts = [_sentence(finding.message)]
    parts += [f"Field {finding.field}."] if finding.field else []
    value = value_of(finding)
    parts += [f"Value {quote_value(value)}."] if value is not None else []
    parts += [f"Expected {finding.expected}."] if states_expectation(finding) else []
    return escape_unprintable(" ".join(parts))


def _sentence(text: str) -> str:
    stop = "" if text.endswith((".", "?", "!")) else "."
    return f"{text[:1].upper()}{text[1:]}{stop}"


def relative_path(path: str) -> str:
    """Return a path relative to the current folder, with `/` between the parts."""
    return path if path == "-" else PurePath(os.path.relpath(path)).as_posix()
