from __future__ import annotations

import time
from typing import Any

import pytest

from kg.model.errors import NoFrontMatter, SourceError
from kg.sources.frontmatter import inspection, read_documents
from kg.sources.frontmatter.blocks import Block, decode_text, find_block
from kg.sources.frontmatter.positions import Positions

SECRET = "c2VjcmV0" * 8


def values(text: str, *withheld: str) -> list[Any]:
    return [document.value for document in read_documents(Block(text, 1), withheld)]


def value(text: str, *withheld: str) -> Any:
    (only,) = values(text, *withheld)
    return only


def refusal(text: str, *withheld: str) -> tuple[str, int, int]:
    """Return the error of a YAML text, with line and column."""
    with pytest.raises(SourceError) as caught:
        values(text, *withheld)
    return str(caught.value), caught.value.line, caught.value.column


# ---- bytes to text


def test_a_byte_order_mark_is_not_text() -> None:
    assert "---\n" == decode_text(b"\xef\xbb\xbf---\n")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    ("byte", "line", "column", "data"),
    [("0xff", 1, 1, b"\xff"), ("0xe9", 3, 4, "a: é\r\nb: 1\r\né: ".encode() + b"\xe9\n")],
)
def test_data_that_is_not_utf_8_is_refused_at_its_first_bad_byte(
    mark: bytes, byte: str, line: int, column: int, data: bytes
) -> None:
    with pytest.raises(SourceError, match=f"^not UTF-8: byte {byte}; save the file as UTF-8$") as e:
        decode_text(mark + data)
    assert (line, column) == (e.value.line, e.value.column)


# ---- text to block


@pytest.mark.parametrize(
    "text",
    [
        "---\na: 1\n---\nbody",
        "---\na: 1\n---",
        "---\na: 1\n...\n---\nbody",
        "--- \t\na: 1\n--- \n",
        "---\na: 1\n---\nbody\n---\n",
    ],
)
def test_front_matter_is_between_two_fences(text: str) -> None:
    assert Block("a: 1\n", 2) == find_block(text)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_newline_ends_a_line(newline: str) -> None:
    text = newline.join(["---", "a: 1", "b: 2", "---", "body", "---"])
    block = find_block(text)
    assert {"a": 1, "b": 2} == value(block.text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("a --- b", '---\na: "a --- b"\n---\n'),
        ("a --- b", '---\na: "a\n  --- b"\n---\n'),
        ("x\n---\ny\n", "---\na: |\n  x\n  ---\n  y\n---\n"),
        ("----", "---\na: ----\n---\n"),
    ],
)
def test_dashes_within_a_value_end_nothing(expected: str, text: str) -> None:
    assert {"a": expected} == value(find_block(text).text)


@pytest.mark.parametrize(
    "text", ["", "# Title\n", "\n---\na: 1\n---\n", "----\n", "--- a: 1\n---\n"]
)
def test_text_without_a_fence_on_the_first_line_has_no_front_matter(text: str) -> None:
    with pytest.raises(NoFrontMatter, match=r"^no front matter: line 1 is not ---, ") as caught:
        find_block(text)
    assert (1, 1) == (caught.value.line, caught.value.column)


@pytest.mark.parametrize(
    "text", ["---", "---\n", "---\na: 1\n", "---\na: 1\n ---\n", "---\na: 1\n----\n"]
)
def test_a_block_without_an_end_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="front matter is not closed"):
        find_block(text)


# ---- scalars


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (None, ""),
        (None, "~"),
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-1, "-1"),
        (123456789012345678, "123456789012345678"),
        (1.5, "1.5"),
        (-0.25, "-0.25"),
        (100.0, "100.0"),
    ],
)
def test_a_scalar_that_python_writes_in_the_same_characters_becomes_a_value(
    expected: object, text: str
) -> None:
    result = value(f"a: {text}")["a"]
    assert (type(expected), expected) == (type(result), result)


@pytest.mark.parametrize(
    "text",
    [
        *("True", "yes", "No", "on", "Off", "y", "n"),
        *(
            "012",
            "0x1F",
            "0o17",
            "0b1",
            "1_000",
            "+1",
            "-0",
            "1e3",
            "12:30:45",
            "1234567890123456789",
        ),
        *("1.10", ".5", "5.", "-.5", ".inf", ".nan", "1.5e3", "0.1000000000000000055", "1.0.0"),
        *("2020-06-11", "2020-06-11T18:51:00Z", "2020-6-1 1:02:03", "=", "<"),
    ],
)
def test_a_scalar_that_would_lose_its_spelling_stays_text(text: str) -> None:
    assert text == value(f"a: {text}")["a"]


