"""From a source value to one RDF term: one small function per kind.

Each takes a plain value and the site, and returns a term in canonical N-Triples form, or None for a
value that knowingly says nothing. Each raises InvalidValue when the value does not fit: nothing is
guessed, truncated or rounded. Lists and mappings never fit; the table says where they belong.
"""

from __future__ import annotations

import html
import html.entities
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, TypeAlias
from urllib.parse import unquote as unquote_iri

from kg.mapping.identifiers import FREE, embedded_url
from kg.mapping.urls import clean_url
from kg.model.errors import InvalidValue
from kg.model.namespaces import XSD
from kg.model.records import Term
from kg.model.site import Site
from kg.model.terms import literal

TermMap: TypeAlias = Callable[[object, Site], Term | None]

_INTEGER: Final = f'"^^<{XSD.integer}>'
_A_DATE_TIME: Final = f'"^^<{XSD.dateTime}>'
_A_DATE: Final = f'"^^<{XSD.date}>'
_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)?\Z", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_DIGITS = re.compile(r"(?:0|-?[1-9][0-9]{0,99})\Z")
_DOMAIN = re.compile(r"(?!-)[\w-]+(\.[\w-]+)+\Z")
_WORDS: Final = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}


def source_text(value: object) -> str:
    """Return a scalar as its source spelled it: the reader keeps numbers only if that is exact."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    raise InvalidValue(f"{describe_value(value)}, where one value is expected")


def describe_value(value: object) -> str:
    """Say what a value that is no scalar is, without its content: it may hold what is withheld."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "a mapping" if isinstance(value, dict) else f"a {type(value).__name__}"


def text(value: object, _site: Site) -> Term | None:
    """`xsd:string`: HTML entities unescaped once, everything else as it stands."""
    if type(value) is str and _PLAIN.match(value):
        return f'"{value}"'  # as most are
    words = source_text(value)
    if "&" in words:
        words = _ENTITY.sub(_character, words)
    return literal(words) if words.strip() else None


_PLAIN = re.compile(r"(?=.*[!-~])[ !#-%'-\[\]-~\x80-\ud7ff\ue000-\ufffd]*+\Z")
"""Text in which nothing is to be escaped or unescaped, with a sign of ASCII: so not only blanks."""
_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
"""With its semicolon only: "R&D" and "AT&T" are no entities, whatever browsers make of them."""


def _character(entity: re.Match[str]) -> str:
    if entity[1].startswith("#"):
        return html.unescape(entity[0])
    return html.entities.html5.get(f"{entity[1]};", entity[0])


def integer(value: object, _site: Site) -> Term:
    """`xsd:integer`, in canonical form."""
    if type(value) is int or (isinstance(value, str) and _DIGITS.match(value)):
        return f'"{value}{_INTEGER}'
    source_text(value)
    raise InvalidValue("not a whole number")


def positive_integer(value: object, site: Site) -> Term:
    """`xsd:integer` above 0."""
    term = integer(value, site)
    if int(str(value)) <= 0:
        raise InvalidValue("not a whole number above 0")
    return term


def count(value: object, site: Site) -> Term | None:
    """`xsd:integer` from 0 up; a negative number is the source's word for "unknown"."""
    term = integer(value, site)
    return None if int(str(value)) < 0 else term


def date_time(value: object, _site: Site) -> Term:
    """`xsd:dateTime`, or `xsd:date` without a time; the lexical form is kept (`Z` stays `Z`)."""
    words = source_text(value).strip()
    try:
        if _DATE_TIME.match(words):
            datetime.fromisoformat(words[:19])
            return f'"{words}{_A_DATE_TIME}'
        if _DATE.match(words):
            date.fromisoformat(words)
            return f'"{words}{_A_DATE}'
    except ValueError as error:
        raise InvalidValue("not a day or time of the calendar") from error
    raise InvalidValue("not a date and time")


_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt]|[ \t]+)(\d\d):(\d\d)(?::(\d\d(?:\.\d{1,9})?))?"
    r"(?:[ \t]*(?:(Z)|([+-]\d\d):?(\d\d)|UTC))?\Z",
    re.ASCII,
)


def timestamp(value: object, site: Site) -> Term:
    """`xsd:dateTime` or `xsd:date`, from the forms that generators of sites read.

    Those are YAML 1.1's timestamps, where a space stands for the T, and seconds or the colon of the
    offset may be missing.
    """
    found = _TIMESTAMP.match(source_text(value).strip())
    if not found:
        return date_time(value, site)
    day, hour, minute, second, zulu, hours, minutes = found.groups()
    utc = zulu or found[0].endswith("UTC")
    offset = "Z" if utc else f"{hours}:{minutes}" if hours else ""
    return date_time(f"{day}T{hour}:{minute}:{second or '00'}{offset}", site)


_DURATION = re.compile(
    r"(-?)P(?=[\dT])(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?"
    r"(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(\.\d+)?S)?)?\Z",
    re.ASCII,
)


def duration(value: object, _site: Site) -> Term:
    """`xsd:duration`, in canonical form (XSD 1.1, section 3.3.6.2): `PT1H` for `PT60M`."""
    found = _DURATION.match(source_text(value).strip())
    if not found:
        raise InvalidValue("not a duration such as PT1H30M")
    sign, fraction = found[1], (found[8] or "").rstrip("0").rstrip(".")
    years, months, days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:7])
    years, months = divmod(years * 12 + months, 12)
    minutes, seconds = divmod(((days * 24 + hours) * 60 + minutes) * 60 + seconds, 60)
    (hours, minutes), days = divmod(minutes, 60), 0
    days, hours = divmod(hours, 24)
    day = "".join(f"{n}{unit}" for n, unit in ((years, "Y"), (months, "M"), (days, "D")) if n)
    time = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M")) if n)
    time += f"{seconds}{fraction}S" if seconds or fraction else ""
    words = f"P{day}{'T' if time else ''}{time}" if day or time else "PT0S"
    return f'"{sign if day or time else ""}{words}"^^<{XSD.duration}>'


