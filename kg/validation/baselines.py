"""What is known to be wrong already, so that only new findings fail: a file to keep in review.

It names rule, file and field of each finding, and tells equal ones apart by a hash. It holds no
line numbers, so it stays true when lines move, and no value.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from kg.model.errors import SourceError
from kg.model.findings import Finding
from kg.validation.reports.report import KnownFinding, fingerprint, rule_of, unnumbered

VERSION: Final = 1
"""Of the layout; raised when a reader would have to change."""


@dataclass(frozen=True, slots=True)
class BaselineComparison:
    """Findings held against a baseline: the new ones, how many are known, and what is gone."""

    new: tuple[Finding, ...]
    known: int
    gone: tuple[KnownFinding, ...]


def baseline_of(findings: Sequence[Finding]) -> list[KnownFinding]:
    """Return the entries of a baseline that knows these findings, sorted."""
    entries = sorted((_entry(finding) for finding in findings), reverse=True)
    counts = Counter(entry.fingerprint for entry in entries)
    first = {entry.fingerprint: entry for entry in entries}  # of equal ones, the first by name
    return sorted(replace(entry, count=counts[name]) for name, entry in first.items())


def compare_with_baseline(
    findings: Sequence[Finding], entries: Iterable[KnownFinding]
) -> BaselineComparison:
    """Tell new findings from known ones; of equal ones, as many are known as there were."""
    left: Counter[str] = Counter()
    known = {}
    for entry in entries:
        left[entry.fingerprint] += entry.count
        known[entry.fingerprint] = entry
    new = []
    for finding in findings:
        name = fingerprint(finding)
        if left[name]:
            left[name] -= 1
        else:
            new.append(finding)
    gone = sorted(replace(known[name], count=count) for name, count in left.items() if count)
    return BaselineComparison(tuple(new), len(findings) - len(new), tuple(gone))


def baseline_text(entries: Iterable[KnownFinding]) -> str:
    """Write a baseline as JSON, an entry a line, so that a diff shows what came and went."""
    lines = [f"    {json.dumps(asdict(entry), ensure_ascii=False)}" for entry in entries]
    listed = "[\n" + ",\n".join(lines) + "\n  ]" if lines else "[]"
    return f'{{\n  "version": {VERSION},\n  "findings": {listed}\n}}\n'


def read_baseline(path: Path) -> list[KnownFinding]:
    """Read a baseline. Raises SourceError, naming the file and the line, for what is none."""
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
        raise SourceError(f"{path}: not a baseline: it lists no findings")
    if document.get("version") != VERSION:
        raise SourceError(f"{path}: a baseline of version {document.get('version')}, not {VERSION}")
    return [_parsed(said, path, number) for number, said in enumerate(document["findings"], 1)]


_TYPES: Final = {"file": str, "field": str, "rule": str, "fingerprint": str, "count": int}


def _parsed(said: Any, path: Path, number: int) -> KnownFinding:
    if not isinstance(said, dict) or said.keys() != _TYPES.keys():
        raise SourceError(f"{path}: not a baseline: finding {number} has not {', '.join(_TYPES)}")
    for key, kind in _TYPES.items():
        if not isinstance(said[key], kind) or (kind is int and said[key] < 1):
            raise SourceError(f"{path}: not a baseline: finding {number}: {key}: {said[key]!r}")
    return KnownFinding(**said)


def _entry(finding: Finding) -> KnownFinding:
    file = finding.places[0].source.name if finding.places else ""
    return KnownFinding(file, unnumbered(finding.field), rule_of(finding), fingerprint(finding))
