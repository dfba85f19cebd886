"""Texts that differ a little from front matter, and what kg's two YAML readers return for them."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from kg.model.errors import SourceError
from kg.sources.frontmatter.blocks import Block, find_block
from kg.sources.frontmatter.inspection import Inspection
from kg.sources.frontmatter.lines import read_lines
from kg.sources.frontmatter.nodes import compose_nodes
from kg.sources.frontmatter.positions import Positions
from kg.sources.frontmatter.subset import read_subset
from kg.sources.frontmatter.yaml_nodes import construct_value
from kg.sources.withheld import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kg.model.records import FieldPath

SEEDS: Final = Path(__file__).parents[1] / "seeds"
LINES: Final = 24
"""The most lines of a field: a change of a short text is more likely to matter."""

EDGES: Final = (
    "a: yes\nb: No\nc: on\nd: OFF\ne: y\nf: ~\ng: null\nh: Null\ni: true\nj: False\nk:\n",
    "a: 012\nb: 0o14\nc: 0x1F\nd: 0b1\ne: 1_000\nf: +1\ng: -0\nh: 1e3\ni: 12:30:45\nj: 1:30\n",
    "a: 1.5\nb: 1.10\nc: .5\nd: 5.\ne: -.inf\nf: .nan\ng: 0.1000000000000000055\nh: -1.25\n",
    "a: 123456789012345678\nb: 1234567890123456789\nc: -7\nd: 0\ne: -\nf: --\ng: -a\n",
    "a: 2020-06-11\nb: '2020-06-11'\nc: \"2020-06-11\"\nd: 2020-06-11T18:51:00Z\ne: 2020-6-1 1:2\n",
    "base: &x\n  a: 1\nb:\n  <<: *x\n  c: 2\nd: *x\n",
    "a: !!str 1\nb: !!int '7'\nc: !!set {x, y}\nd: !!binary aGk=\ne: !python/name:os.system x\n",
    "a: [1, two, {b: c}]\nd: {e: f, g: [h]}\ni: []\nj: {}\n",
    "a: |\n  one\n   two\n\nb: >-\n  folded\n  text\nc: |2\n   x\n",
    "a: 1\nb:\n  a: 1\nc:\n  - a: 1\n    b: 2\n  - a: 3\n",
    "# a comment\na: 1 # another\nb: 'it''s # none'\nc: x#y\nd: \"#z\" # w\n",
    'a: "tab\\t nl\\n quote\\" slash\\/ back\\\\ nul\\0 hex\\x41 uni\\u00e9 bad\\q"\nb: "\\r\\n"\n',
    "a: caf\u00e9 \u4eba\U0001f600\nb: \u201cquoted\u201d\nc: x\u00a0y\nd: x\u2028y\ne: '\u200b'\n",
    "a: one\n  two\nb: 'one\n  two'\nc: \"one\n  two\"\nd: x\n",
    "a: b: c\nd: e:f\ng: http://a.org/?q=1&r=2\nh: a, b\ni: a - b ? c\nj: x:\n",
    "a:\n- 1\n- 2\nb:\n  - 3\n  -  4\n  - - 5\n    - 6\n-7: 8\nc:\n- d:\n  - e\n- f: g\n",
    "a:\n    b: 1\n    c:\n        d: 2\n  \n\ne:\n  f:\n\n  g: x\n",
    "true: 1\nnull: 2\n~: 3\n12: 4\n? x\n: y\n'q': 5\n\"r\": 6\na b: 7\nc-d_e: 8\n",
    "a: '1'\nb: \"true\"\nc: ''\nd: \"\"\ne: ' x '\nf: `x`\ng: @y\nh: %z\ni: =\nj: <\nk: '@'\n",
    f"a: 1\nsecured: \"{'Zm9v' * 20}==\"\nb:\n  - secured: 'x'\n    c: the secured: one\n",
    "a: 1\n---\nb: 2\n...\n%YAML 1.1\n---\nc: 3\n",
)
"""Every kind of scalar and collection that readers of YAML are known to disagree about."""

TOKENS: Final = (
    *("a", "b: 1", "secured", "secured: ", "true", "null", "~", "-1", "0", "12:30", "1.50", "é"),
    *(": ", ":", "- ", "-", "? ", "&x ", "*x", "<<: ", "!!int ", "!x ", "[", "]", "{", "}", ","),
    *(
        "'",
        "''",
        '"',
        '\\"',
        "\\",
        "\\n",
        "\\x41",
        "|\n",
        ">\n",
        "#",
        " #",
        "%",
        "@",
        "`",
        "=",
        "<",
    ),
    *(
        "---\n",
        "...\n",
        "--- ",
        "\n",
        "\n\n",
        "\r",
        "\r\n",
        "\t",
        " ",
        "  ",
        "    ",
        "\n  ",
        "\n- ",
    ),
    *("\x00", "\x0b", "\x1c", "\x7f", "\x85", "\u00a0", "\u2028", "\u200b", "\ufeff", "\ufffe"),
    *("\U0001f600", "c2VjcmV0" * 8, "k" * 45, "- " * 60, " " * 61),
)


def entries() -> list[str]:
    """Return the fields of the edge cases and of the seeds."""
    fields = [entry for text in EDGES for entry in _split(text)]
    for path in sorted(SEEDS.iterdir()):
        fields += _split(find_block(path.read_text(encoding="utf-8")).text)
    return fields


def _split(text: str) -> list[str]:
    """Cut a text where a line starts a field, and long sequences where one starts an item."""
    fields = [field for field in re.split(r"(?m)^(?=[^\s\-])", text) if field]
    long_fields = [field for field in fields if field.count("\n") > LINES]
    items = [
        field[: field.index("\n") + 1] + item
        for field in long_fields
        for item in re.split(r"(?m)^(?=  - )", field)[1:]
    ]
    return [field for field in fields if field not in long_fields] + items


def mutations(number: int, seed: int) -> Iterator[str]:
    """Yield texts of some fields, changed in a few places. The same seed gives the same texts."""
    chance, fields = random.Random(seed), entries()  # noqa: S311 - no secret
    for _ in range(number):
        text = "".join(chance.sample(fields, chance.randrange(1, 5)))
        for _ in range(chance.choice((0, 1, 1, 1, 2, 3))):
            text = _mutate(text, chance, fields)
        yield text


def _mutate(text: str, chance: random.Random, fields: list[str]) -> str:
    """Change a text in one place."""
    lines = text.splitlines(keepends=True) or [""]
    line, other = chance.randrange(len(lines)), chance.choice(chance.choice(fields).split("\n"))
    at, kind = chance.randrange(len(text) + 1), chance.randrange(8)
    if kind == 0:
        lines.insert(line, chance.choice(lines))
    elif kind == 1:
        del lines[line]
    elif kind == 2:
        lines[line] = " " * chance.randrange(5) + lines[line].lstrip(" ")
    elif kind == 3:
        lines.insert(line, f"{other}\n")
    elif kind == 4:
        lines[line] = lines[line].rstrip("\n")
    else:
        deleted = chance.choice((0, 0, 1, 2))
        token = "" if kind == 5 else chance.choice(TOKENS)
        return text[:at] + token + text[at + max(deleted, kind == 5) :]
    return "".join(lines)


def fast(text: str) -> Any:
    """Return the fields that the subset reader reads, or None if it reads none of the text."""
    return read_subset(text, WITHHELD)


def full(text: str) -> list[Any] | str:
    """Return the value of each document, read from its nodes, or the error."""
    source, values = Block(text, 1), []
    try:
        for node in compose_nodes(source):
            Inspection(WITHHELD, source).run(node)
            values.append(construct_value(node, source))
    except SourceError as error:
        return str(error)
    return values


def differs(text: str) -> bool:
    """Whether the subset reader returns another value, type or order than the nodes have."""
    fields = fast(text)
    return fields is not None and repr([fields]) != repr(full(text))


def misplaced(text: str) -> list[FieldPath]:
    """Return the fields whose position by lines is not that by nodes; some fields do not exist.

    A text that is not YAML has none.
    """
    values = full(text)
    if read_lines(text) is None or isinstance(values, str):
        return []
    by_lines, by_nodes = Positions(Block(text, 2)), Positions(Block(text, 2))
    by_nodes._lines = None  # noqa: SLF001 - so it uses the nodes
    fields = [field for value in values for field in _fields(value)]
    return [
        field
        for field in fields
        if by_lines.position_of(0, field) != by_nodes.position_of(0, field)
    ]


def _fields(value: object, path: FieldPath = ()) -> Iterator[FieldPath]:
    """Yield the path of every value, and some paths without a value."""
    yield from (path, (*path, "none"), (*path, 99), (*path, 99, "none"))
    if isinstance(value, dict | list):
        yield (*path, len(value))
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _fields(inner, (*path, key))
