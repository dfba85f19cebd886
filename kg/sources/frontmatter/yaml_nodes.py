"""YAML text to nodes, and nodes to values without loss, by PyYAML and libyaml."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from kg.model import SourceError
from kg.sources.frontmatter.blocks import Block, error_at

MAX_DEPTH: Final = 100
"""Levels of nested collections; libyaml's composer overflows its stack near 20,000."""
TOO_DEEP: Final = f"nested deeper than {MAX_DEPTH} levels"
TAG: Final = "tag:yaml.org,2002:"

_DEEP = re.compile(rf"(?:\A|[\n\r\x85\u2028\u2029])[ \t?:\-]{{{MAX_DEPTH // 2},}}")
"""A line that may open many block collections; line breaks are those of libyaml."""


def compose_yaml(block: Block) -> Iterator[yaml.Node]:
    """Yield the root node of each YAML document. Raises SourceError if the text is not YAML."""
    try:
        yield from yaml.compose_all(_checked_text(block), Loader)
    except yaml.YAMLError as error:
        raise _source_error(error, block) from error


def construct_value(node: yaml.Node, block: Block) -> Any:
    """Return the value of a root node. Raises SourceError if a tag does not fit its value."""
    try:
        return Loader("").construct_document(node)
    except yaml.YAMLError as error:
        raise _source_error(error, block) from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # PyYAML's constructors do not check that the value fits an explicit tag.
        message = "not YAML: an explicit tag does not fit its value"
        raise error_at(message, block, node.start_mark.index) from error


class Loader(yaml.CSafeLoader):
    """libyaml with only those implicit types that do not change a scalar's text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


def _exact_float(_loader: Loader, node: yaml.ScalarNode) -> float | str:
    number = float(node.value)
    return number if repr(number) == node.value else str(node.value)


Loader.add_constructor(f"{TAG}float", _exact_float)
Loader.add_constructor(f"{TAG}timestamp", lambda _loader, node: str(node.value))
for _name, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", [*"~nN", ""]),
    ("bool", r"true|false", [*"tf"]),
    ("int", r"0|-?[1-9][0-9]{0,17}", [*"-0123456789"]),
    ("float", r"-?(?:0|[1-9][0-9]*)\.[0-9]+", [*"-0123456789"]),
    ("merge", r"<<", ["<"]),
):
    Loader.add_implicit_resolver(f"{TAG}{_name}", re.compile(rf"(?:{_pattern})\Z"), _first)


def _checked_text(block: Block) -> str:
    """Return the text of a block. Raises SourceError if its nesting would overflow a stack."""
    text = block.text
    if text.count("[") + text.count("{") < MAX_DEPTH and not _DEEP.search(text):
        return text
    depth = 0
    event: Any  # in PyYAML's stubs, a mark may be None
    try:
        for event in yaml.parse(text, Loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise error_at(TOO_DEEP, block, event.start_mark.index)
    except yaml.YAMLError as error:
        raise _source_error(error, block) from error
    return text


def _source_error(error: yaml.YAMLError, block: Block) -> SourceError:
    mark = getattr(error, "problem_mark", None)
    if isinstance(error, yaml.reader.ReaderError):  # its position counts bytes
        index = len(block.text.encode()[: error.position].decode(errors="ignore"))
        return error_at(f"not YAML: {error.reason}", block, index)
    index = mark.index if mark else 0
    problem = str(getattr(error, "problem", None) or "not readable")
    if block.text[index : index + 1] == "\t":
        problem = "a tab in the indent; use spaces"
    elif problem.startswith("could not determine a constructor"):
        problem = "a tag that constructs an object; only plain values are read"
    return error_at(f"not YAML: {problem}", block, index)
