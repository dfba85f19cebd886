"""Bytes to text, and text to the block with the fields."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from kg.model import NoFrontMatter, SourceError

Language: TypeAlias = Literal["yaml", "toml", "json"]

_FENCES: Final[dict[str, Language]] = {
    "---": "yaml",
    "---yaml": "yaml",
    "---toml": "toml",
    "---json": "json",
    "+++": "toml",
}
"""Line 1, and the language it opens, as in Jekyll, Hugo and Eleventy."""
_FENCE = re.compile(r"(---(?:yaml|toml|json)?|\+\+\+)[ \t]*(?:\r\n|\n|\r|\Z)")
_ENDS: Final = {
    "---": re.compile(r"\n(?:---|\.\.\.)[ \t]*(?=\n|\Z)"),
    "+++": re.compile(r"\n\+\+\+[ \t]*(?=\n|\Z)"),
}
_OBJECT = re.compile(r"""\{(?=[ \t]*[\r\n]|\s*["}])""")
"""The start of Hugo's JSON, but not of a template: `{{ … }}` or `{% … %}`."""
_END_OF_LINE = re.compile(r"[ \t]*(?:[\r\n]|\Z)")


@dataclass(frozen=True, slots=True)
class Block:
    """The text with the fields, and the number of its first line in the file (from 1)."""

    text: str
    line: int
    start: int = field(default=0, compare=False)
    """The index in the file's text at which it starts."""
    language: Language = "yaml"


def decode_text(data: bytes) -> str:
    """Return UTF-8 as text, without byte order mark. Raises SourceError at an invalid byte."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()  # without its byte order mark
        line, column = position_at(before, len(before))
        message = f"not UTF-8: byte 0x{error.object[error.start]:02x}; save the file as UTF-8"
        raise SourceError(message, line, column) from error


def find_block(text: str) -> Block:
    """Return the front matter of a text.

    It is YAML from `---` on line 1 to `---` or `...`, TOML from `+++` to `+++`, or JSON from `{`
    to its `}`; `---json` and `---toml` open a block in that language, which `---` closes.
    Raises NoFrontMatter if line 1 opens no block, SourceError if the block is not closed.
    """
    start = _FENCE.match(text)
    if not start:
        return _find_object(text)
    fence = start[1][:3]
    # The match includes the line break before the fence, so that an empty block has an end.
    lines = text.replace("\r", "\n") if "\r" in text else text
    end = _ENDS[fence].search(lines, start.end() - 1)
    if not end:
        raise SourceError(f"front matter is not closed; add a line {fence}", 1, 1)
    inner = text[start.end() : end.start() + 1]
    return Block(inner, 2, start.end(), _FENCES[start[1]])


def _find_object(text: str) -> Block:
    if not _OBJECT.match(text):
        raise NoFrontMatter("no front matter: line 1 is not ---, +++ or {", 1, 1)
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        end = len(text)  # reading the block raises the error
    block = Block(text[:end], 1, 0, "json")
    if not _END_OF_LINE.match(text, end):
        raise error_at("text after the front matter's }; start a new line after it", block, end)
    return block


def position_at(text: str, index: int) -> tuple[int, int]:
    """Return line and column of an index as editors count; libyaml also counts U+0085, U+2028."""
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def error_at(message: str, block: Block, index: int) -> SourceError:
    """Return the error at an index of a block's text."""
    line, column = position_at(block.text, index)
    return SourceError(message, line + block.line - 1, column)
