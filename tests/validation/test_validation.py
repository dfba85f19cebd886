"""The findings of shapes in a graph, and what a shapes file may contain and what not."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pyshacl
import pytest
import rdflib
from rdflib.namespace import SH

from kg.graph.convert import rdflib_graph
from kg.model.errors import ShapesError
from kg.model.findings import Finding, Severity
from kg.model.site import Site
from kg.validation.checking import validate_graph
from kg.validation.loading import bundled_shapes, load_shapes, rules_of, shapes_files
from kg.validation.reports import RENDERERS
from kg.validation.reports.report import Report
from kg.validation.reports.shacl import shacl_report
from kg.validation.shapes_graph import ShapesGraph
from kg.writers.formats import merge_dataset
from tests import graphs

if TYPE_CHECKING:
    from tests.conftest import Dataset

PREFIXES: Final = """\
@prefix ex: <http://example.org/shapes/> .
@prefix schema: <https://schema.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
DATA: Final = """\
<https://example.org/kg/1> a schema:NewsArticle ;
    schema:headline "Cameras" ;
    schema:publisher <https://example.org/kg/2> ;
    <https://example.org/kg/vocab#quality> 5 .
<https://example.org/kg/2> schema:name "E" .
"""
TARGET: Final = "a sh:NodeShape ; sh:targetClass schema:NewsArticle"
NO_X: Final = 'sh:path schema:headline ; sh:pattern "x" ; sh:message "There is no x."'

Parse = Callable[..., ShapesGraph]


@pytest.fixture
def parse(tmp_path: Path) -> Parse:
    """Return a function that reads shapes files of these texts."""

    def read(*texts: str, site: Site | None = None) -> ShapesGraph:
        paths = [tmp_path / f"{number}.ttl" for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(f"{PREFIXES}{text}", encoding="utf-8")
        return load_shapes(paths, site or Site())

    return read


@pytest.fixture
def data() -> rdflib.Graph:
    return rdflib.Graph().parse(data=PREFIXES + DATA, format="turtle")


class Seen(NamedTuple):
    """The seeds, validated with the bundled shapes, and both as they were before."""

    data: rdflib.Graph
    shapes: ShapesGraph
    before: tuple[set[Any], set[Any]]
    findings: list[Finding]


@pytest.fixture(scope="session")
def seen(seeds: Dataset, site: Site) -> Seen:
    graph = rdflib_graph(merge_dataset(seeds), site)
    shapes = load_shapes(bundled_shapes(), site)
    before = set(graph), set(shapes)
    return Seen(graph, shapes, before, validate_graph(graph, shapes))


def test_a_finding_has_all_details_of_the_shape(parse: Parse, data: rdflib.Graph) -> None:
    shapes = parse(f"ex:work {TARGET} ; sh:property ex:headline . ex:headline {NO_X} .")
    assert [
        Finding(
            Severity.VIOLATION,
            "There is no x.",
            value="Cameras",
            expected="a match of x",
            shape="<http://example.org/shapes/headline>",
            focus="<https://example.org/kg/1>",
            path="<https://schema.org/headline>",
            term='"Cameras"',
            component=f"<{SH.PatternConstraintComponent}>",
        )
    ] == validate_graph(data, shapes)


@pytest.mark.parametrize(
    ("expected", "constraint"),
    [
        ("at least 2", "sh:minCount 2"),
        ("at most 0", "sh:maxCount 0"),
        ("at least 9 characters", "sh:minLength 9"),
        ("at most 3 characters", "sh:maxLength 3"),
        ("a match of ^x", 'sh:pattern "^x"'),
        ("a literal of type xsd:integer", "sh:datatype xsd:integer"),
        ("a sh:IRI", "sh:nodeKind sh:IRI"),
        ("a schema:Person", "sh:class schema:Person"),
        ("a <http://example.org/a/B>", "sh:class <http://example.org/a/B>"),
        ("a <https://schema.org/a/B>", "sh:class schema:a\\/B"),
        ("Lenses", 'sh:hasValue "Lenses"'),
        (None, 'sh:in ( "Lenses" )'),
        (None, 'sh:not [ sh:pattern "C" ]'),
    ],
)
def test_a_finding_has_the_expected_value_of_a_core_constraint(
    expected: str | None, constraint: str, parse: Parse, data: rdflib.Graph
) -> None:
    shapes = parse(f"ex:s {TARGET} ; sh:property [ sh:path schema:headline ; {constraint} ] .")
    (finding,) = validate_graph(data, shapes)
    assert expected == finding.expected


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        ("<https://schema.org/headline>", "schema:headline"),
        ("^<https://schema.org/publisher>", "[ sh:inversePath schema:publisher ]"),
        (None, "( schema:publisher schema:name )"),
        (None, "[ sh:alternativePath ( schema:headline schema:name ) ]"),
        (None, "[ sh:zeroOrMorePath schema:publisher ]"),
    ],
)
def test_a_path_of_one_property_is_reported(
    expected: str | None, path: str, parse: Parse, data: rdflib.Graph
) -> None:
    shapes = parse(f"ex:s {TARGET} ; sh:property [ sh:path {path} ; sh:minCount 9 ] .")
    (finding,) = validate_graph(data, shapes)
    assert expected == finding.path


