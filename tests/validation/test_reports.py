"""Findings as text, JSON, SARIF, JUnit, Markdown and as the SHACL report graph."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
import rdflib
from rdflib.namespace import SH

from kg.graph.convert import rdflib_graph
from kg.graph.named import map_sources, merge_triples
from kg.mapping.project import make_mapper
from kg.model.findings import Finding, Place, Rule, Severity
from kg.model.formats import FORMATS, find_format
from kg.model.messages import finding_line
from kg.model.records import Source
from kg.model.site import Site
from kg.provenance.locate import locate_findings
from kg.sources.discovery import discover_sources
from kg.sources.rdf import read_rdf
from kg.validation.checking import validate_graph
from kg.validation.loading import bundled_shapes, load_shapes, rules_of
from kg.validation.reports import RENDERERS
from kg.validation.reports.report import Report
from kg.validation.reports.shacl import shacl_report
from kg.validation.reports.text import summary
from kg.writers.formats import write_dataset

SEEDS: Final = Path(__file__).parents[2] / "seeds"
SITE: Final = Site()

A: Final = Source("site/a.md", "a.md")
B: Final = Source("site/b.md", "b.md")
SHAPE: Final = SITE.iri("shapes#article-date")
FOCUS: Final = SITE.iri("article/example.org/1")
DATE: Final = "<https://schema.org/datePublished>"

UNREADABLE: Final = Finding(Severity.VIOLATION, "cannot be read: Permission denied", (Place(A),))
UNMAPPED: Final = Finding(
    Severity.VIOLATION,
    "not a date and time",
    (Place(A, ("related", 7, "publishedDateTime"), 0, 6, 20),),
    value="soon",
)
SHAPED: Final = Finding(
    Severity.WARNING,
    "The excerpt is short; say more.",
    (Place(A, ("excerpt",), 0, 5, 10),),
    value="Hm.",
    expected="at least 40 characters",
    shape=SITE.iri("shapes#excerpt-short"),
    focus=FOCUS,
    path="<https://schema.org/description>",
    term='"Hm."',
    component="<http://www.w3.org/ns/shacl#MinLengthConstraintComponent>",
)
DISPUTED: Final = Finding(
    Severity.INFO,
    "Several dates are given; decide.",
    (
        Place(A, ("publishedDateTime",), 0, 6, 20, "2020-07-03"),
        Place(B, ("publishedDateTime",), 0, 8, 20, "2020-07-04"),
    ),
    expected="at most 1",
    shape=SHAPE,
    focus=FOCUS,
    path=DATE,
    component="<http://www.w3.org/ns/shacl#MaxCountConstraintComponent>",
)
INVERSE: Final = Finding(
    Severity.INFO,
    "No article is about this topic.",
    shape="<http://example.org/shapes/orphan>",
    focus=SITE.iri("topic/ai"),
    path="^<https://schema.org/about>",
    component="<http://www.w3.org/ns/shacl#MinCountConstraintComponent>",
)
RULES: Final = (
    Rule("article-date", "Several dates are given; decide.", "Correct one.", Severity.INFO),
    Rule("excerpt-short", "The excerpt is short; say more.", "Say more.", Severity.WARNING),
    Rule("orphan", "No article is about this topic.", "Use it.", Severity.INFO),
    Rule("silent", "Nothing | at all.", "", Severity.VIOLATION),
)
REPORT: Final = Report((UNREADABLE, UNMAPPED, SHAPED, DISPUTED, INVERSE), RULES)


def rendered(form: str, report: Report = REPORT) -> str:
    return RENDERERS[form](report)


@pytest.mark.parametrize(
    ("expected", "finding"),
    [
        ("site/a.md: cannot be read: Permission denied", UNREADABLE),
        (
            "site/a.md:6:20: related[7].publishedDateTime: not a date and time: 'soon'",
            UNMAPPED,
        ),
        (
            (
                "site/a.md:5:10: warning: excerpt: The excerpt is short; say more: 'Hm.'"
                " (expected at least 40 characters) [excerpt-short]"
            ),
            SHAPED,
        ),
        (
            (
                "site/a.md:6:20: info: publishedDateTime: Several dates are given; decide:"
                " '2020-07-03' [article-date]\n    site/b.md:8:20: publishedDateTime: '2020-07-04'"
            ),
            DISPUTED,
        ),
        (
            "https://example.org/kg/topic/ai: info: No article is about this topic. [orphan]",
            INVERSE,
        ),
        ("x", Finding(Severity.VIOLATION, "x")),
        ("No image.", Finding(Severity.VIOLATION, "No image.", expected="at least 1")),
        ("x (expected at least 2)", Finding(Severity.VIOLATION, "x", expected="at least 2")),
        ("site/a.md:1:2: info: x", Finding(Severity.INFO, "x", (Place(A, (), 0, 1, 2),))),
        ("x: ''", Finding(Severity.VIOLATION, "x", value="")),
        ("x: 'a\\nb\\x1b'", Finding(Severity.VIOLATION, "x", value="a\nb\x1b")),
        (f"x: '{'v' * 100}'", Finding(Severity.VIOLATION, "x", value="v" * 100)),
        (f"x: '{'v' * 99}…'", Finding(Severity.VIOLATION, "x", value="v" * 101)),
    ],
)
def test_a_line_reads_like_a_compilers(expected: str, finding: Finding) -> None:
    assert expected == finding_line(finding)


@pytest.mark.parametrize(
    ("expected", "places"),
    [
        ("", 1),
        ("\n    also site/b.md:1:1: x", 2),
        ("\n    also site/b.md:1:1: x and 1 more", 3),
        ("\n    also site/b.md:1:1: x and 2 more", 4),
    ],
)
def test_a_line_names_the_second_place_and_counts_the_others(expected: str, places: int) -> None:
    other_places = tuple(Place(B, ("x",), 0, number, 1) for number in range(1, places))
    assert finding_line(SHAPED) + expected == finding_line(
        replace(SHAPED, places=SHAPED.places + other_places)
    )


def test_text_has_the_findings_in_their_order() -> None:
    assert "".join(f"{finding_line(finding)}\n" for finding in REPORT.findings) == rendered("text")


def test_an_empty_report_is_empty_text() -> None:
    assert rendered("text", Report((), RULES)) == ""


@pytest.mark.parametrize(
    ("expected", "finding", "fail_on"),
    [
        (False, UNREADABLE, Severity.VIOLATION),
        (True, SHAPED, Severity.VIOLATION),
        (False, SHAPED, Severity.WARNING),
        (True, DISPUTED, Severity.WARNING),
        (False, DISPUTED, Severity.INFO),
        (True, UNREADABLE, None),
    ],
)
def test_a_graph_conforms_unless_a_finding_reaches_the_severity_to_fail_on(
    expected: bool, finding: Finding, fail_on: Severity | None
) -> None:
    assert expected is Report((finding,), (), fail_on).conforms


def test_the_summary_counts_each_severity() -> None:
    assert summary(REPORT) == "does not conform: 2 violations, 1 warning, 2 infos"


def test_json_keeps_every_character_of_a_value() -> None:
    value = "é🎥\u2028\x00\ufffe" + "v" * 500
    (finding,) = json.loads(rendered("json", Report((replace(UNMAPPED, value=value),), ())))[
        "findings"
    ]
    assert value == finding["value"]


def sarif(report: Report = REPORT) -> dict[str, Any]:
    (run,) = json.loads(rendered("sarif", report))["runs"]
    return dict(run)


def test_every_sarif_result_has_a_rule_of_the_tool() -> None:  # 3.27.5, 3.19.23
    driver = sarif()["tool"]["driver"]
    ids = [rule["id"] for rule in driver["rules"]]
    assert driver["name"] == "kg"
    assert sorted(ids) == sorted(set(ids))
    assert ["source", "source", "excerpt-short", "article-date", "orphan"] == [
        result["ruleId"] for result in sarif()["results"]
    ]
    assert {result["ruleId"] for result in sarif()["results"]} <= set(ids)


def test_sarif_levels_are_those_of_the_findings() -> None:  # 3.27.10
    levels = [result["level"] for result in sarif()["results"]]
    assert ["error", "error", "warning", "note", "note"] == levels


def fingerprints(*findings: Finding) -> list[str]:
    results = sarif(Report(findings, ()))["results"]
    return [result["partialFingerprints"]["finding/v1"] for result in results]


def test_a_fingerprint_stays_when_lines_move_and_folders_change() -> None:  # 3.27.17
    moved = [
        replace(
            finding,
            places=tuple(
                place._replace(line=place.line + 3, source=replace(place.source, path="b/a.md"))
                for place in finding.places
            ),
        )
        for finding in REPORT.findings
    ]
    assert fingerprints(*REPORT.findings) == fingerprints(*moved)


@pytest.mark.parametrize(
    "other",
    [
        replace(UNMAPPED, value="later"),
        replace(UNMAPPED, places=(Place(B, UNMAPPED.places[0].field, 0, 6, 20),)),
        replace(UNMAPPED, places=(Place(A, ("publishedDateTime",), 0, 6, 20),)),
        replace(UNMAPPED, places=(Place(A, UNMAPPED.places[0].field, 1, 6, 20),)),
        replace(UNMAPPED, message="not a day"),
        replace(SHAPED, shape=SHAPE),
        replace(SHAPED, path=DATE),
        replace(SHAPED, focus=SITE.iri("x")),
    ],
)
def test_different_findings_have_different_fingerprints(other: Finding) -> None:
    assert fingerprints(other)[0] not in fingerprints(UNMAPPED, SHAPED)


def junit(report: Report = REPORT) -> ET.Element:
    return ET.fromstring(rendered("junit", report))  # noqa: S314 - our own


@pytest.mark.parametrize(
    "character", ["\x00", "\x1b", "\x7f", "\ufffe", "\uffff", "\ud800", "<&\"'"]
)
def test_junit_is_xml_whatever_a_value_holds(character: str) -> None:
    finding = replace(UNMAPPED, message=f"not {character}", value=character)
    document = rendered("junit", Report((finding,), ())).encode()
    assert ET.fromstring(document).get("failures") == "1"  # noqa: S314 - our own


def rows(text: str) -> list[list[str]]:
    lines = [one for one in text.splitlines() if one.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", one)[1:-1]] for one in lines]


def graph(report: Report) -> rdflib.Graph:
    """The report as rdflib parses it."""
    triples = shacl_report(report, SITE)
    text = "".join(f"{s} {p} {o} .\n" for s, p, o in triples)
    return rdflib.Graph().parse(data=text, format="nt")


def test_the_report_graph_has_no_blank_nodes() -> None:
    terms = {term for triple in graph(REPORT) for term in triple}
    assert [] == [term for term in terms if isinstance(term, rdflib.BNode)]


def test_the_report_graph_has_the_findings_of_the_shapes() -> None:
    query = """
        PREFIX sh: <http://www.w3.org/ns/shacl#>
        SELECT ?focus ?severity ?message ?shape ?component {
            ?report a sh:ValidationReport ; sh:result ?result .
            ?result a sh:ValidationResult ; sh:focusNode ?focus ; sh:resultSeverity ?severity ;
                sh:resultMessage ?message ; sh:sourceShape ?shape ;
                sh:sourceConstraintComponent ?component .
        }"""
    results = sorted(tuple(str(term) for term in row) for row in graph(REPORT).query(query))  # type: ignore[union-attr]
    assert results == sorted(
        (
            str(finding.focus)[1:-1],
            str(SH[finding.severity.value.capitalize()]),
            finding.message,
            str(finding.shape)[1:-1],
            str(finding.component)[1:-1],
        )
        for finding in (SHAPED, DISPUTED, INVERSE)
    )


def test_the_report_graph_has_values_and_paths() -> None:
    report_graph = graph(REPORT)
    assert [rdflib.Literal("Hm.")] == list(report_graph.objects(None, SH.value))
    paths = [
        path
        for path in report_graph.objects(None, SH.resultPath)
        if (path, None, None) not in report_graph
    ]
    assert ["datePublished", "description"] == sorted(
        str(path).rpartition("/")[2] for path in paths
    )
    inverse = list(report_graph.subject_objects(SH.inversePath))
    assert [rdflib.SDO.about] == [rdflib.URIRef(str(path)) for _, path in inverse]
    assert [node for node, _ in inverse] == [
        path for path in report_graph.objects(None, SH.resultPath) if path not in paths
    ]


@pytest.mark.parametrize(
    ("conforms", "report"),
    [
        (True, Report((), RULES)),
        (False, REPORT),
        (False, Report((UNREADABLE,), RULES)),
        (False, Report((SHAPED,), RULES, Severity.WARNING)),
        (True, Report((SHAPED,), RULES)),
    ],
)
def test_the_report_graph_states_whether_the_data_conforms(conforms: bool, report: Report) -> None:
    (value,) = graph(report).objects(None, SH.conforms)
    assert isinstance(value, rdflib.Literal)
    assert conforms is value.toPython()


@pytest.fixture(scope="module")
def seeds_report() -> Report:
    sources = discover_sources([str(SEEDS)])
    mapper = make_mapper(SITE)
    graphs = list(map_sources(sources, mapper))
    shapes = load_shapes(bundled_shapes(), SITE)
    findings = validate_graph(rdflib_graph(merge_triples(graphs), SITE), shapes)
    records = [one for graph in graphs for one in graph.records]
    located = locate_findings(findings, records, mapper)
    return Report(tuple(located), tuple(rules_of(shapes)))


def test_every_finding_about_the_seeds_has_its_own_fingerprint(seeds_report: Report) -> None:
    counts = Counter(fingerprints(*seeds_report.findings))
    assert [] == [one for one, times in counts.items() if times > 1]


@pytest.mark.parametrize("form", [rdf_format.name for rdf_format in FORMATS])
def test_the_report_graph_is_the_same_in_every_format(
    form: str, seeds_report: Report, tmp_path: Path
) -> None:
    dataset = {SITE.iri("report"): shacl_report(seeds_report, SITE)}
    rdf_format = find_format(form)
    path = tmp_path / f"report{rdf_format.suffixes[0]}"
    with path.open("wb") as stream:
        write_dataset(dataset, rdf_format, SITE, stream)
    assert set(dataset[SITE.iri("report")]) == set(read_rdf(path.read_bytes(), path.name, SITE))
