from __future__ import annotations

import gzip
import hashlib
import json
import os
import subprocess
import sys
from io import BytesIO
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

import pyoxigraph
import pytest
import rdflib

from kg.graph.convert import from_rdflib
from kg.model.errors import FormatError
from kg.model.formats import FORMATS, Format, choose_format, find_format, format_of_path
from kg.model.namespaces import DCTERMS, RDF, SDO, XSD
from kg.model.site import SCHEMA_NAMESPACES, Site
from kg.writers.formats import GRAPH_WRITERS, SUBJECT_WRITERS, merge_dataset, write_dataset
from kg.writers.jsonld import jsonld_context
from kg.writers.streams import Dataset

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kg.model.records import Term, Triple
    from tests.conftest import Dataset

BASE: Final = Site().base
GRAPH: Final = f"<{BASE}graph/a.md>"
RDFLIB: Final = {"ntriples": "nt", "jsonld": "json-ld", "rdfxml": "xml"}
"""rdflib's name of a format, if it differs."""

every_format = pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)


def write(
    dataset: Dataset, form: Format, site: Site | None = None, *, compress: bool = False
) -> bytes:
    out = BytesIO()
    write_dataset(dataset, form, site or Site(), out, compress=compress)
    return out.getvalue()


def one(*triples: Triple) -> Dataset:
    return {GRAPH: set(triples)}


def read(data: bytes, form: Format) -> list[tuple[str, Triple]]:
    """Return the graph and triple of each statement that Oxigraph reads."""
    quads = pyoxigraph.parse(data, pyoxigraph.RdfFormat.from_media_type(form.media_type))
    return [(str(q.graph_name), (str(q.subject), str(q.predicate), str(q.object))) for q in quads]


def read_with_rdflib(data: bytes, form: Format) -> set[tuple[Term | None, ...]]:
    graph = rdflib.Dataset(default_union=True)
    graph.parse(data=data, format=RDFLIB.get(form.name, form.name))
    return {tuple(from_rdflib(node) for node in quad[:3]) for quad in graph.quads()}


def test_every_format_has_a_writer_and_every_writer_a_format() -> None:
    assert {form.name for form in FORMATS if not form.dataset} == set(SUBJECT_WRITERS)
    assert {form.name for form in FORMATS if form.dataset} == set(GRAPH_WRITERS)


# ---- the seeds, in every format


@pytest.fixture(scope="module")
def written(export: Dataset, site: Site) -> dict[str, bytes]:
    return {form.name: write(export, form, site) for form in FORMATS}


@every_format
def test_oxigraph_reads_the_same_triples_from_every_format(
    export: Dataset, written: dict[str, bytes], form: Format
) -> None:
    assert set(merge_dataset(export)) == {triple for _, triple in read(written[form.name], form)}


