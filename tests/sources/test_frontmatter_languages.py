"""TOML and JSON front matter: read by the same rules as YAML."""

from __future__ import annotations

import json
import math
import tomllib
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.mapping.project import make_mapper
from kg.model.errors import NoFrontMatter, SourceError
from kg.model.records import Source
from kg.model.site import Site
from kg.provenance.repairs import patch_of, repair_source
from kg.sources.frontmatter import read_documents
from kg.sources.frontmatter.blocks import Block, decode_text, find_block
from kg.sources.frontmatter.positions import Positions
from kg.sources.reading import read_records

SECRET: Final = "c2VjcmV0" * 8


def value(text: str, *withheld: str) -> Any:
    """Return the only document in a file's text."""
    block = find_block(decode_text(text.encode()))
    (only,) = (document.value for document in read_documents(block, withheld))
    return only


def toml(text: str, *withheld: str) -> Any:
    return value(f"+++\n{text}\n+++\n", *withheld)


def refusal(text: str, *withheld: str) -> tuple[str, int, int]:
    """Return the error of a file, with line and column."""
    with pytest.raises(SourceError) as caught:
        value(text, *withheld)
    return str(caught.value), caught.value.line, caught.value.column


# ---- text to block


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (Block("a = 1\n", 2, language="toml"), "+++\na = 1\n+++\nbody\n---\n"),
        (Block("a = 1\n", 2, language="toml"), "+++ \na = 1\n+++\t"),
        (Block("a = 1\n", 2, language="toml"), "---toml\na = 1\n---\n"),
        (Block('{"a": 1}\n', 2, language="json"), '---json\n{"a": 1}\n---\nbody'),
        (Block("a: 1\n", 2), "---yaml\na: 1\n...\nbody"),
        (Block('{"a": {"b": "}"}}', 1, language="json"), '{"a": {"b": "}"}} \nbody }\n'),
        (Block('{\n"a": 1\n}', 1, language="json"), '{\n"a": 1\n}'),
        (Block("{}", 1, language="json"), "{}\nbody"),
    ],
)
def test_the_first_line_determines_the_language_and_the_end(expected: Block, text: str) -> None:
    assert expected == find_block(text)


@pytest.mark.parametrize(
    "text",
    [
        "{{ page.title }}\n",
        "{% include x %}\n",
        "{:.class}\n",
        "{a: 1}\n",
        "---js\n{}\n---\n",
        "++++\n",
        "+++json\n{}\n+++\n",
        '[{"a": 1}]\n',
    ],
)
def test_text_that_only_looks_like_front_matter_has_none(text: str) -> None:
    with pytest.raises(NoFrontMatter):
        find_block(text)


@pytest.mark.parametrize(
    ("message", "line", "column", "text"),
    [
        ("front matter is not closed; add a line +++", 1, 1, "+++\na = 1\n---\n"),
        ("front matter is not closed; add a line ---", 1, 1, "---json\n{}\n+++\n"),
        ("text after the front matter's }; start a new line after it", 2, 7, '{\n"a":1} body'),
    ],
)
def test_a_block_without_a_correct_end_is_refused(
    message: str, line: int, column: int, text: str
) -> None:
    assert (message, line, column) == refusal(text)


@pytest.mark.parametrize("text", ["+++\n+++\n", "+++\n# none\n\n+++\n", "{}\n", "---json\n\n---\n"])
def test_an_empty_block_has_no_document(text: str) -> None:
    assert [] == list(read_documents(find_block(text)))


# ---- values


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (True, "true"),
        (7, "7"),
        (1000, "1_000"),
        (31, "0x1F"),
        (-5, "-5"),
        ("1234567890123456789", "1234567890123456789"),
        (1.5, "1.5"),
        (1000.5, "1_000.5"),
        ("1.50", "1.50"),
        ("1e3", "1e3"),
        ("inf", "inf"),
        ("1979-05-27T07:32:00Z", "1979-05-27T07:32:00Z"),
        ("1979-05-27 07:32:00-07:00", "1979-05-27 07:32:00-07:00"),
        ("1979-05-27T00:32:00.123456789", "1979-05-27T00:32:00.123456789"),
        ("1979-05-27", "1979-05-27"),
        ("07:32:00", "07:32:00"),
        ("1.50", '"1.50"'),
        ("C:\\x", r"'C:\x'"),
        ("é\n", r'"\u00e9\n"'),
        ("a\nb ''", "'''\na\nb '''''"),
        ('a "b"', '"""a \\\n   "b""""'),
        ("# no comment", '"# no comment"'),
        ([1, [2, "]"]], '[1, # one\n [2, "]"],\n]'),
        ({"b": {"c": 1}, "d": []}, "{b.c = 1, d = []}"),
    ],
)
def test_a_toml_value_keeps_its_meaning(expected: object, text: str) -> None:
    result = toml(f"a = {text}")["a"]
    assert (type(expected), expected) == (type(result), result)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (None, "null"),
        (False, "false"),
        (7, "7"),
        ("-0", "-0"),
        ("9" * 5000, "9" * 5000),
        ("1.50", "1.50"),
        ("1E400", "1E400"),
        ("a/b 😀", r'"a\/b \ud83d\ude00"'),
        ("7", '"7"'),
        ({"<<": {"a": 1}}, '{"<<": {"a": 1}}'),
    ],
)
def test_a_json_value_keeps_its_meaning(expected: object, text: str) -> None:
    result = value(f'{{"a":\t{text}}}\n')["a"]
    assert (type(expected), expected) == (type(result), result)


