"""Queries as tests: the expectation in a header, and the findings if an answer differs."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import kg
from kg.graph.convert import oxigraph_store
from kg.model.errors import QueryError
from kg.model.findings import Finding, Rule, Severity
from kg.model.records import Triple
from kg.model.site import Site
from kg.queries.catalog import Expectation, Query, bundled_queries, parse_query
from kg.queries.expectations import check_expectation, expectation_rule, first_rows

SITE = Site()
HEADLINES = "SELECT ?work ?headline { ?work <vocab#headline> ?headline } ORDER BY ?headline"


def work(number: int) -> str:
    return f"<https://example.org/kg/work/{number}>"


def triples_of_works(number: int) -> list[Triple]:
    return [(work(n), SITE.iri("vocab#headline"), f'"H{n:02}"') for n in range(1, number + 1)]


def query_with(words: str, select: str = HEADLINES) -> Query:
    header = "".join(f"#+ {line}\n" for line in ("summary: Which?", *words.split("; ")))
    return parse_query("checks/mine.rq", header + select)


def findings_of(query: Query, works: int) -> list[Finding]:
    return check_expectation(query, oxigraph_store(triples_of_works(works)), SITE)


@pytest.mark.parametrize(
    ("words", "expected", "text"),
    [
        ("expect: empty", Expectation(0, 0, line=2, column=4), "no rows"),
        ("expect: rows <= 1", Expectation(0, 1, line=2, column=4), "at most 1 row"),
        ("expect: rows>=1200", Expectation(1200, None, line=2, column=4), "at least 1,200 rows"),
        (
            "severity: info; message: Mend it.; expect: empty",
            Expectation(0, 0, Severity.INFO, "Mend it.", 4, 4),
            "no rows",
        ),
    ],
)
def test_a_header_has_the_expectation(words: str, expected: Expectation, text: str) -> None:
    query = query_with(words)
    assert (True, expected, text) == (query.expects, query.expectation, str(query.expectation))


def test_a_query_without_an_expectation_is_not_a_test() -> None:
    assert not query_with("severity: info").expects
    assert [] == [query.name for query in bundled_queries() if query.expects]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("expect: nothing", "2:4: expect: not understood: 'nothing'; write empty, rows >= N or"),
        ("expect: rows = 3", "2:4: expect: not understood: 'rows = 3'; write empty, "),
        ("expect: rows >= -1", "2:4: expect: not understood: 'rows >= -1'; write empty, "),
        ("expect:", "2:4: expect: not understood: None; write empty, "),
        ("expect: [empty]", "2:4: expect: not understood: ['empty']; write empty, "),
        (
            "expect: empty; severity: error",
            "3:4: severity: not understood: 'error'; write violation, warning, info",
        ),
        ("expect: empty; severity: []", "3:4: severity: not understood: []; write violation, "),
    ],
)
def test_a_malformed_expectation_is_refused_at_its_place(words: str, message: str) -> None:
    with pytest.raises(QueryError, match=f"^{re.escape(f'checks/mine.rq:{message}')}"):
        query_with(words)


@pytest.mark.parametrize(
    ("words", "works"),
    [
        ("expect: empty", 0),
        ("expect: rows <= 2", 2),
        ("expect: rows >= 2", 2),
        ("expect: rows >= 0", 0),
    ],
)
def test_an_expected_answer_gives_no_finding(words: str, works: int) -> None:
    assert [] == findings_of(query_with(words), works)


@pytest.mark.parametrize(
    ("words", "works", "message", "expected"),
    [
        ("expect: rows <= 2", 3, "Which? 3 rows.", "at most 2 rows"),
        ("expect: rows >= 2", 1, "Which? 1 row.", "at least 2 rows"),
        ("expect: rows >= 1; message: Say more.", 0, "Say more.", "at least 1 row"),
    ],
)
def test_a_wrong_number_of_rows_is_a_finding_at_the_expectation(
    words: str, works: int, message: str, expected: str
) -> None:
    [finding] = findings_of(query_with(words), works)
    assert (message, expected) == (finding.message, finding.expected)
    assert ("mine", Severity.VIOLATION) == (finding.rule, finding.severity)
    assert ("checks/mine.rq:2:4", "expect") == (str(finding.places[0]), finding.field)


def test_each_unexpected_row_is_a_finding_about_its_node() -> None:
    first, second = findings_of(query_with("expect: empty; severity: warning"), 2)
    assert (work(1), "headline H01") == (first.focus, first.value)
    assert (work(2), "headline H02") == (second.focus, second.value)
    assert ("Which? 2 rows.", Severity.WARNING, ()) == (
        second.message,
        second.severity,
        second.places,
    )


def test_a_row_without_a_node_of_the_site_is_a_finding_about_the_query() -> None:
    select = "SELECT ?page (COUNT(*) AS ?works) { BIND (<https://a.example/1> AS ?page) ?w ?p ?h }"
    [finding] = findings_of(query_with("expect: empty", f"{select} GROUP BY ?page"), 3)
    assert (None, "page https://a.example/1, works 3") == (finding.focus, finding.value)
    assert "checks/mine.rq:2:4" == str(finding.places[0])


def test_a_row_is_about_the_first_node_that_is_described() -> None:
    select = "SELECT ?page ?work { BIND (<https://a.example/1> AS ?page) ?work ?p ?h }"
    [finding] = findings_of(query_with("expect: empty", select), 1)
    assert (work(1), "page https://a.example/1") == (finding.focus, finding.value)


def test_a_column_without_a_value_is_left_out() -> None:
    select = "SELECT ?work ?none { ?work ?p ?h }"
    [finding] = findings_of(query_with("expect: empty", select), 1)
    assert finding.value is None


def test_only_the_first_rows_are_shown_and_the_others_counted() -> None:
    query = query_with("expect: empty")
    shown = list(first_rows(findings_of(query, 13), [query]))
    assert [work(n) for n in range(1, 11)] == [finding.focus for finding in shown[:10]]
    [summary] = shown[10:]
    assert ("And 3 more rows.", None, "checks/mine.rq:2:4") == (
        summary.message,
        summary.value,
        str(summary.places[0]),
    )


def test_ten_rows_are_all_shown() -> None:
    query = query_with("expect: empty")
    assert findings_of(query, 10) == list(first_rows(findings_of(query, 10), [query]))


def test_findings_of_shapes_are_never_shortened() -> None:
    shape = "<https://example.org/kg/shapes#mine>"
    component = "<http://www.w3.org/ns/shacl#MinCountConstraintComponent>"
    finding = Finding(Severity.INFO, "x", shape=shape, component=component)
    many = [finding] * 20
    assert many == list(first_rows(many, [query_with("expect: empty")]))


def test_a_query_is_a_rule_like_a_shape() -> None:
    expected = Rule("mine", "Which?", "The query must return no rows.", Severity.VIOLATION)
    assert expected == expectation_rule(query_with("expect: empty"))


def test_the_rule_of_a_query_is_the_rule_of_its_findings_whatever_its_file_is_called() -> None:
    query = parse_query("a/é #1.rq", f"#+ expect: empty\n{HEADLINES}")
    [finding] = findings_of(query, 1)
    assert expectation_rule(query).name == finding.rule == "%C3%A9%20%231"


def test_a_parameter_has_its_default() -> None:
    select = "SELECT ?work { ?work ?p ?_headline }"
    [finding] = findings_of(query_with("defaults: {headline: H02}; expect: empty", select), 3)
    assert (work(2), None) == (finding.focus, finding.value)


@pytest.mark.parametrize(
    ("select", "message"),
    [
        (
            "SELECT * { ?s ?p ?_o }",
            "checks/mine.rq: o: a query with an expectation needs",
        ),
        ("ASK {}", "checks/mine.rq: only a SELECT query has rows"),
        ("SELECT {", "checks/mine.rq:3:9: not SPARQL 1.1: "),
    ],
)
def test_a_query_that_gives_no_rows_is_refused(select: str, message: str) -> None:
    with pytest.raises(QueryError, match=f"^{re.escape(message)}"):
        findings_of(query_with("expect: empty", select), 1)


SHOUTING = """#+ summary: Which headlines shout?
#+ expect: empty
#+ message: The headline shouts.
PREFIX schema: <https://schema.org/>
SELECT ?work { ?work schema:headline ?headline FILTER (?headline = UCASE(?headline)) }
"""
TWO = """#+ summary: What articles are there?
#+ expect: rows >= 2
PREFIX schema: <https://schema.org/>
SELECT ?work { ?work a schema:NewsArticle }
"""


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run kg in a folder with an article in capitals, and two queries with an expectation."""
    monkeypatch.chdir(tmp_path)
    Path("site").mkdir()
    Path("checks").mkdir()
    Path("site/a.md").write_text(
        "---\ncategory: news\ntype: article\ntitle: LOUD\nwebUrl: https://a.example/1\n---\n"
    )
    Path("checks/shouting.rq").write_text(SHOUTING)
    Path("checks/two.rq").write_text(TWO)
    Path("checks/all.rq").write_text("SELECT * { ?s ?p ?o }")

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(kg, words)

    return invoke