@pytest.mark.parametrize("quoted", ['"1"', "'1'", "!!str 1", "|-\n  1", ">-\n  1"])
def test_quoted_text_is_text(quoted: str) -> None:
    assert "1" == value(f"a: {quoted}")["a"]


@pytest.mark.parametrize("text", ["!!float 1.10", "!!timestamp 2020-06-11"])
def test_not_even_an_explicit_tag_changes_the_spelling(text: str) -> None:
    assert text.split()[1] == value(f"a: {text}")["a"]


# ---- collections and documents


def test_an_alias_repeats_its_anchor() -> None:
    assert {"a": [1, 2], "b": [1, 2]} == value("a: &x [1, 2]\nb: *x")


def test_a_merge_key_adds_only_keys_that_the_mapping_does_not_have() -> None:
    text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], z: 3}"
    assert {"x": 1, "y": 1, "z": 3} == value(text)["c"]


def test_each_document_has_its_place() -> None:
    documents = read_documents(Block("# none\n\na: 1\n---\n---\nb: 2\n...\n---\nc: 3", 2))
    places = [(document.value, document.line, document.index) for document in documents]
    assert [({"a": 1}, 4, 0), (None, 6, 1), ({"b": 2}, 7, 2), ({"c": 3}, 10, 3)] == places


def test_an_empty_text_has_no_document() -> None:
    assert [] == values("# nothing\n")


# ---- withheld keys


@pytest.mark.parametrize(
    "text",
    [
        "secured: SECRET\na: 1",
        "secured: {b: [SECRET]}\na: 1",
        "'secured': |\n  SECRET\na: 1",
        "!!str secured: SECRET\na: 1",
        "secured: &x SECRET\na: 1",
        "<<: {secured: SECRET}\na: 1",
    ],
)
def test_withheld_fields_never_become_values(text: str) -> None:
    assert {"a": 1, "secured": None} == value(text, "secured")


def test_a_key_is_withheld_at_any_depth() -> None:
    assert {"a": [{"secured": None}]} == value("a: [{secured: {b: SECRET}}]", "secured")


@pytest.mark.parametrize(
    "text",
    [
        "secured: &x SECRET\na: *x",
        "a: &x SECRET\nsecured: *x",
        "secured: {b: [&x SECRET]}\na: *x",
        "secured: &x {b: SECRET}\na: {<<: *x}",
        "a: {secured: &x SECRET}\n*x : 1",
    ],
)
def test_an_alias_that_repeats_a_withheld_value_is_refused(text: str) -> None:
    expected = ("an alias repeats a withheld value", 1, 1)
    assert expected == refusal(text, "secured")


@pytest.mark.parametrize(
    "text",
    [
        f"a: 'it\nsecured: {SECRET}'",
        f"a: |\n  text\n  secured: {SECRET}\n",
        f'a: "x\n  secured\\": {SECRET}"',
    ],
)
def test_a_value_that_contains_a_withheld_field_is_refused(text: str) -> None:
    message, line, column = refusal(text, "secured")
    assert "this value contains a withheld field; fix its quotes or indent" == message
    assert (1, 4) == (line, column)


def test_a_key_that_may_be_a_withheld_one_is_refused() -> None:
    message = "this key may be a withheld value; fix the line before it"
    assert (message, 1, 2) == refusal(f"{{{SECRET}: 1}}", "secured")


def test_a_value_may_mention_a_withheld_field() -> None:
    assert {"a": "secured: a headline"} == value("a: 'secured: a headline'", "secured")


@pytest.mark.parametrize(
    "text",
    [
        "secured: 'SECRET\na: 1",
        "secured: SECRET: SECRET",
        "secured: !SECRET SECRET",
        "secured: [*SECRET]",
        "secured: &SECRET [*SECRET]\na: {b: 1, b: 2}",
    ],
)
def test_a_refusal_shows_nothing_withheld(text: str) -> None:
    assert "SECRET" not in refusal(f"{text}\nc: [", "secured")[0]


# ---- refusals


@pytest.mark.parametrize(
    ("message", "line", "column", "text"),
    [
        ("duplicate key 'a'; keep one", 3, 1, "a: 1\nb: 2\na: 3"),
        ("duplicate key 'a'; keep one", 1, 11, "x: {a: 1, 'a': 2}"),
        ("duplicate key 'null'; keep one", 2, 1, "~: 1\nnull: 2"),
        ("duplicate key; keep one", 1, 14, "{<<: {a: 1}, <<: {a: 2}}"),
        ("not YAML: a tab in the indent; use spaces", 2, 1, "a:\n\tb: 1"),
        ("not YAML: mapping values are not allowed in this context", 1, 5, "a: b: c"),
        ("not YAML: control characters are not allowed", 2, 4, "é: ééé\nb: \x01"),
        ("not YAML: found undefined alias", 1, 4, "a: *b"),
        ("not YAML: an explicit tag does not fit its value", 1, 1, "a: !!int one"),
        ("not YAML: an explicit tag does not fit its value", 1, 1, "a: !!bool perhaps"),
        ("not YAML: found unhashable key", 1, 3, "? [a]\n: b"),
    ],
)
def test_invalid_yaml_is_refused_at_its_place(
    message: str, line: int, column: int, text: str
) -> None:
    assert (message, line, column) == refusal(text)


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system", "!!python/name:os.system", "!x"]
)
def test_a_tag_that_would_construct_something_is_refused(tag: str) -> None:
    expected = ("not YAML: a tag that constructs an object; only plain values are read", 1, 4)
    assert expected == refusal(f"a: {tag} [b]")


