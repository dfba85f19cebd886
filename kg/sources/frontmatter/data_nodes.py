"""TOML and JSON text to the nodes of YAML, each with its position.

`tomllib` and `json` validate a text, but do not give the positions of its values; those are found
here, in a text that is known to be valid.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeAlias

import yaml

from kg.model import SourceError
from kg.sources.frontmatter.blocks import Block, error_at, position_at
from kg.sources.frontmatter.yaml_nodes import MAX_DEPTH, TAG, TOO_DEEP, Loader

_NOT_JSON: Final = {
    "Expecting property": "expected a key in double quotes",
    "Illegal trailing comma": "expected a key in double quotes",
    "Expecting ':'": "expected a colon",
    "Expecting ','": "expected a comma or a closing bracket",
    "Expecting value": "expected a value; put text in double quotes",
    "Unterminated string": "unterminated string",
    "Invalid control": "a line break or control character in a string; escape it",
    "Invalid \\": "unknown escape",
    "Extra data": "unexpected text after the end",
}
_NOT_TOML: Final = {
    "Cannot ": "duplicate key or table; keep one",
    "Duplicate ": "duplicate key or table; keep one",
    "Invalid date": "invalid date or time",
    "Invalid value": "invalid value; put text in quotes",
    "Invalid statement": "expected a key or a table",
    "Invalid initial": "expected a key; put one with other characters in quotes",
    "Expected '='": "expected = after the key",
    "Expected newline": "unexpected text after the value; start a new line",
    "Expected ']": "expected a ]",
    "Unclosed": "expected a closing bracket",
    "Unterminated": "unterminated string",
    "Expected '": "unterminated string",
    'Expected "': "unterminated string",
    "Illegal character": "a line break or control character in a string; escape it",
    "Found invalid character": "a control character; remove it",
    "Unescaped": "unknown escape; write two backslashes",
    "Escaped": "unknown escape",
    "Invalid hex": "unknown escape",
}
"""Starts of the library's messages, and what replaces them: they may quote the text."""


