"""TOML and JSON text to the nodes that YAML has, with the place of each.

`tomllib` and `json` say whether a text is right, but not where its values stand; here they are
found, and since the text is right, nothing about it is doubted again.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeAlias

import yaml

from kg.model.errors import SourceError
from kg.sources.frontmatter.blocks import Block, error_at, position_at
from kg.sources.frontmatter.yaml_nodes import MAX_DEPTH, TAG, TOO_DEEP, Loader

_NOT_JSON: Final = {
    "Expecting property": "a name in double quotes is missing",
    "Illegal trailing comma": "a name in double quotes is missing",
    "Expecting ':'": "a colon is missing",
    "Expecting ','": "a comma or a closing bracket is missing",
    "Expecting value": "a value is missing; put text in double quotes",
    "Unterminated string": "a string without end",
    "Invalid control": "a line break or control character in a string; escape it",
    "Invalid \\": "an escape that JSON has not",
    "Extra data": "something stands behind the end",
}
_NOT_TOML: Final = {
    "Cannot ": "a key or table stands here twice; keep one",
    "Duplicate ": "a key or table stands here twice; keep one",
    "Invalid date": "no such date or time",
    "Invalid value": "no value of TOML; put text in quotes",
    "Invalid statement": "neither a key nor a table",
    "Invalid initial": "a key is missing; put one with other signs in quotes",
    "Expected '='": "a = is missing after the key",
    "Expected newline": "something stands behind the value; break the line",
    "Expected ']": "a ] is missing",
    "Unclosed": "a closing bracket is missing",
    "Unterminated": "a string without end",
    "Expected '": "a string without end",
    'Expected "': "a string without end",
    "Illegal character": "a line break or control character in a string; escape it",
    "Found invalid character": "a control character; take it out",
    "Unescaped": "an escape that TOML has not; write two backslashes",
    "Escaped": "an escape that TOML has not",
    "Invalid hex": "an escape that TOML has not",
}
"""What a library's message starts with, and what to say: theirs may quote the text."""


def compose_json(source: Block) -> Iterator[yaml.Node]:
    """Yield the root node of a JSON text, unless it says nothing.

    Raises SourceError for what RFC 8259 does not allow, and for nesting deeper than MAX_DEPTH.
    """
    if not source.text.strip():
        return
    try:
        json.loads(source.text, parse_int=str, parse_float=str)
    except json.JSONDecodeError as error:
        raise error_at(_said("JSON", _NOT_JSON, error), source, error.pos) from error
    except RecursionError:
        pass  # the nodes say where
    node = _Nodes(source, source.text, _json_scalar).value(1)
    if node.value != []:
        yield node


def compose_toml(source: Block) -> Iterator[yaml.Node]:
    """Yield the root node of a TOML text, unless it says nothing.

    Raises SourceError for what TOML 1.0 does not allow, and for nesting deeper than MAX_DEPTH.
    """
    text = re.sub(r"\r(?!\n)", "\n", source.text)  # it also ends a line of YAML and JSON
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = _said("TOML", _NOT_TOML, error)
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        if place:
            raise SourceError(message, int(place[1]) + source.line - 1, int(place[2])) from error
        raise error_at(message, source, len(text.rstrip())) from error
    except ValueError as error:
        raise error_at("not TOML: a number of too many digits", source, 0) from error
    except RecursionError:
        pass  # the nodes say where
    node = _Nodes(source, text, _toml_scalar).tables()
    if node.value:
        yield node


def _said(language: str, table: dict[str, str], error: ValueError) -> str:
    found = (said for start, said in table.items() if str(error).startswith(start))
    return f"not {language}: {next(found, 'not readable')}"


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

Read: TypeAlias = Callable[[str], str]


def _json_scalar(written: str) -> str:
    if written in {"NaN", "Infinity", "-Infinity"}:
        raise ValueError("not JSON: a number that JSON has not")
    text: str = json.loads(written) if written[0] == '"' else written
    if _HALF.search(text):
        raise ValueError("not JSON: an escape of half a character; write both halves")
    return text


def _toml_scalar(written: str) -> str:
    value = tomllib.loads(f"_={written}")["_"]
    if isinstance(value, int | float) and not isinstance(value, bool):
        # Underscores, signs and bases are spelling; decimals keep theirs.
        return str(value) if isinstance(value, int) else written.replace("_", "")
    return value if isinstance(value, str) else written


