"""Pieces, processes and the other engine give the results of pySHACL on the whole graph."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner, Result
from rdflib.namespace import SH

from kg import cli
from kg.graph.convert import rdflib_graph
from kg.graph.named import map_sources
from kg.mapping.project import make_mapper
from kg.model.errors import ConfigurationError, KgError, ShapesError
from kg.model.findings import Finding
from kg.model.records import Triple
from kg.model.site import Site
from kg.queries.sparql import calls_service
from kg.sources.discovery import discover_sources
from kg.sources.rdf import read_rdf
from kg.validation import partitioning
from kg.validation.checking import check_graph, validate_graph
from kg.validation.engines import choose_engine
from kg.validation.loading import bundled_shapes, load_shapes
from kg.validation.partitioning import partitions
from kg.validation.scopes import analyse_scopes
from kg.validation.shapes_graph import ShapesGraph
from tests.benchmarks import corpus

TESTS: Final = Path(__file__).parents[1]
FIXTURES: Final = sorted((TESTS / "shapes").glob("*/*.ttl"))

INSTALLED: Final = ["pyshacl", "shacl"] if find_spec("shacl") else ["pyshacl"]
ENGINES: Final = [
    "pyshacl",
    pytest.param(
        "shacl",
        marks=pytest.mark.skipif(
            "shacl" not in INSTALLED, reason="the engine shacl is not installed"
        ),
    ),
]

DATA: Final = """
@prefix ex: <http://example.org/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
ex:a a ex:C ;
    ex:p "one" , "a\\"b" , "05"^^xsd:integer , 7 , "x"@en , "y"@en-GB , "z"@de ;
    ex:q ex:b , "one" ;
    ex:date "2020-01-01T00:00:00.000Z"^^xsd:dateTime , "2021-01-01"^^xsd:date .
ex:b a ex:D ; ex:p "one" , 3.5 ; ex:r ex:c ; ex:s true , "1"^^xsd:boolean .
ex:c a ex:E ; ex:r ex:a ; ex:p 1 , 1.0 , "2020-07-03T05:43:00Z"^^xsd:dateTime .
ex:D rdfs:subClassOf ex:C . ex:E rdfs:subClassOf ex:D .
"""
PREFIXES: Final = """
@prefix ex: <http://example.org/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
TARGET: Final = 'a sh:NodeShape ; sh:message "Node." ; sh:targetClass ex:C'

