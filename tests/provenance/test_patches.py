from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kg.provenance.patches import Patch, overlapping_lines, split_lines, unified_diff

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

TEN: Final = "".join(f"{number}\n" for number in range(10))


def change_lines(text: str, *numbers: int) -> str:
    """Return the text with changes on these lines, numbered from 0."""
    lines = split_lines(text)
    return "".join("!" + line if n in numbers else line for n, line in enumerate(lines))


def hunks(patch: Patch) -> list[list[str]]:
    """Return the lines of each hunk, without its head."""
    return [hunk.splitlines()[1:] for hunk in re.split(r"^@@ ", patch.text, flags=re.MULTILINE)[1:]]


def apply_patch(patch: str, before: str) -> str:
    """Apply a patch strictly: every line must be at the place in the head of its hunk."""
    lines, out, at = split_lines(before), "", 0
    marked = patch.replace("\n\\ No newline at end of file\n", "\0\n")
    for hunk in marked.split("\n@@ ")[1:]:
        head, _, body = f"{hunk}\n".partition("\n")
        start, count, new_start, new_count = map(int, re.findall(r"\d+", head))
        shown = [line.removesuffix("\0\n") for line in split_lines(body.rstrip("\n") + "\n")]
        old = [line[1:] for line in shown if line[0] in " -"]
        new = [line[1:] for line in shown if line[0] in " +"]
        assert (count, new_count) == (len(old), len(new))
        out += "".join(lines[at : start - 1])
        at = start - 1 + count
        assert lines[start - 1 : at] == old
        assert new_start == len(split_lines(out)) + 1
        out += "".join(new)
    return out + "".join(lines[at:])


# ---- lines


def test_only_a_line_feed_ends_a_line() -> None:
    assert ["a\r\n", "\n", "b\rc\x85d\u2028e\x0cf"] == split_lines("a\r\n\nb\rc\x85d\u2028e\x0cf")


@pytest.mark.parametrize(
    ("expected", "extent"),
    [
        ({0}, (0, 1)),
        ({0}, (0, 2)),
        ({1}, (2, 3)),
        ({0, 1, 2}, (1, 5)),
        (set(), (2, 2)),
        ({2}, (5, 9)),
    ],
)
def test_an_extent_overlaps_the_lines_it_touches(
    expected: set[int], extent: tuple[int, int]
) -> None:
    assert expected == overlapping_lines("a\nb\nc\n", [extent])


# ---- unified diffs


def test_a_patch_has_the_format_of_git() -> None:
    expected = "--- a/x.md\n+++ b/x.md\n@@ -3,7 +3,7 @@\n 2\n 3\n 4\n-5\n+!5\n 6\n 7\n 8\n"
    assert Patch(expected) == unified_diff("x.md", TEN, change_lines(TEN, 5))


def test_equal_texts_have_no_patch() -> None:
    assert Patch("") == unified_diff("x", TEN, TEN)


def test_changes_whose_context_meets_are_one_hunk() -> None:
    assert 1 == len(hunks(unified_diff("x", TEN, change_lines(TEN, 1, 8))))
    twenty = TEN + TEN
    assert 2 == len(hunks(unified_diff("x", twenty, change_lines(twenty, 1, 9))))


def test_repeated_lines_are_not_mistaken_for_moved_ones() -> None:
    twenty = TEN + TEN
    patch = unified_diff("x", twenty, change_lines(twenty, 1, 9))
    assert ["+!1", "+!9"] == re.findall(r"^\+[^+].*", patch.text, flags=re.MULTILINE)


def test_a_missing_line_feed_at_the_end_is_marked() -> None:
    patch = unified_diff("x", "a\nb", "a\n!b")
    end = "\n\\ No newline at end of file\n"
    assert patch.text.endswith(f" a\n-b{end}+!b{end}")


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ("a/x y.md\t", "x y.md"),
        ("a/é.md", "é.md"),
        (r'"a/\"\\\t\n\001.md"', '"\\\t\n\x01.md'),
    ],
)
def test_a_file_name_has_the_format_of_git(expected: str, name: str) -> None:
    patch = unified_diff(name, "a\n", "b\n")
    assert f"--- {expected}" == patch.text.split("\n")[0]


# ---- hidden lines


@pytest.mark.parametrize(
    ("expected", "hidden"),
    [
        (["2", "3", "4", "-5", "+!5", "6", "7", "8"], ()),
        (["3", "4", "-5", "+!5", "6", "7"], {2}),
        (["4", "-5", "+!5", "6"], {3}),
        (["-5", "+!5", "6"], {4}),
        (["4", "-5", "+!5"], {6}),
        (["-5", "+!5"], {4, 6}),
        (["4", "-5", "+!5", "6"], {7, 2}),
        (["2", "3", "4", "-5", "+!5", "6", "7", "8"], {1, 9}),
    ],
)
def test_context_ends_before_a_hidden_line_on_both_sides(
    expected: list[str], hidden: Collection[int]
) -> None:
    patch = unified_diff("x", TEN, change_lines(TEN, 5), hidden, hidden)
    assert [expected] == [[line.strip() for line in hunk] for hunk in hunks(patch)]


