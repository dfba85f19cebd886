"""The namespaces of the vocabularies that kg uses."""

from __future__ import annotations


class Namespace:
    """An IRI prefix whose attributes are its terms: `SDO.headline`, or `VOID["class"]`.

    rdflib has the same, but importing it doubles the time of a small export. The tests check every
    term in use with rdflib's closed namespaces.
    """

    def __init__(self, iri: str) -> None:
        self._iri = iri

    def __str__(self) -> str:
        return self._iri

    def __getitem__(self, name: str) -> str:
        return self._iri + name

    def __getattr__(self, name: str) -> str:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._iri + name


SDO = Namespace("https://schema.org/")
KG = Namespace("vocab#")
"""The project's own terms, relative to the base IRI."""
DCAT = Namespace("http://www.w3.org/ns/dcat#")
DCTERMS = Namespace("http://purl.org/dc/terms/")
PROV = Namespace("http://www.w3.org/ns/prov#")
RDF = Namespace("http://www.w3.org/1999/02/22-rdf-syntax-ns#")
RDFS = Namespace("http://www.w3.org/2000/01/rdf-schema#")
SH = Namespace("http://www.w3.org/ns/shacl#")
SKOS = Namespace("http://www.w3.org/2004/02/skos/core#")
VOID = Namespace("http://rdfs.org/ns/void#")
XSD = Namespace("http://www.w3.org/2001/XMLSchema#")
