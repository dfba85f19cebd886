from __future__ import annotations

import ast
import copy
import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import rdflib

import kg
from kg.model import namespaces
from kg.model.errors import ConfigurationError
from kg.model.namespaces import SDO
from kg.model.site import DEFAULT_BASE, SCHEMA_NAMESPACES, Site

if TYPE_CHECKING:
    from collections.abc import Iterator

CLOSED: Final = {
    name: getattr(rdflib, name)
    for name in ("DCAT", "DCTERMS", "PROV", "RDF", "RDFS", "SH", "SKOS", "VOID", "XSD")
}
HTTP: Final = Site(schema=SCHEMA_NAMESPACES["http"])


def terms_in_code() -> Iterator[tuple[str, str]]:
    """Yield namespace and term wherever the code writes `NAMESPACE.term` or `NAMESPACE["term"]`."""
    for path in Path(kg.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Attribute(value=ast.Name(id=namespace), attr=term):
                    yield namespace, term
                case ast.Subscript(value=ast.Name(id=namespace), slice=ast.Constant(value=term)):
                    yield namespace, str(term)


def test_every_term_in_the_code_is_in_its_vocabulary() -> None:
    pairs = {(name, term) for name, term in terms_in_code() if name in CLOSED}
    assert len(pairs) > len(CLOSED)
    unknown = {
        (name, term)
        for name, term in pairs
        if rdflib.URIRef(getattr(namespaces, name)[term]) not in CLOSED[name]
    }
    assert set() == unknown


@pytest.mark.parametrize("name", sorted(CLOSED))
def test_a_namespace_is_the_same_as_in_rdflib(name: str) -> None:
    assert str(CLOSED[name]) == str(getattr(namespaces, name))


def test_a_term_is_an_attribute_or_a_key_of_its_namespace() -> None:
    assert ["https://schema.org/about"] * 2 == [SDO.about, SDO["about"]]


@pytest.mark.parametrize(
    "base",
    [
        "https://example.org/",
        "http://localhost:8000/kg/",
        "https://example.org/~a/b%20c/d-e_f.g/",
    ],
)
def test_a_base_is_an_absolute_iri_that_ends_in_a_slash(base: str) -> None:
    assert f"<{base}topic/ai>" == Site(base).iri("topic/ai")


@pytest.mark.parametrize(
    "base",
    [
        "",
        "/",
        "example.org/",
        "ftp://example.org/",
        "https:///",
        "https://example.org",
        "https://example.org/kg",
        "https://example.org/?a/",
        "https://example.org/#/",
        "https://example.org/a b/",
        "https://example.org/é/",
        "https://example.org/%zz/",
        "https://example.org/a/../b/",
        "https://example.org/./",
        "https://example.org//",
        "https://example.org/\n",
    ],
)
def test_an_invalid_base_is_refused_with_an_example(base: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^not a base IRI: .*{DEFAULT_BASE}"):
        Site(base)


@pytest.mark.parametrize(
    ("expected", "reference"),
    [
        ("<https://example.org/kg/vocab#heat>", "vocab#heat"),
        ("<https://example.org/kg/work/a:b>", "work/a:b"),
        ("<http://purl.org/dc/terms/title>", "http://purl.org/dc/terms/title"),
        ("<urn:isbn:1>", "urn:isbn:1"),
        ("<http://schema.org/about>", "https://schema.org/about"),
    ],
)
def test_a_reference_becomes_an_iri(expected: str, reference: str) -> None:
    assert expected == HTTP.iri(reference)


@pytest.mark.parametrize(
    ("expected", "reference"),
    [
        ("kg:heat", "vocab#heat"),
        ("schema:about", "https://schema.org/about"),
        ("dcterms:relation", "http://purl.org/dc/terms/relation"),
        ("https://example.org/kg/topic/ai", "topic/ai"),
    ],
)
def test_an_iri_is_shown_with_its_prefix(expected: str, reference: str) -> None:
    assert expected == HTTP.compact(reference)


@pytest.mark.parametrize(
    ("expected", "site"), [("<https://schema.org/url>", Site()), ("<http://schema.org/url>", HTTP)]
)
def test_shapes_and_queries_use_the_schema_org_namespace_of_the_site(
    expected: str, site: Site
) -> None:
    assert expected == site.localize("<https://schema.org/url>")


def test_prefixes_are_sorted_and_distinct() -> None:
    prefixes = Site().prefixes
    assert sorted(prefixes) == list(prefixes)
    assert len(prefixes) == len(set(prefixes.values()))


def test_a_site_can_be_sent_to_another_process() -> None:
    assert HTTP == pickle.loads(pickle.dumps(HTTP))  # noqa: S301 - pickled on this very line


def test_a_namespace_has_no_term_for_special_attributes_of_python() -> None:
    assert str(SDO) == str(copy.copy(SDO))
    assert not hasattr(SDO, "__len__")
