from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.mapping import term_maps
from kg.mapping.term_maps import (
    TERM_MAPS,
    YesNo,
    amount,
    boolean,
    code,
    count,
    date_time,
    decimal,
    domain,
    domain_url,
    duration,
    free,
    iframe_url,
    integer,
    iri,
    language,
    page_url,
    positive_integer,
    text,
    timestamp,
    url,
)
from kg.model.errors import InvalidValue
from kg.model.namespaces import XSD
from kg.model.site import Site
from kg.model.terms import literal, unquote

if TYPE_CHECKING:
    from kg.mapping.term_maps import TermMap

INTEGER = f'"^^<{XSD.integer}>'
DATE_TIME = f'"^^<{XSD.dateTime}>'
DATE = f'"^^<{XSD.date}>'
BOOLEAN = f'"^^<{XSD.boolean}>'
DURATION = f'"^^<{XSD.duration}>'
DECIMAL = f'"^^<{XSD.decimal}>'
FREE = f'"true{BOOLEAN}'
NOT_FREE = f'"false{BOOLEAN}'
PUBLISHED = YesNo("Published", "Unpublished")
DRAFT = YesNo("Draft", None)
SITE = Site(url="https://example.org")


@pytest.mark.parametrize(
    ("expected", "kind", "value"),
    [
        ('"AT&T"', text, "AT&amp;T"),
        ('"it\u2019s caf\u00e9"', text, "it&#8217;s caf&eacute;"),
        ('"&amp;"', text, "&amp;amp;"),
        ('"R&D &copy &nosuch; &;"', text, "R&D &copy &nosuch; &;"),
        ('" as it \\"stands\\"\\n"', text, ' as it "stands"\n'),
        ('"2020"', text, 2020),
        ('"1.5"', text, 1.5),
        ('"true"', text, True),
        (None, text, " \n"),
        (f'"89{INTEGER}', integer, 89),
        (f'"-1{INTEGER}', integer, "-1"),
        (f'"1{"0" * 99}{INTEGER}', integer, f"1{'0' * 99}"),
        (f'"1{INTEGER}', positive_integer, 1),
        (f'"0{INTEGER}', count, 0),
        (None, count, -1),
        (f'"2020-06-11T18:51:00Z{DATE_TIME}', date_time, " 2020-06-11T18:51:00Z "),
        (
            f'"2020-06-11T18:51:00.5+02:00{DATE_TIME}',
            date_time,
            "2020-06-11T18:51:00.5+02:00",
        ),
        (f'"2020-06-11T18:51:00{DATE_TIME}', date_time, "2020-06-11T18:51:00"),
        (f'"2020-02-29{DATE}', date_time, "2020-02-29"),
        ("<https://a.org/b%20c>", url, " https://a.org/b c"),
        ("<https://example.org/a.png>", url, "/a.png"),
        ("<urn:isbn:1>", iri, "urn:isbn:1"),
        ('"cnn.com"', domain, " CNN.com "),
        ('"bücher.example"', domain, "Bücher.example"),
        ("<https://cnn.com/>", domain_url, "CNN.com"),
        ("<https://b%C3%BCcher.example/>", domain_url, "bücher.example"),
        ('"aws-ai"', code, "topic/aws-ai"),
        ('"人工智能"', code, "topic/%E4%BA%BA%E5%B7%A5%E6%99%BA%E8%83%BD"),
        (f'"true{BOOLEAN}', boolean, True),
        (f'"false{BOOLEAN}', boolean, "No"),
        (f'"true{BOOLEAN}', boolean, " ON "),
        ('"Unpublished"', PUBLISHED, False),
        ('"Published"', PUBLISHED, "yes"),
        ('"Draft"', DRAFT, True),
        (None, DRAFT, "false"),
        (f'"2020-06-11T18:51:00Z{DATE_TIME}', timestamp, "2020-06-11T18:51:00Z"),
        (f'"2020-06-11T18:51:00{DATE_TIME}', timestamp, "2020-06-11 18:51:00"),
        (f'"2020-06-11T18:51:00{DATE_TIME}', timestamp, "2020-06-11t18:51"),
        (f'"2020-06-11T18:51:00.25{DATE_TIME}', timestamp, "2020-06-11 18:51:00.25"),
        (f'"2020-06-11T18:51:00Z{DATE_TIME}', timestamp, "2020-06-11 18:51:00 UTC"),
        (f'"2020-06-11T18:51:00Z{DATE_TIME}', timestamp, "2020-06-11  18:51Z"),
        (f'"2020-06-11T18:51:00+02:00{DATE_TIME}', timestamp, "2020-06-11 18:51 +0200"),
        (f'"2020-06-11T18:51:00-05:30{DATE_TIME}', timestamp, "2020-06-11T18:51:00-05:30"),
        (f'"2020-06-11{DATE}', timestamp, " 2020-06-11\n"),
        (f'"PT1H30M{DURATION}', duration, " PT90M "),
        (f'"PT24M53S{DURATION}', duration, "PT24M53S"),
        (f'"P1DT1H{DURATION}', duration, "PT25H"),
        (f'"P31D{DURATION}', duration, "P31D"),
        (f'"P2Y2M{DURATION}', duration, "P1Y14M"),
        (f'"PT1M0.5S{DURATION}', duration, "PT60.500S"),
        (f'"PT1M{DURATION}', duration, "PT60.000S"),
        (f'"-P1M{DURATION}', duration, "-P1M"),
        (f'"PT0S{DURATION}', duration, "-P0Y0M0DT0H0M0.0S"),
        (f'"4.632458{DECIMAL}', decimal, 4.632458),
        (f'"4{DECIMAL}', decimal, 4),
        (f'"4{DECIMAL}', decimal, "4.00"),
        (f'"4{DECIMAL}', decimal, "4."),
        (f'"4.5{DECIMAL}', decimal, " 004.50 "),
        (f'"-0.5{DECIMAL}', decimal, "-0.50"),
        (f'"0{DECIMAL}', decimal, "-0.0"),
        (f'"{"9" * 40}.1{DECIMAL}', decimal, f"{'9' * 40}.1"),
        (FREE, free, "Free"),
        (FREE, free, " FREE "),
        (FREE, free, 0),
        (FREE, free, "0.00"),
        (NOT_FREE, free, 19.5),
        (NOT_FREE, free, "$49 a month"),
        (f'"0{DECIMAL}', amount, "Free"),
        (f'"19.5{DECIMAL}', amount, "19.50"),
        (f'"49{DECIMAL}', amount, 49),
        ('"$49 a month"', amount, "$49 a month"),
        (None, amount, " "),
        ('"en-US"', language, "en-us"),
        ('"en-US"', language, " EN_us "),
        ('"de"', language, "DE"),
        ('"es-419"', language, "es-419"),
        ('"gsw-CH"', language, "gsw_ch"),
        ("<https://a.org/b>", page_url, "https://a.org/b"),
        ("<https://example.org/about/>", page_url, "/about/"),
        (None, page_url, "/:year/:title/"),
        (None, page_url, "/{{ page.title }}/"),
        ("<https://a.org/1>", iframe_url, '<iframe src="https://a.org/1"></iframe>'),
        (
            "<https://a.org/?b=1&c=2>",
            iframe_url,
            "<p><IFRAME width=8 data-src='x' autoplay SRC = ' https://a.org/?b=1&amp;c=2 '>",
        ),
        ("<https://a.org/1>", iframe_url, "<iframe src=https://a.org/1 src=https://b.org/>"),
        ("<https://a.org/1>", iframe_url, "<iframe></iframe><iframe src='https://a.org/1'>"),
        ("<https://a.org/1>", iframe_url, "<iframe src=https://a.org/1><iframe src=x>"),
        ("<https://example.org/v/1>", iframe_url, "<iframe src='/v/1'>"),
        (None, iframe_url, "<video src='https://a.org/1'></video> iframe src='x'"),
        (None, iframe_url, "<!-- <iframe src='https://a.org/1'> -->"),
        (None, iframe_url, "<iframe src=''><iframe src>"),
        (None, iframe_url, ""),
    ],
)
def test_a_value_that_fits_becomes_its_term(
    expected: str | None, kind: TermMap, value: object
) -> None:
    assert expected == kind(value, SITE)


