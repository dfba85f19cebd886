from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.mapping.term_maps import date_time, domain, text, url
from kg.provenance.fixes import FIXES, apply_fix

if TYPE_CHECKING:
    from kg.mapping.term_maps import TermMap


def fixed_value(kind: TermMap, value: str) -> str:
    return apply_fix(value, FIXES[kind])[0]


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("A & B", "A &amp; B"),
        ("1½", "1&#189;"),
        ("1½", "1&#xBD;"),
        ("é", "&eacute;"),
        ("<b>", "&lt;b&gt;"),
        ("R&D, AT&T; &nosuch; &amp", "R&D, AT&T; &nosuch; &amp"),
        ("a b", "a&nbsp;b"),
        ("a", " \t\n\u3000a\u00a0 "),
        ("ab", "a\u200bb\u00ad\u2060\ufeff\x00\x1b"),
        ("a b", "a\u00a0b"),
        ("a b", "a \u00a0 \u00a0b"),
        ("a b", "a\x0bb"),
        ("a  b\tc\nd\re", "a  b\tc\nd\re"),
        ("क\u094d\u200dष می\u200cشوم 👩\u200d👩", "क\u094d\u200dष می\u200cشوم 👩\u200d👩"),
        ("ก\u200bข ក\u200b\u200bខ", "ก\u200bข ក\u200b\u200bខ"),
        ("กa bข", "ก\u200ba b\u200bข"),
        ("\u200b", "\u200b"),
        (" ", " "),
        ("&nbsp;", "&nbsp;"),
        ("", ""),
    ],
)
def test_a_text_is_fixed(expected: str, value: str) -> None:
    assert expected == fixed_value(text, value)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("https://a.org/a%20b?x=1&y=2", " https://a.org/a b?x=1&amp;y=2\n"),
        ("https://a.org/%C3%A9%7C%25zz", "https://a.org/é|%zz"),
        ("https://a.org/%20%2f", "https://a.org/%20%2f"),
        ("https://a.org/?a&copy=1", "https://a.org/?a&copy=1"),
        ("https://a.org/ https://b.org/", "https://a.org/ https://b.org/"),
        ("https://a.org/\nb", "https://a.org/\nb"),
        ("/a b", "/a b"),
        ("//a.org/a b", "//a.org/a b"),
        ("a b.png", "a b.png"),
        ("mailto:a b", "mailto:a b"),
        ("no URL", "no URL"),
    ],
)
def test_a_url_is_fixed_and_text_that_is_not_one_absolute_url_is_unchanged(
    expected: str, value: str
) -> None:
    assert expected == fixed_value(url, value)


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ("2020-07-03T05:43:00Z", "2020-07-03 05:43:00Z"),
        ("2020-07-03T05:43:00Z", "2020-07-03t05:43:00z"),
        ("2020-07-03T05:43:00Z", "2020-07-03T05:43Z"),
        ("2020-07-03T05:43:00Z", "2020-07-03 05:43:00 UTC"),
        ("2020-07-03T05:43:00Z", "2020-07-03\u00a05:43:00 GMT"),
        ("2020-07-03T05:43:00+02:00", "2020-07-03 05:43:00 +0200"),
        ("2020-07-03T05:43:00-05:00", "2020-7-3 5:43:00 -5"),
        ("2020-07-03T05:43:00.120+05:30", "2020-07-03 05:43:00.120 +5:30"),
        ("2020-07-03T05:43:00", "2020-07-03 05:43"),
        ("2020-07-03", "\u200b2020-07-03 "),
        ("2020-07-03T05:43:00-00:00", "2020-07-03T05:43:00-00:00"),
    ],
)
def test_an_unambiguous_date_gets_the_rdf_format(expected: str, value: str) -> None:
    assert expected == fixed_value(date_time, value)


@pytest.mark.parametrize(
    "value",
    [
        *("07/03/2020", "03.07.2020", "2020/07/03", "2020-7-3", "20-07-03 05:43", "3 July 2020"),
        *("2020-07-03 5:43 PM", "2020-07-03 24:00:00", "2020-13-03 05:43", "2020-02-30 05:43"),
        *("2020-07-03 05:43 EST", "2020-07-03 05:43 +530", "2020-07-03 05:43 +1500", "2020-07"),
        *("٢٠٢٠-07-03 05:43", "2020-07-03 05:43:00.1234567890", "2020-07-0305:43", "yesterday"),
    ],
)
def test_an_ambiguous_or_invalid_date_is_unchanged(value: str) -> None:
    assert value == fixed_value(date_time, value)


def test_a_domain_loses_only_the_white_space_around_it() -> None:
    assert "A.org" == fixed_value(domain, " A.org\u00a0")


@given(st.text() | st.lists(st.sampled_from(["&amp;", "amp;", "&", "\u200b", "#32;"])).map("".join))
def test_a_remedy_never_deletes_the_whole_value(value: str) -> None:
    for remedy in FIXES.values():
        assert bool(value) == bool(apply_fix(value, remedy)[0])