@every_format
@pytest.mark.filterwarnings("ignore:(Dataset|Conj):DeprecationWarning")  # rdflib warns of itself
def test_rdflib_reads_the_same_triples_from_every_format(
    export: Dataset, written: dict[str, bytes], form: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    assert set(merge_dataset(export)) == read_with_rdflib(written[form.name], form)


@pytest.mark.parametrize("form", [f for f in FORMATS if f.dataset], ids=lambda form: form.name)
def test_a_dataset_format_keeps_the_named_graphs(
    export: Dataset, written: dict[str, bytes], form: Format
) -> None:
    expected = {(name, triple) for name, triples in export.items() for triple in triples}
    assert expected == set(read(written[form.name], form))


@every_format
def test_the_order_of_the_input_does_not_change_the_output(
    export: Dataset, written: dict[str, bytes], form: Format
) -> None:
    backwards = {name: sorted(export[name], reverse=True) for name in sorted(export, reverse=True)}
    assert written[form.name] == write(backwards, form)


HASHES: Final = """
import hashlib, io, sys
from kg.graph.named import map_sources
from kg.graph.statistics import METADATA_GRAPH, dataset_metadata
from kg.mapping.project import open_project
from kg.model.formats import FORMATS
from kg.writers.formats import merge_dataset, write_dataset
project = open_project(sys.argv[1:])
site, found = project.site, map_sources(project.sources, project.mapper)
export = {one.name: {statement[:3] for statement in one.statements()} for one in found}
export[site.iri(METADATA_GRAPH)] = set(dataset_metadata(merge_dataset(export), site))
for form in FORMATS:
    out = io.BytesIO()
    write_dataset(export, form, site, out, compress=True)
    print(form.name, hashlib.sha256(out.getvalue()).hexdigest())
"""


@pytest.mark.process
@pytest.mark.parametrize("seed", ["0", "1", "2718"])
def test_another_process_writes_the_same_bytes(
    export: Dataset, checkout: Path, tmp_path: Path, seed: str
) -> None:
    process = subprocess.run(
        [sys.executable, "-c", HASHES, checkout / "seeds"],
        env={**os.environ, "PYTHONHASHSEED": seed},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    expected = {
        form.name: hashlib.sha256(write(export, form, compress=True)).hexdigest()
        for form in FORMATS
    }
    assert expected == dict(line.split() for line in process.stdout.splitlines())


def test_a_compressed_export_has_neither_a_time_nor_a_name(export: Dataset) -> None:
    compressed = write(export, FORMATS[0], compress=True)
    flags, time = compressed[3], compressed[4:8]
    assert (0, bytes(4)) == (flags, time)


@every_format
def test_a_compressed_export_decompresses_to_the_plain_one(
    export: Dataset, written: dict[str, bytes], form: Format
) -> None:
    assert written[form.name] == gzip.decompress(write(export, form, compress=True))


# ---- terms that formats shorten or escape


PROPERTIES: Final = (SDO.about, SDO.name, SDO.datePublished, f"{BASE}vocab#heat", "urn:a:b", "x:y")
IRIS: Final = (
    f"{BASE}topic/ai",
    f"{BASE}topic/.",
    f"{BASE}topic/..",
    f"{BASE}topic/.net",
    f"{BASE}topic/a:b",
    f"{BASE}topic/a//b",
    f"{BASE}topic/%F0%9F%9A%80",
    f"{BASE}work/a#2",
    f"{BASE}vocab#",
    f"{BASE}vocab#a.b",
    f"{BASE}dataset",
    f"{BASE}1",
    BASE,
    BASE[:-1],
    "https://a.org/../b/./c",
    "https://a.org/?a=1&b=2#c",
    "https://a.org/'()*+,;=!$",
    "http://www.w3.org/ns/prov#",
    "urn:a:b",
    "mailto:a@b.org",
)
TEXTS: Final = (
    "",
    " two  spaces ",
    "\ttab\r\nlines\n",
    "\"quotes' \\ <b>&amp; ]]> %41",
    "\u00e9\u2028\ufeff😀",
    "1",
    "true",
    "https://a.org/",
    "kg:heat",
)
NUMBERS: Final = [
    *((text, XSD.integer) for text in ("1", "-1", "0", "123456789012345678901234567890")),
    *((text, XSD.integer) for text in ("one", "1.0", "1\n", "")),
    *((text, XSD.decimal) for text in ("1.5", "-0.5", "1.", "1", "one")),
    *((text, XSD.boolean) for text in ("true", "false", "1", "True")),
    *((text, XSD.double) for text in ("1.5e0", "INF")),
    *((text, XSD.dateTime) for text in ("2020-06-11T18:51:00Z", "2020-06-11T18:51:00.50+02:00")),
    *((text, XSD.date) for text in ("2020-06-11", "soon")),
    ("a", "urn:datatype"),
]
OBJECTS: Final = [
    *(f"<{iri}>" for iri in IRIS),
    *(str(pyoxigraph.Literal(text)) for text in TEXTS),
    *(f"{pyoxigraph.Literal(text)}^^<{datatype}>" for text, datatype in NUMBERS),
    '"a"@en',
    '"a"@en-gb',
]


@every_format
@pytest.mark.parametrize("site", [Site(), Site(schema=SCHEMA_NAMESPACES["http"])], ids=["", "http"])
def test_every_kind_of_term_survives_every_format(form: Format, site: Site) -> None:
    triples = one(
        *((f"<{BASE}s>", site.iri(name), term) for name in PROPERTIES for term in OBJECTS),
        *((f"<{iri}>", f"<{RDF.type}>", f"<{SDO.Article}>") for iri in IRIS),
        *((f"<{BASE}s>", f"<{RDF.type}>", f"<{iri}>") for iri in IRIS),
    )
    assert triples[GRAPH] == {triple for _, triple in read(write(triples, form, site), form)}


@every_format
def test_a_statement_of_two_graphs_is_one_triple(form: Format) -> None:
    triple = (f"<{BASE}a>", f"<{SDO.about}>", f"<{BASE}b>")
    dataset = {GRAPH: {triple}, f"<{BASE}graph/b.md>": {triple}}
    triples = [statement for _, statement in read(write(dataset, form), form)]
    assert [triple] * (2 if form.dataset else 1) == triples


@every_format
def test_an_empty_dataset_is_written_as_an_empty_document(form: Format) -> None:
    assert [] == read(write({}, form), form)


def test_merged_triples_are_sorted_and_unique() -> None:
    a, b = (f"<{BASE}a>", "<x:p>", '"1"'), (f"<{BASE}b>", "<x:p>", '"1"')
    assert [a, b] == merge_dataset({"<x:g>": [b, a], "<x:h>": {a}})


# ---- single formats


WORK, AI = f"<{BASE}article/a.org/1>", f"<{BASE}topic/ai>"
SMALL: Final[Dataset] = {
    f"<{BASE}graph/a.md>": {
        (WORK, f"<{DCTERMS.relation}>", "<https://b.org/>"),
        (WORK, f"<{RDF.type}>", f"<{SDO.Article}>"),
        (WORK, f"<{SDO.about}>", AI),
        (WORK, f"<{SDO.about}>", "<https://b.org/>"),
        (WORK, f"<{BASE}vocab#heat>", f'"7"^^<{XSD.integer}>'),
    },
    f"<{BASE}graph/topics.ttl>": {
        (AI, "<urn:a:free>", f'"true"^^<{XSD.boolean}>'),
        (AI, "<urn:b:free>", f'"no"^^<{XSD.boolean}>'),
        (AI, f"<{SDO.name}>", '"A & I\\r"'),
        (AI, f"<{SDO.name}>", '"KI"@de'),
    },
}
TURTLE: Final = """@base <https://example.org/kg/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix kg: <https://example.org/kg/vocab#> .
@prefix schema: <https://schema.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<article/a.org/1> a schema:Article ;
    dcterms:relation <https://b.org/> ;
    kg:heat 7 ;
    schema:about <https://b.org/>, <topic/ai> .

<topic/ai> schema:name "A & I\\r", "KI"@de ;
    <urn:a:free> true ;
    <urn:b:free> "no"^^xsd:boolean .
"""
TRIG: Final = """@base <https://example.org/kg/> .
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix kg: <https://example.org/kg/vocab#> .
@prefix schema: <https://schema.org/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<graph/a.md> {

    <article/a.org/1> a schema:Article ;
        dcterms:relation <https://b.org/> ;
        kg:heat 7 ;
        schema:about <https://b.org/>, <topic/ai> .
}

<graph/topics.ttl> {

    <topic/ai> schema:name "A & I\\r", "KI"@de ;
        <urn:a:free> true ;
        <urn:b:free> "no"^^xsd:boolean .
}
"""
RDFXML: Final = """<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF
    xmlns:dcterms="http://purl.org/dc/terms/"
    xmlns:kg="https://example.org/kg/vocab#"
    xmlns:ns1="urn:a:"
    xmlns:ns2="urn:b:"
    xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns:schema="https://schema.org/">
  <rdf:Description rdf:about="https://example.org/kg/article/a.org/1">
    <rdf:type rdf:resource="https://schema.org/Article"/>
    <dcterms:relation rdf:resource="https://b.org/"/>
    <kg:heat rdf:datatype="http://www.w3.org/2001/XMLSchema#integer">7</kg:heat>
    <schema:about rdf:resource="https://b.org/"/>
    <schema:about rdf:resource="https://example.org/kg/topic/ai"/>
  </rdf:Description>
  <rdf:Description rdf:about="https://example.org/kg/topic/ai">
    <schema:name>A &amp; I&#13;</schema:name>
    <schema:name xml:lang="de">KI</schema:name>
    <ns1:free rdf:datatype="http://www.w3.org/2001/XMLSchema#boolean">true</ns1:free>
    <ns2:free rdf:datatype="http://www.w3.org/2001/XMLSchema#boolean">no</ns2:free>
  </rdf:Description>
</rdf:RDF>
"""
JSONLD: Final = """  "@graph": [
    {
      "@id": "article/a.org/1",
      "@type": "Article",
      "dcterms:relation": "https://b.org/",
      "kg:heat": 7,
      "about": [
        "https://b.org/",
        "topic/ai"
      ]
    },
    {
      "@id": "topic/ai",
      "name": [
        "A & I\\r",
        {
          "@value": "KI",
          "@language": "de"
        }
      ],
      "urn:a:free": true,
      "urn:b:free": {
        "@value": "no",
        "@type": "xsd:boolean"
      }
    }
  ]
}
"""


@pytest.mark.parametrize(
    ("name", "expected"), [("turtle", TURTLE), ("trig", TRIG), ("rdfxml", RDFXML)]
)
def test_the_output_is_readable(name: str, expected: str) -> None:
    assert expected == write(SMALL, find_format(name)).decode()


def test_json_ld_is_readable(site: Site) -> None:
    text = write(SMALL, find_format("jsonld")).decode()
    context = json.dumps(jsonld_context(site), indent=2).replace("\n", "\n  ")
    assert f'{{\n  "@context": {context},\n{JSONLD}' == text


def test_the_context_is_sorted(site: Site) -> None:
    typed = [name for name, value in jsonld_context(site).items() if isinstance(value, dict)]
    assert sorted(typed) == typed


def _declared(turtle: bytes) -> set[str]:
    return {
        line.split()[1].rstrip(":")
        for line in turtle.decode().splitlines()
        if line.startswith("@prefix")
    }


@pytest.mark.parametrize("name", ["turtle", "trig"])
@pytest.mark.parametrize(
    ("expected", "triple"),
    [
        (set(), ("<x:a>", "<x:b>", '"schema:name"')),
        ({"schema"}, ("<x:a>", f"<{SDO.name}>", '"a"')),
        ({"xsd"}, ("<x:a>", "<x:b>", f'"soon"^^<{XSD.date}>')),
        (set(), ("<x:a>", "<x:b>", f'"1"^^<{XSD.integer}>')),
        (set(), ("<x:a>", f"<{RDF.type}>", "<x:b>")),
        ({"rdf"}, ("<x:a>", "<x:b>", f"<{RDF.type}>")),
    ],
)
def test_only_prefixes_in_use_are_declared(name: str, expected: set[str], triple: Triple) -> None:
    assert expected == _declared(write(one(triple), find_format(name)))


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        ("@id", "about"),
        ("@id", "mainEntityOfPage"),
        ("@id", "kg:ampUrl"),
        ("@id", "dcterms:relation"),
        ("xsd:dateTime", "datePublished"),
    ],
)
def test_the_context_types_values_other_than_texts_and_numbers(
    site: Site, type_: str, name: str
) -> None:
    assert {"@type": type_} == jsonld_context(site)[name]


