"""A caller in Python gets the report that `kg validate` writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from kg.cli import kg
from kg.graph.in_memory import load_graphs
from kg.mapping.project import open_project
from kg.model.findings import Finding, Severity
from kg.provenance.accounts import UnknownFields
from kg.queries.catalog import queries_with_expectations
from kg.validation.baselines import baseline_of
from kg.validation.findings import findings_of, make_report
from kg.validation.loading import bundled_shapes, load_shapes
from kg.validation.reports import RENDERERS
from kg.validation.reports.report import Report
from kg.validation.shapes_graph import ShapesGraph

ARTICLE = """---
category: news
type: article
title: A{0}
webUrl: https://a.example/{0}
colour: blue
---
"""
QUERY = """#+ summary: Headlines.
#+ expect: empty
PREFIX schema: <https://schema.org/>
SELECT ?article ?headline WHERE { ?article schema:headline ?headline } ORDER BY ?headline
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site of a dozen articles, a broken one and RDF, with a query that expects no articles."""
    for number in range(12):
        (tmp_path / f"{number}.md").write_text(ARTICLE.format(number), encoding="utf-8")
    (tmp_path / "broken.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
    turtle = "<x> a <https://schema.org/Person> ."
    (tmp_path / "x.ttl").write_text(turtle, encoding="utf-8")
    queries = tmp_path / "queries"
    queries.mkdir()
    (queries / "none.rq").write_text(QUERY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def validate(engine: str = "pyshacl") -> tuple[list[Finding], ShapesGraph]:
    project = open_project([".", "x.ttl"])
    graphs, unknown = load_graphs(project, inspect=UnknownFields(project.mapper))
    shapes = load_shapes(bundled_shapes(), project.site)
    queries = queries_with_expectations([Path("queries")])
    return findings_of(graphs, shapes, queries, field_findings=unknown, engine=engine), shapes


def report(findings: list[Finding], shapes: ShapesGraph) -> Report:
    return make_report(findings, shapes, queries_with_expectations([Path("queries")]))


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_the_report_is_that_of_the_command(form: str) -> None:
    result = CliRunner().invoke(
        kg, ["validate", ".", "x.ttl", "--queries", "queries", "-q", "-f", form]
    )
    assert RENDERERS[form](report(*validate())) == result.stdout


@pytest.mark.usefixtures("folder")
def test_findings_are_those_of_sources_shapes_queries_and_unknown_fields() -> None:
    findings, shapes = validate()
    rules = {finding.rule for finding in findings}
    assert {"article-date", "none", "person-name", None} <= rules
    assert [] == [finding for finding in findings if not finding.places]
    assert "broken.md" in {finding.places[0].source.name for finding in findings}
    assert ["x.ttl"] == [
        place.source.name
        for finding in findings
        if finding.rule == "person-name"
        for place in finding.places
    ]
    assert "colour" in {finding.field for finding in findings}
    rows = [one for one in report(findings, shapes).findings if one.rule == "none"]
    assert 11 == len(rows)
    assert rows[-1].message.startswith("And 2 ")


@pytest.mark.usefixtures("folder")
def test_known_findings_are_left_out_and_those_that_no_longer_occur_are_gone() -> None:
    findings, shapes = validate()
    baseline = baseline_of(findings)
    remaining = [finding for finding in findings if finding.rule != "none"]
    result = make_report(remaining, shapes, (), baseline=baseline, fail_on=Severity.INFO)
    assert (len(remaining), (), True) == (result.known, result.findings, result.conforms)
    assert {"none"} == {entry.rule for entry in result.gone}