@pytest.mark.parametrize(
    ("message", "kind", "value"),
    [
        ("not Unicode text: it contains a lone surrogate", text, "\ud83d"),
        ("not a whole number", integer, "89 "),
        ("not a whole number", integer, "089"),
        ("not a whole number", integer, "+89"),
        ("not a whole number", integer, "-0"),
        ("not a whole number", integer, 89.0),
        ("not a whole number", integer, True),
        ("not a whole number", integer, f"1{'0' * 100}"),
        ("not a whole number", integer, "٣"),
        ("not a whole number above 0", positive_integer, 0),
        ("not a whole number above 0", positive_integer, -860),
        ("not a whole number", count, "unknown"),
        ("not a date and time", date_time, "yesterday"),
        ("not a date and time", date_time, "2020-06-11 18:51:00"),
        ("not a date and time", date_time, "2020-6-11"),
        ("not a date and time", date_time, "2020-06-11T18:51Z"),
        ("not a date and time", date_time, "2020-06-11T18:51:00+15:00"),
        ("not a date and time", date_time, "\uff12020-06-11"),
        ("not a date and time", date_time, 2020),
        ("not a day or time of the calendar", date_time, "2020-02-30"),
        ("not a day or time of the calendar", date_time, "2020-06-11T25:00:00Z"),
        ("not a day or time of the calendar", date_time, "0000-01-01"),
        ("not an absolute http(s) URL", url, "javascript:open()"),
        ("not a domain such as example.org", domain, "https://cnn.com/"),
        ("not a domain such as example.org", domain, "cnn"),
        ("not a domain such as example.org", domain, "cnn..com"),
        ("not a domain such as example.org", domain_url, "-cnn.com"),
        ("neither true nor false", boolean, "perhaps"),
        ("neither true nor false", boolean, 1),
        ("neither true nor false", PUBLISHED, ""),
        ("not a date and time", timestamp, "11 June 2020"),
        ("not a date and time", timestamp, "2020-06-11 18:51 CET"),
        ("not a date and time", timestamp, "2020-06-11 6:51 pm"),
        ("not a date and time", timestamp, "2020-06-11 18:51 +15:00"),
        ("not a day or time of the calendar", timestamp, "2020-06-31 18:51"),
        ("not a day or time of the calendar", timestamp, "2020-06-11 18:60"),
        ("not a duration such as PT1H30M", duration, "1:30"),
        ("not a duration such as PT1H30M", duration, 90),
        ("not a duration such as PT1H30M", duration, "P"),
        ("not a duration such as PT1H30M", duration, "PT"),
        ("not a duration such as PT1H30M", duration, "P1DT"),
        ("not a duration such as PT1H30M", duration, "P1W"),
        ("not a duration such as PT1H30M", duration, "P1S"),
        ("not a duration such as PT1H30M", duration, "PT1D"),
        ("not a duration such as PT1H30M", duration, "PT1.5H"),
        ("not a duration such as PT1H30M", duration, "PT.5S"),
        ("not a duration such as PT1H30M", duration, "pt1h"),
        ("not a duration such as PT1H30M", duration, "PT٣M"),
        ("not a number such as 4.5", decimal, "4,5"),
        ("not a number such as 4.5", decimal, "1e3"),
        ("not a number such as 4.5", decimal, ".5"),
        ("not a number such as 4.5", decimal, "4/5"),
        ("not a number such as 4.5", decimal, float("nan")),
        ("not a number such as 4.5", decimal, True),
        ("not a number such as 4.5", decimal, "٣"),
        ("neither Free nor a price", free, "cheap"),
        ("neither Free nor a price", free, ""),
        ("not a language such as en or en-US", language, "English"),
        ("not a language such as en or en-US", language, "en-latn-us"),
        ("not a language such as en or en-US", language, "e"),
        ("not an absolute http(s) URL", page_url, "https://"),
        ("not an absolute http(s) URL", iframe_url, "<iframe src='javascript:open()'>"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_the_reason(
    message: str, kind: TermMap, value: object
) -> None:
    with pytest.raises(InvalidValue, match=f"^{re.escape(message)}$"):
        kind(value, SITE)


KINDS = [*TERM_MAPS.values(), PUBLISHED]


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
def test_every_kind_names_its_terms_in_its_first_line(kind: TermMap) -> None:
    assert re.match(r"`xsd:\w+`|An IRI", kind.__doc__ or "")


def test_every_kind_has_its_readable_name() -> None:
    assert TERM_MAPS["date time"] is date_time
    assert TERM_MAPS["iframe url"] is iframe_url
    functions = {
        name
        for name, one in vars(term_maps).items()
        if getattr(one, "__module__", "") == "kg.mapping.term_maps"
        and getattr(one, "__annotations__", {}).get("return") in {"Term", "Term | None"}
    }
    assert {name.replace("_", " ") for name in functions} == set(TERM_MAPS)


def test_a_page_without_a_site_has_no_address() -> None:
    assert None is page_url("/about/", Site())
    assert "<https://a.org/b>" == page_url("https://a.org/b", Site())


def test_a_choice_is_described_by_its_possible_values() -> None:
    assert ('"Published" or "Unpublished"', '"Draft"') == (str(PUBLISHED), str(DRAFT))


# ---- canonical forms, as Oxigraph has them


def calculated(expression: str) -> str | None:
    """Return the value of an expression as Oxigraph calculates it; None for an error."""
    solutions = pyoxigraph.Store().query(f"SELECT ({expression} AS ?x) {{}}")
    assert isinstance(solutions, pyoxigraph.QuerySolutions)
    (solution,) = solutions
    return None if solution["x"] is None else str(solution["x"])


def normal(value: str, datatype: str) -> str | None:
    """Return a value as Oxigraph writes it once it has calculated with it."""
    zero = {XSD.duration: "PT0S", XSD.decimal: "0"}[datatype]
    return calculated(f'"{value}"^^<{datatype}> + "{zero}"^^<{datatype}>')


parts = st.integers(0, 10**6)


@given(st.booleans(), st.tuples(*[parts] * 7))
def test_a_duration_is_written_as_oxigraph_writes_it(minus: bool, numbers: tuple[int, ...]) -> None:
    years, months, days, hours, minutes, seconds, part = numbers
    value = f"{'-' * minus}P{years}Y{months}M{days}DT{hours}H{minutes}M{seconds}.{part:06}S"
    assert normal(value, XSD.duration) == duration(value, SITE)


@given(st.booleans(), parts, st.text("0123456789", max_size=9), st.integers(0, 3))
def test_a_decimal_is_written_as_oxigraph_writes_it(
    minus: bool, whole: int, fraction: str, zeros: int
) -> None:
    value = f"{'-' * minus}{'0' * zeros}{whole}.{fraction}"
    assert normal(value, XSD.decimal) == decimal(value, SITE)


spelled = st.from_regex(r"-?P(\d{1,3}[YMD]){0,3}(T(\d{1,3}(\.\d)?[HMS]){0,3})?", fullmatch=True)


@given(spelled.filter(lambda value: not value.endswith("T")))  # Oxigraph is milder there than XSD
def test_a_duration_is_valid_exactly_when_oxigraph_accepts_it(value: str) -> None:
    try:
        term: str | None = duration(value, SITE)
    except InvalidValue:
        term = None
    assert normal(value, XSD.duration) == term


@given(st.text())
def test_any_text_has_the_address_of_a_frame_or_none(text: str) -> None:
    assert text.strip() == "" or "<" in text or None is iframe_url(text, SITE)


CHARACTERS = [chr(code) for code in (*range(0xA1), 0x2028, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x1F600)]


def test_a_literal_is_written_as_oxigraph_writes_it() -> None:
    for character in CHARACTERS:
        assert str(pyoxigraph.Literal(character)) == literal(character)


def test_a_text_is_written_as_its_literal() -> None:
    for character in {*CHARACTERS} - {"&"}:
        assert literal(f"a{character}") == text(f"a{character}", SITE)


def test_a_text_with_half_a_character_is_refused() -> None:
    for half in ("\ud800", "\udfff"):
        with pytest.raises(InvalidValue, match="surrogate"):
            text(f"a{half}", SITE)


def test_a_literal_gives_back_its_text() -> None:
    for character in CHARACTERS:
        assert (character, "") == unquote(literal(character))


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
    assert expected == unquote(term)