TABLES: Final = """
title = "T"  # a comment
a.b.c = 1
"a" . d = [ {e = 1}, {e = 2} ]

[provider]
name = "N"
'a key' = ""

[ x . y ]
z = 1979-05-27
[[images]]
url = "1"
[images.size]
width = 1
[[images]]
[[images.in.deep]]
q = 1
[x]
w = [[], [1]]
[empty]
"""


def test_tables_are_nested_as_tomllib_nests_them() -> None:
    assert json.dumps(tomllib.loads(TABLES), default=str) == json.dumps(toml(TABLES))


words = st.text(st.characters(codec="utf-8"), max_size=6)
plain = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | words
trees = st.dictionaries(
    words,
    st.recursive(
        plain | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
        max_leaves=10,
    ),
    min_size=1,
    max_size=5,
)


def floats_as_text(tree: Any) -> Any:
    """Return a tree with each float as the text that may replace it."""
    if isinstance(tree, dict):
        return {key: floats_as_text(inner) for key, inner in tree.items()}
    if isinstance(tree, list):
        return [floats_as_text(inner) for inner in tree]
    return repr(tree) if isinstance(tree, float) and math.isfinite(tree) else tree


@given(trees, st.booleans(), st.sampled_from([None, 2, "\t"]))
def test_any_json_is_read_as_it_was_written(tree: Any, ascii_: bool, indent: str | None) -> None:
    json_text = json.dumps(tree, ensure_ascii=ascii_, indent=indent)
    assert floats_as_text(tree) == floats_as_text(value(f"---json\n{json_text}\n---\n"))


# ---- withheld fields, and refusals


@pytest.mark.parametrize(
    "text",
    [
        f'+++\na = 1\nsecured = "{SECRET}"\n+++\n',
        f"+++\na = 1\nsecured.b.c = '{SECRET}'\n+++\n",
        f'+++\na = 1\n[secured]\nx = """\n{SECRET}"""\n[secured.more]\ny = "{SECRET}"\n+++\n',
        f'{{"a": 1, "secured": {{"b": ["{SECRET}"]}}}}\n',
        f'{{"a": 1, "s\\u0065cured": "{SECRET}"}}\n',
    ],
)
def test_withheld_fields_never_become_values(text: str) -> None:
    assert {"a": 1, "secured": None} == value(text, "secured")
    hidden = Positions(find_block(text)).lines_of(["secured"])
    shown = [line for number, line in enumerate(text.split("\n"), 1) if number not in hidden]
    assert SECRET not in "".join(shown)


