"""Findings to text: for people, for machines, and as the SHACL report itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, TypeAlias
from xml.etree import ElementTree as ET

from kg import __version__
from kg.findings import Finding, Place, Rule, Severity
from kg.namespaces import RDF, SH, XSD, Site
from kg.records import Triple
from kg.terms import literal

VERSION: Final = 1
"""Of the JSON report's layout; raised when a reader would have to change."""

_SHOWN: Final = 100
"""Characters of a value that a line of text shows."""


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of a validation. `fail_on` is the mildest severity that fails; None for none."""

    findings: tuple[Finding, ...]
    rules: tuple[Rule, ...]
    fail_on: Severity | None = Severity.VIOLATION

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


Render: TypeAlias = Callable[[Report], str]


def line(finding: Finding) -> str:
    """Write a finding as a compiler would, with a line for each place that disagrees.

    `path:line:column: field: message: 'value'`; what a shape found has its severity and its name.
    """
    first = finding.places[0] if finding.places else None
    where = str(first) if first else (finding.focus or "").strip("<>")
    parts = [where] if where else []
    parts += [finding.severity.value] if finding.shape else []
    parts += [first.name] if first and first.name else []
    value = first.value if first and finding.value is None else finding.value
    parts += [finding.message] if value is None else [finding.message.rstrip("."), _quoted(value)]
    text = ": ".join(parts)
    text += f" (expected {finding.expected})" if finding.expected and not _disagree(finding) else ""
    text += f" [{finding.rule}]" if finding.rule else ""
    return text + "".join(f"\n    {other}" for other in _others(finding))


def _others(finding: Finding) -> Iterator[str]:
    rest = finding.places[1:]
    if _disagree(finding):
        for place in rest:
            yield _joined(place, _quoted(place.value or ""))
    elif rest:
        more = f" and {len(rest) - 1} more" if len(rest) > 1 else ""
        yield f"also {_joined(rest[0])}{more}"


def _joined(place: Place, *more: str) -> str:
    return ": ".join(part for part in (str(place), place.name, *more) if part)


def _disagree(finding: Finding) -> bool:
    return any(place.value is not None for place in finding.places)


def _quoted(value: str) -> str:
    return repr(value if len(value) <= _SHOWN else value[: _SHOWN - 1] + "…")


def counted(number: int, noun: str) -> str:
    """Write a number with its noun.

    >>> counted(1, "file"), counted(1292, "file")
    ('1 file', '1,292 files')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def summary(report: Report) -> str:
    """Say in one line how many findings there are.

    >>> summary(Report((), ()))
    'conforms: 0 violations, 0 warnings, 0 infos'
    """
    counts = ", ".join(counted(report.count(severity), severity) for severity in Severity)
    return f"{'conforms' if report.conforms else 'does not conform'}: {counts}"


def _text(report: Report) -> str:
    return "".join(f"{line(finding)}\n" for finding in report.findings)


def _json(report: Report) -> str:
    document = {
        "version": VERSION,
        "conforms": report.conforms,
        "counts": {severity.value: report.count(severity) for severity in Severity},
        "findings": [_json_finding(finding) for finding in report.findings],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _json_finding(finding: Finding) -> dict[str, Any]:
    said = {
        "severity": finding.severity.value,
        "rule": finding.rule,
        "message": finding.message,
        "value": finding.value,
        "expected": finding.expected,
        "focus": finding.focus and finding.focus.strip("<>"),
        "path": finding.path,
        "places": [_json_place(place) for place in finding.places],
    }
    return {key: value for key, value in said.items() if value is not None}


def _json_place(place: Place) -> dict[str, Any]:
    said = {
        "file": place.source.path,
        "line": place.line or None,
        "column": place.column or None,
        "field": place.name or None,
        "value": place.value,
    }
    return {key: value for key, value in said.items() if value is not None}


_LEVELS: Final = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_UNREADABLE: Final = "source"
"""The rule of what no shape found: a source or a value that could not be read or mapped."""


def _sarif(report: Report) -> str:
    rules = [
        {
            "id": rule.name,
            "shortDescription": {"text": rule.message},
            "help": {"text": rule.description or rule.message},
            "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        }
        for rule in report.rules
    ]
    rules.append(
        {"id": _UNREADABLE, "shortDescription": {"text": "A source or value cannot be used."}}
    )
    driver = {"name": "kg", "version": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(finding) for finding in report.findings],
    }
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    }
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _sarif_result(finding: Finding) -> dict[str, Any]:
    locations = [_sarif_location(place) for place in finding.places]
    return {
        "ruleId": finding.rule or _UNREADABLE,
        "level": _LEVELS[finding.severity],
        "message": {"text": _sentence(finding)},
        "locations": locations[:1],
        "relatedLocations": locations[1:],
        "partialFingerprints": {"finding/v1": _fingerprint(finding)},
    }


