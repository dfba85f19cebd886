"""The output of the verbs: results, lists and reports, in every format."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest
from rdflib import Graph

from kg.model.formats import find_format
from kg.model.site import DEFAULT_BASE
from tests.cli.commands import ARTICLE, DATE, LISTING, ROOT, SEEDS, run


def _rows(form: str, text: str) -> list[list[str]]:
    """The header and the rows of a result, parsed without kg."""
    if form in {"csv", "tsv"}:
        rows = list(csv.reader(StringIO(text), delimiter="," if form == "csv" else "\t"))
        return [[cell.partition("^^")[0].strip('?"') for cell in row] for row in rows]
    if form == "json":
        document = json.loads(text)
        names = document["head"]["vars"]
        return [names, *([b[n]["value"] for n in names] for b in document["results"]["bindings"])]
    if form == "xml":
        space = {"": "http://www.w3.org/2005/sparql-results#"}
        root = ET.fromstring(text)  # noqa: S314 - our own
        names = [one.get("name", "") for one in root.findall("head/variable", space)]
        results = root.findall("results/result", space)
        return [names, *(["".join(b.itertext()).strip() for b in r] for r in results)]
    lines = [line for line in text.splitlines() if not set(line) <= set("|-─ ")]
    split = r" \| " if form == "markdown" else r"\s{2,}"
    return [re.split(split, line.strip("| ")) for line in lines]


@pytest.mark.parametrize("form", ["table", "markdown", "csv", "tsv", "json", "xml"])
def test_every_format_of_a_result_has_the_same_rows(form: str) -> None:
    result = run("query", "topics", SEEDS, "-q", "-f", form)
    assert [
        ["topic", "articles", "first", "last"],
        ["AI", "5", "2020-06-11", "2020-07-03"],
        ["Computer Vision", "2", "2020-06-11", "2020-06-12"],
        ["Natural Language Processing", "2", "2020-06-11", "2020-07-03"],
        ["AWS AI", "1", "2020-06-15", "2020-06-15"],
    ] == _rows(form, result.stdout)
    assert result.stdout.endswith("\n")


def test_a_result_is_a_table_by_default() -> None:
    tables = {run("query", "topics", SEEDS, "-q", *form).stdout for form in ((), ("-f", "table"))}
    assert len(tables) == 1


@pytest.mark.parametrize(
    ("form", "suffix"),
    [("csv", "csv"), ("tsv", "tsv"), ("json", "json"), ("json", "srj"), ("xml", "srx"),
     ("xml", "xml"), ("markdown", "md"), ("table", "txt")],
)  # fmt: skip
@pytest.mark.usefixtures("here")
def test_the_suffix_of_a_file_chooses_the_format_of_a_result(form: str, suffix: str) -> None:
    run("query", "topics", "good.md", "-q", "-o", f"result.{suffix}")
    expected = run("query", "topics", "good.md", "-q", "-f", form).stdout_bytes
    assert expected == Path(f"result.{suffix}").read_bytes()


HEADLINES: Final = """\
PREFIX schema: <https://schema.org/>
SELECT ?headline {
    ?work schema:headline ?headline ; <vocab#quality> ?_score_integer .
}
"""


def test_a_custom_query_comes_from_a_file_or_from_standard_input(here: Path) -> None:
    (here / "own.rq").write_text(HEADLINES)
    command = (SEEDS, "-q", "-p", "score=74", "-f", "csv")
    from_file = run("query", "own.rq", *command)
    assert "Larry Magid: Facial recognition loses support as bias claims rise" in from_file.stdout
    assert from_file.stdout == run("query", "-", *command, stdin=HEADLINES.encode()).stdout


@pytest.mark.parametrize(
    ("expected", "form"),
    [
        ("true\n", "table"),
        ("true\n", "csv"),
        ("true\n", "tsv"),
        ("true\n", "markdown"),
    ],
)
@pytest.mark.usefixtures("here")
def test_a_boolean_result_is_a_word(expected: str, form: str) -> None:
    assert (
        expected == run("query", "-", "good.md", "-q", "-f", form, stdin=b"ASK { ?s ?p ?o }").stdout
    )


@pytest.mark.usefixtures("here")
def test_a_boolean_result_has_its_standard_forms() -> None:
    command = ("query", "-", "good.md", "-q", "-f")
    document = json.loads(run(*command, "json", stdin=b"ASK { FILTER(false) }").stdout)
    assert document["boolean"] is False
    root = ET.fromstring(run(*command, "xml", stdin=b"ASK {}").stdout)  # noqa: S314 - our own
    assert ["true"] == [one.text for one in root.iter() if one.tag.endswith("boolean")]


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # rdflib's own
@pytest.mark.parametrize("form", ["turtle", "nt", "application/ld+json", ".rdf"])
@pytest.mark.parametrize("query", ["DESCRIBE <topic/ai>", "CONSTRUCT WHERE { <topic/ai> ?p ?o }"])
@pytest.mark.usefixtures("here")
def test_a_graph_result_can_be_in_any_rdf_format(form: str, query: str) -> None:
    rdf_format = find_format(form)
    output = run("query", "-", "good.md", "-q", "-f", form, stdin=query.encode()).stdout
    graph = Graph().parse(data=output, format=rdf_format.media_type)
    assert {f"{DEFAULT_BASE}topic/ai"} == {str(subject) for subject in graph.subjects()}


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph:DeprecationWarning")  # rdflib's own
@pytest.mark.parametrize("form", ["turtle", "ntriples", "jsonld", "rdfxml"])
@pytest.mark.usefixtures("here")
def test_a_graph_result_has_no_blank_nodes(form: str) -> None:
    query = b"CONSTRUCT { [] ?p ?o } { ?s ?p ?o }"
    outputs = {run("query", "-", "good.md", "-q", "-f", form, stdin=query).stdout for _ in range(2)}
    graph = Graph().parse(data=outputs.pop(), format=find_format(form).media_type)
    assert set() == outputs
    assert len(graph) > 0
    assert all(
        str(subject).startswith(f"{DEFAULT_BASE}.well-known/genid/") for subject in graph.subjects()
    )


@pytest.mark.usefixtures("here")
def test_a_graph_cannot_be_a_table() -> None:
    result = run("query", "-", "good.md", "-q", "-f", "csv", stdin=b"DESCRIBE <topic/ai>")
    assert (2, "") == (result.exit_code, result.stdout)


@pytest.mark.usefixtures("here")
def test_a_query_that_fails_while_it_runs_is_reported_in_one_line() -> None:
    query = b"SELECT * { SERVICE <https://example.org/sparql> { ?s ?p ?o } }"
    result = run("query", "-", "good.md", "-q", stdin=query)
    assert (3, "") == (result.exit_code, result.stdout)
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.usefixtures("here")
def test_a_cell_of_a_markdown_table_stays_one_cell() -> None:
    query = rb"""SELECT ("a | b \\ c\nd" AS ?text) {}"""
    result = run("query", "-", "good.md", "-q", "-f", "markdown", stdin=query)
    assert result.stdout == "| text |\n| --- |\n| a \\| b \\\\ c d |\n"


@pytest.mark.parametrize("verb", LISTING)
def test_a_list_has_the_same_rows_as_a_table_in_markdown_and_in_json(verb: str) -> None:
    rows = _rows("table", run(verb).stdout)
    assert len(rows) == len(_rows("markdown", run(verb, "-f", "markdown").stdout))
    assert len(rows) == 1 + len(json.loads(run(verb, "--json").stdout))


def test_queries_are_listed_with_their_parameters() -> None:
    queries = {one["name"]: one for one in json.loads(run("queries", "--json").stdout)}
    assert {"field": {"kind": "text", "default": "image"}} == queries["missing-list"]["parameters"]
    assert sorted(path.stem for path in (ROOT / "queries").glob("*.rq")) == sorted(queries)


def test_shapes_are_listed_with_severity_message_and_description() -> None:
    shapes = {one["name"]: one for one in json.loads(run("shapes", "--json").stdout)}
    assert shapes["logo-small"]["severity"] == "info"
    assert all(one["message"] and one["description"] for one in shapes.values())


def test_the_context_is_that_of_an_export() -> None:
    command = ("--base-iri", "https://example.org/", "--schema-namespace", "http")
    context = json.loads(run("mapping", "-f", "context", *command).stdout)["@context"]
    assert context == json.loads(run("export", SEEDS, "-f", "jsonld", *command).stdout)["@context"]


OWN_SHAPE: Final = """\
@prefix schema: <https://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
<shapes#no-council> a sh:NodeShape ;
    sh:targetClass schema:NewsArticle ;
    sh:property [ sh:path schema:headline ; sh:not [ sh:pattern "Council" ] ;
                  sh:message "There is a council in the headline." ] .