DEEP = 100_000


@pytest.mark.parametrize(
    "text",
    [
        "[" * DEEP,
        "{" * DEEP,
        "[{a: " * DEEP,
        "- " * DEEP,
        "? " * DEEP,
        "a:\n" + "- " * DEEP,
        "a:\r\n" + "- " * DEEP,
        "a:\r" + "- " * DEEP,
        "a:\x85" + "- " * DEEP,
        "a:\u2028" + "- " * DEEP,
        "a:\u2029" + "- " * DEEP,
        "a: 1\n---\n" + "- " * DEEP,
        "".join(" " * level + "a:\n" for level in range(500)),
        "".join("  " * level + "- a:\n" for level in range(500)),
    ],
    ids=lambda text: ascii(text[:8]),
)
def test_deep_nesting_is_refused_before_anything_overflows(text: str) -> None:
    assert "nested deeper than 100 levels" == refusal(text)[0]


def test_a_hundred_levels_are_read() -> None:
    assert [] == [item for item in values("[" * 100 + "]" * 100) if not item]


def test_many_collections_side_by_side_are_read() -> None:
    assert [[]] * 500 == value(f"[{'[], ' * 500}]")


def test_text_that_only_looks_deep_is_read() -> None:
    text = "a: |\n" + " " * 200 + "code\n" + "b: '" + "[" * 500 + "'"
    assert {"a": "code\n", "b": "[" * 500} == value(text)


def _bomb(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines)


def test_aliases_that_expand_too_much_are_refused_immediately() -> None:
    started = time.perf_counter()
    assert ("aliases add more than 100,000 nodes", 1, 1) == refusal(_bomb(50))
    assert time.perf_counter() - started < 1


def test_aliases_below_the_limit_are_read() -> None:
    assert 10_000 == len(str(value(_bomb(4))["a3"]).split(","))


def test_only_nodes_from_aliases_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspection, "MAX_EXPANSION", 3)
    assert [[1] * 20, [2, 3]] == value(f"[{[1] * 20}, [2, 3]]")
    assert [[2, 3]] * 2 == value("[&a [2, 3], *a]")
    assert "aliases add more than 3 nodes" == refusal("[&a [2, 3, 4], *a]")[0]


@pytest.mark.parametrize("text", ["&a [*a]", "&a {b: *a}", "a: &a [{b: [*a]}]", "&a {<<: *a}"])
def test_an_alias_to_a_node_around_it_is_refused(text: str) -> None:
    assert "nested deeper than 100 levels" == refusal(text)[0]


# ---- positions


def position(text: str, *field: str | int, document: int = 0) -> tuple[int, int]:
    block = find_block(decode_text(text.encode()))
    return Positions(block).position_of(document, field)


FILE = """---
title: "A title"
quality:   6
emoji: 😀😀
flow: {é: 😀, to: [a, b]}
provider:
  name: CNN
images:
  - url: x
    width: -1
  - url: y
excerpt: |
  two
  lines
after: z
---
"""