CHECKED = ("validate", "site", "-q", "--no-bundled", "--queries", "checks")


def test_findings_of_queries_have_their_place_in_the_sources(run: Callable[..., Result]) -> None:
    result = run(*CHECKED)
    assert 1 == result.exit_code
    assert result.stdout == (
        "site/a.md:2:1: violation: The headline shouts. (expected no rows) [shouting]\n"
        "checks/two.rq:2:4: violation: expect: What articles are there? 1 row."
        " (expected at least 2 rows) [two]\n"
    )


def test_queries_with_the_expected_result_do_not_change_the_exit_code(
    run: Callable[..., Result],
) -> None:
    Path("site/b.md").write_text(Path("site/a.md").read_text().replace("/1", "/2"))
    assert 0 == run("validate", "site", "--no-bundled", "--queries", "checks/two.rq").exit_code


def test_a_query_is_named_alone_or_by_its_folder_and_again(run: Callable[..., Result]) -> None:
    named = ("--queries", "checks/shouting.rq", "--queries", "checks/two.rq")
    assert run(*CHECKED).stdout == run(*CHECKED[:4], *named).stdout


def test_queries_run_beside_shapes_and_are_rules_of_the_report(
    run: Callable[..., Result],
) -> None:
    command = ("validate", "site", "-q", "--queries", "checks", "-f", "sarif")
    log = json.loads(run(*command).stdout)["runs"][0]
    rules = {rule["id"] for rule in log["tool"]["driver"]["rules"]}
    assert {"shouting", "two", "article-image"} <= rules
    assert {"shouting", "two", "article-image"} <= {one["ruleId"] for one in log["results"]}