"""

LEVELS: Final = ("violation", "warning", "info", "never")
GRADED: Final = """\
@prefix schema: <https://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
<shapes#{0}> a sh:NodeShape ;
    sh:targetObjectsOf schema:about ;
    sh:not [ sh:in ( <topic/{0}> ) ] ;
    sh:severity sh:{1} ;
    sh:message "Wrong." .
"""


@pytest.fixture
def graded(here: Path) -> Path:
    """Files in the order of the severity of their findings, the most severe first."""
    (here / "own.ttl").write_text(
        "".join(GRADED.format(name, name.capitalize()) for name in LEVELS[:3])
    )
    for name in LEVELS:
        topic = ARTICLE.replace("AI", name).format(title=name, date=DATE, path=name)
        (here / f"{name}.md").write_text(topic)
    return here


@pytest.mark.parametrize("fail_on", LEVELS)
@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.usefixtures("graded")
def test_a_finding_fails_if_it_reaches_the_severity_to_fail_on(level: str, fail_on: str) -> None:
    fails = level != "never" and fail_on != "never" and LEVELS.index(level) <= LEVELS.index(fail_on)
    command = ("validate", f"{level}.md", "--no-bundled", "--shapes", "own.ttl")
    assert int(fails) == run(*command, "--fail-on", fail_on).exit_code


@pytest.mark.usefixtures("graded")
def test_only_violations_fail_by_default() -> None:
    command = ("validate", "--no-bundled", "--shapes", "own.ttl")
    assert run(*command, "violation.md").exit_code == 1
    assert run(*command, "warning.md").exit_code == 0


@pytest.mark.usefixtures("here")
def test_a_source_that_cannot_be_used_counts_as_a_violation() -> None:
    command = ("validate", "good.md", "broken.md", "--fail-on")
    assert run(*command, "violation").exit_code == 1
    assert run(*command, "never").exit_code == 0


def test_the_summary_counts_the_findings() -> None:
    result = run("validate", SEEDS, "-v", "--json", "--base-iri", "https://example.org/")
    counts = json.loads(result.stdout)["counts"]
    expected = f"0 violations, {counts['warning']} warnings, {counts['info']} infos"
    assert result.stderr == f"5 records: conforms: {expected}\n"


@pytest.mark.parametrize("path", ["own.ttl", "own"])
def test_custom_shapes_are_run_with_the_bundled_ones(path: str, here: Path) -> None:
    (here / "own").mkdir()
    for name in ("own.ttl", "own/own.ttl"):
        (here / name).write_text(OWN_SHAPE)
    text = run("validate", "good.md", "--shapes", path).stdout
    assert "[no-council]" in text
    assert "[article-image]" in text


@pytest.mark.usefixtures("here")
def test_without_the_bundled_shapes_only_custom_ones_are_run() -> None:
    Path("own.ttl").write_text(OWN_SHAPE)
    text = run("validate", "good.md", "--no-bundled", "--shapes", "own.ttl").stdout
    message = "There is a council in the headline"
    assert text == f"good.md:4:8: violation: title: {message}: 'Council' [no-council]\n"


@pytest.mark.usefixtures("here")
def test_without_any_shapes_only_unmapped_values_are_reported() -> None:
    text = run("validate", "good.md", "bad.md", "--no-bundled").stdout
    assert text == "bad.md:6:20: publishedDateTime: not a date and time: 'soon'\n"


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "markdown", "turtle", "jsonld"])
@pytest.mark.usefixtures("here")
def test_a_report_in_a_file_is_that_on_standard_output(form: str) -> None:
    command = ("validate", "bad.md", "--no-bundled", "-q", "-f", form)
    assert run(*command, "-o", "report").stdout == ""
    assert run(*command).stdout_bytes == Path("report").read_bytes()


@pytest.mark.usefixtures("here")
def test_json_has_its_own_option() -> None:
    command = ("validate", "bad.md", "--no-bundled", "-q")
    assert run(*command, "-f", "json").stdout == run(*command, "--json").stdout
