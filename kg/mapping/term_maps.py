"""Term maps: each makes one RDF term of a value.

Each takes a plain value and the site, and returns a term in canonical N-Triples form, or None for a
value that makes no statement. Each raises InvalidValue for a value that does not fit, and for every
list and mapping: nothing is guessed, truncated or rounded.
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
from kg.model import XSD, InvalidValue, Site, Term, literal

TermMap: TypeAlias = Callable[[object, Site], Term | None]

_AS_INTEGER: Final = f'"^^<{XSD.integer}>'
_AS_DATE_TIME: Final = f'"^^<{XSD.dateTime}>'
_AS_DATE: Final = f'"^^<{XSD.date}>'
_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)?\Z", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_DIGITS = re.compile(r"(?:0|-?[1-9][0-9]{0,99})\Z")
_DOMAIN = re.compile(r"(?!-)[\w-]+(\.[\w-]+)+\Z")
_BOOLEANS: Final = {
    **dict.fromkeys(("yes", "on", "true"), True),
    **dict.fromkeys(("no", "off", "false"), False),
}


def source_text(value: object) -> str:
    """Return a scalar as the text that its source has for it.

    That is exact: a reader keeps a number as text if `repr` would write it in another way.
    Raises InvalidValue for a list or a mapping.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    raise InvalidValue(f"{describe_value(value)}, where one value is expected")


def describe_value(value: object) -> str:
    """Return what a value is that is no scalar, without its content, which may be withheld."""
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "a mapping" if isinstance(value, dict) else f"a {type(value).__name__}"


def text(value: object, _site: Site) -> Term | None:
    """`xsd:string`: HTML entities unescaped once, everything else unchanged."""
    if type(value) is str and _PLAIN.match(value):
        return f'"{value}"'  # as most are
    string = source_text(value)
    if "&" in string:
        string = _ENTITY.sub(_character, string)
    return literal(string) if string.strip() else None


_PLAIN = re.compile(r"(?=.*[!-~])[ !#-%'-\[\]-~\x80-\ud7ff\ue000-\ufffd]*+\Z")
"""Text without anything to escape or unescape, and with a visible ASCII character: not blank."""
_ENTITY = re.compile(r"&(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
"""An entity needs its semicolon: browsers read others in some places, but "R&D" has none."""


def _character(entity: re.Match[str]) -> str:
    if entity[1].startswith("#"):
        return html.unescape(entity[0])
    return html.entities.html5.get(f"{entity[1]};", entity[0])


def integer(value: object, _site: Site) -> Term:
    """`xsd:integer`, in canonical form."""
    if type(value) is int or (isinstance(value, str) and _DIGITS.match(value)):
        return f'"{value}{_AS_INTEGER}'
    source_text(value)
    raise InvalidValue("not a whole number")


def positive_integer(value: object, site: Site) -> Term:
    """`xsd:integer` above 0."""
    term = integer(value, site)
    if int(str(value)) <= 0:
        raise InvalidValue("not a whole number above 0")
    return term


def count(value: object, site: Site) -> Term | None:
    """`xsd:integer` from 0 up; None for a negative number, which stands for "unknown"."""
    term = integer(value, site)
    return None if int(str(value)) < 0 else term


def date_time(value: object, _site: Site) -> Term:
    """`xsd:dateTime`, or `xsd:date` without a time; the lexical form is kept (`Z` stays `Z`)."""
    form = source_text(value).strip()
    try:
        if _DATE_TIME.match(form):
            datetime.fromisoformat(form[:19])
            return f'"{form}{_AS_DATE_TIME}'
        if _DATE.match(form):
            date.fromisoformat(form)
            return f'"{form}{_AS_DATE}'
    except ValueError as error:
        raise InvalidValue("not a day or time of the calendar") from error
    raise InvalidValue("not a date and time")


_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[Tt]|[ \t]+)(\d\d):(\d\d)(?::(\d\d(?:\.\d{1,9})?))?"
    r"(?:[ \t]*(?:(Z)|([+-]\d\d):?(\d\d)|UTC))?\Z",
    re.ASCII,
)


def timestamp(value: object, site: Site) -> Term:
    """`xsd:dateTime` or `xsd:date`, from the forms that site generators read.

    Those are YAML 1.1's timestamps: with a space instead of the T, and without the seconds or the
    colon of the offset.
    """
    match = _TIMESTAMP.match(source_text(value).strip())
    if not match:
        return date_time(value, site)
    day, hour, minute, second, zulu, hours, minutes = match.groups()
    utc = zulu or match[0].endswith("UTC")
    offset = "Z" if utc else f"{hours}:{minutes}" if hours else ""
    return date_time(f"{day}T{hour}:{minute}:{second or '00'}{offset}", site)


_DURATION = re.compile(
    r"(-?)P(?=[\dT])(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?"
    r"(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(\.\d+)?S)?)?\Z",
    re.ASCII,
)