def _sarif_location(place: Place) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": {"uri": place.source.path.replace("\\", "/")}}
    if place.line:
        physical["region"] = {"startLine": place.line, "startColumn": place.column}
    return {"physicalLocation": physical, "message": {"text": place.name or "the record"}}


def _sentence(finding: Finding) -> str:
    """Say message, field, value and expectation in one breath, for readers that show only text."""
    parts = [finding.message]
    parts += [f"Field {finding.field}."] if finding.field else []
    parts += [f"Value {_quoted(finding.value)}."] if finding.value is not None else []
    parts += [f"Expected {finding.expected}."] if finding.expected else []
    return " ".join(parts)


def _fingerprint(finding: Finding) -> str:
    """Name a finding by what it is about, not by where it stands: moving lines changes nothing."""
    place = finding.places[0] if finding.places else None
    about = (
        (finding.focus, finding.path)
        if finding.focus
        else (place and place.source.name, finding.field)
    )
    parts = (finding.rule, *about, finding.value or finding.message)
    return sha256("\n".join(str(part) for part in parts).encode()).hexdigest()[:32]


def _junit(report: Report) -> str:
    """One test case for each finding, failed if it fails, and for each rule that found nothing."""
    suite = ET.Element("testsuite", name="kg validate")
    found = {finding.rule for finding in report.findings}
    for finding in report.findings:
        case = ET.SubElement(
            suite, "testcase", classname=finding.rule or _UNREADABLE, name=_case(finding)
        )
        if report.fails(finding):
            failure = ET.SubElement(
                case, "failure", message=_xml(finding.message), type=finding.severity
            )
            failure.text = _xml(line(finding))
        else:
            ET.SubElement(case, "system-out").text = _xml(line(finding))
    for rule in report.rules:
        if rule.name not in found:
            ET.SubElement(suite, "testcase", classname=rule.name, name=_xml(rule.message))
    failures = sum(report.fails(finding) for finding in report.findings)
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(failures))
    ET.indent(suite)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"
    )


def _case(finding: Finding) -> str:
    where = (
        f"{finding.places[0]} {finding.field}".strip() if finding.places else finding.focus or ""
    )
    return _xml(f"{where}: {finding.message}" if where else finding.message)


def _xml(text: str) -> str:
    """Spell out the characters that no XML 1.0 document may hold."""
    return "".join(c if c in "\t\n\r" or " " <= c != "\x7f" else f"\\u{ord(c):04x}" for c in text)


def _markdown(report: Report) -> str:
    return "".join(_markdown_lines(report))


def _markdown_lines(report: Report) -> Iterator[str]:
    yield f"# Validation\n\nThe graph {summary(report)}.\n"
    for severity in Severity:
        found = [finding for finding in report.findings if finding.severity is severity]
        if not found:
            continue
        yield f"\n## {severity.value.capitalize()}s\n\n"
        yield "| place | field | finding | value | rule |\n|---|---|---|---|---|\n"
        for finding in found:
            where = "<br>".join(str(place) for place in finding.places[:3]) or (
                finding.focus or ""
            ).strip("<>")
            value = "" if finding.value is None else finding.value
            cells = (where, finding.field, finding.message, value, finding.rule or _UNREADABLE)
            yield "| " + " | ".join(_cell(cell) for cell in cells) + " |\n"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("\r", " ")


RENDERERS: Final[Mapping[str, Render]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "junit": _junit,
    "markdown": _markdown,
}


def shacl(report: Report, site: Site) -> list[Triple]:
    """Return the report as SHACL says it (section 3.6), its nodes named by IRIs below the base."""
    whole = site.iri("report")
    truth = literal("true" if report.conforms else "false") + f"^^<{XSD.boolean}>"
    triples = [
        (whole, site.iri(RDF.type), site.iri(SH.ValidationReport)),
        (whole, site.iri(SH.conforms), truth),
    ]
    found = [finding for finding in report.findings if finding.shape]
    for number, finding in enumerate(found, 1):
        result = site.iri(f"report/{number}")
        triples.append((whole, site.iri(SH.result), result))
        triples += ((result, site.iri(name), term) for name, term in _result(finding, result, site))
        if finding.path and finding.path.startswith("^"):
            triples.append((_path_node(result), site.iri(SH.inversePath), finding.path[1:]))
    return triples


def _result(finding: Finding, result: str, site: Site) -> Iterable[tuple[str, str]]:
    path = finding.path and (_path_node(result) if finding.path.startswith("^") else finding.path)
    terms = {
        RDF.type: site.iri(SH.ValidationResult),
        SH.focusNode: finding.focus,
        SH.resultPath: path,
        SH.value: finding.term,
        SH.resultMessage: literal(finding.message),
        SH.resultSeverity: site.iri(SH[finding.severity.value.capitalize()]),
        SH.sourceShape: finding.shape,
        SH.sourceConstraintComponent: finding.component,
    }
    return ((name, term) for name, term in terms.items() if term)


def _path_node(result: str) -> str:
    return f"{result[:-1]}/path>"