@pytest.mark.parametrize(("bare", "hidden"), [(True, 6), (False, 4), (False, 7)])
def test_a_hidden_line_right_below_a_change_makes_a_patch_bare(bare: bool, hidden: int) -> None:
    assert (
        bare == unified_diff("x", TEN, change_lines(TEN, 5), {hidden}, {hidden}).needs_unidiff_zero
    )


def test_a_change_on_the_last_line_is_not_bare() -> None:
    assert not unified_diff("x", TEN, change_lines(TEN, 9)).needs_unidiff_zero


def test_a_change_on_a_hidden_line_is_counted_and_not_shown() -> None:
    assert Patch("", 1) == unified_diff("x", TEN, change_lines(TEN, 5), {5}, {5})


def test_a_hidden_line_of_the_new_text_is_not_shown_either() -> None:
    assert Patch("", 1) == unified_diff("x", TEN, change_lines(TEN, 5), (), {5})


def test_a_line_beside_a_hidden_one_is_shown_when_both_changed() -> None:
    patch = unified_diff("x", TEN, change_lines(TEN, 4, 5), {5}, {5})
    assert [["3", "-4", "+!4"]] == [[line.strip() for line in hunk] for hunk in hunks(patch)]
    assert 1 == patch.unshown


def test_changes_around_a_hidden_line_are_two_hunks() -> None:
    patch = unified_diff("x", TEN, change_lines(TEN, 4, 6), {5}, {5})
    assert [["3", "-4", "+!4"], ["-6", "+!6", "7"]] == [
        [line.strip() for line in hunk] for hunk in hunks(patch)
    ]


@pytest.mark.parametrize("more", ["2\nnew\nnew\n", ""])
def test_a_change_of_the_number_of_lines_moves_those_below(more: str) -> None:
    before = TEN + TEN
    after = change_lines(before, 18).replace("2\n", more, 1)
    assert after == apply_patch(unified_diff("x", before, after).text, before)


def test_a_hidden_change_does_not_move_others() -> None:
    after = change_lines(TEN, 9).replace("2\n", "2\nnew\nnew\n")
    patch = unified_diff("x", TEN, after, (), {3})
    assert change_lines(TEN, 9) == apply_patch(patch.text, TEN)


texts = st.lists(st.sampled_from(["a", "b", "c", "", "d\r", "e\x85"]), max_size=30)
numbers = st.sets(st.integers(0, 30), max_size=4)


@given(texts, numbers, numbers, st.sampled_from(["", "\n"]))
def test_a_patch_turns_the_old_text_into_the_new_and_shows_nothing_hidden(
    lines: list[str], dirty: set[int], hidden: set[int], end: str
) -> None:
    assume(lines and lines[-1])
    numbered = [f"{n} {line}" if n in dirty | hidden else line for n, line in enumerate(lines)]
    before = "\n".join(numbered) + end
    after = change_lines(before, *dirty)
    patch = unified_diff("x", before, after, hidden, hidden)
    shown = dirty - hidden
    assert change_lines(before, *shown) == (
        apply_patch(patch.text, before) if patch.text else before
    )
    for number in hidden & set(range(len(lines))):
        assert f"{numbered[number]}\n" not in re.sub(r"(?m)^[ +-]!?", "", patch.text)


# ---- the tools that read patches


TOOLS: Final = {
    "git": ["git", "apply"],
    "git of bare": ["git", "apply", "--unidiff-zero"],
    "patch": ["patch", "-p1", "-i"],
}


class Try(NamedTuple):
    """A change of one of ten lines, and what is hidden."""

    number: int = 5
    hidden: frozenset[int] = frozenset()
    name: str = "x.md"
    newline: str = "\n"


TRIES: Final = [
    *(Try(number) for number in (0, 1, 5, 9)),
    *(Try(hidden=frozenset({n})) for n in (2, 3, 4, 6, 7, 8)),
    *(Try(hidden=frozenset(pair)) for pair in ((4, 6), (3, 6), (4, 7))),
    *(Try(name=name) for name in ("a b/x y.md", "é/\u200bx.md", 'q"\\\t.md')),
    Try(newline="\r\n"),
    Try(newline="\r\n", hidden=frozenset({6})),
]


@pytest.mark.process
@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("one", TRIES)
def test_git_and_patch_apply_it(tool: str, one: Try, tmp_path: Path) -> None:
    if not shutil.which(TOOLS[tool][0]):
        pytest.skip(f"no {TOOLS[tool][0]} here")
    before = f"\ufeff{TEN}".replace("\n", one.newline)
    after = change_lines(before, one.number)
    patch = unified_diff(one.name, before, after, one.hidden, one.hidden)
    path = tmp_path / one.name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(before.encode())
    (tmp_path / "diff").write_bytes(patch.text.encode())
    command = [*TOOLS[tool], "diff"]
    result = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True)
    applies = tool != "git" or not patch.needs_unidiff_zero
    assert applies == (result.returncode == 0), result
    assert (after if applies else before).encode() == path.read_bytes()