def test_the_shacl_report_has_only_findings_of_shapes(run: Callable[..., Result]) -> None:
    text = run(*CHECKED, "-f", "ntriples").stdout
    assert "ValidationReport" in text
    assert "ValidationResult>" not in text


def test_a_fixed_row_does_not_make_other_rows_new(run: Callable[..., Result]) -> None:
    for number in range(15):
        text = Path("site/a.md").read_text().replace("/1", f"/{number}0")
        Path(f"site/{number:02}.md").write_text(text)
    command = (*CHECKED[:4], "--queries", "checks/shouting.rq", "--baseline", "known.json")
    assert 0 == run(*command, "--update-baseline").exit_code
    Path("site/00.md").unlink()
    assert (0, "") == (run(*command).exit_code, run(*command).stdout)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("checks/all.rq", "checks/all.rq: no query has an expected result; add a line such as "),
        ("nowhere", "nowhere: cannot be read: No such file or directory"),
        ("site", "site: has no queries; name a .rq file or a folder of them"),
        ("checks/bad.rq", "checks/bad.rq:1:4: expect: not understood: 'x'; write empty, rows >= "),
        ("checks/latin.rq", "checks/latin.rq: not UTF-8"),
    ],
)
def test_queries_that_cannot_be_tests_are_an_error(
    run: Callable[..., Result], path: str, message: str
) -> None:
    Path("checks/bad.rq").write_text("#+ expect: x\n")
    Path("checks/latin.rq").write_bytes(b"# \xe9\n")
    result = run("validate", "site", "--queries", path)
    assert (3, "") == (result.exit_code, result.stdout)
    assert result.stderr.startswith(f"kg: {message}")


def test_a_query_file_may_have_any_name(run: Callable[..., Result]) -> None:
    name = os.fsdecode(b"checks/\xff #.rq")
    Path(name).write_text(TWO)
    for form in ("text", "json", "sarif", "junit", "markdown", "github"):
        result = run(*CHECKED[:4], "--queries", name, "-f", form)
        assert (1, True) == (result.exit_code, "\\udcff" in result.stdout or "%FF" in result.stdout)


def test_the_bundled_queries_are_listed_without_an_empty_column(
    run: Callable[..., Result],
) -> None:
    heading = run("queries", "-f", "markdown").stdout.splitlines()[0]
    assert "| name | question | parameters |" == heading


def test_own_queries_are_listed_with_their_expectations(run: Callable[..., Result]) -> None:
    listed = run("queries", "checks", "-f", "markdown").stdout
    assert listed == (
        "| name | question | parameters | expects |\n"
        "| --- | --- | --- | --- |\n"
        "| checks/all.rq |  |  |  |\n"
        "| checks/shouting.rq | Which headlines shout? |  | no rows (violation) |\n"
        "| checks/two.rq | What articles are there? |  | at least 2 rows (violation) |\n"
    )


def test_the_json_list_has_expectations_as_numbers(run: Callable[..., Result]) -> None:
    expected = [
        {"least": 0, "most": 0, "severity": "violation", "message": "The headline shouts."},
        {"least": 2, "most": None, "severity": "violation", "message": None},
        None,
    ]
    paths = ("checks/shouting.rq", "checks/two.rq", "checks/all.rq")
    listed = json.loads(run("queries", *paths, "--json").stdout)
    assert expected == [query["expectation"] for query in listed]
