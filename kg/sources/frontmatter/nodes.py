"""Text in any of the languages to nodes: YAML's, so that what is done with them is shared."""

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


def compose_nodes(block: Block) -> Iterator[yaml.Node]:
    """Yield the root node of each document of a block that is not empty.

    Raises SourceError with its place if the text is not in its language.
    """
    return _COMPOSE[block.language](block)