def test_json_ld_is_sorted_by_node(written: dict[str, bytes], site: Site) -> None:
    def iri(node: dict[str, str]) -> str:
        name = node["@id"]
        return name if ":" in name else site.base + name

    nodes = [iri(node) for node in json.loads(written["jsonld"])["@graph"]]
    assert sorted(f"<{node}>" for node in nodes) == [f"<{node}>" for node in nodes]


@pytest.mark.parametrize(
    "triple",
    [
        ("<kg:a>", "<x:b>", "<x:c>"),
        ("<x:a>", "<kg:b>", "<x:c>"),
        ("<x:a>", "<x:b>", "<prov:c>"),
        ("<x:a>", f"<{SDO.about}>", "<prov:c>"),
        ("<x:a>", f"<{RDF.type}>", "<skos:c>"),
        ("<x:a>", "<x:b>", '"c"^^<xsd:d>'),
    ],
)
def test_json_ld_refuses_iris_that_look_like_short_names(triple: Triple) -> None:
    with pytest.raises(FormatError, match=r"^JSON-LD reads .* choose another format$"):
        write(one(triple), find_format("jsonld"))


@pytest.mark.parametrize("character", ["\x00", "\x01", "\x0b", "\ufffe", "\uffff"], ids=ascii)
def test_rdf_xml_refuses_characters_that_xml_cannot_carry(character: str) -> None:
    triple = ("<x:a>", f"<{SDO.name}>", str(pyoxigraph.Literal(f"a{character}")))
    expected = rf"^RDF/XML cannot carry U\+{ord(character):04X}, which is in <{SDO.name}> of <x:a>"
    with pytest.raises(FormatError, match=expected):
        write(one(triple), find_format("rdfxml"))


