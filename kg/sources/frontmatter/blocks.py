"""Bytes to text, and text to the block of it that holds the fields."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from kg.model.errors import NoFrontMatter, SourceError

Language: TypeAlias = Literal["yaml", "toml", "json"]

_FENCES: Final[dict[str, Language]] = {
    "---": "yaml",
    "---yaml": "yaml",
    "---toml": "toml",
    "---json": "json",
    "+++": "toml",
}
"""What may stand on line 1, and what follows: as in Jekyll, Hugo and Eleventy."""
_FENCE = re.compile(r"(---(?:yaml|toml|json)?|\+\+\+)[ \t]*(?:\r\n|\n|\r|\Z)")
_ENDS: Final = {
    "---": re.compile(r"\n(?:---|\.\.\.)[ \t]*(?=\n|\Z)"),
    "+++": re.compile(r"\n\+\+\+[ \t]*(?=\n|\Z)"),
}
_OBJECT = re.compile(r"""\{(?=[ \t]*[\r\n]|\s*["}])""")
"""Hugo's JSON. Not a template, whose first line may be `{{ … }}` or `{% … %}`."""
_REST = re.compile(r"[ \t]*(?:[\r\n]|\Z)")


@dataclass(frozen=True, slots=True)
class Block:
    """The text that holds the fields, and the line of the file its first line is (from 1)."""

    text: str
    line: int
    start: int = field(default=0, compare=False)
    """Where in the file's text it starts."""
    language: Language = "yaml"


def decode_text(data: bytes) -> str:
    """Read bytes as UTF-8, without byte order mark. Raises SourceError at the first bad byte."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode()  # the object is without its mark
        line, column = position_at(before, len(before))
        message = f"not UTF-8: byte 0x{error.object[error.start]:02x}; save the file as UTF-8"
        raise SourceError(message, line, column) from error


def find_block(text: str) -> Block:
    """Return the front matter of a text.

    That is YAML from `---` on line 1 to `---` or `...`, TOML from `+++` to `+++`, or JSON from `{`
    to its `}`; `---json` and `---toml` name the language of what `---` ends.
    Raises NoFrontMatter when line 1 is none of them, SourceError when nothing ends the block.
    """
    start = _FENCE.match(text)
    if not start:
        return _object(text)
    fence = start[1][:3]
    # The line break before it is part of the match: so the fence of an empty block is seen.
    lines = text.replace("\r", "\n") if "\r" in text else text
    end = _ENDS[fence].search(lines, start.end() - 1)
    if not end:
        raise SourceError(f"front matter without end; close it with a line {fence}", 1, 1)
    inner = text[start.end() : end.start() + 1]
    return Block(inner, 2, start.end(), _FENCES[start[1]])


def _object(text: str) -> Block:
    if not _OBJECT.match(text):
        raise NoFrontMatter("no front matter: line 1 is not ---, +++ or {", 1, 1)
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        end = len(text)  # who reads it says what is wrong
    found = Block(text[:end], 1, 0, "json")
    if not _REST.match(text, end):
        raise error_at("front matter ends within a line; break the line behind its }", found, end)
    return found


def position_at(text: str, index: int) -> tuple[int, int]:
    """Count lines as editors do: libyaml also counts U+0085 and U+2028."""
    before = text[:index].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def error_at(message: str, source: Block, index: int) -> SourceError:
    """Say what is wrong at an index of a block."""
    line, column = position_at(source.text, index)
    return SourceError(message, line + source.line - 1, column)
