"""Plain values that cross every border between rooms. No I/O here.

`records` has sources, records and statements, `findings` findings and places, `errors` everything
that kg raises. `terms` writes and splits terms in N-Triples syntax; `site` makes IRIs and
`namespaces` names them. `formats` and `sizes` parse what users write; `messages` and `tables` word
what they read.
"""

from typing import TYPE_CHECKING

from kg.model.lazy import lazy_names

if TYPE_CHECKING:
    from kg.model.errors import (
        CacheError,
        ConfigurationError,
        FormatError,
        InvalidValue,
        KgError,
        NoFrontMatter,
        OutputError,
        QueryError,
        ShapesError,
        SourceError,
        StoreError,
    )
    from kg.model.findings import (
        Finding,
        Place,
        Rule,
        Severity,
        first_violation,
        has_violation,
        rule_name,
    )
    from kg.model.formats import NOT_XML, Format, choose_format, find_format, format_of_path
    from kg.model.messages import (
        escape_unprintable,
        finding_line,
        format_count,
        other_places,
        place_members,
        quote_value,
        shorten,
        states_expectation,
        subject_of,
        value_of,
    )
    from kg.model.namespaces import DCAT, DCTERMS, KG, PROV, RDF, RDFS, SDO, SH, SKOS, VOID, XSD
    from kg.model.records import (
        FieldPath,
        Origin,
        Record,
        Source,
        Statement,
        Term,
        Triple,
        field_name,
    )
    from kg.model.site import DEFAULT_BASE, SCHEMA_NAMESPACES, Site
    from kg.model.sizes import parse_size
    from kg.model.tables import markdown_table
    from kg.model.terms import escape_for_sparql, lexical_form, literal, unquote
    from kg.model.version import VERSION

__all__ = [
    "DCAT",
    "DCTERMS",
    "DEFAULT_BASE",
    "KG",
    "NOT_XML",
    "PROV",
    "RDF",
    "RDFS",
    "SCHEMA_NAMESPACES",
    "SDO",
    "SH",
    "SKOS",
    "VERSION",
    "VOID",
    "XSD",
    "CacheError",
    "ConfigurationError",
    "FieldPath",
    "Finding",
    "Format",
    "FormatError",
    "InvalidValue",
    "KgError",
    "NoFrontMatter",
    "Origin",
    "OutputError",
    "Place",
    "QueryError",
    "Record",
    "Rule",
    "Severity",
    "ShapesError",
    "Site",
    "Source",
    "SourceError",
    "Statement",
    "StoreError",
    "Term",
    "Triple",
    "choose_format",
    "escape_for_sparql",
    "escape_unprintable",
    "field_name",
    "find_format",
    "finding_line",
    "first_violation",
    "format_count",
    "format_of_path",
    "has_violation",
    "lazy_names",
    "lexical_form",
    "literal",
    "markdown_table",
    "other_places",
    "parse_size",
    "place_members",
    "quote_value",
    "rule_name",
    "shorten",
    "states_expectation",
    "subject_of",
    "unquote",
    "value_of",
]

__getattr__ = lazy_names(
    __name__,
    {
        "errors": (
            "CacheError",
            "ConfigurationError",
            "FormatError",
            "InvalidValue",
            "KgError",
            "NoFrontMatter",
            "OutputError",
            "QueryError",
            "ShapesError",
            "SourceError",
            "StoreError",
        ),
        "findings": (
            "Finding",
            "Place",
            "Rule",
            "Severity",
            "first_violation",
            "has_violation",
            "rule_name",
        ),
        "formats": ("Format", "NOT_XML", "choose_format", "find_format", "format_of_path"),
        "messages": (
            "escape_unprintable",
            "finding_line",
            "format_count",
            "other_places",
            "place_members",
            "quote_value",
            "shorten",
            "states_expectation",
            "subject_of",
            "value_of",
        ),
        "namespaces": (
            "DCAT",
            "DCTERMS",
            "KG",
            "PROV",
            "RDF",
            "RDFS",
            "SDO",
            "SH",
            "SKOS",
            "VOID",
            "XSD",
        ),
        "records": (
            "FieldPath",
            "Origin",
            "Record",
            "Source",
            "Statement",
            "Term",
            "Triple",
            "field_name",
        ),
        "site": ("DEFAULT_BASE", "SCHEMA_NAMESPACES", "Site"),
        "sizes": ("parse_size",),
        "tables": ("markdown_table",),
        "terms": ("escape_for_sparql", "lexical_form", "literal", "unquote"),
        "version": ("VERSION",),
    },
)