# Constraints on the values of a path of each ex:C.
PATHS: Final = (
    ("ex:p", "sh:minCount 9"),
    ("ex:p", "sh:maxCount 2"),
    ("ex:q", "sh:class ex:C"),
    ("ex:q", "sh:class ex:C , ex:Z"),
    ("ex:p", "sh:datatype xsd:integer"),
    ("ex:date", "sh:datatype xsd:date"),
    ("ex:s", "sh:datatype xsd:boolean"),
    ("ex:q", "sh:nodeKind sh:BlankNodeOrLiteral"),
    ("ex:p", "sh:minInclusive 2"),
    ("ex:p", "sh:maxExclusive 3.5"),
    ("ex:p", "sh:minLength 3 ; sh:maxLength 3"),
    ("ex:p", 'sh:pattern "^O" ; sh:flags "i"'),
    ("ex:p", 'sh:pattern "^\\\\w+$"'),
    ("ex:p", 'sh:languageIn ( "en" "de" )'),
    ("ex:p", "sh:uniqueLang true"),
    ("ex:p", "sh:equals ex:q"),
    ("ex:p", "sh:disjoint ex:q"),
    ("ex:p", 'sh:hasValue "one"'),
    ("ex:p", 'sh:in ( "one" 5 7 )'),
    ("ex:p", "sh:not [ sh:minLength 3 ]"),
    ("ex:p", "sh:and ( [ sh:minLength 3 ] [ sh:datatype xsd:string ] )"),
    ("ex:p", "sh:or ( [ sh:minLength 3 ] [ sh:datatype xsd:integer ] )"),
    ("ex:p", "sh:xone ( [ sh:minLength 3 ] [ sh:datatype xsd:string ] )"),
    ("ex:q", "sh:node [ sh:property [ sh:path ex:r ; sh:class ex:Z ] ]"),
    ("ex:q", 'sh:property [ sh:path ex:r ; sh:class ex:Z ; sh:message "Deep." ]'),
    ("ex:p", "sh:qualifiedValueShape [ sh:datatype xsd:string ] ; sh:qualifiedMinCount 2"),
    ("ex:p", "sh:minCount 9 ; sh:severity ex:Mild"),
    ("ex:p", "sh:minCount 9 ; sh:deactivated true"),
    ("( ex:q ex:p )", "sh:datatype xsd:string"),
    ("( ex:r [ sh:inversePath ex:q ] )", "sh:minCount 3"),
    ("[ sh:alternativePath ( ex:p ex:q ) ]", "sh:nodeKind sh:IRI"),
    ("[ sh:zeroOrMorePath ex:r ]", "sh:maxCount 1"),
    ("[ sh:oneOrMorePath ex:r ]", "sh:class ex:Z"),
    ("[ sh:zeroOrOnePath ex:r ]", "sh:maxCount 1"),
    ("[ sh:inversePath ex:q ]", "sh:minCount 2"),
    ("[ sh:inversePath ex:r ]", "sh:node [ sh:property [ sh:path ex:q ; sh:maxCount 0 ] ]"),
)
FEW: Final = 'sh:path ex:p ; sh:minCount 9 ; sh:message "Few."'
SELECT: Final = 'a sh:SPARQLTarget ; sh:select "SELECT ?this { ?this a <http://example.org/D> }"'
SHAPES: Final = {
    **{
        f"{path} {what}": f"ex:s {TARGET} ; sh:property ex:n . "
        f'ex:n sh:path {path} ; sh:message "Wrong." ; {what} .'
        for path, what in PATHS
    },
    "closed": f"""ex:s {TARGET} ; sh:closed true ; sh:ignoredProperties ( rdf:type ) ;
        sh:property [ sh:path ex:p ] .""",
    "of the node": f"ex:s {TARGET} ; sh:in ( ex:a ex:b ) ; sh:disjoint ex:r ; sh:equals ex:r .",
    "nodes": f"""ex:s a sh:NodeShape ; sh:targetNode ex:a , "one" , 5 , ex:nowhere ;
        sh:property [ {FEW} ] .""",
    "subjects": 'ex:s sh:targetSubjectsOf ex:r ; sh:class ex:E ; sh:message "E." .',
    "objects": f"""ex:s sh:targetObjectsOf ex:p ; sh:datatype xsd:string ; sh:message "String." .
        ex:t sh:targetObjectsOf ex:p ; sh:property [ {FEW} ] .""",
    "selected": f"""ex:s a sh:NodeShape ; sh:target [ {SELECT} ] ;
        sh:nodeKind sh:Literal ; sh:message "D." .""",
    "a part of two shapes": f"ex:s {TARGET} ; sh:property ex:n . ex:n {FEW} . "
    "ex:t a sh:NodeShape ; sh:targetClass ex:D ; sh:property ex:n .",
    "a part with a target": f"ex:s {TARGET} ; sh:property ex:n . "
    f"ex:n {FEW} ; sh:targetSubjectsOf ex:r .",
    "a part twice removed": f"ex:s {TARGET} ; sh:node ex:t . "
    f"ex:t a sh:NodeShape ; sh:property [ {FEW} ] .",
    "no part of a deactivated shape": f"ex:s {TARGET} ; sh:deactivated true ; "
    f"sh:property [ {FEW} ] .",
    "messages": f'ex:s {TARGET} ; sh:property [ sh:path ex:p ; sh:maxCount 0 ; sh:message "D"@de , '
    '"E"@en ] .',
}
UNLIMITED: Final = {
    "a class": f"ex:C a sh:NodeShape , rdfs:Class ; sh:property [ {FEW} ] .",
    "a class of OWL": f"ex:C a sh:NodeShape , owl:Class ; sh:property [ {FEW} ] .",
    "less than": f"ex:s {TARGET} ; sh:property [ sh:path ex:p ; sh:lessThanOrEquals ex:p ] .",
    "dates": f"ex:s {TARGET} ; sh:property [ sh:path ex:p ; "
    'sh:minInclusive "2020-07-01T00:00:00Z"^^xsd:dateTime ] .',
    "a sequence backwards": f"""ex:s {TARGET} ; sh:property [
        sh:path [ sh:inversePath ( ex:q ex:r ) ] ; sh:class ex:D ] .""",
    "a constraint in SPARQL": f"""ex:s {TARGET} ; sh:sparql [ sh:message "Low." ;
        sh:select "SELECT $this ?value {{ $this <http://example.org/p> ?value }}" ] .""",
    "an expression": f"ex:s {TARGET} ; sh:expression [ sh:path ex:nothing ] .",
    "siblings": f"""ex:s {TARGET} ; sh:property ex:m , ex:n .
        ex:m sh:path ex:p ; sh:qualifiedValueShape [ sh:datatype xsd:string ] ;
            sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMaxCount 0 .
        ex:n sh:path ex:p ; sh:qualifiedValueShape [ sh:minLength 3 ] ;
            sh:qualifiedValueShapesDisjoint true ; sh:qualifiedMinCount 2 .""",
    "a target of what is no shape": f"ex:s sh:target [ {SELECT} ] ; sh:nodeKind sh:Literal .",
    "prefixes": """ex:s a sh:NodeShape ; sh:nodeKind sh:Literal ;
            sh:target [ a sh:SPARQLTarget ; sh:prefixes ex:o ;
            sh:select "SELECT ?this { ?this a e:D }" ] .
        ex:o sh:declare [ sh:prefix "e" ; sh:namespace "http://example.org/"^^xsd:anyURI ] .""",
    "a rule": f"""ex:s {TARGET} ; sh:property [ sh:path ex:nothing ; sh:minCount 2 ] ;
        sh:rule [ a sh:TripleRule ; sh:subject sh:this ;
            sh:predicate ex:nothing ; sh:object "x" ] .""",
    "a component": f"""ex:s {TARGET} ; ex:least 4 .
        ex:c a sh:ConstraintComponent ; sh:parameter [ sh:path ex:least ] ;
            sh:validator [ a sh:SPARQLAskValidator ;
                sh:ask "ASK {{ $value <http://example.org/p> ?q FILTER (?q >= $least) }}" ] .""",
}
REFUSED: Final = {
    "a count in words": f'ex:s {TARGET} ; sh:property [ sh:path ex:p ; sh:minCount "one" ] .',
    "a negative count": f"ex:s {TARGET} ; sh:property [ sh:path ex:p ; sh:minCount -1 ] .",
    "two counts": f"ex:s {TARGET} ; sh:property [ sh:path ex:p ; sh:maxCount 1 , 2 ] .",
    "two datatypes": f"""ex:s {TARGET} ; sh:property [ sh:path ex:p ;
        sh:datatype xsd:string , xsd:integer ] .""",
    "a broken pattern": f'ex:s {TARGET} ; sh:property [ sh:path ex:p ; sh:pattern "(" ] .',
    "an empty list": f"ex:s {TARGET} ; sh:property [ sh:path ex:p ; sh:or () ] .",
    "no path": f"ex:s {TARGET} ; sh:property [ sh:minCount 1 ] .",
    "two paths": f"ex:s {TARGET} ; sh:property [ sh:path ex:p , ex:q ; sh:minCount 9 ] .",
    "a path of text": f'ex:s {TARGET} ; sh:property [ sh:path "x" ; sh:minCount 9 ] .',
    "a circle": f"ex:s {TARGET} ; sh:node ex:s .",
    "a shape that is not there": f"ex:s {TARGET} ; sh:property ex:undefined .",
    "a target that is no query": "ex:s a sh:NodeShape ; sh:nodeKind sh:Literal ; "
    'sh:target [ a sh:SPARQLTarget ; sh:select "SELECT nothing" ] .',
    "a target on another server": """ex:s a sh:NodeShape ; sh:nodeKind sh:Literal ;
        sh:target [ a sh:SPARQLTarget ;
            sh:select "SELECT ?this { SERVICE <http://127.0.0.1:1/> { ?this ?p ?o } }" ] .""",
    "a target without this": "ex:s a sh:NodeShape ; sh:nodeKind sh:Literal ; "
    'sh:target [ a sh:SPARQLTarget ; sh:select "SELECT ?x { ?x a <http://example.org/D> }" ] .',
}

