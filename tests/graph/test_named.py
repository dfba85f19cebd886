from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
import rdflib

from kg import KnowledgeGraph
from kg.graph.convert import from_rdflib, oxigraph_store, rdflib_graph
from kg.graph.named import MappedSource, map_sources
from kg.mapping.facts import read_facts, vocabulary_triples
from kg.mapping.project import make_mapper
from kg.model.errors import SourceError
from kg.model.findings import Severity
from kg.model.namespaces import XSD
from kg.model.records import Source
from kg.model.site import SCHEMA_NAMESPACES, Site
from kg.resources import TOPICS_FILE, VOCABULARY_FILE
from kg.sources.discovery import discover_sources
from kg.sources.rdf import read_rdf

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from kg.model.records import Triple

    File = Callable[[str, str | bytes], Source]

ARTICLE = """---
type: article
title: T
publishedDateTime: 2020-06-11T18:51:00Z
webUrl: https://a.org/1
---
"""
BASE = Site().base
A_B_C = (f"<{BASE}a>", f"<{BASE}b>", f"<{BASE}c>")


def read_triples(text: str | bytes, name: str = "a.ttl") -> list[Triple]:
    data = text.encode() if isinstance(text, str) else text
    return sorted(read_rdf(data, name, Site()))


# ---- RDF files


