"""The subset reader returns the values of the nodes, or nothing."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from kg.sources.frontmatter import read_documents
from kg.sources.frontmatter.blocks import Block, find_block
from kg.sources.frontmatter.lines import read_lines
from kg.sources.frontmatter.subset import _plain
from tests import mutations

# ---- text that it reads


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ({"a": None}, "a:\n"),
        ({"a": 1}, "a: 1"),
        ({"a": "b", "c": True}, "a:   b  \r\nc: true \r\n"),
        ({"a": {"b": {"c": 1}, "d": 2}, "e": 3}, "a:\n  b:\n    c: 1\n\n  d: 2\n   \ne: 3\n"),
        ({"a": [1, "x y"], "b": [2]}, "a:\n- 1\n- x y\nb:\n    - 2\n"),
        ({"a": [{"b": 1, "c": [2]}, {"b": None}]}, "a:\n  - b: 1\n    c:\n    - 2\n  - b:\n"),
        ({"a": [{"b": [1]}, 2]}, "a:\n- b:\n  - 1\n- 2\n"),
        ({"a": 'x "y"\n\\', "b": ": # -"}, 'a: "x \\"y\\"\\n\\\\"\nb: \': # -\'\n'),
        ({"a": "http://b.org/?c=d&e=f", "g": "12:30"}, "a: http://b.org/?c=d&e=f\ng: 12:30\n"),
        ({"a": "é 😀", "b": "“c”\u00a0d"}, "a: é 😀\nb: “c”\u00a0d\n"),
        ({"a": -1, "b": 1.5, "c": "1.50", "d": "012"}, "a: -1\nb: 1.5\nc: 1.50\nd: 012\n"),
        ({"a": None, "b": "~x", "c": "No"}, "a: null\nb: '~x'\nc: No\n"),
    ],
)
def test_common_front_matter_is_read(expected: dict[str, Any], text: str) -> None:
    assert repr(expected) == repr(mutations.fast(text))
    assert repr([expected]) == repr(mutations.full(text))


def test_the_seeds_are_read() -> None:
    for path in sorted(mutations.SEEDS.iterdir()):
        text = find_block(path.read_text(encoding="utf-8")).text
        assert mutations.fast(text)
        assert not mutations.differs(text)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ({"a": 1, "secured": None}, "a: 1\nsecured: 'SECRET'\n"),
        ({"a": [{"secured": None}, {"secured": None}]}, "a:\n- secured: S\n- secured: S\n"),
    ],
)
def test_withheld_fields_are_not_read(expected: dict[str, Any], text: str) -> None:
    assert expected == mutations.fast(text)


# ---- text that it leaves to the full parser


@pytest.mark.parametrize(
    "text",
    [
        *("", "\n", "a", "- a\n", "- a: 1\n", " a: 1\n", "\na: 1\n", "a: 1\n---\nb: 2\n"),
        *("a: 1\na: 2\n", "a:\n  b: 1\n  b: 2\n", "a:\n- b: 1\n  b: 2\n"),
        *("a: 1\n  b\n", "a: 1\n  b: 2\n", "a: 1\n  - b\n", "a: 1\n- b\n", "a: b: c\n", "a: b:\n"),
        *("a:\n    b: 1\n  c: 2\n", "a:\n  b: 1\n- c\n", "a:\n- b\n  c: 1\n", "a:\n-\n"),
        *("a:\n- \n", "a: [1]\n", "a: {}\n", "a: |\n", "a: >\n", "a: *b\n", "a: &b c\n"),
        *("a: !!str b\n", "a: !b\n", "a: b: c: d\n", 'a:"b"\n'),
        *("a: ~\n", "a: # b\n", "a: b # c\n", "# a\nb: 1\n", "a: 'b''c'\n", 'a: "\\u00e9"\n'),
        *("a: 'b\n  c'\n", "a:b\n", "a b: 1\n", "'a': 1\n", "1: a\n", "true: a\n", "null: a\n"),
        *("<<: a\n", "? a\n", "a: @b\n", "a: `b\n", "a: %b\n", "a: = b\n", "a: - b\n", "a: -\n"),
        *("a:\tb\n", "a: b\tc\n", "\ta: b\n", "a: b\rc: d\n", "a: b\x85c\n", "a: 'b\u2028c'\n"),
        *("a: \x7f\n", 'a: "\x00"\n', "a: '\ufeff'\n", "a: \ufffe\n", "a: b\x0cc\n", "...\n"),
        *("a:\n  - - b\n", f"{'k' * 40}: 1\n", "a:\n" + " " * 61 + "b: 1\n"),
        "secured:\n  a: SECRET\n",
        "secured: |\n  SECRET\n",
        "secured:\n",
        "a: 'secured'\nsecured: b\n",
        "a: unsecured\n",
    ],
    ids=ascii,
)
def test_ambiguous_text_is_not_read(text: str) -> None:
    assert mutations.fast(text) is None


def test_a_text_outside_the_subset_is_read_by_the_full_parser() -> None:
    (document,) = read_documents(Block("a: [1, {b: c}] # d\n", 1))
    assert {"a": [1, {"b": "c"}]} == document.value


# ---- its values are correct


def test_it_equals_the_nodes_in_every_edge_case() -> None:
    assert [] == [text for text in mutations.EDGES if mutations.differs(text)]
    assert [] == [text for text in mutations.entries() if mutations.differs(text)]


def differing_mutations(number: int, seed: int) -> list[str]:
    """Return mutations for which it differs; it must read a sufficient share of the others."""
    read_count, differing = 0, []
    for text in mutations.mutations(number, seed):
        read_count += mutations.fast(text) is not None
        differing += [text] if mutations.differs(text) else []
    assert read_count > number / 6
    return differing


def test_it_equals_the_nodes_for_many_mutations() -> None:
    assert [] == differing_mutations(3_000, seed=1)


@pytest.mark.slow
def test_it_equals_the_nodes_for_very_many_mutations() -> None:
    assert [] == differing_mutations(100_000, seed=2)


tokens = st.lists(st.sampled_from(mutations.TOKENS), max_size=12).map("".join)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | tokens
trees = st.dictionaries(
    st.text(max_size=5) | st.from_regex(r"[a-z]{1,4}", fullmatch=True),
    st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        ),
        max_leaves=8,
    ),
    max_size=4,
)


@given(tokens, tokens)
def test_it_is_right_about_any_tokens(before: str, after: str) -> None:
    for text in (before, f"a: {before}", f"a: 1\nb:\n  - c: {before}\n    d: {after}\n"):
        assert not mutations.differs(text)


@given(st.text(), st.sampled_from(["{}", "a: {}\n", "a: '{}'\n", 'a: "{}"\n', "a:\n  - {}\n"]))
def test_it_is_right_about_any_text(text: str, around: str) -> None:
    assert not mutations.differs(around.format(text))


@given(trees, st.sampled_from([False, None]), st.sampled_from([2, 4]), st.sampled_from(["'", '"']))
def test_it_is_right_about_any_tree(
    tree: dict[str, Any], flow: bool | None, indent: int, style: str
) -> None:
    options: dict[str, Any] = {"default_flow_style": flow, "indent": indent, "allow_unicode": True}
    for text in (
        yaml.safe_dump(tree, width=1000, **options),
        yaml.safe_dump(tree, default_style=style, **options),
    ):
        assert not mutations.differs(text)


# ---- its positions are correct


def test_its_values_have_the_positions_of_the_nodes() -> None:
    seeds = [find_block(path.read_text("utf-8")).text for path in mutations.SEEDS.iterdir()]
    spaced = (
        "a:   \r\nb:\r\n- 1\r\n\r\n-   x\r\n- c:   y  \r\n  d:\r\n    e: 'f: g'\r\nh:\r\n- i\r\n"
    )
    assert read_lines(spaced)
    for text in (*seeds, spaced, *mutations.EDGES, *mutations.entries()):
        assert not mutations.misplaced(text)


def test_values_of_mutations_have_the_positions_of_the_nodes() -> None:
    assert [] == [text for text in mutations.mutations(1_000, 3) if mutations.misplaced(text)]


@given(trees, st.sampled_from([2, 4]), st.sampled_from(["'", '"', None]))
def test_values_of_any_tree_have_the_positions_of_the_nodes(
    tree: dict[str, Any], indent: int, style: str | None
) -> None:
    options: dict[str, Any] = {"default_flow_style": False, "indent": indent, "width": 1000}
    assert not mutations.misplaced(yaml.safe_dump(tree, default_style=style, **options))


# ---- it needs little


@pytest.mark.process
def test_it_needs_no_yaml_library() -> None:
    code = f"""
import sys
from kg.sources.discovery import discover_sources
from kg.sources.reading import read_records
for source in discover_sources([{str(mutations.SEEDS)!r}]):
    read_records(source)
print("yaml" in sys.modules)
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert "False\n" == result.stdout


def test_its_memory_is_bounded() -> None:
    assert _plain.cache_info().maxsize == 1024
