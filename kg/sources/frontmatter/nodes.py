"""Text in any of the languages to nodes: one kind of node, so what is done with them is shared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from kg.sources.frontmatter.blocks import Block, Language
from kg.sources.frontmatter.data_nodes import compose_json, compose_toml
from kg.sources.frontmatter.yaml_nodes import compose_yaml

if TYPE_CHECKING:
    import yaml

_COMPOSE: Final[dict[Language, Callable[[Block], Iterator[yaml.Node]]]] = {
    "yaml": compose_yaml,
    "toml": compose_toml,
    "json": compose_json,
}


def compose_nodes(source: Block) -> Iterator[yaml.Node]:
    """Yield the root node of each document of a block; none when it says nothing.

    Raises SourceError, with its place, for what its language does not allow.
    """
    return _COMPOSE[source.language](source)
