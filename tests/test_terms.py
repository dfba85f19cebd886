from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph
import pytest

from kg import terms
from kg.errors import InvalidValue
from kg.namespaces import XSD, Site

if TYPE_CHECKING:
    from kg.terms import TermMap

INTEGER = f'"^^<{XSD.integer}>'
DATE_TIME = f'"^^<{XSD.dateTime}>'
DATE = f'"^^<{XSD.date}>'
BOOLEAN = f'"^^<{XSD.boolean}>'
PUBLISHED = terms.Choice("Published", "Unpublished")
SITE = Site(url="https://example.org")


@pytest.mark.parametrize(
    ("expected", "kind", "value"),
    [
        ('"AT&T"', terms.text, "AT&amp;T"),
        ('"it\u2019s caf\u00e9"', terms.text, "it&#8217;s caf&eacute;"),
        ('"&amp;"', terms.text, "&amp;amp;"),
        ('"R&D &copy &nosuch; &;"', terms.text, "R&D &copy &nosuch; &;"),
        ('" as it \\"stands\\"\\n"', terms.text, ' as it "stands"\n'),
        ('"2020"', terms.text, 2020),
        ('"1.5"', terms.text, 1.5),
        ('"true"', terms.text, True),
        (None, terms.text, " \n"),
        (f'"89{INTEGER}', terms.integer, 89),
        (f'"-1{INTEGER}', terms.integer, "-1"),
        (f'"1{"0" * 99}{INTEGER}', terms.integer, f"1{'0' * 99}"),
        (f'"1{INTEGER}', terms.positive_integer, 1),
        (f'"0{INTEGER}', terms.count, 0),
        (None, terms.count, -1),
        (f'"2020-06-11T18:51:00Z{DATE_TIME}', terms.date_time, " 2020-06-11T18:51:00Z "),
        (
            f'"2020-06-11T18:51:00.5+02:00{DATE_TIME}',
            terms.date_time,
            "2020-06-11T18:51:00.5+02:00",
        ),
        (f'"2020-06-11T18:51:00{DATE_TIME}', terms.date_time, "2020-06-11T18:51:00"),
        (f'"2020-02-29{DATE}', terms.date_time, "2020-02-29"),
        ("<https://a.org/b%20c>", terms.url, " https://a.org/b c"),
        ("<https://example.org/a.png>", terms.url, "/a.png"),
        ("<urn:isbn:1>", terms.iri, "urn:isbn:1"),
        ('"cnn.com"', terms.domain, " CNN.com "),
        ('"bücher.example"', terms.domain, "Bücher.example"),
        ("<https://cnn.com/>", terms.domain_url, "CNN.com"),
        ("<https://b%C3%BCcher.example/>", terms.domain_url, "bücher.example"),
        ('"aws-ai"', terms.slug, "AWS AI"),
        (f'"true{BOOLEAN}', terms.boolean, True),
        (f'"false{BOOLEAN}', terms.boolean, "No"),
        (f'"true{BOOLEAN}', terms.boolean, " ON "),
        ('"Unpublished"', PUBLISHED, False),
        ('"Published"', PUBLISHED, "yes"),
    ],
)
def test_a_value_that_fits_becomes_its_term(
    expected: str | None, kind: TermMap, value: object
) -> None:
    assert expected == kind(value, SITE)


@pytest.mark.parametrize(
    ("message", "kind", "value"),
    [
        ("not Unicode text: it holds a lone surrogate", terms.text, "\ud83d"),
        ("not a whole number", terms.integer, "89 "),
        ("not a whole number", terms.integer, "089"),
        ("not a whole number", terms.integer, "+89"),
        ("not a whole number", terms.integer, "-0"),
        ("not a whole number", terms.integer, 89.0),
        ("not a whole number", terms.integer, True),
        ("not a whole number", terms.integer, f"1{'0' * 100}"),
        ("not a whole number", terms.integer, "٣"),
        ("not a whole number above 0", terms.positive_integer, 0),
        ("not a whole number above 0", terms.positive_integer, -860),
        ("not a whole number", terms.count, "unknown"),
        ("not a date and time", terms.date_time, "yesterday"),
        ("not a date and time", terms.date_time, "2020-06-11 18:51:00"),
        ("not a date and time", terms.date_time, "2020-6-11"),
        ("not a date and time", terms.date_time, "2020-06-11T18:51Z"),
        ("not a date and time", terms.date_time, "2020-06-11T18:51:00+15:00"),
        ("not a date and time", terms.date_time, "\uff12020-06-11"),
        ("not a date and time", terms.date_time, 2020),
        ("not a day or time of the calendar", terms.date_time, "2020-02-30"),
        ("not a day or time of the calendar", terms.date_time, "2020-06-11T25:00:00Z"),
        ("not a day or time of the calendar", terms.date_time, "0000-01-01"),
        ("not an absolute http(s) URL", terms.url, "javascript:open()"),
        ("not a domain such as example.org", terms.domain, "https://cnn.com/"),
        ("not a domain such as example.org", terms.domain, "cnn"),
        ("not a domain such as example.org", terms.domain, "cnn..com"),
        ("not a domain such as example.org", terms.domain_url, "-cnn.com"),
        ("neither true nor false", terms.boolean, "perhaps"),
        ("neither true nor false", terms.boolean, 1),
        ("neither true nor false", PUBLISHED, ""),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_the_reason(
    message: str, kind: TermMap, value: object
) -> None:
    with pytest.raises(InvalidValue, match=f"^{re.escape(message)}$"):
        kind(value, SITE)


KINDS = [
    terms.text,
    terms.integer,
    terms.positive_integer,
    terms.count,
    terms.date_time,
    terms.iri,
    terms.url,
    terms.domain,
    terms.domain_url,
    terms.slug,
    terms.boolean,
    PUBLISHED,
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("described", "value"),
    [("a list of 2", ["SECRET", 1]), ("a mapping", {"a": "SECRET"}), ("a bytes", b"SECRET")],
)
def test_no_kind_takes_or_shows_more_than_one_value(
    kind: TermMap, described: str, value: object
) -> None:
    with pytest.raises(InvalidValue, match=f"^{described}, where one value is expected$"):
        kind(value, SITE)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_says_in_its_first_line_what_it_makes(kind: TermMap) -> None:
    assert re.match(r"`xsd:\w+`|An IRI", kind.__doc__ or "")


CHARACTERS = [chr(code) for code in (*range(0xA1), 0x2028, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x1F600)]


@pytest.mark.parametrize("character", CHARACTERS, ids=ascii)
def test_a_literal_is_written_as_oxigraph_writes_it(character: str) -> None:
    assert str(pyoxigraph.Literal(character)) == terms.literal(character)


@pytest.mark.parametrize("character", CHARACTERS, ids=ascii)
def test_a_literal_gives_back_its_text(character: str) -> None:
    assert (character, "") == terms.unquote(terms.literal(character))


@pytest.mark.parametrize(
    ("expected", "term"),
    [
        (("a", "@en"), '"a"@en'),
        (('1"^^<x>', f"^^<{XSD.string}x>"), f'"1\\"^^<x>"^^<{XSD.string}x>'),
        (("é😀", ""), '"\\u00E9\\U0001F600"'),
        (("\\n", ""), '"\\\\n"'),
    ],
)
def test_a_literal_is_split_at_its_last_quote(expected: tuple[str, str], term: str) -> None:
    assert expected == terms.unquote(term)
