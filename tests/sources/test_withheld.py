"""Which lines of a source may be shown; tests/test_secrets.py tests whole files."""

from __future__ import annotations

from string import ascii_letters
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.sources.withheld import WITHHELD, may_be_withheld, may_show, takes_in_field

RUN: Final = "c2VjcmV0" * 5
"""Forty characters of base64."""
LONG: Final = "c2VjcmV0" * 12 + "c2Vj"
"""A hundred."""
SHA256: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
PLAIN: Final = [
    "",
    "title: T",
    "title: A &amp; B  # the headline",
    "# a comment, and https://example.org/a/path",
    "webUrl: https://example.org/2020/06/03/microsoft-wont-sell-facial-recognition",
]


@pytest.mark.parametrize("in_comment", [False, True])
@pytest.mark.parametrize("line", PLAIN)
def test_a_line_without_a_name_or_base64_is_shown(line: str, in_comment: bool) -> None:
    assert may_show(line, in_comment=in_comment)


@pytest.mark.parametrize("in_comment", [False, True])
@pytest.mark.parametrize(
    "line",
    [
        "secured: x",
        '"secured": x',
        "? secured",
        "a: {title: x, secured : y}",
        "# secured = x",
        "title: x  # secured",
        "# old_secured: x",
        "the secured text",
        LONG,
        f"secred: {LONG}",
        f"# {RUN}",
        f"title: x\t# was {RUN}",
        f"title: x # {RUN[:20]} # {RUN}",
    ],
)
def test_a_line_that_may_have_a_withheld_value_is_hidden(line: str, in_comment: bool) -> None:
    assert not may_show(line, in_comment=in_comment)


@pytest.mark.parametrize(
    "line", [f"sha256: {SHA256}", f"url: https://a.org/x#{RUN}", RUN, LONG[1:]]
)
def test_a_value_may_have_more_base64_than_a_comment_or_a_body(line: str) -> None:
    assert may_show(line)
    assert not may_show(line, in_comment=True)


@pytest.mark.parametrize("in_comment", [False, True])
def test_a_comment_may_have_a_run_that_is_shorter(in_comment: bool) -> None:
    assert may_show(f"# {RUN[1:]}", in_comment=in_comment)


@given(st.text(), st.sampled_from(sorted(WITHHELD)), st.text(), st.booleans())
def test_the_name_of_a_withheld_field_hides_a_line(
    before: str, name: str, after: str, in_comment: bool
) -> None:
    assert not may_show(f"{before}{name}{after}", in_comment=in_comment)


@given(st.text(), st.text(f"{ascii_letters}0123456789+/", min_size=100), st.text())
def test_a_hundred_characters_of_base64_hide_a_line(before: str, run: str, after: str) -> None:
    assert not may_show(f"{before}{run}{after}")


@given(st.text(), st.text())
def test_text_that_is_hidden_in_a_field_is_hidden_in_a_comment(before: str, after: str) -> None:
    for line in (f"{before} # {after}", f"{before}{LONG}{after}", before):
        assert may_show(line) or not may_show(line, in_comment=True)


def test_a_key_may_be_withheld_from_forty_characters_of_base64_on() -> None:
    assert not may_be_withheld(RUN[1:])
    assert may_be_withheld(RUN)
    assert may_be_withheld(f"a {RUN}")


@pytest.mark.parametrize(
    ("taken_in", "value"),
    [
        (True, f"It's\nsecured: {RUN}"),
        (True, f'x "secured"  = "{RUN}'),
        (True, f"secured:{' ' * 80}{RUN}"),
        (False, f"secured:{' ' * 81}{RUN}"),
        (False, f"secured:{' ' * 80}{RUN[1:]}"),
        (False, "What is secured: a list"),
        (False, f"secured {RUN}"),
        (False, RUN),
    ],
)
def test_a_value_contains_a_field_by_its_key_and_its_base64(taken_in: bool, value: str) -> None:
    assert taken_in is takes_in_field(value, WITHHELD)


def test_a_value_contains_only_withheld_fields() -> None:
    value = f"hidden: {RUN} s.x: {RUN}"
    assert takes_in_field(value, ["hidden"])
    assert takes_in_field(value, ("a", "s.x"))
    assert not takes_in_field(value, ["s-x"])
    assert not takes_in_field(value, [])