class _Nodes:
    """Finds the nodes of a right text, one after the other."""

    def __init__(self, source: Block, text: str, read: Read) -> None:
        self._source = source
        self._text = text
        self._read = read
        self._at = 0
        self._line = position_at(text, self._blank())[0] - 1  # the root's; nobody asks for others
        self._known: dict[tuple[int, str], Any] = {}
        self._resolve: Callable[..., str] = Loader("").resolve

    def tables(self) -> yaml.MappingNode:
        """Read TOML: pairs, and tables of pairs."""
        root = self._mapping(self._blank())
        table, depth = [root], 1
        while self._blank() < len(self._text):
            brackets = self._text.startswith("[", self._at) + self._text.startswith("[[", self._at)
            if not brackets:
                self._pair(table, depth)
                continue
            self._at += brackets
            keys = self._keys(1)
            table, depth = self._table(root, keys, many=brackets > 1), 1 + len(keys)
            self._blank()
            self._at += brackets
            self._end(table)
        return root

    def value(self, depth: int) -> Any:
        """Read what stands next: an array, an object or inline table, or a scalar."""
        start = self._blank()
        if depth > MAX_DEPTH and self._text[start] in "[{":
            raise error_at(TOO_DEEP, self._source, start)
        if self._text[start] == "{":
            return self._closed(self._mapping(start), lambda node: self._pair([node], depth))
        if self._text[start] == "[":
            sequence = yaml.SequenceNode(f"{TAG}seq", [], self._mark(start), self._mark(start))
            return self._closed(sequence, lambda node: node.value.append(self.value(depth + 1)))
        return self._scalar(_SCALAR)

    def _closed(self, node: Any, read: Callable[[Any], None]) -> Any:
        """Read what stands in brackets, to the closing one."""
        self._at += 1
        while self._text[self._blank()] not in "]}":
            read(node)
            self._at = self._blank() + (self._text[self._blank()] == ",")
        self._at += 1
        self._end([node])
        return node

    def _pair(self, around: Sequence[Any], depth: int) -> None:
        """Read `key = value`, `a.b = value` or `"key": value` into the last mapping around it."""
        keys = self._keys(depth)
        self._at = self._blank() + 1
        value = self.value(depth + len(keys))
        inner = self._within(around[-1], keys[:-1])
        self._add(inner[-1], keys[-1], value)
        self._end([*around, *inner])

    def _keys(self, depth: int) -> list[yaml.ScalarNode]:
        keys: list[yaml.ScalarNode] = []
        while True:
            self._blank()
            if depth + len(keys) > MAX_DEPTH:
                raise error_at(TOO_DEEP, self._source, self._at)
            keys.append(self._scalar(_KEY))
            if self._text[self._blank()] != ".":
                return keys
            self._at += 1

    def _table(self, root: Any, keys: Sequence[yaml.ScalarNode], *, many: bool) -> list[Any]:
        """Return the mappings around a table and the table, which may be the next of its name."""
        if not many:
            return self._within(root, keys)
        around, key = self._within(root, keys[:-1]), keys[-1]
        sequence = self._known.get((id(around[-1]), key.value))
        if sequence is None:
            mark = key.start_mark
            sequence = yaml.SequenceNode(f"{TAG}seq", [], mark, mark)
            self._add(around[-1], key, sequence)
        sequence.value.append(self._mapping(key.start_mark.index))
        return [*around, sequence, sequence.value[-1]]

    def _within(self, node: Any, keys: Sequence[yaml.ScalarNode]) -> list[Any]:
        """Return a mapping and those that keys lead to in it, made where they are not there."""
        chain = [node]
        for key in keys:
            child = self._known.get((id(chain[-1]), key.value))
            if child is None:
                child = self._mapping(key.start_mark.index)
                self._add(chain[-1], key, child)
            chain.append(child)
            if isinstance(child, yaml.SequenceNode):
                chain.append(child.value[-1])
        return chain

    def _add(self, node: Any, key: yaml.ScalarNode, value: Any) -> None:
        node.value.append((key, value))
        self._known[id(node), key.value] = value

    def _scalar(self, pattern: re.Pattern[str]) -> yaml.ScalarNode:
        start = self._at
        written = pattern.match(self._text, start)[0]  # type: ignore[index] # the text is right
        self._at += len(written)
        quote = written[0] if written[0] in "\"'" else ""
        try:
            text = self._read(written) if quote or pattern is _SCALAR else written
        except ValueError as error:
            raise error_at(str(error), self._source, start) from error
        is_text = quote or pattern is _KEY
        tag = f"{TAG}str" if is_text else self._resolve(yaml.ScalarNode, text, (True, False))
        return yaml.ScalarNode(tag, text, self._mark(start), self._mark(self._at), quote or None)

    def _mapping(self, start: int) -> yaml.MappingNode:
        return yaml.MappingNode(f"{TAG}map", [], self._mark(start), self._mark(start))

    def _end(self, nodes: Sequence[Any]) -> None:
        for node in nodes:
            node.end_mark = self._mark(self._at)

    def _blank(self) -> int:
        self._at = _BLANK.match(self._text, self._at).end()  # type: ignore[union-attr] # always
        return self._at

    def _mark(self, index: int) -> yaml.Mark:
        return yaml.Mark("", index, self._line, 0, None, 0)
