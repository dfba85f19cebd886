from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyoxigraph
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.mapping import term_maps as terms
from kg.model.errors import InvalidValue
from kg.model.namespaces import XSD, Site

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
PUBLISHED = terms.Choice("Published", "Unpublished")
DRAFT = terms.Choice("Draft", None)
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
        ('"aws-ai"', terms.code, "topic/aws-ai"),
        ('"人工智能"', terms.code, "topic/%E4%BA%BA%E5%B7%A5%E6%99%BA%E8%83%BD"),
        (f'"true{BOOLEAN}', terms.boolean, True),
        (f'"false{BOOLEAN}', terms.boolean, "No"),
        (f'"true{BOOLEAN}', terms.boolean, " ON "),
        ('"Unpublished"', PUBLISHED, False),
        ('"Published"', PUBLISHED, "yes"),
        ('"Draft"', DRAFT, True),
        (None, DRAFT, "false"),
        (f'"2020-06-11T18:51:00Z{DATE_TIME}', terms.timestamp, "2020-06-11T18:51:00Z"),
        (f'"2020-06-11T18:51:00{DATE_TIME}', terms.timestamp, "2020-06-11 18:51:00"),
        (f'"2020-06-11T18:51:00{DATE_TIME}', terms.timestamp, "2020-06-11t18:51"),
        (f'"2020-06-11T18:51:00.25{DATE_TIME}', terms.timestamp, "2020-06-11 18:51:00.25"),
        (f'"2020-06-11T18:51:00Z{DATE_TIME}', terms.timestamp, "2020-06-11 18:51:00 UTC"),
        (f'"2020-06-11T18:51:00Z{DATE_TIME}', terms.timestamp, "2020-06-11  18:51Z"),
        (f'"2020-06-11T18:51:00+02:00{DATE_TIME}', terms.timestamp, "2020-06-11 18:51 +0200"),
        (f'"2020-06-11T18:51:00-05:30{DATE_TIME}', terms.timestamp, "2020-06-11T18:51:00-05:30"),
        (f'"2020-06-11{DATE}', terms.timestamp, " 2020-06-11\n"),
        (f'"PT1H30M{DURATION}', terms.duration, " PT90M "),
        (f'"PT24M53S{DURATION}', terms.duration, "PT24M53S"),
        (f'"P1DT1H{DURATION}', terms.duration, "PT25H"),
        (f'"P31D{DURATION}', terms.duration, "P31D"),
        (f'"P2Y2M{DURATION}', terms.duration, "P1Y14M"),
        (f'"PT1M0.5S{DURATION}', terms.duration, "PT60.500S"),
        (f'"PT1M{DURATION}', terms.duration, "PT60.000S"),
        (f'"-P1M{DURATION}', terms.duration, "-P1M"),
        (f'"PT0S{DURATION}', terms.duration, "-P0Y0M0DT0H0M0.0S"),
        (f'"4.632458{DECIMAL}', terms.decimal, 4.632458),
        (f'"4{DECIMAL}', terms.decimal, 4),
        (f'"4{DECIMAL}', terms.decimal, "4.00"),
        (f'"4{DECIMAL}', terms.decimal, "4."),
        (f'"4.5{DECIMAL}', terms.decimal, " 004.50 "),
        (f'"-0.5{DECIMAL}', terms.decimal, "-0.50"),
        (f'"0{DECIMAL}', terms.decimal, "-0.0"),
        (f'"{"9" * 40}.1{DECIMAL}', terms.decimal, f"{'9' * 40}.1"),
        (FREE, terms.free, "Free"),
        (FREE, terms.free, " FREE "),
        (FREE, terms.free, 0),
        (FREE, terms.free, "0.00"),
        (NOT_FREE, terms.free, 19.5),
        (NOT_FREE, terms.free, "$49 a month"),
        (f'"0{DECIMAL}', terms.amount, "Free"),
        (f'"19.5{DECIMAL}', terms.amount, "19.50"),
        (f'"49{DECIMAL}', terms.amount, 49),
        ('"$49 a month"', terms.amount, "$49 a month"),
        (None, terms.amount, " "),
        ('"en-US"', terms.language, "en-us"),
        ('"en-US"', terms.language, " EN_us "),
        ('"de"', terms.language, "DE"),
        ('"es-419"', terms.language, "es-419"),
        ('"gsw-CH"', terms.language, "gsw_ch"),
        ("<https://a.org/b>", terms.page_url, "https://a.org/b"),
        ("<https://example.org/about/>", terms.page_url, "/about/"),
        (None, terms.page_url, "/:year/:title/"),
        (None, terms.page_url, "/{{ page.title }}/"),
        ("<https://a.org/1>", terms.iframe_url, '<iframe src="https://a.org/1"></iframe>'),
        (
            "<https://a.org/?b=1&c=2>",
            terms.iframe_url,
            "<p><IFRAME width=8 data-src='x' autoplay SRC = ' https://a.org/?b=1&amp;c=2 '>",
        ),
        ("<https://a.org/1>", terms.iframe_url, "<iframe src=https://a.org/1 src=https://b.org/>"),
        ("<https://a.org/1>", terms.iframe_url, "<iframe></iframe><iframe src='https://a.org/1'>"),
        ("<https://a.org/1>", terms.iframe_url, "<iframe src=https://a.org/1><iframe src=x>"),
        ("<https://example.org/v/1>", terms.iframe_url, "<iframe src='/v/1'>"),
        (None, terms.iframe_url, "<video src='https://a.org/1'></video> iframe src='x'"),
        (None, terms.iframe_url, "<!-- <iframe src='https://a.org/1'> -->"),
        (None, terms.iframe_url, "<iframe src=''><iframe src>"),
        (None, terms.iframe_url, ""),
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
        ("not a date and time", terms.timestamp, "11 June 2020"),
        ("not a date and time", terms.timestamp, "2020-06-11 18:51 CET"),
        ("not a date and time", terms.timestamp, "2020-06-11 6:51 pm"),
        ("not a date and time", terms.timestamp, "2020-06-11 18:51 +15:00"),
        ("not a day or time of the calendar", terms.timestamp, "2020-06-31 18:51"),
        ("not a day or time of the calendar", terms.timestamp, "2020-06-11 18:60"),
        ("not a duration such as PT1H30M", terms.duration, "1:30"),
        ("not a duration such as PT1H30M", terms.duration, 90),
        ("not a duration such as PT1H30M", terms.duration, "P"),
        ("not a duration such as PT1H30M", terms.duration, "PT"),
        ("not a duration such as PT1H30M", terms.duration, "P1DT"),
        ("not a duration such as PT1H30M", terms.duration, "P1W"),
        ("not a duration such as PT1H30M", terms.duration, "P1S"),
        ("not a duration such as PT1H30M", terms.duration, "PT1D"),
        ("not a duration such as PT1H30M", terms.duration, "PT1.5H"),
        ("not a duration such as PT1H30M", terms.duration, "PT.5S"),
        ("not a duration such as PT1H30M", terms.duration, "pt1h"),
        ("not a duration such as PT1H30M", terms.duration, "PT٣M"),
        ("not a number such as 4.5", terms.decimal, "4,5"),
        ("not a number such as 4.5", terms.decimal, "1e3"),
        ("not a number such as 4.5", terms.decimal, ".5"),
        ("not a number such as 4.5", terms.decimal, "4/5"),
        ("not a number such as 4.5", terms.decimal, float("nan")),
        ("not a number such as 4.5", terms.decimal, True),
        ("not a number such as 4.5", terms.decimal, "٣"),
        ("neither Free nor a price", terms.free, "cheap"),
        ("neither Free nor a price", terms.free, ""),
        ("not a language such as en or en-US", terms.language, "English"),
        ("not a language such as en or en-US", terms.language, "en-latn-us"),
        ("not a language such as en or en-US", terms.language, "e"),
        ("not an absolute http(s) URL", terms.page_url, "https://"),
        ("not an absolute http(s) URL", terms.iframe_url, "<iframe src='javascript:open()'>"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_the_reason(
    message: str, kind: TermMap, value: object
) -> None:
    with pytest.raises(InvalidValue, match=f"^{re.escape(message)}$"):
        kind(value, SITE)


KINDS = [*terms.KINDS.values(), PUBLISHED]


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


def test_every_kind_has_the_name_that_a_person_reads() -> None:
    assert terms.KINDS["date time"] is terms.date_time
    assert terms.KINDS["iframe url"] is terms.iframe_url
    made = {
        name
        for name, one in vars(terms).items()
        if getattr(one, "__annotations__", {}).get("return") in {"Term", "Term | None"}
    }
    assert {name.replace("_", " ") for name in made} - set(terms.KINDS) == {"in sparql", "literal"}


def test_a_page_without_a_site_has_no_address() -> None:
    assert None is terms.page_url("/about/", Site())
    assert "<https://a.org/b>" == terms.page_url("https://a.org/b", Site())


def test_a_choice_is_read_aloud_by_what_it_can_say() -> None:
    assert ('"Published" or "Unpublished"', '"Draft"') == (str(PUBLISHED), str(DRAFT))


# ---- canonical forms, as Oxigraph has them


def calculated(expression: str) -> str | None:
    """Let Oxigraph calculate, and write what it holds; None for an error."""
    found = pyoxigraph.Store().query(f"SELECT ({expression} AS ?x) {{}}")
    assert isinstance(found, pyoxigraph.QuerySolutions)
    (row,) = found
    return None if row["x"] is None else str(row["x"])


def normal(value: str, datatype: str) -> str | None:
    """Return a value as Oxigraph writes it once it has calculated with it."""
    zero = {XSD.duration: "PT0S", XSD.decimal: "0"}[datatype]
    return calculated(f'"{value}"^^<{datatype}> + "{zero}"^^<{datatype}>')


parts = st.integers(0, 10**6)


@given(st.booleans(), st.tuples(*[parts] * 7))
def test_a_duration_is_written_as_oxigraph_writes_it(minus: bool, said: tuple[int, ...]) -> None:
    years, months, days, hours, minutes, seconds, part = said
    value = f"{'-' * minus}P{years}Y{months}M{days}DT{hours}H{minutes}M{seconds}.{part:06}S"
    assert normal(value, XSD.duration) == terms.duration(value, SITE)


@given(st.booleans(), parts, st.text("0123456789", max_size=9), st.integers(0, 3))
def test_a_decimal_is_written_as_oxigraph_writes_it(
    minus: bool, whole: int, fraction: str, zeros: int
) -> None:
    value = f"{'-' * minus}{'0' * zeros}{whole}.{fraction}"
    assert normal(value, XSD.decimal) == terms.decimal(value, SITE)


spelled = st.from_regex(r"-?P(\d{1,3}[YMD]){0,3}(T(\d{1,3}(\.\d)?[HMS]){0,3})?", fullmatch=True)


@given(spelled.filter(lambda value: not value.endswith("T")))  # Oxigraph is milder there than XSD
def test_what_is_a_duration_is_what_oxigraph_takes_for_one(value: str) -> None:
    try:
        written: str | None = terms.duration(value, SITE)
    except InvalidValue:
        written = None
    assert normal(value, XSD.duration) == written


@given(st.text())
def test_any_text_holds_the_address_of_a_frame_or_none(text: str) -> None:
    assert text.strip() == "" or "<" in text or None is terms.iframe_url(text, SITE)


CHARACTERS = [chr(code) for code in (*range(0xA1), 0x2028, 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x1F600)]


@pytest.mark.parametrize("character", CHARACTERS, ids=ascii)
def test_a_literal_is_written_as_oxigraph_writes_it(character: str) -> None:
    assert str(pyoxigraph.Literal(character)) == terms.literal(character)


@pytest.mark.parametrize("character", sorted({*CHARACTERS} - {"&"}), ids=ascii)
def test_a_text_is_written_as_its_literal(character: str) -> None:
    assert terms.literal(f"a{character}") == terms.text(f"a{character}", SITE)


def test_a_text_with_half_a_character_is_refused() -> None:
    for half in ("\ud800", "\udfff"):
        with pytest.raises(InvalidValue, match="surrogate"):
            terms.text(f"a{half}", SITE)


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
