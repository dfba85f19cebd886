"""The report as JUnit XML: a test case for each finding, and for each rule without findings."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from kg.model import NOT_XML, Finding, finding_line, subject_of
from kg.validation.reports.report import Report, relative_path, rule_of


def render(report: Report) -> str:
    """Return a test suite; a case fails if its finding does."""
    suite = ET.Element("testsuite", name="kg validate")
    for finding in report.findings:
        suite.append(_case(finding, fails=report.fails(finding)))
    broken = {finding.rule for finding in report.findings}
    for rule in report.rules:
        if rule.name not in broken:
            ET.SubElement(suite, "testcase", classname=_xml(rule.name), name=_xml(rule.message))
    failures = sum(report.fails(finding) for finding in report.findings)
    counts = {"tests": len(suite), "failures": failures, "errors": 0, "skipped": 0}
    root = ET.Element("testsuites", {"name": "kg"} | {key: str(n) for key, n in counts.items()})
    suite.attrib |= {key: str(number) for key, number in counts.items()}
    root.append(suite)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _case(finding: Finding, *, fails: bool) -> ET.Element:
    case = ET.Element("testcase", classname=_xml(rule_of(finding)), name=_name(finding))
    for place in finding.places[:1]:
        case.set("file", _xml(relative_path(place.source.path)))
        if place.line:
            case.set("line", str(place.line))
    if fails:
        kind = finding.severity.value
        output = ET.SubElement(case, "failure", message=_xml(finding.message), type=kind)
    else:
        output = ET.SubElement(case, "system-out")
    output.text = _xml(finding_line(finding))
    return case


def _name(finding: Finding) -> str:
    place = f"{finding.places[0]} {finding.field}".strip() if finding.places else ""
    subject = place or subject_of(finding)
    return _xml(f"{subject}: {finding.message}" if subject else finding.message)


def _xml(text: str) -> str:
    """Return text with the characters escaped that XML 1.0 does not allow (section 2.2)."""
    return NOT_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