def test_the_gravest_findings_come_first_then_by_shape_focus_and_value(
    parse: Parse, data: rdflib.Graph
) -> None:
    shape = """
        ex:{} a sh:NodeShape ; sh:targetSubjectsOf schema:name , schema:headline ;
            sh:severity sh:{} ; sh:nodeKind sh:Literal ; sh:message "Wrong." ."""
    severities = {"a": "Info", "b": "Violation", "c": "Warning", "d": "Violation"}
    findings = validate_graph(data, parse(*(shape.format(*pair) for pair in severities.items())))
    assert ["b1", "b2", "d1", "d2", "c1", "c2", "a1", "a2"] == [
        f"{finding.rule}{str(finding.focus)[-2]}" for finding in findings
    ]


def test_a_custom_severity_counts_as_a_violation(parse: Parse, data: rdflib.Graph) -> None:
    shapes = parse(f"ex:s {TARGET} ; sh:property ex:p . ex:p {NO_X} ; sh:severity ex:Mild .")
    (finding,) = validate_graph(data, shapes)
    assert Severity.VIOLATION is finding.severity
    assert [Severity.VIOLATION] == [rule.severity for rule in rules_of(shapes)]


def test_the_results_are_those_of_pyshacl(seen: Seen) -> None:
    shapes = seen.shapes.to_rdflib_graph()
    _, report, _ = pyshacl.validate(seen.data, shacl_graph=shapes, advanced=True)
    assert isinstance(report, rdflib.Graph)
    results = [
        tuple(f"<{report.value(result, name)}>" for name in (SH.focusNode, SH.sourceShape))
        for result in report.objects(None, SH.result)
    ]
    assert sorted((str(one.focus), str(one.shape)) for one in seen.findings) == sorted(results)


@pytest.mark.parametrize(
    "details", ["sh:node ex:inner", "sh:property [ sh:node ex:inner ; sh:path schema:publisher ]"]
)
def test_a_result_within_the_details_of_another_is_not_counted(
    details: str, parse: Parse, data: rdflib.Graph
) -> None:
    inner = "ex:inner a sh:NodeShape ; sh:property [ sh:path schema:logo ; sh:minCount 1 ] ."
    assert 1 == len(validate_graph(data, parse(f"ex:s {TARGET} ; {details} . {inner}")))


def test_the_data_and_the_shapes_are_not_changed(seen: Seen) -> None:
    assert seen.before == (set(seen.data), set(seen.shapes))


