"""Templates of IRIs: pure functions of the data, so no file can rename the nodes of another.

Each takes the site and the values of its references, None for a missing one. It returns an IRI
relative to the base, or None for values that make no node, and raises InvalidValue for values that
identify nothing.
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
from kg.model import InvalidValue, Site

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
"""Domains that many publishers share: their IRIs need the name, too."""


def slug(name: str) -> str:
    """Return a name as a short code: letters of any script stay, and `C`, `C++`, `C#` differ.

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


def _scalar_text(value: object) -> str | None:
    """Return the text of a scalar without spaces around it; None for no scalar, and for no text."""
    if isinstance(value, str):
        return value.strip() or None
    return str(value) if isinstance(value, int | float) else None


def _name_segment(name: object) -> str:
    """Return the slug of a name. Raises InvalidValue if there is no name."""
    name_text = _scalar_text(name)
    if name_text is None:
        raise InvalidValue("no name, so it cannot be identified; give it one")
    return _segment(slug(name_text))


def _url_digest(site: Site, address: object) -> str:
    """Return the digest of a URL, cleaned. Raises InvalidValue if there is no URL."""
    if _scalar_text(address) is None:
        raise InvalidValue("no URL, so it cannot be identified; give it a url")
    return _digest(page_iri(site, address))


def page_iri(site: Site, *values: object) -> str:
    """The first of the values that is a URL, cleaned: a page's IRI is its URL."""
    failure: InvalidValue | None = None
    for value in values:
        address = _scalar_text(value)
        if address is None:
            continue
        try:
            return clean_url(address, site.url)
        except InvalidValue as error:
            failure = InvalidValue(str(error), culprit=value)
    raise failure or InvalidValue("no URL, so it cannot be identified; give it a webUrl")


def work_iri(site: Site, *values: object) -> str:
    """`article/{host}/{hash of the URL key}`, or `work/{path}` for a file's work without a URL.

    The values are URLs, the path of the file and the number of the document in it.
    """
    *addresses, path, document = values
    try:
        key = url_key(page_iri(site, *addresses))
    except InvalidValue:
        if isinstance(path, str):
            return f"work/{_document_path(path, document)}"
        raise
    return f"article/{_host_of_key(key)}/{_digest(key)}"


def record_iri(_site: Site, path: object, document: object) -> str:
    """`record/{path without suffix}`, and `#2` for the second document of a file."""
    return f"record/{_document_path(str(path), document)}"


def source_iri(_site: Site, path: object) -> str:
    """`source/{path}`."""
    return f"source/{quote(str(path), safe='/', errors='replace')}"


def graph_iri(path: str) -> str:
    """`graph/{path}`: the named graph of the statements of one source."""
    return f"graph/{quote(path, safe='/', errors='replace')}"


@lru_cache(1024)
def _host_segment(authority: str) -> str:
    return _segment(url_host(f"https://{authority}"))


def _host_of_key(key: str) -> str:
    return _host_segment(_AUTHORITY.match(key)[1])  # type: ignore[index] # a key has one


_AUTHORITY = re.compile("https://([^/?#]*)")


def list_item_iri(_site: Site, path: object, list_path: object) -> str:
    """`listed/{path of the list}#{path in it}`: an alias of the work of the file at that path."""
    return f"listed/{list_path}#{_scalar_text(path)}"


@dataclass(frozen=True, slots=True)
class NameTemplate:
    """`{kind}/{slug of the name}`: a node of a kind that a site adds to the mapping."""

    kind: str

    def __call__(self, _site: Site, name: object) -> str:
        """Return the IRI of the node. Raises InvalidValue if there is no name."""
        return f"{_segment(slug(self.kind))}/{_name_segment(name)}"


@dataclass(frozen=True, slots=True)
class PartTemplate:
    """`{whole}#{name}`: a node that is a part of another and exists only with it."""

    name: str = ""

    def __call__(self, _site: Site, whole: object, number: object = None) -> str:
        """Return the IRI of the part; `number` is the position of a part of a list."""
        mark = "-" if "#" in str(whole) else "#"
        return f"{whole}{mark}{self.name}{'' if number is None else number}"


