"""The bundled shapes, each with a graph it passes and a graph it finds something in.

A folder of tests/shapes is named after its shape. The first line of its broken.ttl has the number
of findings there, their severity, and what is wrong: `# 2 warnings: ...`.

The shapes run with the fast engine, if it is installed: test_engines.py proves that pySHACL has the
same findings in each of these graphs.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyshacl
import pytest
from rdflib import RDF, SH, Graph, URIRef

from kg.mapping.identifiers import PLATFORMS
from kg.mapping.language import TriplesMap
from kg.mapping.schema_org import MAPS
from kg.model.findings import Finding, Severity
from kg.model.namespaces import KG
from kg.model.site import SCHEMA_NAMESPACES, Site
from kg.validation.checking import check_graph
from kg.validation.loading import bundled_shapes, load_shapes
from kg.validation.shapes_graph import ShapesGraph
from tests import graphs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rdflib.term import Node

CASES: Final = sorted(path for path in (Path(__file__).parents[1] / "shapes").iterdir())
FIRST_LINE: Final = re.compile(r"# (\d+) (violation|warning|info)s?: [^\n]+\.\n")

SEEDS: Final = {
    "article-image": (Severity.WARNING, 2),
    "canonical-is-amp": (Severity.WARNING, 1),
    "shared-amp": (Severity.WARNING, 1),
    "topic-declared": (Severity.WARNING, 4),
    "headline-length": (Severity.INFO, 3),
    "logo-small": (Severity.INFO, 2),
    "provider-logo": (Severity.INFO, 36),
    "tracking-params": (Severity.INFO, 2),
}
"""All findings of the shapes in the seeds."""


@pytest.fixture(scope="module")
def shapes(site: Site) -> Graph:
    return load_shapes(bundled_shapes(), site).to_rdflib_graph()


@pytest.fixture(scope="module")
def bundled(site: Site) -> ShapesGraph:
    return load_shapes(bundled_shapes(), site)


def named(shapes: Graph) -> set[URIRef]:
    return {node for node in shapes.subjects() if isinstance(node, URIRef)}


def reporting(shapes: Graph) -> set[URIRef]:
    """The shapes that have findings; the others only have the targets of these."""
    return {node for node in named(shapes) if (node, SH.property, None) not in shapes}


def rule(shape: Node) -> str:
    return str(shape).rpartition("#")[2]


def count_findings(findings: Iterable[Finding]) -> dict[str | None, tuple[Severity, int]]:
    counts = Counter((finding.rule, finding.severity) for finding in findings)
    return {name: (severity, count) for (name, severity), count in counts.items()}


def check(path: Path, shapes: ShapesGraph, engine: str = "auto") -> list[Finding]:
    triples = (statement[:3] for statement in graphs.statements(str(path), site=shapes.site))
    return check_graph(dict.fromkeys(triples), shapes, engine=engine)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_broken_graph_is_found_by_its_shape_alone(case: Path, bundled: ShapesGraph) -> None:
    match = FIRST_LINE.match((case / "broken.ttl").read_text(encoding="utf-8"))
    assert match, "the first line is not like `# 1 warning: what is wrong.`"
    expected = {case.name: (Severity(match[2]), int(match[1]))}
    assert expected == count_findings(check(case / "broken.ttl", bundled))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_passing_graph_has_no_findings(case: Path, bundled: ShapesGraph) -> None:
    assert [] == check(case / "passing.ttl", bundled)


def test_every_shape_has_a_case_and_every_case_a_shape(shapes: Graph) -> None:
    assert {case.name for case in CASES} == set(map(rule, reporting(shapes))), (
        "add a folder tests/shapes/NAME with broken.ttl and passing.ttl"
    )


@pytest.mark.parametrize("engine", ["auto", pytest.param("pyshacl", marks=pytest.mark.slow)])
@pytest.mark.parametrize("schema", SCHEMA_NAMESPACES.values(), ids=SCHEMA_NAMESPACES)
def test_the_seeds_have_these_findings_only(schema: str, engine: str, checkout: Path) -> None:
    shapes = load_shapes(bundled_shapes(), Site(schema=schema))
    assert SEEDS == count_findings(check(checkout / "seeds", shapes, engine))


@pytest.mark.parametrize("engine", ["auto", pytest.param("pyshacl", marks=pytest.mark.slow)])
@pytest.mark.parametrize("schema", SCHEMA_NAMESPACES.values(), ids=SCHEMA_NAMESPACES)
def test_the_other_spelling_of_schema_org_is_found(schema: str, engine: str) -> None:
    site = Site(schema=schema)
    triples = [
        (f"<{site.base}>", f"<{namespace}text>", '"Rain"')
        for namespace in SCHEMA_NAMESPACES.values()
    ]
    findings = check_graph(triples, load_shapes(bundled_shapes(), site), engine=engine)
    assert {"namespace-mix": (Severity.VIOLATION, 1)} == count_findings(findings)


@pytest.mark.parametrize("term", [SH.severity, SH.message, SH.description], ids=rule)
def test_every_shape_has_this_once(term: URIRef, shapes: Graph) -> None:
    counts = {rule(shape): len(list(shapes.objects(shape, term))) for shape in reporting(shapes)}
    assert {} == {name: count for name, count in counts.items() if count != 1}


def test_every_message_is_one_sentence(shapes: Graph) -> None:
    sentence = re.compile(r"[A-Z](?:[^.!?\n]|[.](?! ))*\.\Z")
    messages = [str(message) for message in shapes.objects(None, SH.message)]
    assert [] == [message for message in messages if not sentence.match(message)]


def test_every_description_is_of_whole_sentences(shapes: Graph) -> None:
    sentences = re.compile(r"[A-Z][^\n]*[^.]\.\Z")
    descriptions = [str(description) for description in shapes.objects(None, SH.description)]
    assert [] == [one for one in descriptions if not sentences.match(one)]


def test_only_a_shape_with_a_name_reports(shapes: Graph) -> None:
    targets = {SH.targetClass, SH.targetObjectsOf, SH.targetSubjectsOf, SH.targetNode, SH.target}
    with_target = [
        node
        for node, term in shapes.subject_predicates()
        if term in targets and not isinstance(node, URIRef)
    ]
    properties = [node for shape in named(shapes) for node in shapes.objects(shape, SH.property)]
    assert [] == [node for node in [*with_target, *properties] if node not in reporting(shapes)]


def test_a_shape_that_only_collects_has_no_constraints_itself(shapes: Graph) -> None:
    collecting = named(shapes) - reporting(shapes)
    allowed = {RDF.type, SH.target, SH.targetClass, SH.targetObjectsOf, SH.property}
    assert set() == {term for shape in collecting for term in shapes.predicates(shape)} - allowed


def test_every_term_of_a_shape_is_one_that_the_mapping_emits(shapes: Graph, site: Site) -> None:
    maps = [one for one in MAPS.values() if isinstance(one, TriplesMap)]
    emitted = {str(RDF.type)}
    for one in maps:
        emitted |= {*one.classes, *(name for name, _ in one.constants)}
        emitted |= {name for row in one.rows for name in (row.property, row.inverse) if name}
    emitted_iris = {site.iri(name)[1:-1] for name in emitted}
    assert set() == terms(shapes, site) - emitted_iris


def terms(shapes: Graph, site: Site) -> set[str]:
    """The terms in shapes and in their queries that are of the data, not of SHACL or XSD."""
    objects = {str(node) for node in shapes.objects() if isinstance(node, URIRef)}
    foreign = (str(SH), site.prefixes["xsd"], f"{site.base}shapes#", str(RDF.nil))
    data_terms = {node for node in objects if not node.startswith(foreign)}
    for select in shapes.objects(None, SH.select):
        for prefix, name, ours in re.findall(rf"\b(\w+):(\w+)|<{KG}(\w+)>", str(select)):
            data_terms.add(site.prefixes[prefix or "kg"] + (name or ours))
    return data_terms


def test_a_query_of_a_shape_does_not_run_for_each_focus_node(shapes: Graph) -> None:
    targets = set(shapes.objects(None, SH.target))
    assert set() == set(shapes.subjects(SH.select)) - targets
    assert not list(shapes.subjects(SH.sparql))


def test_news_on_a_platform_needs_no_domain_of_its_own(shapes: Graph) -> None:
    names = sorted(domain.removesuffix(".com") for domain in PLATFORMS)
    queries = [str(query) for query in shapes.objects(None, SH.select)]
    assert [True] == [
        f"({'|'.join(names)})[.]com$" in query for query in queries if ".]com" in query
    ]


@pytest.mark.parametrize("path", bundled_shapes(), ids=lambda path: path.name)
def test_the_shapes_conform_to_the_shapes_of_shacl(path: Path, site: Site) -> None:
    shapes = load_shapes([path], site).to_rdflib_graph()
    conforms, _, _ = pyshacl.validate(Graph(), shacl_graph=shapes, advanced=True, meta_shacl=True)
    assert conforms
