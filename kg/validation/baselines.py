"""Baselines: files of known findings, so that only new ones fail.

An entry has rule, file and field of a finding, and a fingerprint of the rest. It has no line
number, so that it still matches when lines move, and no value.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from kg.model import Finding, SourceError
from kg.validation.reports.report import KnownFinding, fingerprint, rule_of, unnumbered

VERSION: Final = 1
"""Version of the layout; increased when readers have to change."""


@dataclass(frozen=True, slots=True)
class BaselineComparison:
    """The new findings, the number of known ones, and the entries that were not found again."""

    new: tuple[Finding, ...]
    known: int
    gone: tuple[KnownFinding, ...]


def baseline_of(findings: Sequence[Finding]) -> list[KnownFinding]:
    """Return the entries of a baseline of these findings, sorted."""
    entries = sorted((_entry_of(finding) for finding in findings), reverse=True)
    counts = Counter(entry.fingerprint for entry in entries)
    first = {entry.fingerprint: entry for entry in entries}  # of equal ones, the first by name
    return sorted(replace(entry, count=counts[name]) for name, entry in first.items())


def compare_with_baseline(
    findings: Sequence[Finding], entries: Iterable[KnownFinding]
) -> BaselineComparison:
    """Compare findings with a baseline; of equal ones, as many are known as its entry counts."""
    left: Counter[str] = Counter()
    by_fingerprint = {}
    for entry in entries:
        left[entry.fingerprint] += entry.count
        by_fingerprint[entry.fingerprint] = entry
    new = []
    for finding in findings:
        key = fingerprint(finding)
        if left[key]:
            left[key] -= 1
        else:
            new.append(finding)
    gone = sorted(replace(by_fingerprint[key], count=count) for key, count in left.items() if count)
    return BaselineComparison(tuple(new), len(findings) - len(new), tuple(gone))


def baseline_text(entries: Iterable[KnownFinding]) -> str:
    """Return a baseline as JSON, with one entry a line, so that a diff is readable."""
    lines = [f"    {json.dumps(asdict(entry), ensure_ascii=False)}" for entry in entries]
    listed = "[\n" + ",\n".join(lines) + "\n  ]" if lines else "[]"
    return f'{{\n  "version": {VERSION},\n  "findings": {listed}\n}}\n'


def read_baseline(path: Path) -> list[KnownFinding]:
    """Read a baseline. Raises SourceError, naming file and line, if the file is not one."""
    try:
        document = json.loads(path.read_bytes())
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror}") from error
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise SourceError(f"{place}: not a baseline: {error.msg}") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{path}: not a baseline: not UTF-8") from error
    if not isinstance(document, dict) or not isinstance(document.get("findings"), list):
        raise SourceError(f"{path}: not a baseline: it has no list of findings")
    if document.get("version") != VERSION:
        raise SourceError(f"{path}: a baseline of version {document.get('version')}, not {VERSION}")
    return [
        _parse_entry(members, path, number)
        for number, members in enumerate(document["findings"], 1)
    ]


_TYPES: Final = {"file": str, "field": str, "rule": str, "fingerprint": str, "count": int}


def _parse_entry(members: Any, path: Path, number: int) -> KnownFinding:
    if not isinstance(members, dict) or members.keys() != _TYPES.keys():
        raise SourceError(f"{path}: not a baseline: finding {number} needs {', '.join(_TYPES)}")
    for key, type_ in _TYPES.items():
        if not isinstance(members[key], type_) or (type_ is int and members[key] < 1):
            value = repr(members[key])
            raise SourceError(f"{path}: not a baseline: finding {number}: {key}: {value}")
    return KnownFinding(**members)


def _entry_of(finding: Finding) -> KnownFinding:
    file = finding.places[0].source.name if finding.places else ""
    return KnownFinding(file, unnumbered(finding.field), rule_of(finding), fingerprint(finding))