def test_a_key_is_withheld_at_any_depth() -> None:
    text = f'[[a]]\nb = [{{secured = "{SECRET}"}}]\n[[a]]\nsecured = "{SECRET}"'
    assert {"a": [{"b": [{"secured": None}]}, {"secured": None}]} == toml(text, "secured")


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (("not TOML: expected a key or a table", 3, 1), "+++\na = 1\n= 2\n+++\n"),
        (("not TOML: expected = after the key", 2, 6), f"+++\ntitle: {SECRET}\n+++\n"),
        (("not TOML: invalid value; put text in quotes", 2, 5), f"+++\na = {SECRET}\n+++\n"),
        (("not TOML: invalid date or time", 2, 5), "+++\na = 2020-02-30\n+++\n"),
        (("not TOML: a number with too many digits", 2, 1), f"+++\na = {'9' * 5000}\n+++\n"),
        (("not TOML: expected a closing bracket", 3, 1), "+++\na = [1, 2\nb = 2\n+++\n"),
        (("not TOML: unterminated string", 2, 8), '+++\na = """\n+++\n'),
        (("not JSON: expected a value; put text in double quotes", 2, 6), '{\n"a": b}\n'),
        (("not JSON: expected a key in double quotes", 2, 1), "{\ntitle: 1}\n"),
        (("not JSON: expected a comma or a closing bracket", 2, 9), '---json\n{"a": 1 ;\n---\n'),
        (("not JSON: unterminated string", 1, 7), '{"a": "b}'),
        (("not JSON: unexpected text after the end", 3, 1), "---json\n{}\n{}\n---\n"),
        (("not JSON: NaN and Infinity are not allowed", 1, 7), '{"a": NaN}\n'),
        (
            ("not JSON: the escape of a lone surrogate; write both halves of the pair", 1, 7),
            '{"a": "\\ud83d"}',
        ),
        (("duplicate key 'a'; keep one", 3, 2), '{"a": 1,\n"b": 2,\n "a": 3}\n'),
        (("duplicate key 'a'; keep one", 1, 16), '{"b": {"a": 1, "\\u0061": 3}}\n'),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_invalid_text_is_refused_at_its_place(
    mark: str, newline: str, expected: tuple[str, int, int], text: str
) -> None:
    assert expected == refusal(mark + text.replace("\n", newline))


@pytest.mark.parametrize(
    "text",
    [
        "a = 1\na = 2",
        "[a]\n[a]",
        "a = {b = 1, b = 2}",
        "a = 1\n[a]",
        "a.b = 1\na.b.c = 2",
        "a = []\n[[a]]",
        "[a.b]\n[a]\nb = 1",
    ],
)
def test_a_duplicate_key_or_table_is_refused(text: str) -> None:
    message, line, _ = refusal(f"+++\n{text}\n+++\n")
    assert "not TOML: duplicate key or table; keep one" == message
    assert line > 1


@pytest.mark.parametrize(
    "text",
    [
        f"+++\na = 'it\nsecured = {SECRET}'\n+++\n".replace("'", "'''"),
        f'{{"a": "it\\nsecured\\": \\"{SECRET}"}}\n',
    ],
)
def test_a_value_that_contains_a_withheld_field_is_refused(text: str) -> None:
    message, _, _ = refusal(text, "secured")
    assert "this value contains a withheld field; fix its quotes or indent" == message


DEEP: Final = 50_000


@pytest.mark.parametrize(
    "text",
    [
        '{"a": ' + "[" * DEEP,
        '{"a": ' * DEEP,
        '{"a": ' + "[" * 150 + "]" * 150 + "}",
        "+++\na = " + "[" * DEEP + "\n+++\n",
        "+++\na = " + "{b = " * 150 + "1" + "}" * 150 + "\n+++\n",
        "+++\na" + ".a" * 1000 + " = 1\n+++\n",
        "+++\n[a" + ".a" * 1000 + "]\n+++\n",
        "+++\na = " + f"{{{'.'.join('b' * 60)} = " * 60 + "1" + "}" * 60 + "\n+++\n",
        "+++\n[" + ".".join("a" * 60) + "]\n" + ".".join("a" * 60) + " = 1\n+++\n",
    ],
    ids=range(9),
)
def test_deep_nesting_is_refused_before_anything_overflows(text: str) -> None:
    assert "nested deeper than 100 levels" == refusal(text)[0]


def test_a_hundred_levels_are_read() -> None:
    assert toml(f"a = {'[' * 99}{']' * 99}")["a"] == value(f'{{"a": {"[" * 99}{"]" * 99}}}')["a"]


# ---- positions


FILES: Final = {
    "toml": """+++
title = "A title"
quality =   6
emoji = "😀😀"
date = 2020-06-11 18:51:00Z # when
flow = {"é" = 1, to = ["a", 'b']}
provider.name = "CNN"

[[images]]
  url = "x"
  size.width = -1
[[images]]
[other]
a = 1
[images.more]
a = 2
+++
""",
    "json": """{
\t"title": "A title",
  "quality":   6,
  "emoji": "😀😀", "date":
   "2020-06-11 18:51:00Z",
  "flow": {"é": 1, "to": ["a", "b"]},
  "provider": {"name": "CNN"},
  "images": [
    {"url": "x",
     "size": {"width": -1}},
    {"more": {"a": 2}}
  ]
}
""",
}