@pytest.mark.parametrize(
    ("line", "column", "field"),
    [
        (2, 8, ("title",)),
        (3, 12, ("quality",)),
        (5, 22, ("flow", "to", 1)),
        (7, 9, ("provider", "name")),
        (10, 12, ("images", 0, "width")),
        (11, 5, ("images", 1)),
        (12, 10, ("excerpt",)),
        (15, 8, ("after",)),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_value_has_the_position_that_an_editor_shows(
    mark: str, newline: str, line: int, column: int, field: tuple[str | int, ...]
) -> None:
    assert (line, column) == position(mark + FILE.replace("\n", newline), *field)


@pytest.mark.parametrize(
    ("line", "column", "field"),
    [
        (2, 1, ()),
        (2, 1, ("nothing",)),
        (7, 3, ("provider", "domain")),
        (9, 5, ("images", 0, "height", "value")),
        (9, 3, ("images", 7)),
        (9, 3, ("images", "width")),
        (7, 3, ("provider", 0)),
        (2, 8, ("title", "text")),
    ],
)
def test_a_missing_field_has_the_position_of_its_mapping(
    line: int, column: int, field: tuple[str | int, ...]
) -> None:
    assert (line, column) == position(FILE, *field)


def test_a_merged_or_aliased_value_has_the_position_where_it_is_written() -> None:
    text = "---\na: &a {x: 1, y: 2}\nb: {<<: *a, y: 3}\nc: {<<: [{z: 4}, *a]}\nd: *a\n---\n"
    expected = [(2, 11), (3, 16), (4, 14), (2, 17), (2, 11)]
    fields = [("b", "x"), ("b", "y"), ("c", "z"), ("c", "y"), ("d", "x")]
    assert expected == [position(text, *field) for field in fields]


def test_a_value_of_a_later_document_is_found() -> None:
    positions = Positions(Block("a: 1\n---\n# b\na:  2\n", 1))
    assert [(1, 4), (4, 5)] == [positions.position_of(document, ("a",)) for document in (0, 1)]


def test_unicode_line_separators_do_not_end_lines() -> None:
    assert (3, 4) == position("---\na: 'x\u2028y\x85z'\nb: 1\n---\n", "b")


@pytest.mark.parametrize("text", ["a: [", "[" * DEEP, "a:\r" + "- " * DEEP], ids=["open", "[", "-"])
def test_there_are_no_positions_in_invalid_yaml(text: str) -> None:
    with pytest.raises(SourceError):
        Positions(Block(text, 1))


# ---- the source text of a scalar, and the places of withheld values


@pytest.mark.parametrize(
    ("written", "style", "field"),
    [
        ('"two\n  words"', '"', ("double",)),
        ("'it''s'", "'", ("single",)),
        ("a 😀", None, ("plain",)),
        ("2", None, ("flow", 1)),
        ("a", None, ("anchored",)),
        ("7", None, ("tagged",)),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_scalar_is_found_as_it_is_written(
    newline: str, written: str, style: str | None, field: tuple[str | int, ...]
) -> None:
    text = """---
double: "two
  words"
single: 'it''s'
plain: a 😀 # a comment
flow: [1, 2]
anchored: &x a
tagged: !!str # why
  7
---
""".replace("\n", newline)
    scalar = Positions(find_block(text)).scalar(0, field)
    assert scalar
    assert (written.replace("\n", newline), style) == (
        text[scalar.start : scalar.end],
        scalar.style,
    )


@pytest.mark.parametrize("field", [(), ("b",), ("a", "c"), ("a", 0)])
def test_a_collection_has_no_scalar_text(field: tuple[str | int, ...]) -> None:
    assert Positions(Block("a: {b: 1}", 1)).scalar(0, field) is None


@pytest.mark.parametrize(
    ("lines", "extents", "text"),
    [
        ({2}, ["secured: SECRET"], "secured: SECRET\na: 1\n"),
        ({3}, ["secured: SECRET"], "a: 1\nsecured: SECRET # and why\n"),
        (
            {2, 3, 4, 5},
            ["secured: |\n  SECRET\n\n  SECRET"],
            "secured: |\n  SECRET\n\n  SECRET\n\na: 1\n",
        ),
        ({2, 3}, ['secured: "SECRET\n  SECRET"'], 'secured: "SECRET\n  SECRET"\na: 1\n'),
        ({2, 3}, ["secured:\n- SECRET"], "secured:\n- SECRET\na: 1\n"),
        (
            {2},
            ["secured: SECRET", "'secured': SECRET"],
            "[{secured: SECRET}, {'secured': SECRET}]\n",
        ),
        ({3}, ["secured: SECRET"], "a:\n  secured: SECRET\n"),
        ({2}, ["secured: SECRET"], "<<: {secured: SECRET}\n"),
        ({2}, ["secured: SECRET"], "? {secured: SECRET}\n: 1\n"),
        (
            {2, 5},
            ["secured: SECRET", "secured: SECRET"],
            "secured: SECRET\n--- \na: 1\nsecured: SECRET",
        ),
        ({2}, ["secured: SECRET"], "a: &x {secured: SECRET}\nb: *x\n"),
        (set(), [], "a: 1\n"),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_withheld_field_is_found_in_any_place(
    newline: str, lines: set[int], extents: list[str], text: str
) -> None:
    file = f"---\n{text}".replace("\n", newline)
    start = len(f"---{newline}")
    positions = Positions(Block(file[start:], 2, start))
    found = [
        file[first:last].replace(newline, "\n") for first, last in positions.extents(["secured"])
    ]
    assert extents == sorted(found, reverse=True)
    assert lines == positions.lines_of(["secured"])