def compose_json(block: Block) -> Iterator[yaml.Node]:
    """Yield the root node of a JSON text, unless that is empty.

    Raises SourceError if the text is not JSON (RFC 8259), or nested deeper than MAX_DEPTH.
    """
    if not block.text.strip():
        return
    try:
        json.loads(block.text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise error_at(_message("JSON", _NOT_JSON, error), block, error.pos) from error
    except RecursionError:
        pass  # reading the nodes raises the error, with its place
    node = _Nodes(block, block.text, _json_scalar).value(1)
    if node.value != []:
        yield node


def compose_toml(block: Block) -> Iterator[yaml.Node]:
    """Yield the root node of a TOML text, unless that is empty.

    Raises SourceError if the text is not TOML 1.0, or nested deeper than MAX_DEPTH.
    """
    text = re.sub(r"\r(?!\n)", "\n", block.text)  # as in YAML and JSON, a CR ends a line
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = _message("TOML", _NOT_TOML, error)
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        if place:
            raise SourceError(message, int(place[1]) + block.line - 1, int(place[2])) from error
        raise error_at(message, block, len(text.rstrip())) from error
    except ValueError as error:
        raise error_at("not TOML: a number with too many digits", block, 0) from error
    except RecursionError:
        pass  # reading the nodes raises the error, with its place
    node = _Nodes(block, text, _toml_scalar).tables()
    if node.value:
        yield node


def _message(language: str, messages: dict[str, str], error: ValueError) -> str:
    matching = (text for start, text in messages.items() if str(error).startswith(start))
    return f"not {language}: {next(matching, 'not readable')}"


_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_QUOTED: Final = (
    r'"""(?:\\.|[^\\])*?"""(?!")'
    r"|'''.*?'''(?!')"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'"
)
_SCALAR = re.compile(
    rf"(?s){_QUOTED}|\d{{4}}-\d\d-\d\d[Tt ]\d[\d:.+\-Zz]*|[^\s,\]}}#]+",
)
_KEY = re.compile(rf"(?s){_QUOTED}|[A-Za-z0-9_\-]+")
_HALF = re.compile("[\ud800-\udfff]")

ReadScalar: TypeAlias = Callable[[str], str]
"""From the source text of a scalar to its text as YAML would have it."""


def _json_scalar(written: str) -> str:
    if written in {"NaN", "Infinity", "-Infinity"}:
        raise ValueError("not JSON: NaN and Infinity are not allowed")
    text: str = json.loads(written) if written[0] == '"' else written
    if _HALF.search(text):
        raise ValueError("not JSON: the escape of a lone surrogate; write both halves of the pair")
    return text


def _toml_scalar(written: str) -> str:
    value = tomllib.loads(f"_={written}")["_"]
    if isinstance(value, int | float) and not isinstance(value, bool):
        # Of integers, underscores, sign and base are dropped; decimals keep their digits.
        return str(value) if isinstance(value, int) else written.replace("_", "")
    return value if isinstance(value, str) else written


class _Nodes:
    """Reads the nodes of a valid text, from its start to its end."""

    def __init__(self, block: Block, text: str, read_scalar: ReadScalar) -> None:
        self._block = block
        self._text = text
        self._read_scalar = read_scalar
        self._at = 0
        self._line = position_at(text, self._skip_blank())[0] - 1  # only the root's is in use
        self._children: dict[tuple[int, str], Any] = {}  # by the id of a mapping, and a key
        self._resolve: Callable[..., str] = Loader("").resolve

    def tables(self) -> yaml.MappingNode:
        """Return the root of a TOML text: its pairs, and its tables of pairs."""
        root = self._mapping(self._skip_blank())
        table, depth = [root], 1
        while self._skip_blank() < len(self._text):
            brackets = self._text.startswith("[", self._at) + self._text.startswith("[[", self._at)
            if not brackets:
                self._pair(table, depth)
                continue
            self._at += brackets
            keys = self._keys(1)
            table, depth = self._table(root, keys, many=brackets > 1), 1 + len(keys)
            self._skip_blank()
            self._at += brackets
            self._end(table)
        return root

    def value(self, depth: int) -> Any:
        """Return the next value: an array, an object or inline table, or a scalar."""
        start = self._skip_blank()
        if depth > MAX_DEPTH and self._text[start] in "[{":
            raise error_at(TOO_DEEP, self._block, start)
        if self._text[start] == "{":
            return self._fill(self._mapping(start), lambda node: self._pair([node], depth))
        if self._text[start] == "[":
            sequence = yaml.SequenceNode(f"{TAG}seq", [], self._mark(start), self._mark(start))
            return self._fill(sequence, lambda node: node.value.append(self.value(depth + 1)))
        return self._scalar(_SCALAR)

    def _fill(self, node: Any, read_child: Callable[[Any], None]) -> Any:
        """Return a collection with its children, which are read up to its closing bracket."""
        self._at += 1
        while self._text[self._skip_blank()] not in "]}":
            read_child(node)
            self._at = self._skip_blank() + (self._text[self._skip_blank()] == ",")
        self._at += 1
        self._end([node])
        return node

    def _pair(self, parents: Sequence[Any], depth: int) -> None:
        """Read `key = value`, `a.b = value` or `"key": value` into the last of the parents."""
        keys = self._keys(depth)
        self._at = self._skip_blank() + 1
        value = self.value(depth + len(keys))
        inner = self._descend(parents[-1], keys[:-1])
        self._add(inner[-1], keys[-1], value)
        self._end([*parents, *inner])

    def _keys(self, depth: int) -> list[yaml.ScalarNode]:
        keys: list[yaml.ScalarNode] = []
        while True:
            self._skip_blank()
            if depth + len(keys) > MAX_DEPTH:
                raise error_at(TOO_DEEP, self._block, self._at)
            keys.append(self._scalar(_KEY))
            if self._text[self._skip_blank()] != ".":
                return keys
            self._at += 1

    def _table(self, root: Any, keys: Sequence[yaml.ScalarNode], *, many: bool) -> list[Any]:
        """Return a table after its parents; `many` appends one more table to an array of tables."""
        if not many:
            return self._descend(root, keys)
        parents, key = self._descend(root, keys[:-1]), keys[-1]
        sequence = self._children.get((id(parents[-1]), key.value))
        if sequence is None:
            mark = key.start_mark
            sequence = yaml.SequenceNode(f"{TAG}seq", [], mark, mark)
            self._add(parents[-1], key, sequence)
        sequence.value.append(self._mapping(key.start_mark.index))
        return [*parents, sequence, sequence.value[-1]]

    def _descend(self, node: Any, keys: Sequence[yaml.ScalarNode]) -> list[Any]:
        """Return a mapping and its descendants by a chain of keys, which are created if missing."""
        chain = [node]
        for key in keys:
            child = self._children.get((id(chain[-1]), key.value))
            if child is None:
                child = self._mapping(key.start_mark.index)
                self._add(chain[-1], key, child)
            chain.append(child)
            if isinstance(child, yaml.SequenceNode):
                chain.append(child.value[-1])
        return chain

    def _add(self, node: Any, key: yaml.ScalarNode, value: Any) -> None:
        node.value.append((key, value))
        self._children[id(node), key.value] = value

    def _scalar(self, pattern: re.Pattern[str]) -> yaml.ScalarNode:
        start = self._at
        written = pattern.match(self._text, start)[0]  # type: ignore[index] # the text is valid
        self._at += len(written)
        quote = written[0] if written[0] in "\"'" else ""
        try:
            text = self._read_scalar(written) if quote or pattern is _SCALAR else written
        except ValueError as error:
            raise error_at(str(error), self._block, start) from error
        is_text = quote or pattern is _KEY
        tag = f"{TAG}str" if is_text else self._resolve(yaml.ScalarNode, text, (True, False))
        return yaml.ScalarNode(tag, text, self._mark(start), self._mark(self._at), quote or None)

    def _mapping(self, start: int) -> yaml.MappingNode:
        return yaml.MappingNode(f"{TAG}map", [], self._mark(start), self._mark(start))

    def _end(self, nodes: Sequence[Any]) -> None:
        for node in nodes:
            node.end_mark = self._mark(self._at)

    def _skip_blank(self) -> int:
        self._at = _BLANK.match(self._text, self._at).end()  # type: ignore[union-attr] # always
        return self._at

    def _mark(self, index: int) -> yaml.Mark:
        return yaml.Mark("", index, self._line, 0, None, 0)
