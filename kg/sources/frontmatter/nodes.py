"""Text in any of the languages to nodes: one kind of node, so what is done with them is shared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from kg.sources.frontmatter import data_nodes, yaml_nodes
from kg.sources.frontmatter.blocks import Block, Language

if TYPE_CHECKING:
    import yaml

_COMPOSE: Final[dict[Language, Callable[[Block], Iterator[yaml.Node]]]] = {
    "yaml": yaml_nodes.compose,
    "toml": data_nodes.toml,
    "json": data_nodes.json_,
}


def compose(source: Block) -> Iterator[yaml.Node]:
    """Yield the root node of each document of a block; none when it says nothing.

    Raises SourceError, with its place, for what its language does not allow.
    """
    return _COMPOSE[source.language](source)
