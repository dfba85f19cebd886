"""Properties of any input, tested with random and unusual inputs."""

from __future__ import annotations

from copy import deepcopy
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import pyoxigraph
import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from kg.graph.named import map_sources
from kg.mapping.descriptions import Fate, MappedRecord
from kg.mapping.identifiers import (
    NameTemplate,
    embedded_iri,
    graph_iri,
    image_iri,
    media_iri,
    page_iri,
    person_iri,
    pixels_iri,
    place_iri,
    provider_iri,
    record_iri,
    source_iri,
    topic_iri,
    work_iri,
)
from kg.mapping.language import VARIABLES, Choice, parse_reference
from kg.mapping.memo import DescriptionMemo
from kg.mapping.project import make_mapper
from kg.mapping.schema_org import MAPS
from kg.mapping.term_maps import source_text
from kg.mapping.urls import clean_url, url_host, url_key
from kg.model.errors import InvalidValue, SourceError
from kg.model.formats import FORMATS, Format
from kg.model.records import Origin, Record, Source
from kg.model.site import Site
from kg.model.terms import literal, unquote
from kg.provenance.accounts import UnknownFields, field_values, unknown_fields_in, values_of_record
from kg.sources.frontmatter import read_documents
from kg.sources.frontmatter.blocks import Block
from kg.sources.frontmatter.positions import Positions
from kg.sources.reading import read_positions, read_records, read_source
from kg.sources.withheld import WITHHELD
from kg.writers.formats import write_dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kg.graph.named import MappedSource
    from kg.model.records import FieldPath, Term, Triple

SITES: Final = (Site(), Site(url="https://example.org/blog"))
SITE_WITH_TITLE: Final = Site(url="https://example.org/blog", title="A site", locale="en-us")
MAPPERS: Final = [
    *(make_mapper(site) for site in SITES),
    make_mapper(SITE_WITH_TITLE, include=["people"]),
]


def legal(*terms: Term) -> bool:
    """Whether Oxigraph accepts each term in strict N-Triples, and the IRIs are in ASCII."""
    lines = "".join(f"<x:s> <x:p> {term} .\n" for term in terms)
    triples = list(pyoxigraph.parse(lines, pyoxigraph.RdfFormat.N_TRIPLES))
    return len(terms) == len(triples) and all(t.isascii() for t in terms if t.startswith("<"))


# ---- URLs


FRAGMENTS: Final = (
    *("http://", "https://", "HTTP://", "//", "www.", "a.org", "x", "/", "?", "#", "#/", "#!", "="),
    *("&", "&amp;", "&#38;", "amp", "amp;", "utm_a=1", ":", "80", "443", "@", "[", "]", "[::1]"),
    *("%", "%2", "%2f", "%zz", " ", "\\", "\n", "é", "\u2028", "\ud800", ".", "..", "|", "{}"),
)
fragments = st.lists(st.sampled_from(FRAGMENTS), max_size=8).map("".join)
urls_ = st.text() | fragments | fragments.map("https://a.org{}".format)


def cleaned(text: str, site: Site) -> str:
    """The cleaned URL, for texts that have one."""
    try:
        return clean_url(text, site.url)
    except InvalidValue:
        assume(condition=False)
        raise


@given(urls_, st.sampled_from(SITES))
def test_a_cleaned_url_is_legal_or_refused(text: str, site: Site) -> None:
    assert legal(f"<{cleaned(text, site)}>")


@given(urls_, st.sampled_from(SITES))
def test_a_cleaned_url_is_clean(text: str, site: Site) -> None:
    url = cleaned(text, site)
    assert url == clean_url(url, site.url)


@given(urls_, st.sampled_from(SITES))
def test_a_key_is_a_legal_url_and_its_own_key(text: str, site: Site) -> None:
    key = url_key(cleaned(text, site))
    assert legal(f"<{key}>")
    assert key == url_key(key)


@given(urls_, st.sampled_from(SITES))
def test_a_url_and_its_key_have_one_host(text: str, site: Site) -> None:
    url = cleaned(text, site)
    host = url_host(url)
    assert host == url_host(url_key(url))
    assert host
    assert not set(host) & set("/?#@")


# ---- identifiers


anything = st.text(st.characters(exclude_categories=()))
values = (
    st.integers(1, 9999)
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | anything
    | urls_
)