def test_rdf_xml_refuses_a_property_without_an_xml_name() -> None:
    with pytest.raises(FormatError, match="RDF/XML has no name for the property <x:1>"):
        write(one(("<x:a>", "<x:1>", '"b"')), find_format("rdfxml"))


# ---- the names of formats


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ("turtle", ("turtle", "ttl", ".ttl", "Text/Turtle")),
        ("ntriples", ("ntriples", "n-triples", "nt", "application/n-triples")),
        ("nquads", ("nquads", "N-Quads", "nq", "application/n-quads")),
        ("trig", ("trig", ".trig", "application/trig")),
        ("jsonld", ("jsonld", "json-ld", "application/ld+json")),
        ("rdfxml", ("rdfxml", "rdf/xml", "rdf", "xml", "application/rdf+xml")),
    ],
)
def test_a_format_is_found_by_name_suffix_and_media_type(
    expected: str, words: Iterable[str]
) -> None:
    assert {expected} == {find_format(word).name for word in words}


@pytest.mark.parametrize("word", ["", ".", "json", "hdt", "ttl.gz"])
def test_an_unknown_format_is_refused_with_the_known_ones(word: str) -> None:
    names = ", ".join(form.name for form in FORMATS)
    with pytest.raises(FormatError, match=f"one of {names}, or a suffix"):
        find_format(word)


