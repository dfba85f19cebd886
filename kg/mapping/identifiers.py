"""Mint the IRIs of kg's own nodes: pure functions of the data, so no file can rename another's.

Each returns a reference relative to the base IRI and raises InvalidValue when the values identify
nothing. Values come as the source spells them; a missing one is None.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from html.parser import HTMLParser
from typing import Final
from urllib.parse import quote

from kg.mapping.urls import clean_url, url_host, url_key
from kg.model.errors import InvalidValue
from kg.model.site import Site

PLATFORMS: Final = frozenset(
    [
        "blogspot.com",
        "facebook.com",
        "github.com",
        "linkedin.com",
        "medium.com",
        "substack.com",
        "twitter.com",
        "wordpress.com",
        "youtube.com",
    ]
)
"""Domains that many publishers share: the name must tell them apart."""


def slug(name: str) -> str:
    """Make a name a short code; letters of any script stay, and `C`, `C++`, `C#` stay three.

    >>> slug("C++"), slug("AWS AI")
    ('cplusplus', 'aws-ai')
    """
    folded = (
        unicodedata.normalize("NFKC", name).casefold().replace("+", "plus").replace("#", "sharp")
    )
    return re.sub(r"[\W_]+", "-", folded).strip("-") or name.strip()


@lru_cache(4096)
def _segment(text: str) -> str:
    try:
        return quote(text, safe="")
    except UnicodeEncodeError as error:
        raise InvalidValue("not Unicode text: it contains a lone surrogate") from error


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def _scalar(value: object) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int | float) else None


def _named(name: object) -> str:
    who = _scalar(name)
    if who is None:
        raise InvalidValue("no name, so it cannot be identified; give it one")
    return _segment(slug(who))


def _hashed(site: Site, address: object) -> str:
    if _scalar(address) is None:
        raise InvalidValue("no URL, so it cannot be identified; give it a url")
    return _digest(page_iri(site, address))


def page_iri(site: Site, *values: object) -> str:
    """Return the first of the values that is a URL, cleaned: the page itself, named by its URL."""
    failure: InvalidValue | None = None
    for value in values:
        spelled = _scalar(value)
        if spelled is None:
            continue
        try:
            return clean_url(spelled, site.url)
        except InvalidValue as error:
            failure = InvalidValue(str(error), culprit=value)
    raise failure or InvalidValue("no URL, so it cannot be identified; give it a webUrl")


def work_iri(site: Site, *references: object) -> str:
    """`article/{host}/{hash of the URL key}`, or `work/{path}` for a file's work without a URL.

    The references are URLs, the path of the file and the number of the document in it.
    """
    *addresses, path, document = references
    try:
        key = url_key(page_iri(site, *addresses))
    except InvalidValue:
        if isinstance(path, str):
            return f"work/{_of_document(path, document)}"
        raise
    return f"article/{_host(key)}/{_digest(key)}"


def record_iri(_site: Site, path: object, document: object) -> str:
    """`record/{path without suffix}`, and `#2` for the second document of a file."""
    return f"record/{_of_document(str(path), document)}"


def source_iri(_site: Site, path: object) -> str:
    """`source/{path}`."""
    return f"source/{quote(str(path), safe='/', errors='replace')}"


def graph_iri(path: str) -> str:
    """`graph/{path}`: the named graph that holds what one source says."""
    return f"graph/{quote(path, safe='/', errors='replace')}"


@lru_cache(1024)
def _host_segment(authority: str) -> str:
    return _segment(url_host(f"https://{authority}"))


def _host(key: str) -> str:
    return _host_segment(_AUTHORITY.match(key)[1])  # type: ignore[index] # a key has one


_AUTHORITY = re.compile("https://([^/?#]*)")


def list_item_iri(_site: Site, path: object, of: object) -> str:
    """`listed/{path of the list}#{path in it}`: an alias of the work that is meant."""
    return f"listed/{of}#{_scalar(path)}"


@dataclass(frozen=True, slots=True)
class NameTemplate:
    """`{kind}/{slug of the name}`: a node of a kind that a site has added."""

    kind: str

    def __call__(self, _site: Site, name: object) -> str:
        """Return the name of the node. Raises InvalidValue when there is none."""
        return f"{_segment(slug(self.kind))}/{_named(name)}"


@dataclass(frozen=True, slots=True)
class PartTemplate:
    """`{whole}#{name}`: a node that is a part of another, and has no life without it."""

    name: str = ""

    def __call__(self, _site: Site, whole: object, number: object = None) -> str:
        """Return the name of the part; a part of a list is named by its place in it."""
        mark = "-" if "#" in str(whole) else "#"
        return f"{whole}{mark}{self.name}{'' if number is None else number}"


def offer_iri(site: Site, whole: object, price: object) -> str | None:
    """`{whole}#offer`; None for what is free."""
    return None if str(price).strip().casefold() in FREE else PartTemplate("offer")(site, whole)


FREE: Final = ("free", "0", "0.0", "0.00")
"""Prices that are none."""


def provider_iri(_site: Site, domain: object, name: object) -> str:
    """`provider/{domain}`, and the name's slug below it on a shared platform.

    Without a domain it is `provider/{slug of the name}`; a slug has no dot, so the two differ.
    """
    spelled, who = _scalar(domain), _scalar(name)
    if spelled is None and who is None:
        raise InvalidValue("no domain, so it cannot be identified; give it one")
    if spelled is None:
        return f"provider/{_segment(slug(str(who)))}"
    host = spelled.lower()
    if host in PLATFORMS and who:
        return f"provider/{_segment(host)}/{_segment(slug(who))}"
    return f"provider/{_segment(host)}"


def topic_iri(_site: Site, name: object) -> str:
    """`topic/{slug of the name}`."""
    return f"topic/{_named(name)}"


def image_iri(site: Site, address: object) -> str:
    """`image/{hash of the cleaned URL}`."""
    return f"image/{_hashed(site, address)}"


def media_iri(site: Site, address: object) -> str:
    """`media/{hash of the cleaned URL}`: a file to be had."""
    return f"media/{_hashed(site, address)}"


def embedded_iri(site: Site, markup: object) -> str | None:
    """`media/{hash of the cleaned URL}` of what some HTML embeds; None when it embeds nothing."""
    address = embedded_url(str(markup))
    return None if address is None else media_iri(site, address)


def embedded_url(markup: str) -> str | None:
    """Return the `src` of the first `iframe` in some HTML, None when there is none.

    >>> embedded_url('<p><IFRAME width=8 src="https://example.org/?a=1&amp;b=2">')
    'https://example.org/?a=1&b=2'
    """
    parser = _Iframe()
    parser.feed(markup)
    return parser.src


class _Iframe(HTMLParser):
    src: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "iframe" and self.src is None:
            first = dict(reversed(attrs))  # of attributes with one name, as HTML has it
            self.src = (first.get("src") or "").strip() or None


def person_iri(_site: Site, name: object, domain: object = None) -> str:
    """`person/{slug of the name}`, below the domain of the publisher when one is given."""
    where = _scalar(domain)
    return "/".join(["person", *([_segment(where.lower())] if where else []), _named(name)])


def place_iri(_site: Site, name: object) -> str:
    """`place/{slug of the name}`."""
    return f"place/{_named(name)}"


def site_iri(_site: Site) -> str:
    """`site`: the web site whose files these are."""
    return "site"


def publisher_iri(_site: Site, title: object) -> str | None:
    """`publisher`: who writes the site; None for a site without a title."""
    return "publisher" if title else None


def periodical_iri(_site: Site, title: object) -> str | None:
    """`newsletters`: the series of them; None for a site without a title."""
    return "newsletters" if title else None


def topic_set_iri(_site: Site) -> str:
    """`topics`: the set of the topics that the site defines."""
    return "topics"


def pixels_iri(_site: Site, number: object) -> str:
    """`px/{number}`: one shared value node per number."""
    if not re.match(r"[1-9][0-9]{0,9}\Z", str(number)):
        raise InvalidValue("not a whole number of pixels above 0", culprit=number)
    return f"px/{number}"


def dataset_iri(_site: Site) -> str:
    """`dataset`: what an export is, as a whole."""
    return "dataset"


def class_partition_iri(site: Site, iri: object) -> str:
    """`dataset/{prefix}-{name}` of a class, or its hash: the entities of that class."""
    name = site.compact(str(iri))
    known = re.fullmatch(r"[a-z]+:[A-Za-z]+", name)
    return f"dataset/{name.replace(':', '-') if known else _digest(str(iri))}"


def manifest_iri(_site: Site) -> str:
    """`manifest`: what a store knows of the graphs loaded into it, and the graph that says so."""
    return "manifest"


def named_graph_iri(_site: Site, iri: object) -> str:
    """Return the IRI of a graph as it is: a manifest speaks of graphs that have a name."""
    return str(iri)


def lease_iri(site: Site, token: object) -> str:
    """`manifest/lease/{token}`: the right of one load to write to a store."""
    return f"{manifest_iri(site)}/lease/{_segment(str(token))}"


def _of_document(path: str, document: object) -> str:
    """Write a path without its suffix, and `#2` for the second YAML document in it."""
    folder, slash, name = path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    number = int(str(document)) + 1
    return quote(f"{folder}{slash}{stem}", safe="/") + (f"#{number}" if number > 1 else "")