_DECIMAL = re.compile(r"(-?)0*(\d+)(?:\.(\d*?)0*)?\Z", re.ASCII)


def decimal(value: object, _site: Site) -> Term:
    """`xsd:decimal`, in the canonical form of XSD 1.1: `4.5`, and `5` without a point."""
    found = _DECIMAL.match(source_text(value).strip())
    if not found:
        raise InvalidValue("not a number such as 4.5")
    sign, whole, fraction = found.groups()
    number = f"{whole}.{fraction}" if fraction else whole
    sign = sign if number.strip("0.") else ""
    return f'"{sign}{number}"^^<{XSD.decimal}>'


def free(value: object, _site: Site) -> Term:
    """`xsd:boolean`: whether a price is none: "Free" or 0; any other number in it is a price."""
    words = source_text(value).strip().casefold()
    if words not in FREE and not re.search("[1-9]", words):
        raise InvalidValue("neither Free nor a price")
    return f'"{source_text(words in FREE)}"^^<{XSD.boolean}>'


def amount(value: object, site: Site) -> Term | None:
    """`xsd:decimal` for a price that is a number, 0 for "Free", else its text."""
    words = source_text(value).strip()
    if words.casefold() in FREE:
        return decimal("0", site)
    return decimal(words, site) if _DECIMAL.match(words) else text(words, site)


_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}|\d{3}))?\Z", re.ASCII)


def language(value: object, _site: Site) -> Term:
    """`xsd:string`: a language tag as BCP 47 advises to write it, `en-US` for `en-us`."""
    found = _LANGUAGE.match(source_text(value).strip())
    if not found:
        raise InvalidValue("not a language such as en or en-US")
    region = f"-{found[2].upper()}" if found[2] else ""
    return literal(f"{found[1].lower()}{region}")


def iri(value: object, _site: Site) -> Term:
    """An IRI that is one already, as it stands."""
    return f"<{source_text(value)}>"


def url(value: object, site: Site) -> Term:
    """An IRI: the URL cleaned, put below the site when it is relative (see `urls.clean`)."""
    return f"<{clean_url(source_text(value), site.url)}>"


def page_url(value: object, site: Site) -> Term | None:
    """An IRI: the address of the site's own page; None while it is a pattern or has no site."""
    words = source_text(value).strip()
    if re.search(r"/:|\{\{", words) or (site.url is None and not re.match("https?:", words)):
        return None
    return url(words, site)


def iframe_url(value: object, site: Site) -> Term | None:
    """An IRI: what the first `iframe` of some HTML shows; None where there is none."""
    address = embedded_url(source_text(value))
    return None if address is None else url(address, site)


def domain(value: object, _site: Site) -> Term:
    """`xsd:string`: an internet domain in lower case, without a scheme or path."""
    name = source_text(value).strip().lower()
    if not _DOMAIN.match(name):
        raise InvalidValue("not a domain such as example.org")
    return literal(name)


def domain_url(value: object, site: Site) -> Term:
    """An IRI: the home page of an internet domain."""
    return f"<{clean_url('https://' + domain(value, site)[1:-1] + '/', None)}>"


def code(value: object, _site: Site) -> Term:
    """`xsd:string`: the last part of an IRI, which is the short code of what it names."""
    return literal(unquote_iri(source_text(value).rpartition("/")[2]))


def boolean(value: object, _site: Site) -> Term:
    """`xsd:boolean`, in canonical form, from any of YAML 1.1's words."""
    return f'"{source_text(_truth(value))}"^^<{XSD.boolean}>'


def _truth(value: object) -> bool:
    truth = value if isinstance(value, bool) else _WORDS.get(source_text(value).strip().lower())
    if truth is None:
        raise InvalidValue("neither true nor false")
    return truth


@dataclass(frozen=True, slots=True)
class YesNo:
    """`xsd:string`: a yes or no as one of two texts; None is the one that says nothing."""

    yes: str | None
    no: str | None

    def __str__(self) -> str:
        return " or ".join(f'"{one}"' for one in (self.yes, self.no) if one)

    def __call__(self, value: object, _site: Site) -> Term | None:
        """Return the text for `value` as a plain literal."""
        chosen = self.yes if _truth(value) else self.no
        return literal(chosen) if chosen else None


TERM_MAPS: Final[dict[str, TermMap]] = {
    kind.__name__.replace("_", " "): kind
    for kind in (
        text, integer, positive_integer, count, decimal, boolean, date_time, timestamp, duration,
        free, amount, language, iri, url, page_url, iframe_url, domain, domain_url, code,
    )
}  # fmt: skip
"""Every kind of term, by the name a person reads."""

DATATYPES: Final[dict[TermMap, str]] = {
    iri: "@id",
    url: "@id",
    domain_url: "@id",
    page_url: "@id",
    iframe_url: "@id",
    date_time: XSD.dateTime,
    timestamp: XSD.dateTime,
    duration: XSD.duration,
}
"""The type a JSON-LD context gives a property of this kind; the others need none."""