@pytest.mark.parametrize(
    ("template", "arguments"),
    [
        (page_iri, 2),
        (work_iri, 2),
        (provider_iri, 2),
        (topic_iri, 1),
        (image_iri, 1),
        (pixels_iri, 1),
        (media_iri, 1),
        (embedded_iri, 1),
        (person_iri, 2),
        (place_iri, 1),
        (NameTemplate("tool"), 1),
    ],
)
@given(data=st.data(), site=st.sampled_from(SITES))
def test_a_minted_iri_is_legal_or_refused(
    template: Callable[..., str | None], arguments: int, data: st.DataObject, site: Site
) -> None:
    given_ = [data.draw(values) for _ in range(arguments)]
    origin = (None, 0) if template is work_iri else ()
    try:
        iri = template(site, *given_, *origin)
    except InvalidValue:
        return
    assert iri is None or legal(site.iri(iri))


@given(st.text(min_size=1), st.integers(0, 3))
def test_every_path_names_a_record_a_source_and_a_graph(path: str, document: int) -> None:
    site = Site()
    references = [
        work_iri(site, None, None, path, document),
        record_iri(site, path, document),
        source_iri(site, path),
        graph_iri(path),
    ]
    assert legal(*(site.iri(reference) for reference in references))


# ---- terms and formats


@given(st.text())
def test_a_literal_has_its_text_and_is_written_as_by_oxigraph(text: str) -> None:
    term = literal(text)
    assert (text, "") == unquote(term)
    assert str(pyoxigraph.Literal(text)) == term


XML: Final = st.characters(exclude_categories=["Cs"]).filter(
    lambda c: c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff")
)


def round_trip(texts: list[str], form: Format) -> set[str]:
    triples = {("<x:s>", "<https://schema.org/name>", literal(text)) for text in texts}
    out = BytesIO()
    write_dataset({"<x:g>": triples}, form, Site(), out)
    read = pyoxigraph.parse(out.getvalue(), pyoxigraph.RdfFormat.from_media_type(form.media_type))
    return {quad.object.value for quad in read if isinstance(quad.object, pyoxigraph.Literal)}


@pytest.mark.parametrize("form", [f for f in FORMATS if f.name != "rdfxml"], ids=lambda f: f.name)
@given(texts=st.lists(st.text()))
def test_any_text_survives_a_format(form: Format, texts: list[str]) -> None:
    assert set(texts) == round_trip(texts, form)


@given(st.lists(st.text(XML)))
def test_any_text_that_xml_can_carry_survives_rdf_xml(texts: list[str]) -> None:
    assert set(texts) == round_trip(texts, FORMATS[-1])


# ---- records


def _fields() -> Iterator[str]:
    """Yield every field the mapping reads."""
    for one in MAPS.values():
        if isinstance(one, Choice):
            yield from one.keys
            continue
        for reference in (*one.subject.references, *(row.reference for row in one.rows)):
            yield from (
                key for path in parse_reference(reference) if not path.variable for key in path.keys
            )


FIELDS: Final = sorted({*_fields(), "isCached", "unheard of"} - VARIABLES.keys())
KINDS: Final = sorted(
    type_
    for one in MAPS.values()
    for conditions, _ in (one.choices if isinstance(one, Choice) else ())
    for key, type_ in conditions.items()
    if key == "type" and type_
)
FOLDERS: Final = sorted(
    {
        conditions["@collection"]
        for one in MAPS.values()
        for conditions, _ in (one.choices if isinstance(one, Choice) else ())
        if "@collection" in conditions
    }
)
LIKELY: Final = (
    *("https://a.org/1", "https://b.org/2?amp", "/assets/a.png", "news", "article", "2020-06-11"),
    *("2020-06-11T18:51:00Z", "a.org", "youtube.com", "AI", "C++", "No", "-1", "860", "1.50"),
    *("2020-06-11 18:51 +02:00", "PT90M", "Free", "$49", "#a #b", "videos/x", "/:title/", "en-us"),
    *("<iframe src='https://a.org/1'>", "<p>", *KINDS),
)
scalars = st.none() | st.booleans() | st.integers() | st.text() | st.sampled_from(LIKELY)

# Copies, or YAML would write the second of them as an alias of the first.
secrets = st.sampled_from(
    ["SECRET", "SECRET\n\nSECRET\n", "SECRET " * 40, ["SECRET"], {"secured": {"a": "SECRET"}}]
).map(deepcopy)