def test_a_rule_in_a_shape_does_not_change_the_data(parse: Parse, data: rdflib.Graph) -> None:
    rule = 'a sh:TripleRule ; sh:subject sh:this ; sh:predicate schema:name ; sh:object "x"'
    before = set(data)
    validate_graph(data, parse(f"ex:s {TARGET} ; sh:rule [ {rule} ] ."))
    assert before == set(data)


def test_the_same_shapes_have_the_same_findings_again(parse: Parse, data: rdflib.Graph) -> None:
    shapes = parse(f"ex:s {TARGET} ; sh:property ex:p . ex:p {NO_X} .")
    assert validate_graph(data, shapes) == validate_graph(data, shapes)


def test_nothing_is_printed_and_no_warning_given(
    parse: Parse, data: rdflib.Graph, capfd: pytest.CaptureFixture[str]
) -> None:
    recursive = parse(f"ex:s {TARGET} ; sh:node ex:s .")
    with warnings.catch_warnings(record=True) as caught_warnings:
        warnings.simplefilter("always")
        with pytest.raises(ShapesError):
            validate_graph(data, recursive)
    assert ([], ("", "")) == (
        [str(one.message) for one in caught_warnings],
        tuple(capfd.readouterr()),
    )


def test_a_base_iri_changes_only_the_iris_of_findings(checkout: Path) -> None:
    def findings_text(base: str) -> str:
        site = Site(base=base)
        graph = graphs.rdf_graph(str(checkout / "seeds" / "000_0dfa9dda0334464e.txt"), site=site)
        shapes = load_shapes(bundled_shapes(), site)
        return repr(validate_graph(graph, shapes)).replace(base, "")

    assert findings_text("https://example.org/kg/") == findings_text("https://example.com/")


def test_the_bundled_shapes_are_the_files_of_the_folder(checkout: Path) -> None:
    names = sorted(path.name for path in (checkout / "shapes").iterdir())
    assert names == [path.name for path in bundled_shapes()]


def test_the_shapes_in_a_folder_are_its_turtle_files(tmp_path: Path) -> None:
    for name in ("b.ttl", "a.ttl", "c.md", "d.ttl.orig"):
        (tmp_path / name).touch()
    assert [tmp_path / "a.ttl", tmp_path / "b.ttl"] == shapes_files([tmp_path])


@pytest.mark.parametrize("name", ["gone.ttl", "gone", "."])
def test_a_path_without_shapes_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(ShapesError, match="no shapes there; name a Turtle file or a folder"):
        shapes_files([tmp_path / name])


@pytest.mark.parametrize(
    ("message", "content"),
    [
        (r":1:\d+: not turtle: ", b"x"),
        (r":2:\d+: not turtle: ", b"@prefix a: <http://example.org/> .\na:b a:c"),
        (r":1:\d+: not turtle: ", b"a:b a:c a:d ."),
        (r":1:\d+: not turtle: ", b"<http://example.org/a b> <b> <c> ."),
        (r":1:2: not UTF-8: byte 0xff", b"#\xff"),
        (r": cannot be read: Is a directory", None),
    ],
)
def test_a_file_that_is_not_turtle_is_refused_with_its_place(
    message: str, content: bytes | None, tmp_path: Path
) -> None:
    path = tmp_path / "broken.ttl"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(ShapesError, match=f"^{path}{message}"):
        load_shapes([path], Site())


@pytest.mark.parametrize(
    "text",
    [
        f"ex:s {TARGET} ; sh:property [ sh:minCount 1 ] .",
        f'ex:s {TARGET} ; sh:property [ sh:path schema:headline ; sh:minCount "one" ] .',
        f'ex:s {TARGET} ; sh:property [ sh:path schema:headline ; sh:pattern "(" ] .',
        f'ex:s {TARGET} ; sh:sparql [ sh:select "SELECT nothing" ] .',
        f'ex:s {TARGET} ; sh:sparql [ sh:select "SELECT $this {{ SERVICE <x:y> {{}} }}" ] .',
        f"ex:s {TARGET} ; sh:node ex:s .",
    ],
)
def test_shapes_that_cannot_be_run_are_refused_in_one_line(
    text: str, parse: Parse, data: rdflib.Graph, capfd: pytest.CaptureFixture[str]
) -> None:
    shapes = parse(text)
    with pytest.raises(ShapesError) as error:
        validate_graph(data, shapes)
    assert str(error.value).startswith("the shapes cannot be run: ")
    assert 1 == len(str(error.value).splitlines())
    assert ("", "") == tuple(capfd.readouterr())