RDFXML = f"""<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="{BASE}">
  <r:Description r:about="a"><b r:resource="c"/></r:Description>
</r:RDF>"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ttl", "<a> <b> <c> ."),
        ("a.TTL", "\ufeff<a> <b> <c> ."),
        ("a.nt", f"<{BASE}a> <{BASE}b> <{BASE}c> ."),
        ("a.nq", f"<{BASE}a> <{BASE}b> <{BASE}c> <{BASE}g> ."),
        ("a.trig", "<g> { <a> <b> <c> }"),
        ("a.jsonld", '{"@id": "a", "' + BASE + 'b": {"@id": "c"}}'),
        ("a.rdf", RDFXML),
    ],
)
def test_every_format_is_read_with_relative_iris_below_the_base(name: str, text: str) -> None:
    assert [A_B_C] == read_triples(text, name)


@pytest.mark.parametrize("name", ["a.ttl.gz", "a.TTL.GZ"])
def test_a_packed_file_is_unpacked(name: str) -> None:
    assert [A_B_C] == read_triples(gzip.compress(b"<a> <b> <c> ."), name)


def test_named_graphs_are_merged_and_share_their_blank_nodes() -> None:
    triples = read_triples("<g> {<a> <b> _:x} <h> {_:x <b> <c>}", "a.trig")
    blank = {term for triple in triples for term in triple if "genid" in term}
    assert (2, 1) == (len(triples), len(blank))


def test_a_literal_keeps_its_lexical_form() -> None:
    triples = read_triples(
        '<a> <b> "2020-01-01T00:00:00Z"^^<x:date>, "01"^^<x:number>, "a"@en, "\\u00E9" .'
    )
    terms = {term for _, _, term in triples}
    assert {'"2020-01-01T00:00:00Z"^^<x:date>', '"01"^^<x:number>', '"a"@en', '"é"'} == terms


BLANK = "<a> <b> [ <c> [ <d> 1 ] ], [ <c> [ <d> 2 ] ] ."


def test_blank_nodes_become_the_same_iris_each_time() -> None:
    first, second = read_triples(BLANK), read_triples(BLANK)
    assert first == second
    genid = f"<{BASE}.well-known/genid/"
    assert 4 == len({term for one in first for term in one if term.startswith(genid)})


def test_blank_nodes_of_two_files_are_different() -> None:
    one, two = (
        {term for triple in read_triples(text) for term in triple} for text in (BLANK, f"{BLANK}\n")
    )
    assert {f"<{BASE}{name}>" for name in "abcd"} == {t for t in one & two if t.startswith("<")}


@pytest.mark.parametrize(
    ("message", "line", "column", "name", "data"),
    [
        ("not turtle: ", 2, 2, "a.ttl", b"<a> <b>\n <c"),
        ("not ntriples: No scheme found", 1, 1, "a.nt", b"<a> <b> <c> ."),
        ("not jsonld: Object keys must be strings", 1, 2, "a.jsonld", b"{"),
        ("not rdfxml: ", 0, 0, "a.rdf", b"<a"),
        ("not UTF-8: byte 0xff; save the file as UTF-8", 1, 10, "a.ttl", b'<a> <b> "\xff" .'),
        ("not gzip: ", 0, 0, "a.ttl.gz", b"<a> <b> <c> ."),
        ("not gzip: ", 0, 0, "a.ttl.gz", gzip.compress(b"<a> <b> <c> .", mtime=0)[:-6]),
        ("not gzip: ", 0, 0, "a.ttl.gz", gzip.compress(b"", mtime=0)[:10] + b"\xff" * 20),
        ("RDF 1.2 is not supported", 0, 0, "a.ttl", b"<a> <b> <<( <a> <b> <c> )>> ."),
        ("RDF 1.2 is not supported", 0, 0, "a.ttl", b'<a> <b> "x"@en--ltr .'),
        ("the suffix is not of an RDF format", 0, 0, "a.md", b""),
    ],
)
def test_data_that_is_not_in_the_format_is_refused_at_its_place(
    message: str, line: int, column: int, name: str, data: bytes
) -> None:
    with pytest.raises(SourceError) as caught:
        read_triples(data, name)
    assert str(caught.value).startswith(message)
    assert (line, column) == (caught.value.line, caught.value.column)


SECRET = "c2VjcmV0" * 8


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ttl", f"<a> <b> {SECRET} ."),
        ("a.ttl", f"<a> <b:{SECRET} c> ."),
        ("a.rdf", RDFXML.replace("<b", f"{SECRET}\n{SECRET}<b")),
    ],
)
def test_a_refusal_quotes_no_run_of_base64(name: str, text: str) -> None:
    with pytest.raises(SourceError, match=r"^not (turtle|rdfxml): ") as caught:
        read_triples(text, name)
    assert SECRET[:24] not in str(caught.value)


def test_a_remote_context_is_not_fetched() -> None:
    with pytest.raises(SourceError, match="not jsonld: "):
        read_triples('{"@context": "https://schema.org/", "name": "x"}', "a.jsonld")


# ---- named graphs


def _named_graphs(*found: Source) -> list[MappedSource]:
    return list(map_sources(found, make_mapper(Site())))


def test_each_source_has_its_named_graph(file: File) -> None:
    found = _named_graphs(file("d/a b.md", ARTICLE), file("a.ttl", "<a> <b> <c> ."))
    assert [f"<{BASE}graph/d/a%20b.md>", f"<{BASE}graph/a.ttl>"] == [one.name for one in found]
    assert [1, 0] == [len(one.records) for one in found]
    assert [A_B_C] == [one[:3] for one in found[1].statements()]


def test_a_source_that_cannot_be_read_is_a_finding_and_does_not_affect_others(file: File) -> None:
    bad, good = _named_graphs(file("bad.md", "---\na: 1\na: 2\n---\n"), file("good.md", ARTICLE))
    (finding,) = bad.findings
    (place,) = finding.places
    assert (Severity.VIOLATION, 3, 1) == (finding.severity, place.line, place.column)
    assert ([], True) == ([*bad.statements()], good.states_anything)


def test_rdf_that_cannot_be_read_is_a_finding(file: File) -> None:
    (bad,) = _named_graphs(file("bad.ttl", "<a> <b>"))
    assert [Severity.VIOLATION] == [finding.severity for finding in bad.findings]


@pytest.mark.parametrize(("expected", "path"), [(0, "."), (1, "a.txt")])
def test_text_without_front_matter_is_a_finding_only_when_it_is_named(
    file: File, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: int, path: str
) -> None:
    file("a.txt", "Dear diary")
    monkeypatch.chdir(tmp_path)
    (graph,) = _named_graphs(*discover_sources([path]))
    assert (expected, 0, []) == (len(graph.findings), len(graph.records), [*graph.statements()])


def test_an_unknown_type_is_a_notice(file: File) -> None:
    (graph,) = _named_graphs(file("a.md", ARTICLE.replace("article", "poem")))
    assert [Severity.INFO] == [finding.severity for finding in graph.findings]


# ---- the topics file, and the vocabulary


def test_facts_about_a_topic_are_stated_where_it_is_used(file: File, tmp_path: Path) -> None:
    file("topics.ttl", "<topic/ai> <x:p> <x:ai> . <topic/ml> <x:p> <x:ml> .")
    mapper = make_mapper(Site(), topics=tmp_path / "topics.ttl")
    source = file("a.md", ARTICLE.replace("title: T", "topics: [AI]"))
    (graph,) = map_sources([source], mapper)
    facts = [one for one in graph.statements() if one.predicate == "<x:p>"]
    assert [((f"<{BASE}topic/ai>", "<x:p>", "<x:ai>"), ("topics", 0))] == [
        (one[:3], one.field) for one in facts
    ]


@pytest.mark.parametrize(
    ("message", "content"),
    [
        (r"topics\.ttl: cannot be read: No such file or directory", None),
        (r"topics\.ttl:2:3: not UTF-8", b"<a>\n<b\xff>"),
        (r"topics\.ttl:2:2: not turtle", b"<a> <b>\n ."),
    ],
)
def test_a_topics_file_that_cannot_be_read_is_named(
    file: File, tmp_path: Path, message: str, content: bytes | None
) -> None:
    if content is not None:
        file("topics.ttl", content)
    with pytest.raises(SourceError, match=message):
        make_mapper(Site(), topics=tmp_path / "topics.ttl")


@pytest.mark.parametrize("path", [VOCABULARY_FILE, TOPICS_FILE])
def test_bundled_files_are_written_in_the_form_that_the_parser_returns(path: Path) -> None:
    parsed = read_rdf(path.read_bytes(), str(path), Site())
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert lines == [f"{subject} {predicate} {term} ." for subject, predicate, term in parsed]


def test_bundled_subjects_are_below_the_base_of_the_site() -> None:
    site = Site("https://a.example/news/")
    subjects = [subject for subject, _, _ in vocabulary_triples(site)]
    subjects += read_facts(TOPICS_FILE, site)
    assert subjects == [subject for subject in subjects if subject.startswith(f"<{site.base}")]


def test_the_vocabulary_uses_the_schema_org_namespace_of_the_site() -> None:
    http = vocabulary_triples(Site(schema=SCHEMA_NAMESPACES["http"]))
    terms = {term for triple in http for term in triple}
    assert "<http://schema.org/CreativeWork>" in terms
    assert not [term for term in terms if term.startswith("<https://schema.org/")]


# ---- stores and rdflib


EVERY_KIND = {
    ("<x:s>", "<x:p>", term)
    for term in (
        "<https://a.org/>",
        '"text with \\"quotes\\", \\\\ and\\na line\\u0001"',
        '"é😀"',
        '"2020-06-11T18:51:00Z"^^<http://www.w3.org/2001/XMLSchema#dateTime>',
        '"01"^^<http://www.w3.org/2001/XMLSchema#integer>',
        '"1.50"^^<http://www.w3.org/2001/XMLSchema#decimal>',
        '"a"@en',
    )
}


def test_a_store_contains_every_kind_of_term() -> None:
    objects = {str(quad.object) for quad in oxigraph_store(EVERY_KIND)}
    # Oxigraph writes all numbers in canonical form.
    canonical = {'"01"': '"1"', '"1.50"': '"1.5"'}
    terms = {term for _, _, term in EVERY_KIND}
    for text, canonical_text in canonical.items():
        terms = {term.replace(text, canonical_text) for term in terms}
    assert terms == objects


def test_an_rdflib_graph_keeps_every_lexical_form() -> None:
    graph = rdflib_graph(EVERY_KIND, Site())
    assert EVERY_KIND == {tuple(from_rdflib(node) for node in triple) for triple in graph}


def test_an_rdflib_graph_has_the_prefixes() -> None:
    graph = rdflib_graph([], Site())
    assert Site().prefixes.items() <= {(prefix, str(iri)) for prefix, iri in graph.namespaces()}


@pytest.mark.parametrize("node", [None, rdflib.BNode("b")])
def test_only_iris_and_literals_are_terms(node: rdflib.BNode | None) -> None:
    assert from_rdflib(node) is None


def test_files_become_one_rdflib_graph_whose_dates_keep_their_z(file: File) -> None:
    graph = KnowledgeGraph(file("a.md", ARTICLE).path).to_rdflib()
    expected = rdflib.Literal(
        "2020-06-11T18:51:00Z", datatype=rdflib.URIRef(XSD.dateTime), normalize=False
    )
    dates = list(graph.objects(None, rdflib.SDO.datePublished))
    assert [expected.n3()] == [date.n3() for date in dates]


def test_the_statements_of_files_have_their_fields(file: File) -> None:
    source = file("a.md", ARTICLE)
    fields = {one.place.field for one in KnowledgeGraph(source.path).statements()}
    assert {(), ("title",), ("publishedDateTime",), ("webUrl",)} == fields