Parse = Callable[[str], ShapesGraph]


@pytest.fixture
def parse(tmp_path: Path) -> Parse:
    """Return a function that reads a text of shapes."""

    def read(text: str) -> ShapesGraph:
        path = tmp_path / "shapes.ttl"
        path.write_text(f"{PREFIXES}{text}", encoding="utf-8")
        return load_shapes([path], Site())

    return read


@pytest.fixture(scope="module")
def bundled(site: Site) -> ShapesGraph:
    return load_shapes(bundled_shapes(), site)


@pytest.fixture(scope="module")
def data(site: Site) -> list[Triple]:
    return read_rdf(DATA.encode(), "data.ttl", site)


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make pieces of one focus node each, so that no piece profits from the triples of another."""
    monkeypatch.setattr(partitioning, "FOCUS_NODES", 1)


@pytest.fixture
def generated(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Triple]:
    """The triples of a dozen articles of the benchmarks, to be checked in several pieces."""
    monkeypatch.setattr(partitioning, "FOCUS_NODES", 100)
    corpus.generate(tmp_path, 12)
    return list(triples_at(tmp_path, site))


def whole_graph_findings(
    triples: Iterable[Triple], shapes: ShapesGraph, site: Site
) -> list[Finding]:
    return validate_graph(rdflib_graph(triples, site), shapes)


def triples_at(path: Path, site: Site) -> dict[Triple, None]:
    """The triples of the files at a path; none if they cannot be read."""
    try:
        sources = discover_sources([str(path)])
    except KgError:
        return {}
    mapped = map_sources(sources, make_mapper(site))
    return dict.fromkeys(one[:3] for graph in mapped for one in graph.statements())


@pytest.mark.usefixtures("small_pieces")
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", [*SHAPES.values(), *UNLIMITED.values()], ids=[*SHAPES, *UNLIMITED])
def test_a_constraint_has_the_findings_of_the_whole_graph(
    text: str, engine: str, parse: Parse, data: list[Triple], site: Site
) -> None:
    shapes = parse(text)
    expected = whole_graph_findings(data, shapes, site)
    findings = check_graph(data, shapes, engine=engine)
    if engine == "shacl" and "sh:message" not in text:  # each engine has its own words
        assert [(f.focus, f.shape, f.term) for f in expected] == [
            (f.focus, f.shape, f.term) for f in findings
        ]
    else:
        assert expected == findings


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_shapes_that_cannot_be_run_are_refused(
    text: str, engine: str, parse: Parse, data: list[Triple]
) -> None:
    with pytest.raises(ShapesError, match="the shapes cannot be run: "):
        check_graph(data, parse(text), engine=engine)


@pytest.mark.parametrize("engine", ["auto", pytest.param("pyshacl", marks=pytest.mark.slow)])
def test_the_seeds_have_the_findings_of_the_whole_graph(
    engine: str, bundled: ShapesGraph, checkout: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitioning, "FOCUS_NODES", 40)
    triples = triples_at(checkout / "seeds", site)
    findings = check_graph(triples, bundled, engine=engine)
    assert whole_graph_findings(triples, bundled, site) == findings
    assert findings


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.process)])
def test_generated_articles_have_the_findings_of_the_whole_graph(
    jobs: int, engine: str, bundled: ShapesGraph, generated: list[Triple], site: Site
) -> None:
    findings = check_graph(generated, bundled, engine=engine, jobs=jobs)
    assert whole_graph_findings(generated, bundled, site) == findings


@pytest.mark.parametrize(
    ("name", "engine"),
    [
        pytest.param("broken.ttl", "auto"),  # the fast one, if it is installed
        pytest.param("passing.ttl", "auto", marks=pytest.mark.slow),
        pytest.param("broken.ttl", "pyshacl", marks=pytest.mark.slow),
        pytest.param("passing.ttl", "pyshacl", marks=pytest.mark.slow),
    ],
)
def test_the_fixtures_of_the_shapes_together_have_the_findings_of_the_whole_graph(
    name: str, engine: str, bundled: ShapesGraph, site: Site
) -> None:
    triples = {
        triple: None for path in FIXTURES if path.name == name for triple in triples_at(path, site)
    }
    findings = check_graph(triples, bundled, engine=engine)
    assert whole_graph_findings(triples, bundled, site) == findings


@pytest.fixture(scope="module")
def results() -> dict[frozenset[Triple], list[Finding]]:
    """The findings of pySHACL in a whole graph, by its triples."""
    return {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "path",
    [*FIXTURES, *sorted((TESTS / "cases").iterdir())],
    ids=lambda path: path.relative_to(TESTS).as_posix(),
)
def test_each_fixture_and_case_has_the_findings_of_the_whole_graph(
    path: Path, bundled: ShapesGraph, site: Site, results: dict[frozenset[Triple], list[Finding]]
) -> None:
    triples = triples_at(path, site)
    statements = frozenset(triples)
    if statements not in results:  # many cases have the same triples, or none
        results[statements] = whole_graph_findings(triples, bundled, site)
    expected = results[statements]
    for engine in INSTALLED:
        assert expected == check_graph(triples, bundled, engine=engine), engine


@pytest.mark.parametrize("engine", ENGINES)
def test_no_target_accesses_the_network(engine: str, parse: Parse, data: list[Triple]) -> None:
    shapes = parse(REFUSED["a target on another server"])
    with pytest.raises(ShapesError, match=r"a query asks another server \(SERVICE\)$"):
        check_graph(data, shapes, engine=engine)


@pytest.mark.usefixtures("small_pieces")
def test_a_piece_has_the_statements_of_every_file_about_its_nodes(
    bundled: ShapesGraph, site: Site, tmp_path: Path
) -> None:
    for name, title in (("a", "One"), ("b", "Two")):
        text = f"---\ntitle: {title}\nwebUrl: https://example.com/x/\nrelated: []\n---\n"
        (tmp_path / f"{name}.md").write_text(text, encoding="utf-8")
    findings = check_graph(triples_at(tmp_path, site), bundled)
    assert "conflicting-headline" in {finding.rule for finding in findings}


def test_each_node_is_checked_once_with_each_shape(
    parse: Parse, data: list[Triple], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitioning, "FOCUS_NODES", 2)
    shapes = analyse_scopes(parse(SHAPES["a part of two shapes"])).local
    checks = [
        (shape.rpartition("/")[2][:-1], node.rpartition("/")[2][:-1])
        for piece in partitions(data, shapes)
        for shape, nodes in piece.focus_nodes.items()
        for node in nodes
    ]
    # ex:b and ex:c are of both classes: one of the two shapes has them as its own focus nodes.
    assert sorted([("n", "a"), ("n", "b"), ("s", "b"), ("n", "c"), ("s", "c")]) == sorted(
        (shape.replace("t", "s"), node) for shape, node in checks
    )


def test_a_piece_has_only_the_triples_that_its_shapes_need(
    parse: Parse, data: list[Triple], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitioning, "FOCUS_NODES", 1)
    text = (
        'ex:s sh:targetNode ex:a ; sh:property [ sh:path ex:q ; sh:class ex:C ; sh:message "" ] .'
    )
    (piece,) = partitions(data, analyse_scopes(parse(text)).local)
    subjects = {subject.rpartition("/")[2] for subject, _, _ in piece.triples}
    assert {"a>", "b>", "D>", "E>"} == subjects  # the last two for the class hierarchy


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_a_plain_shape_has_a_limited_scope(text: str, parse: Parse) -> None:
    assert frozenset() == analyse_scopes(parse(text)).unlimited


@pytest.mark.parametrize("text", UNLIMITED.values(), ids=UNLIMITED)
def test_other_shapes_get_the_whole_graph(text: str, parse: Parse) -> None:
    assert () == analyse_scopes(parse(text)).local


def test_no_bundled_shape_needs_the_whole_graph(bundled: ShapesGraph) -> None:
    assert frozenset() == analyse_scopes(bundled).unlimited


def test_an_unlimited_shape_leaves_the_others_local(parse: Parse) -> None:
    plain = SHAPES["selected"].replace("ex:s", "ex:t")
    scopes = analyse_scopes(parse(f"{UNLIMITED['less than']} {plain}"))
    assert (["t"], ["s"]) == tuple(
        [shape.rpartition("/")[2][:-1] for shape in shapes]
        for shapes in (scopes.local_shapes, scopes.unlimited)
    )


def test_the_shapes_are_not_changed(bundled: ShapesGraph, data: list[Triple]) -> None:
    before = set(bundled)
    check_graph(data, bundled)
    assert before == set(bundled)


@pytest.mark.parametrize(
    ("expected", "query"),
    [
        (True, "SELECT ?this { SERVICE <http://example.org/> { ?this ?p ?o } }"),
        (True, "SELECT ?this { service ?there { ?this ?p ?o } }"),
        (False, 'SELECT ?this { ?this ?p "service \\" service" , <service> } # service'),
        (False, "SELECT ?this { ?this ex:services ?p }"),
    ],
)
def test_a_query_of_another_server_is_detected(expected: bool, query: str) -> None:
    assert expected == calls_service(query)


def test_pyshacl_can_be_chosen() -> None:
    assert "pyshacl" == choose_engine("pyshacl")


@pytest.mark.parametrize("engine", ENGINES)
def test_auto_is_the_fast_engine_if_it_is_installed(
    engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "pyshacl":
        monkeypatch.setitem(sys.modules, "shacl", None)
    assert engine == choose_engine("auto")


def test_the_error_for_a_missing_engine_has_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, data: list[Triple], bundled: ShapesGraph
) -> None:
    monkeypatch.setitem(sys.modules, "shacl", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'kg-exporter\[fast\]'"):
        check_graph(data, bundled, engine="shacl")


def test_an_unknown_engine_is_refused(data: list[Triple], bundled: ShapesGraph) -> None:
    with pytest.raises(ConfigurationError, match="unknown engine: 'jena'"):
        check_graph(data, bundled, engine="jena")


@pytest.mark.parametrize("engine", ENGINES[1:])
def test_a_pattern_that_only_python_supports_is_left_to_pyshacl(
    engine: str, parse: Parse, data: list[Triple]
) -> None:
    pattern = 'sh:path ex:p ; sh:pattern "^(?!one)" ; sh:message "One."'
    shapes = parse(f"ex:s {TARGET} ; sh:property [ {pattern} ] .")
    notices: list[str] = []
    findings = check_graph(data, shapes, engine=engine, on_notice=notices.append)
    assert ['"one"', '"one"'] == [finding.term for finding in findings]
    assert {f"<{SH.PatternConstraintComponent}>"} == {finding.component for finding in findings}
    (notice,) = notices
    assert "the engine shacl cannot run the shapes, so pyshacl does: " in notice
    assert "look-around" in notice
    assert findings == check_graph(data, shapes, engine="pyshacl", on_notice=notices.append)
    assert [notice] == notices


@pytest.mark.parametrize("engine", ENGINES[1:])
@pytest.mark.parametrize(("expected", "verbose"), [(True, ["-v"]), (False, [])])
def test_a_verbose_command_prints_that_pyshacl_ran_the_shapes(
    expected: bool, verbose: list[str], engine: str, tmp_path: Path, checkout: Path
) -> None:
    pattern = 'sh:path ex:p ; sh:pattern "^(?!one)" ; sh:message "One."'
    path = tmp_path / "shapes.ttl"
    path.write_text(f"{PREFIXES}ex:s {TARGET} ; sh:property [ {pattern} ] .", encoding="utf-8")
    command = ["validate", str(checkout / "seeds"), "--shapes", str(path), "--engine", engine]
    result = kg(*command, *verbose)
    assert expected is ("notice: the engine shacl cannot run the shapes" in result.stderr)


def kg(*words: str) -> Result:
    return CliRunner().invoke(cli.kg, words)


@pytest.mark.process
@pytest.mark.parametrize("engine", [*ENGINES, "auto"])
def test_the_output_is_the_same_with_any_engine_and_any_number_of_processes(
    engine: str, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds = str(checkout / "seeds")
    expected = kg("validate", seeds, "-j", "1").output
    monkeypatch.setattr(partitioning, "FOCUS_NODES", 200)
    assert expected == kg("validate", seeds, "-j", "2", "--engine", engine).output


def test_the_command_reports_a_missing_engine_before_it_reads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "shacl", None)
    result = kg("validate", "nowhere", "--engine", "shacl")
    message = "the engine shacl is not installed; get it with: pip install 'kg-exporter[fast]'"
    assert (2, f"kg: {message}\n") == (result.exit_code, result.stderr)
