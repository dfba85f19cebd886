"""YAML text to nodes, and nodes to values that lose nothing. PyYAML and libyaml do the work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import yaml

from kg.model.errors import SourceError
from kg.sources.frontmatter.blocks import Block, error_at

MAX_DEPTH: Final = 100
"""Collections within collections; libyaml's composer overruns its stack near 20,000 (measured)."""
TOO_DEEP: Final = f"nested deeper than {MAX_DEPTH} levels"
TAG: Final = "tag:yaml.org,2002:"

_DEEP = re.compile(rf"(?:\A|[\n\r\x85\u2028\u2029])[ \t?:\-]{{{MAX_DEPTH // 2},}}")
"""A line that may open many block collections; lines as libyaml counts them."""


def compose_yaml(source: Block) -> Iterator[yaml.Node]:
    """Yield the root node of each YAML document. Raises SourceError for what is not YAML."""
    try:
        yield from yaml.compose_all(_guarded(source), Loader)
    except yaml.YAMLError as error:
        raise _refusal(error, source) from error


def construct_value(node: yaml.Node, source: Block) -> Any:
    """Return the value of a root node. Raises SourceError where an explicit tag has none."""
    try:
        return Loader("").construct_document(node)
    except yaml.YAMLError as error:
        raise _refusal(error, source) from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # An explicit tag on a value that does not fit it: PyYAML's constructors do not check.
        message = "not YAML: an explicit tag does not fit its value"
        raise error_at(message, source, node.start_mark.index) from error


class Loader(yaml.CSafeLoader):
    """libyaml with the implicit types that keep a scalar's spelling, and no others."""

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


def _guarded(source: Block) -> str:
    """Refuse nesting that would overrun libyaml's stack, before anything recurses into it."""
    text = source.text
    if text.count("[") + text.count("{") < MAX_DEPTH and not _DEEP.search(text):
        return text
    depth = 0
    event: Any  # PyYAML's stubs let a mark be missing
    try:
        for event in yaml.parse(text, Loader):
            depth += isinstance(event, yaml.CollectionStartEvent)
            depth -= isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise error_at(TOO_DEEP, source, event.start_mark.index)
    except yaml.YAMLError as error:
        raise _refusal(error, source) from error
    return text


def _refusal(error: yaml.YAMLError, source: Block) -> SourceError:
    mark = getattr(error, "problem_mark", None)
    if isinstance(error, yaml.reader.ReaderError):  # it counts bytes
        index = len(source.text.encode()[: error.position].decode(errors="ignore"))
        return error_at(f"not YAML: {error.reason}", source, index)
    index = mark.index if mark else 0
    problem = str(getattr(error, "problem", None) or "not readable")
    if source.text[index : index + 1] == "\t":
        problem = "a tab where only spaces may indent; use spaces"
    elif problem.startswith("could not determine a constructor"):
        problem = "a tag that would construct something; only plain values are read"
    return error_at(f"not YAML: {problem}", source, index)