@pytest.mark.parametrize("form", ["turtle", "nt", "xml", "json-ld"])
@pytest.mark.filterwarnings("ignore:(Dataset|Conj):DeprecationWarning")  # rdflib warns of itself
def test_shapes_may_be_written_in_any_rdf_format(
    form: str, parse: Parse, data: rdflib.Graph, tmp_path: Path
) -> None:
    suffix = {"turtle": "ttl", "nt": "nt", "xml": "rdf", "json-ld": "jsonld"}[form]
    path = tmp_path / f"own.{suffix}"
    text = f"ex:s {TARGET} ; sh:property ex:p . ex:p {NO_X} ."
    rdflib.Graph().parse(data=PREFIXES + text, format="turtle").serialize(
        path, form, encoding="utf-8"
    )
    shapes = load_shapes([path], Site())
    assert validate_graph(data, parse(text)) == validate_graph(data, shapes)


def test_no_shape_accesses_the_network(parse: Parse, data: rdflib.Graph) -> None:
    imports = "<http://www.w3.org/2002/07/owl#imports> <http://127.0.0.1:9/shapes.ttl>"
    assert [] == validate_graph(data, parse(f"<> {imports} . ex:s {TARGET} ."))


def test_a_relative_iri_in_a_shape_is_below_the_base(parse: Parse, data: rdflib.Graph) -> None:
    quality = '<vocab#quality> ; sh:minInclusive 9 ; sh:message "The quality is low."'
    shapes = parse(f"<shapes#s> {TARGET} ; sh:property <shapes#q> . <shapes#q> sh:path {quality} .")
    (finding,) = validate_graph(data, shapes)
    assert ("q", "5", "<https://example.org/kg/vocab#quality>") == (
        finding.rule,
        finding.value,
        finding.path,
    )
    elsewhere = parse(
        f"ex:s {TARGET} ; sh:property [ sh:path {quality} ] .", site=Site("https://example.com/")
    )
    assert [] == validate_graph(data, elsewhere)


LOW: Final = """
SELECT $this ?value { $this <vocab#quality> ?value FILTER (?value < 9) }
"""
QUERYING: Final = {
    "constraint": f'ex:s {TARGET} ; sh:sparql [ sh:message "Low." ; sh:select """{LOW}""" ] .',
    "target": f"""
        ex:s a sh:NodeShape ; sh:nodeKind sh:Literal ; sh:message "Low." ;
            sh:target [ a sh:SPARQLTarget ; sh:select '''{LOW.replace("$", "?")}''' ] .""",
}


@pytest.mark.parametrize("name", QUERYING)
def test_a_relative_iri_in_a_query_of_a_shape_is_below_the_base(
    name: str, parse: Parse, data: rdflib.Graph
) -> None:
    (finding,) = validate_graph(data, parse(QUERYING[name]))
    assert ("Low.", "<https://example.org/kg/1>") == (finding.message, finding.focus)


@pytest.mark.parametrize(("findings", "least"), [(0, 4), (1, 6)])
def test_a_relative_iri_in_a_custom_component_is_below_the_base(
    findings: int, least: int, parse: Parse, data: rdflib.Graph
) -> None:
    shapes = parse(f"""
        ex:s {TARGET} ; ex:least {least} .
        ex:c a sh:ConstraintComponent ; sh:parameter [ sh:path ex:least ] ;
            sh:validator [ a sh:SPARQLAskValidator ;
                sh:ask "ASK {{ $value <vocab#quality> ?q FILTER (?q >= $least) }}" ] .""")
    assert findings == len(validate_graph(data, shapes))