def duration(value: object, _site: Site) -> Term:
    """`xsd:duration`, in canonical form (XSD 1.1, section 3.3.6.2): `PT1H` for `PT60M`."""
    match = _DURATION.match(source_text(value).strip())
    if not match:
        raise InvalidValue("not a duration such as PT1H30M")
    sign, fraction = match[1], (match[8] or "").rstrip("0").rstrip(".")
    years, months, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:7])
    years, months = divmod(years * 12 + months, 12)
    minutes, seconds = divmod(((days * 24 + hours) * 60 + minutes) * 60 + seconds, 60)
    (hours, minutes), days = divmod(minutes, 60), 0
    days, hours = divmod(hours, 24)
    day = "".join(f"{n}{unit}" for n, unit in ((years, "Y"), (months, "M"), (days, "D")) if n)
    time = "".join(f"{n}{unit}" for n, unit in ((hours, "H"), (minutes, "M")) if n)
    time += f"{seconds}{fraction}S" if seconds or fraction else ""
    form = f"P{day}{'T' if time else ''}{time}" if day or time else "PT0S"
    return f'"{sign if day or time else ""}{form}"^^<{XSD.duration}>'


_DECIMAL = re.compile(r"(-?)0*(\d+)(?:\.(\d*?)0*)?\Z", re.ASCII)


def decimal(value: object, _site: Site) -> Term:
    """`xsd:decimal`, in the canonical form of XSD 1.1: `4.5`, and `5` without a point."""
    match = _DECIMAL.match(source_text(value).strip())
    if not match:
        raise InvalidValue("not a number such as 4.5")
    sign, whole, fraction = match.groups()
    number = f"{whole}.{fraction}" if fraction else whole
    sign = sign if number.strip("0.") else ""
    return f'"{sign}{number}"^^<{XSD.decimal}>'


def free(value: object, _site: Site) -> Term:
    """`xsd:boolean`: true for a price that is "Free" or 0, false for one with another number."""
    price = source_text(value).strip().casefold()
    if price not in FREE and not re.search("[1-9]", price):
        raise InvalidValue("neither Free nor a price")
    return f'"{source_text(price in FREE)}"^^<{XSD.boolean}>'


def amount(value: object, site: Site) -> Term | None:
    """`xsd:decimal` for a price that is a number, 0 for "Free", else its text."""
    price = source_text(value).strip()
    if price.casefold() in FREE:
        return decimal("0", site)
    return decimal(price, site) if _DECIMAL.match(price) else text(price, site)


_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}|\d{3}))?\Z", re.ASCII)


def language(value: object, _site: Site) -> Term:
    """`xsd:string`: a language tag in the case that BCP 47 recommends, `en-US` for `en-us`."""
    match = _LANGUAGE.match(source_text(value).strip())
    if not match:
        raise InvalidValue("not a language such as en or en-US")
    region = f"-{match[2].upper()}" if match[2] else ""
    return literal(f"{match[1].lower()}{region}")


def iri(value: object, _site: Site) -> Term:
    """An IRI: the value, which must be an IRI already, unchanged."""
    return f"<{source_text(value)}>"


def url(value: object, site: Site) -> Term:
    """An IRI: the URL cleaned, and resolved below the site if it is relative (see `clean_url`)."""
    return f"<{clean_url(source_text(value), site.url)}>"


def page_url(value: object, site: Site) -> Term | None:
    """An IRI: the URL of a page of the site; None for a pattern, and for a path without a site."""
    address = source_text(value).strip()
    if re.search(r"/:|\{\{", address) or (site.url is None and not re.match("https?:", address)):
        return None
    return url(address, site)


def iframe_url(value: object, site: Site) -> Term | None:
    """An IRI: the `src` of the first `iframe` in HTML; None if there is none."""
    address = embedded_url(source_text(value))
    return None if address is None else url(address, site)


def domain(value: object, _site: Site) -> Term:
    """`xsd:string`: an internet domain in lower case, without a scheme or path."""
    name = source_text(value).strip().lower()
    if not _DOMAIN.match(name):
        raise InvalidValue("not a domain such as example.org")
    return literal(name)


def domain_url(value: object, site: Site) -> Term:
    """An IRI: the URL of the home page of an internet domain."""
    return f"<{clean_url('https://' + domain(value, site)[1:-1] + '/', None)}>"


def code(value: object, _site: Site) -> Term:
    """`xsd:string`: the last segment of an IRI's path, unescaped."""
    return literal(unquote_iri(source_text(value).rpartition("/")[2]))


def boolean(value: object, _site: Site) -> Term:
    """`xsd:boolean`, in canonical form, from any boolean of YAML 1.1."""
    return f'"{source_text(_parse_boolean(value))}"^^<{XSD.boolean}>'


def _parse_boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    boolean_ = _BOOLEANS.get(source_text(value).strip().lower())
    if boolean_ is None:
        raise InvalidValue("neither true nor false")
    return boolean_


@dataclass(frozen=True, slots=True)
class YesNo:
    """`xsd:string`: one text for true, another for false; with None, that value has no term."""

    yes: str | None
    no: str | None

    def __str__(self) -> str:
        return " or ".join(f'"{text_}"' for text_ in (self.yes, self.no) if text_)

    def __call__(self, value: object, _site: Site) -> Term | None:
        """Return the text for `value` as a plain literal."""
        text_ = self.yes if _parse_boolean(value) else self.no
        return literal(text_) if text_ else None


TERM_MAPS: Final[dict[str, TermMap]] = {
    term_map.__name__.replace("_", " "): term_map
    for term_map in (
        text, integer, positive_integer, count, decimal, boolean, date_time, timestamp, duration,
        free, amount, language, iri, url, page_url, iframe_url, domain, domain_url, code,
    )
}  # fmt: skip
"""The term maps that are functions, by the name that listings and `kg.toml` have for them."""

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
"""The type in a JSON-LD context for a property with this term map; the others need none."""