def offer_iri(site: Site, whole: object, price: object) -> str | None:
    """`{whole}#offer`; None if it is free."""
    return None if str(price).strip().casefold() in FREE else PartTemplate("offer")(site, whole)


FREE: Final = ("free", "0", "0.0", "0.00")
"""Texts of a price, in lower case, that mean that there is nothing to pay."""


def provider_iri(_site: Site, domain: object, name: object) -> str:
    """`provider/{domain}`, with the slug of the name as a second segment on a shared platform.

    Without a domain it is `provider/{slug of the name}`; a slug has no dot, so the two differ.
    """
    host, name_text = _scalar_text(domain), _scalar_text(name)
    if host is None and name_text is None:
        raise InvalidValue("no domain, so it cannot be identified; give it one")
    if host is None:
        return f"provider/{_segment(slug(str(name_text)))}"
    host = host.lower()
    if host in PLATFORMS and name_text:
        return f"provider/{_segment(host)}/{_segment(slug(name_text))}"
    return f"provider/{_segment(host)}"


def topic_iri(_site: Site, name: object) -> str:
    """`topic/{slug of the name}`."""
    return f"topic/{_name_segment(name)}"


def image_iri(site: Site, address: object) -> str:
    """`image/{hash of the cleaned URL}`."""
    return f"image/{_url_digest(site, address)}"


def media_iri(site: Site, address: object) -> str:
    """`media/{hash of the cleaned URL}`: a file to download."""
    return f"media/{_url_digest(site, address)}"


def embedded_iri(site: Site, markup: object) -> str | None:
    """`media/{hash of the cleaned URL}` of the media that HTML embeds; None if it embeds none."""
    address = embedded_url(str(markup))
    return None if address is None else media_iri(site, address)


def embedded_url(markup: str) -> str | None:
    """Return the `src` of the first `iframe` in HTML; None if there is none.

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
            first_values = dict(reversed(attrs))  # HTML ignores an attribute's second occurrence
            self.src = (first_values.get("src") or "").strip() or None


def person_iri(_site: Site, name: object, domain: object = None) -> str:
    """`person/{domain of the publisher}/{slug of the name}`, or `person/{slug of the name}`."""
    host = _scalar_text(domain)
    return "/".join(["person", *([_segment(host.lower())] if host else []), _name_segment(name)])


def place_iri(_site: Site, name: object) -> str:
    """`place/{slug of the name}`."""
    return f"place/{_name_segment(name)}"


def site_iri(_site: Site) -> str:
    """`site`: the web site that the sources belong to."""
    return "site"


def publisher_iri(_site: Site, title: object) -> str | None:
    """`publisher`: the publisher of the site; None for a site without a title."""
    return "publisher" if title else None


def periodical_iri(_site: Site, title: object) -> str | None:
    """`newsletters`: the series of the site's newsletters; None for a site without a title."""
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
    """`dataset`: an export as a whole."""
    return "dataset"


def class_partition_iri(site: Site, iri: object) -> str:
    """`dataset/{prefix}-{name}`, or `dataset/{hash}` for a class without a prefix: its entities."""
    name = site.compact(str(iri))
    has_prefix = re.fullmatch(r"[a-z]+:[A-Za-z]+", name)
    return f"dataset/{name.replace(':', '-') if has_prefix else _digest(str(iri))}"


def manifest_iri(_site: Site) -> str:
    """`manifest`: a store's list of the graphs loaded into it, and the graph of that list."""
    return "manifest"


def named_graph_iri(_site: Site, iri: object) -> str:
    """The IRI of a graph in a manifest, unchanged."""
    return str(iri)


def lease_iri(site: Site, token: object) -> str:
    """`manifest/lease/{token}`: the right of one load to write to a store."""
    return f"{manifest_iri(site)}/lease/{_segment(str(token))}"


def _document_path(path: str, document: object) -> str:
    """Return a path without its suffix, and with `#2` for the second YAML document in it."""
    folder, slash, name = path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    number = int(str(document)) + 1
    return quote(f"{folder}{slash}{stem}", safe="/") + (f"#{number}" if number > 1 else "")