def mappings(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Fields with any value; each mapping has a withheld field."""
    fields = st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6)
    return st.builds(lambda values, secret: {**values, "secured": secret}, fields, secrets)


anything_at_all = st.recursive(
    scalars | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | mappings(inner),
    max_leaves=12,
)
kinds = st.dictionaries(st.just("type"), st.sampled_from(KINDS), max_size=1)
records = st.builds(lambda values, kind: values | kind, mappings(anything_at_all), kinds)
names = st.sampled_from(["a.md", *(f"{folder}/2020-06-11-a.md" for folder in FOLDERS)])


def source(fields: dict[str, Any], flow: bool | None = False, name: str = "a.md") -> Source:
    text = yaml.safe_dump(fields, allow_unicode=True, default_flow_style=flow)
    return Source(name, name, content=f"---\n{text}---\n".encode())


def named_graph(document: Source, using: int = 0) -> MappedSource:
    (graph,) = map_sources([document], MAPPERS[using])
    return graph


@given(records, st.sampled_from([0, 1, 2]), names)
def test_any_record_becomes_legal_statements_and_findings_with_a_place(
    fields: dict[str, Any], using: int, name: str
) -> None:
    document = source(fields, name=name)
    graph = named_graph(document, using)
    assert 1 == len(graph.records)
    assert legal(*(term for statement in graph.statements() for term in statement[:3]))
    positions = read_positions(document)
    for finding in graph.findings:
        (place,) = finding.places
        line, column = positions.position_of(place.document, place.field)
        assert (document, True, True) == (place.source, line > 1, column > 0)


@given(records, names)
def test_nothing_withheld_is_in_any_statement_or_finding(fields: dict[str, Any], name: str) -> None:
    graph = named_graph(source(fields, name=name), using=2)
    assert "SECRET" not in f"{[*graph.statements()]}{graph.findings}"


@given(mappings(anything_at_all | st.just("PRIVATE")), st.booleans())
def test_nothing_of_a_person_is_stated_unless_people_are_included(
    fields: dict[str, Any], by_type: bool
) -> None:
    name = "a.md" if by_type else "_people/a.md"
    document = source(fields | ({"type": "profile"} if by_type else {}), name=name)
    graph = named_graph(document)
    assert [] == [*graph.statements()]
    assert {None} == {finding.value for finding in graph.findings}
    fates = {leaf.fate for leaf in field_values([document], MAPPERS[0])}
    assert {Fate.WITHHELD} == fates
    assert not {leaf.example for leaf in field_values([document], MAPPERS[0])} - {None}


@given(records, st.sampled_from([True, False, None]))
def test_nothing_withheld_is_on_any_other_line(fields: dict[str, Any], flow: bool | None) -> None:
    document = source(fields, flow)
    hidden = read_positions(document).lines_of(WITHHELD)
    lines = read_source(document).decode().split("\n")
    assert "SECRET" not in "".join(
        line for number, line in enumerate(lines, 1) if number not in hidden
    )


@given(records, names, st.sampled_from([0, 1, 2]))
def test_every_leaf_of_any_record_has_one_fate(
    fields: dict[str, Any], name: str, using: int
) -> None:
    (record,) = read_records(source(fields, name=name))
    leaf_fields = [leaf.place.field for leaf in values_of_record(record, MAPPERS[using])]
    assert len(set(leaf_fields)) == len(leaf_fields)
    assert scalars_in(record.fields) == len(leaf_fields)


@given(st.lists(records, min_size=1, max_size=3), names, st.sampled_from([0, 1, 2]))
def test_both_searches_have_the_same_unknown_leaves_of_any_record(
    all_fields: list[dict[str, Any]], name: str, using: int
) -> None:
    find, memory = UnknownFields(MAPPERS[using]), DescriptionMemo(1000)
    for fields in (*all_fields, {"related": all_fields}):
        (record,) = read_records(source(fields, name=name))
        mapped = MappedRecord(record, MAPPERS[using].describe(record, memory))
        expected = unknown_fields_in(record, MAPPERS[using].map(record), MAPPERS[using])
        assert expected == find([mapped])


def scalars_in(value: object) -> int:
    """Count the values without inner values, in another way than the ledger does."""
    inner = list(value.values()) if isinstance(value, dict) else value
    return sum(map(scalars_in, inner)) if isinstance(inner, list) and inner else 1


@given(st.lists(records, max_size=4), st.randoms(use_true_random=False))
def test_a_graph_is_the_union_of_its_records_in_any_order(
    all_fields: list[dict[str, Any]], random: Any
) -> None:
    def triples_by_record(list_of_fields: list[dict[str, Any]]) -> list[set[Triple]]:
        mapper = make_mapper(SITES[1])
        origin = Origin(Source("a.md", "a.md"), "", "text/markdown")
        mapped = [mapper.map(Record(fields, origin)).statements for fields in list_of_fields]
        return [{statement[:3] for statement in one} for one in mapped]

    together = set().union(*triples_by_record(all_fields))
    apart = [triples_by_record([fields])[0] for fields in all_fields]
    shuffled = random.sample(all_fields, len(all_fields))
    assert together == set().union(*apart) == set().union(*triples_by_record(shuffled))


# ---- front matter


TOKENS: Final = (
    *(b"a", b": ", b":", b"- ", b"? ", b"&x ", b"*x", b"<<: ", b"!!int ", b"!!set ", b"!!omap "),
    *(b"!!binary ", b"!!float ", b"!x ", b"[", b"]", b"{", b"}", b",", b"'", b'"', b"|\n", b">\n"),
    *(b"#", b"%YAML 1.1\n", b"---\n", b"...\n", b"\n", b"\r", b"\r\n", b"\t", b" ", b"  ", b"\xff"),
    *(
        b"\xef\xbb\xbf",
        b"\xc2\x85",
        b"\xe2\x80\xa8",
        b"\x00",
        b"\xc3\xa9",
        b"1.5",
        b"~",
        b"secured",
    ),
)
tokens = st.lists(st.sampled_from(TOKENS), max_size=14).map(b"".join)


@pytest.mark.parametrize("name", ["a.md", "a.yml"])
@given(content=st.binary() | tokens | tokens.map(lambda data: b"---\n" + data + b"\n---\n"))
def test_any_bytes_are_records_or_refused_at_a_place(name: str, content: bytes) -> None:
    try:
        result = read_records(Source(name, name, content=content))
    except SourceError as error:
        assert error.line >= 1 <= error.column  # noqa: PT017 - what is raised is the answer
    else:
        assert all(type(record.fields) is dict for record in result)


@given(tokens.map(lambda data: b"a: " + data))
def test_any_yaml_is_mapped_without_a_crash(content: bytes) -> None:
    graph = named_graph(Source("a.yml", "a.yml", content=content))
    assert legal(*(term for statement in graph.statements() for term in statement[:3]))


@given(st.from_regex(r"[0-9A-Za-z+.][0-9A-Za-z+\-.:_~=]{0,9}[0-9A-Za-z+\-._]", fullmatch=True))
def test_a_plain_scalar_keeps_its_spelling(text: str) -> None:
    (document,) = read_documents(Block(f"a: {text}", 1))
    value = document.value["a"]
    assume(value is not None)
    assert text == source_text(value)


words = st.from_regex("[a-z]{3,8}", fullmatch=True).filter(
    lambda word: word not in {"true", "null"}
)
leaves = words.filter(lambda word: word != "false") | st.integers(0, 10**9)
trees = st.dictionaries(
    st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=4),
    st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | st.dictionaries(words, inner, min_size=1, max_size=3)
        ),
        max_leaves=8,
    ),
    min_size=1,
    max_size=4,
)


def paths(tree: Any, path: FieldPath = ()) -> Iterator[tuple[FieldPath, object]]:
    """Yield the path and the value of every leaf."""
    if isinstance(tree, dict | list):
        for key, inner in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from paths(inner, (*path, key))
    else:
        yield path, tree


@given(
    trees, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from([True, False, None]), st.text()
)
def test_a_position_is_where_the_value_is_written(
    tree: dict[str, Any], newline: str, flow: bool | None, comment: str
) -> None:
    printable = "".join(character for character in comment if character.isprintable())
    front_matter = yaml.safe_dump(tree, allow_unicode=True, default_flow_style=flow)
    text = f"# {printable}😀\n{front_matter}".replace("\n", newline)
    positions, lines = Positions(Block(text, 2)), ["---", *text.split(newline)]
    for path, leaf in paths(tree):
        line, column = positions.position_of(0, path)
        assert lines[line - 1][column - 1 :].startswith(str(leaf))
        scalar = positions.scalar(0, path)
        assert scalar
        assert str(leaf) == text[scalar.start : scalar.end]
