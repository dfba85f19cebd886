"""Files to records, and a field back to its line and column.

`discovery` finds the sources, `reading` reads their records, with `frontmatter` for text and `rdf`
for RDF files, and `locations` gives places their lines. `revisions` reads files as they were in
git; `withheld` names the fields that never leave a source. Only this room reads YAML, RDF files and
git. Raises SourceError, with a place, for what cannot be read.
"""

from typing import TYPE_CHECKING

from kg.model import lazy_names

if TYPE_CHECKING:
    from kg.sources.discovery import (
        VOCABULARY_FOLDERS,
        discover_sources,
        names_vocabulary,
        nothing_read,
        site_root,
        walk_folder,
    )
    from kg.sources.frontmatter import read_documents
    from kg.sources.frontmatter.blocks import Block, decode_text, find_block
    from kg.sources.frontmatter.positions import Positions, Scalar
    from kg.sources.locations import PositionCache, with_lines
    from kg.sources.rdf import encode_ntriples, read_localized_rdf, read_rdf, without_blank_nodes
    from kg.sources.reading import (
        TEXT_SUFFIXES,
        YAML_SUFFIXES,
        is_rdf,
        read_jekyll_settings,
        read_positions,
        read_records,
        read_source,
        reread_records,
    )
    from kg.sources.revisions import checkout_revision
    from kg.sources.withheld import WITHHELD, may_show

__all__ = [
    "TEXT_SUFFIXES",
    "VOCABULARY_FOLDERS",
    "WITHHELD",
    "YAML_SUFFIXES",
    "Block",
    "PositionCache",
    "Positions",
    "Scalar",
    "checkout_revision",
    "decode_text",
    "discover_sources",
    "encode_ntriples",
    "find_block",
    "is_rdf",
    "may_show",
    "names_vocabulary",
    "nothing_read",
    "read_documents",
    "read_jekyll_settings",
    "read_localized_rdf",
    "read_positions",
    "read_rdf",
    "read_records",
    "read_source",
    "reread_records",
    "site_root",
    "walk_folder",
    "with_lines",
    "without_blank_nodes",
]

__getattr__ = lazy_names(
    __name__,
    {
        "discovery": (
            "VOCABULARY_FOLDERS",
            "discover_sources",
            "names_vocabulary",
            "nothing_read",
            "site_root",
            "walk_folder",
        ),
        "frontmatter": ("read_documents",),
        "frontmatter.blocks": ("Block", "decode_text", "find_block"),
        "frontmatter.positions": ("Positions", "Scalar"),
        "locations": ("PositionCache", "with_lines"),
        "rdf": ("encode_ntriples", "read_localized_rdf", "read_rdf", "without_blank_nodes"),
        "reading": (
            "TEXT_SUFFIXES",
            "YAML_SUFFIXES",
            "is_rdf",
            "read_jekyll_settings",
            "read_positions",
            "read_records",
            "read_source",
            "reread_records",
        ),
        "revisions": ("checkout_revision",),
        "withheld": ("WITHHELD", "may_show"),
    },
)
