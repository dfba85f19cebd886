"""What a record means in schema.org: the table, its language, and its interpreter.

`schema_org` is the table, the only module that names schema.org's terms; `language` is what it is
written in, with `term_maps` for literals and `identifiers` for IRIs. `compiled` and `mapper`
interpret it: a record becomes a tree of `descriptions`, which `memo` shares. `project` opens a
site: the table with its `extensions`, the names in its files (`authority`) and known `facts`.
"""

from typing import TYPE_CHECKING

from kg.model import lazy_names

if TYPE_CHECKING:
    from kg.mapping.authority import may_name_nodes, names_nodes
    from kg.mapping.descriptions import (
        Description,
        Fate,
        MappedRecord,
        MappingResult,
        RelativeStatement,
    )
    from kg.mapping.facts import vocabulary_triples
    from kg.mapping.identifiers import dataset_iri, graph_iri, lease_iri, work_iri
    from kg.mapping.language import (
        VARIABLES,
        Reference,
        Row,
        TriplesMap,
        alternatives,
        parse_reference,
    )
    from kg.mapping.listing import kind_rows, mapping_rows
    from kg.mapping.mapper import Mapper
    from kg.mapping.memo import DescriptionMemo, SeenNodes
    from kg.mapping.project import Project, open_project, table_of
    from kg.mapping.schema_org import MANIFEST, MAPS, METADATA, PUBLICATION_DATE, RECORD, THEME
    from kg.mapping.term_maps import (
        DATATYPES,
        TermMap,
        boolean,
        date_time,
        domain,
        integer,
        source_text,
        text,
        url,
    )
    from kg.mapping.urls import KEY_VERSION, clean_url

__all__ = [
    "DATATYPES",
    "KEY_VERSION",
    "MANIFEST",
    "MAPS",
    "METADATA",
    "PUBLICATION_DATE",
    "RECORD",
    "THEME",
    "VARIABLES",
    "Description",
    "DescriptionMemo",
    "Fate",
    "MappedRecord",
    "Mapper",
    "MappingResult",
    "Project",
    "Reference",
    "RelativeStatement",
    "Row",
    "SeenNodes",
    "TermMap",
    "TriplesMap",
    "alternatives",
    "boolean",
    "clean_url",
    "dataset_iri",
    "date_time",
    "domain",
    "graph_iri",
    "integer",
    "kind_rows",
    "lease_iri",
    "mapping_rows",
    "may_name_nodes",
    "names_nodes",
    "open_project",
    "parse_reference",
    "source_text",
    "table_of",
    "text",
    "url",
    "vocabulary_triples",
    "work_iri",
]

__getattr__ = lazy_names(
    __name__,
    {
        "authority": ("may_name_nodes", "names_nodes"),
        "descriptions": (
            "Description",
            "Fate",
            "MappedRecord",
            "MappingResult",
            "RelativeStatement",
        ),
        "facts": ("vocabulary_triples",),
        "identifiers": ("dataset_iri", "graph_iri", "lease_iri", "work_iri"),
        "language": (
            "Reference",
            "Row",
            "TriplesMap",
            "VARIABLES",
            "alternatives",
            "parse_reference",
        ),
        "listing": ("kind_rows", "mapping_rows"),
        "mapper": ("Mapper",),
        "memo": ("DescriptionMemo", "SeenNodes"),
        "project": ("Project", "open_project", "table_of"),
        "schema_org": ("MANIFEST", "MAPS", "METADATA", "PUBLICATION_DATE", "RECORD", "THEME"),
        "term_maps": (
            "DATATYPES",
            "TermMap",
            "boolean",
            "date_time",
            "domain",
            "integer",
            "source_text",
            "text",
            "url",
        ),
        "urls": ("KEY_VERSION", "clean_url"),
    },
)