@pytest.mark.parametrize(
    ("expected", "path"),
    [
        ("turtle", "a/b.ttl"),
        ("turtle", "a.b.TTL.GZ"),
        ("rdfxml", "a.xml"),
        (None, "a.ttl.md"),
        (None, "a.ttl/b"),
        (None, "a.gz"),
        (None, "ttl"),
    ],
)
def test_the_format_of_a_compressed_file_is_found_by_its_name(
    expected: str | None, path: str
) -> None:
    form = format_of_path(path)
    assert expected == (form and form.name)


@pytest.mark.parametrize(
    ("expected", "word", "path"),
    [("turtle", None, None), ("trig", None, "a.trig.gz"), ("ntriples", "nt", "a.trig")],
)
def test_a_format_option_takes_precedence_over_the_suffix(
    expected: str, word: str | None, path: str | None
) -> None:
    assert expected == choose_format(word, PurePath(path) if path else None).name


def test_an_unknown_suffix_needs_a_format_option() -> None:
    with pytest.raises(FormatError, match=r"a\.doc: unknown suffix; name the format with --f"):
        choose_format(None, PurePath("a.doc"))


@every_format
def test_oxigraph_has_the_media_type_and_the_graphs_of_each_format(form: Format) -> None:
    rdf_format = pyoxigraph.RdfFormat.from_media_type(form.media_type)
    assert rdf_format is not None
    # JSON-LD has named graphs; kg writes the merged graph.
    assert form.dataset is (rdf_format.supports_datasets and form.name != "jsonld")
    assert rdf_format.file_extension in {suffix[1:] for suffix in form.suffixes}