@pytest.mark.parametrize(
    ("toml_place", "json_place", "field"),
    [
        ((2, 9), (2, 11), ("title",)),
        ((3, 13), (3, 16), ("quality",)),
        ((5, 8), (5, 4), ("date",)),
        ((6, 29), (6, 32), ("flow", "to", 1)),
        ((7, 17), (7, 24), ("provider", "name")),
        ((7, 1), (7, 15), ("provider", "domain")),
        ((11, 16), (10, 24), ("images", 0, "size", "width")),
        ((9, 3), (9, 5), ("images", 0, "height")),
        ((12, 3), (11, 5), ("images", 1)),
        ((16, 5), (11, 20), ("images", 1, "more", "a")),
        ((2, 1), (1, 1), ("nothing",)),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_value_has_the_position_that_an_editor_shows(
    mark: str,
    newline: str,
    toml_place: tuple[int, int],
    json_place: tuple[int, int],
    field: tuple[str | int, ...],
) -> None:
    texts = [(mark + FILES[one].replace("\n", newline)).encode() for one in ("toml", "json")]
    blocks = [find_block(decode_text(text)) for text in texts]
    assert [toml_place, json_place] == [Positions(block).position_of(0, field) for block in blocks]


@pytest.mark.parametrize(
    ("written", "style", "text", "field"),
    [
        ('"T"', '"', 'a = "T" # why', ("a",)),
        ("'''\nT'''", "'", "a = '''\nT'''", ("a",)),
        ("2020-06-11 18:51:00Z", None, "a.b = [2020-06-11 18:51:00Z]", ("a", "b", 0)),
    ],
)
def test_a_scalar_is_found_as_it_is_written(
    written: str, style: str | None, text: str, field: tuple[str | int, ...]
) -> None:
    file = f"+++\n{text}\n+++\n"
    scalar = Positions(find_block(file)).scalar(0, field)
    assert scalar
    assert (written, style) == (file[scalar.start : scalar.end], scalar.style)


def test_a_table_that_is_withheld_ends_where_its_last_part_does() -> None:
    text = "+++\n[a.secured]\nx = 1\n[b]\ny = 2\n[a.secured.z]\nx = 3\n[c]\n+++\n"
    (extent,) = Positions(find_block(text)).extents(["secured"])
    assert text[slice(*extent)].startswith("secured]")
    assert text[slice(*extent)].endswith("x = 3")


# ---- records and repairs


@pytest.mark.parametrize("language", FILES)
def test_a_record_is_markdown_and_has_its_line(language: str) -> None:
    source = Source("a.md", "a.md", content=FILES[language].encode())
    (record,) = read_records(source)
    origin = record.origin
    assert ("text/markdown", 0) == (origin.media_type, origin.document)
    assert {"toml": 2, "json": 1}[language] == origin.line


@pytest.mark.parametrize(
    ("after", "before"),
    [
        ('title = "A & B" # &amp;', 'title = "A &amp; B" # &amp;'),
        ('title = "it\'s"', "title = 'it&#39;s'"),
        ("title = 'A & B'", "title = 'A &amp; B'"),
        ('excerpt = """\nA & B\nC"""', 'excerpt = """\nA &amp; B\nC"""'),
        (
            "publishedDateTime = 2020-07-03T05:43:00+02:00",
            "publishedDateTime = 2020-07-03 05:43:00+02:00",
        ),
    ],
)
def test_toml_is_repaired_in_toml_syntax(after: str, before: str) -> None:
    rest = 'category = "news"\ntype = "article"\nwebUrl = "https://a.org/1"\n'
    file = f"+++\n{rest}{before}\nsecured = '{SECRET}'\n+++\nbody &amp; all\n"
    source = Source("a.md", "a.md", content=file.encode())
    repair = repair_source(source, make_mapper(Site()))
    assert file.replace(before, after) == repair.after
    assert SECRET not in patch_of(repair, "a.md").text


def test_json_is_repaired_in_json_syntax() -> None:
    file = '{"type": "article", "webUrl": "https://a.org/1",\n"title": "A &amp; \\"B\\""}\n&amp;'
    source = Source("a.md", "a.md", content=file.encode())
    repair = repair_source(source, make_mapper(Site()))
    assert file.replace("A &amp; ", "A & ") == repair.after


@given(st.binary(max_size=12) | st.text(max_size=12).map(str.encode), st.sampled_from("{+j"))
def test_any_bytes_are_records_or_refused_at_a_place(data: bytes, kind: str) -> None:
    templates = {"{": b"{%b}\n", "+": b"+++\n%b\n+++\n", "j": b'---json\n{"a": %b}\n---\n'}
    try:
        read_records(Source("a.md", "a.md", content=templates[kind] % data))
    except SourceError as error:
        assert error.line >= 1 <= error.column  # noqa: PT017 - the exception has the answer
