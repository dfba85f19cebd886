"""Text to fields, and on request a field path to its line and column. Only this room reads YAML.

Scalars become Python values only when that loses nothing: `true`, `false`, null, whole numbers and
decimals that Python writes back in the very same characters. Everything else (`No`, `012`, `1.10`,
`12:30:45`, dates) stays the text it is, and the term it is mapped to decides what it means. TOML
and JSON are read into the nodes that YAML has, so the same holds for them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from kg.sources.frontmatter.blocks import Block, decode_text, find_block
from kg.sources.frontmatter.positions import Positions, Scalar
from kg.sources.frontmatter.subset import read_subset
from kg.sources.withheld import WITHHELD

__all__ = [
    "Block",
    "Document",
    "Positions",
    "Scalar",
    "decode_text",
    "find_block",
    "read_documents",
]


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a block as plain values, and the line of the file it starts on."""

    value: Any
    line: int
    index: int


def read_documents(source: Block, withheld: Collection[str] = WITHHELD) -> Iterator[Document]:
    """Yield each document of a block. The value at a key in `withheld` is never read: it is None.

    Raises SourceError, with its place, for what its language does not allow, a repeated key, a tag
    that would construct anything, and aliases that expand beyond MAX_EXPANSION or MAX_DEPTH.
    """
    fields = read_subset(source.text, withheld) if source.language == "yaml" else None
    if fields is not None:
        yield Document(fields, source.line, 0)
        return
    from kg.sources.frontmatter.inspection import Inspection
    from kg.sources.frontmatter.nodes import compose_nodes
    from kg.sources.frontmatter.yaml_nodes import construct_value

    for index, node in enumerate(compose_nodes(source)):
        Inspection(withheld, source).run(node)
        line = source.line + node.start_mark.line
        yield Document(construct_value(node, source), line, index)