ANONYMOUS: Final = (
    f"ex:work {TARGET} ; sh:property [ {NO_X} ] , [ sh:path schema:url ; sh:minCount 1 ] ."
)
NAMELESS: Final = f"[] {TARGET} ; sh:property [ {NO_X} ] ."


def test_a_finding_of_an_anonymous_shape_has_the_name_of_the_shape_around_it(
    parse: Parse, data: rdflib.Graph
) -> None:
    findings = validate_graph(data, parse(ANONYMOUS))
    assert ["work", "work"] == [finding.rule for finding in findings]


def test_every_rule_that_can_be_broken_is_listed(parse: Parse) -> None:
    shapes = parse(ANONYMOUS, f"ex:s {TARGET} ; sh:property ex:deep . ex:deep {NO_X} .")
    assert ["deep", "work"] == [rule.name for rule in rules_of(shapes)]


@pytest.mark.parametrize("text", [ANONYMOUS, NAMELESS])
@pytest.mark.parametrize("form", sorted(RENDERERS))
def test_a_report_on_anonymous_shapes_is_the_same_each_time(
    form: str, text: str, parse: Parse, data: rdflib.Graph
) -> None:
    def rendered() -> str:
        shapes = parse(text)
        findings = tuple(validate_graph(data, shapes))
        return RENDERERS[form](Report(findings, tuple(rules_of(shapes))))

    assert rendered() == rendered()


@pytest.mark.parametrize("text", [ANONYMOUS, NAMELESS])
def test_a_rule_of_an_anonymous_shape_is_among_the_rules_of_sarif(
    text: str, parse: Parse, data: rdflib.Graph
) -> None:
    shapes = parse(text)
    findings = tuple(validate_graph(data, shapes))
    rules = tuple(rules_of(shapes))
    (run,) = json.loads(RENDERERS["sarif"](Report(findings, rules)))["runs"]
    rule_ids = {result["ruleId"] for result in run["results"]}
    assert rule_ids <= {rule["id"] for rule in run["tool"]["driver"]["rules"]} - {"source"}


@pytest.mark.parametrize("text", [ANONYMOUS, NAMELESS])
def test_the_report_graph_has_the_findings_of_anonymous_shapes(
    text: str, parse: Parse, data: rdflib.Graph
) -> None:
    findings = validate_graph(data, parse(text))
    triples = shacl_report(Report(tuple(findings), ()), Site())
    focus_nodes = [term for _, predicate, term in triples if predicate == f"<{SH.focusNode}>"]
    assert len(focus_nodes) == len(findings) > 0


@pytest.mark.parametrize(
    ("expected", "messages"),
    [
        ("none", '"none" , "with"@en , "mit"@de'),
        ("with", '"with"@en , "mit"@de'),
        ("mit", '"mit"@de , "sans"@fr'),
    ],
)
def test_one_of_several_messages_by_language_is_reported(
    expected: str, messages: str, parse: Parse, data: rdflib.Graph
) -> None:
    pattern = f'sh:path schema:headline ; sh:pattern "x" ; sh:message {messages}'
    shapes = parse(f"ex:s {TARGET} ; sh:property ex:p . ex:p {pattern} .")
    assert [expected] == [finding.message for finding in validate_graph(data, shapes)]
    assert [expected] == [rule.message for rule in rules_of(shapes)]


def test_a_deactivated_shape_is_not_a_rule(parse: Parse) -> None:
    text = f"ex:s {TARGET} ; sh:property ex:p . ex:p {NO_X} ; sh:deactivated true ."
    assert [] == rules_of(parse(text))


def test_a_file_given_twice_is_read_once(parse: Parse, tmp_path: Path) -> None:
    shapes = parse(f"ex:s {TARGET} ; sh:property ex:p . ex:p {NO_X} .")
    path = tmp_path / "0.ttl"
    assert set(shapes) == set(load_shapes([path, path], Site()))
