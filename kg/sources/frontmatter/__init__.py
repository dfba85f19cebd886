"""Text to fields, and a field path to its line and column. Only this room reads YAML.

Scalars become Python values only if nothing is lost: `true`, `false`, null, and integers and
decimals that Python writes with the same characters. All others (`No`, `012`, `1.10`, `12:30:45`,
dates) stay text, which is parsed by the term map that the mapping has for the field. TOML and JSON
are read into YAML's nodes, so the same holds for them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from kg.sources.frontmatter.blocks import Block
from kg.sources.frontmatter.subset import read_subset
from kg.sources.withheld import WITHHELD

__all__ = ["Document", "read_documents"]


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a block as plain values, its first line in the file, and its number from 0."""

    value: Any
    line: int
    index: int


def read_documents(block: Block, withheld: Collection[str] = WITHHELD) -> Iterator[Document]:
    """Yield each document of a block. The value at a key in `withheld` is never read: it is None.

    Raises SourceError with its place for what the language does not allow, a duplicate key, a tag
    that constructs an object, and aliases that expand beyond MAX_EXPANSION or MAX_DEPTH.
    """
    fields = read_subset(block.text, withheld) if block.language == "yaml" else None
    if fields is not None:
        yield Document(fields, block.line, 0)
        return
    from kg.sources.frontmatter.inspection import Inspection
    from kg.sources.frontmatter.nodes import compose_nodes
    from kg.sources.frontmatter.yaml_nodes import construct_value

    for index, node in enumerate(compose_nodes(block)):
        Inspection(withheld, block).run(node)
        line = block.line + node.start_mark.line
        yield Document(construct_value(node, block), line, index)
