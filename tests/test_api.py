"""The Python interface: a Python program gets the output of the command."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import rdflib
from click.testing import CliRunner

import kg
from kg.cli import kg as command
from kg.model import errors

if TYPE_CHECKING:
    from collections.abc import Callable

ARTICLE: Final = """---
category: news
type: article
title: A
webUrl: https://a.example/a
publishedDateTime: 2020-06-12T20:52:00Z
colour: blue
---
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site of an article and a file that cannot be read, in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.md").write_text(ARTICLE, encoding="utf-8")
    (tmp_path / "broken.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
    return tmp_path


def run(*words: str) -> str:
    result = CliRunner().invoke(command, words)
    assert "Traceback" not in result.output
    return result.stdout


def ntriples(graph: rdflib.Graph) -> set[str]:
    return set(graph.serialize(format="nt").splitlines())


def test_the_exported_names_are_the_class_its_results_and_all_errors() -> None:
    error_names = {name for name, one in vars(errors).items() if isinstance(one, type)}
    private = {
        "NoFrontMatter",
        "InvalidValue",
    }  # a SourceError, and an error that becomes a finding
    assert error_names - private <= set(kg.__all__)
    assert sorted(kg.__all__) == kg.__all__
    assert [] == [name for name in kg.__all__ if not hasattr(kg, name)]


def test_no_other_name_is_exported() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'open_project'"):
        kg.open_project  # noqa: B018


@pytest.mark.parametrize("form", ["ttl", "nt", "nq", "trig", "jsonld", "rdf"])
def test_an_export_has_the_bytes_of_the_command(form: str, site: Path) -> None:
    graph = kg.KnowledgeGraph(site)
    run("export", ".", "-q", "-o", f"command.{form}")
    total = graph.export(f"python.{form}")
    expected = Path(f"command.{form}").read_bytes()
    assert expected == Path(f"python.{form}").read_bytes()
    stream = io.BytesIO()
    assert total == graph.export(stream, form)
    assert expected == stream.getvalue()


def test_a_compressed_export_is_that_of_the_command(site: Path) -> None:
    run("export", ".", "-q", "-o", "command.nq.gz", "--title", "T")
    kg.KnowledgeGraph(site).export(Path("python.nq.gz"), title="T")
    assert Path("command.nq.gz").read_bytes() == Path("python.nq.gz").read_bytes()


def test_graph_and_dataset_have_the_statements(site: Path) -> None:
    graph = kg.KnowledgeGraph(site)
    expected = set(run("export", ".", "-q", "--no-metadata", "-f", "nt").splitlines())
    assert expected == ntriples(graph.to_rdflib())
    name = rdflib.URIRef(f"{graph.site.base}graph/a.md")
    assert expected == ntriples(graph.to_dataset().graph(name))
    assert expected == {f"{' '.join(statement[:3])} ." for statement in graph.statements()}


@pytest.mark.usefixtures("site")
def test_a_statement_has_the_place_of_its_field() -> None:
    places = {
        statement.predicate.rpartition("/")[2]: statement.place
        for statement in kg.KnowledgeGraph("a.md").statements()
    }
    assert ("a.md:4:8", "title") == (str(places["headline>"]), places["headline>"].name)


@pytest.mark.parametrize("engine", ["pyshacl", "auto"])
def test_the_report_is_that_of_the_command(engine: str, site: Path) -> None:
    report = kg.KnowledgeGraph(site).validate(engine=engine)
    document = json.loads(run("validate", ".", "-q", "-f", "json"))
    assert [one["message"] for one in document["findings"]] == [
        finding.message for finding in report.findings
    ]
    assert not report.conforms
    assert "broken.md" in str(report.findings[0].places[0])
    assert kg.KnowledgeGraph(site).validate(fail_on=None).conforms


def test_an_unreadable_file_is_among_the_findings(site: Path) -> None:
    [finding] = kg.KnowledgeGraph(site).findings
    assert kg.Severity.VIOLATION == finding.severity
    assert (3, 1) == finding.places[0][3:5]


def test_shapes_and_queries_of_a_program_are_run(site: Path) -> None:
    (site / "own.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix schema: <https://schema.org/> .\n"
        "<shapes#own> a sh:NodeShape ; sh:targetClass schema:NewsArticle ;\n"
        '  sh:property [ sh:path schema:author ; sh:minCount 1 ; sh:message "No author." ] .'
    )
    (site / "none.rq").write_text(
        "#+ summary: No articles.\n#+ expect: empty\n"
        "SELECT ?a WHERE { ?a a <https://schema.org/NewsArticle> }"
    )
    report = kg.KnowledgeGraph("a.md").validate(
        shapes=[site / "own.ttl"], bundled=False, queries=["none.rq"]
    )
    assert {"No author.", "No articles. 1 row."} <= {one.message for one in report.findings}


def test_a_query_accepts_parameters_and_returns_dicts(checkout: Path) -> None:
    graph = kg.KnowledgeGraph(checkout / "seeds")
    assert {"topic": "AI", "articles": "5"}.items() <= graph.query("topics")[0].items()
    rows = graph.query("missing-list", field="image")
    assert rows
    assert all(isinstance(row, dict) for row in rows)
    with pytest.raises(kg.QueryError, match="did you mean field"):
        graph.query("missing-list", feild="image")
    with pytest.raises(kg.QueryError):
        graph.query("no-such-query")


def test_a_resource_is_explained(site: Path) -> None:
    graph = kg.KnowledgeGraph(site)
    reasons = {one.triple[1]: one.reasons for one in graph.explain("https://a.example/a")}
    [reason] = reasons["<https://schema.org/headline>"]
    assert ("title: A", 4) == (reason.text, reason.place.line)
    with pytest.raises(kg.SourceError, match="nothing in the graph"):
        graph.explain("https://a.example/b")


def test_settings_are_those_of_the_command(site: Path) -> None:
    (site / "b.md").write_text("---\ntype: profile\nname: Ada\n---\n")
    graph = kg.KnowledgeGraph(
        *("a.md", "b.md"),
        base_iri="https://b.example/",
        schema_namespace="http",
        include=["people"],
    )
    stream = io.BytesIO()
    graph.export(stream, "nt")
    words = ("--base-iri", "https://b.example/", "--schema-namespace", "http")
    expected = run("export", "a.md", "b.md", "-q", "-f", "nt", *words, "--include", "people")
    assert expected == stream.getvalue().decode()


def statements(graph: kg.KnowledgeGraph) -> object:
    return list(graph.statements())


USES: Final[list[Callable[[kg.KnowledgeGraph], object]]] = [
    statements,
    kg.KnowledgeGraph.to_rdflib,
    kg.KnowledgeGraph.to_dataset,
    kg.KnowledgeGraph.validate,
    lambda graph: graph.query("topics"),
    lambda graph: graph.export(io.BytesIO(), "nt"),
]
"""All but the findings and an explanation read the whole graph."""


@pytest.mark.parametrize("use", USES)
def test_strict_stops_at_the_first_violation(
    use: Callable[[kg.KnowledgeGraph], object], site: Path
) -> None:
    use(kg.KnowledgeGraph(site))
    with pytest.raises(kg.SourceError, match=r"broken\.md:3:1"):
        use(kg.KnowledgeGraph(site, strict=True))


def test_errors_of_the_command_are_raised(tmp_path: Path) -> None:
    with pytest.raises(kg.SourceError, match="no sources in"):
        kg.KnowledgeGraph(tmp_path)
    with pytest.raises(kg.SourceError, match="no such file"):
        kg.KnowledgeGraph(tmp_path / "missing")
    (tmp_path / "broken.md").write_text("---\ntitle: [\n---\n", encoding="utf-8")
    graph = kg.KnowledgeGraph(tmp_path)
    for use in USES:
        with pytest.raises(kg.SourceError, match="nothing could be read"):
            use(graph)
    with pytest.raises(kg.SourceError, match="nothing could be read"):
        graph.export(tmp_path / "a.ttl")
    assert not (tmp_path / "a.ttl").exists()
    [finding] = graph.findings
    assert str(finding.places[0]).endswith("broken.md:3:1")
    with pytest.raises(kg.FormatError):
        graph.export(tmp_path / "a.unknown")
    with pytest.raises(kg.ConfigurationError):
        kg.KnowledgeGraph(tmp_path, base_iri="no IRI")
