"""The site that a graph describes: what its IRIs depend on besides the data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from kg.model.errors import ConfigurationError
from kg.model.namespaces import DCAT, DCTERMS, KG, PROV, RDF, RDFS, SDO, SH, SKOS, VOID, XSD
from kg.model.records import Term

DEFAULT_BASE: Final = "https://example.org/kg/"
_BASE = re.compile(
    r"https?://[A-Za-z0-9.\-]+(?::[0-9]+)?/"
    r"(?:(?!\.{1,2}/)(?:[A-Za-z0-9._~!$&'()*+,;=:@\-]|%[0-9A-Fa-f]{2})+/)*\Z"
)
"""Host and path segments, none of them empty, `.` or `..`, which IRI parsers remove."""

_SCHEMA: Final = str(SDO)
SCHEMA_NAMESPACES: Final = {"https": _SCHEMA, "http": "http://schema.org/"}


@dataclass(frozen=True, slots=True)
class Site:
    """What the IRIs of a graph depend on besides the data.

    `base` ends in `/`. `url` resolves relative URLs in the data; None if it is unknown.
    Raises ConfigurationError if the base is not an absolute http(s) IRI.
    """

    base: str = DEFAULT_BASE
    url: str | None = None
    schema: str = _SCHEMA
    title: str | None = None
    license: str | None = None
    locale: str | None = None

    def __post_init__(self) -> None:
        if not _BASE.match(self.base):
            message = f"not a base IRI: {self.base!r}; write one like {DEFAULT_BASE}"
            raise ConfigurationError(message)

    def iri(self, reference: str) -> Term:
        """Return an IRI as a term, resolved if relative, with the site's schema.org namespace.

        >>> Site().iri("topic/ai")
        '<https://example.org/kg/topic/ai>'
        """
        if ":" not in reference:
            return f"<{self.base}{reference}>"
        if reference.startswith(_SCHEMA):
            return f"<{self.schema}{reference[len(_SCHEMA) :]}>"
        if ":" in reference.split("/", 1)[0]:
            return f"<{reference}>"
        return f"<{self.base}{reference}>"

    @property
    def description(self) -> dict[str, str]:
        """Return the title, url and locale of the site, those that are known."""
        properties = {"title": self.title, "url": self.url, "locale": self.locale}
        return {key: value for key, value in properties.items() if value}

    @property
    def genid(self) -> str:
        """Return the prefix of skolem IRIs, which replace blank nodes (RDF 1.1, section 3.5)."""
        return f"{self.base}.well-known/genid/"

    def compact(self, reference: str) -> str:
        """Return an IRI as a prefixed name; in full if no prefix fits.

        >>> Site().compact("vocab#quality")
        'kg:quality'
        """
        iri = self.iri(reference)[1:-1]
        for prefix, namespace in self.prefixes.items():
            if iri.startswith(namespace):
                return f"{prefix}:{iri[len(namespace) :]}"
        return iri

    def localize(self, text: str) -> str:
        """Return shapes or a query with https://schema.org/ replaced by the site's namespace."""
        return text if self.schema == _SCHEMA else text.replace(_SCHEMA, self.schema)

    @property
    def prefixes(self) -> dict[str, str]:
        """Return prefix and namespace of every vocabulary that a graph can use, sorted."""
        return {
            "dcat": str(DCAT),
            "dcterms": str(DCTERMS),
            "kg": f"{self.base}{KG}",
            "prov": str(PROV),
            "rdf": str(RDF),
            "rdfs": str(RDFS),
            "schema": self.schema,
            "sh": str(SH),
            "skos": str(SKOS),
            "void": str(VOID),
            "xsd": str(XSD),
        }
