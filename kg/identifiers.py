"""Mint the IRIs of kg's own nodes: pure functions of the data, so no file can rename another's.

Each returns a reference relative to the base IRI and raises InvalidValue when the values identify
nothing. Values come as the source spells them; a missing one is None.
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from kg import urls
from kg.errors import InvalidValue
from kg.namespaces import Site

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


def _segment(text: str) -> str:
    try:
        return quote(text, safe="")
    except UnicodeEncodeError as error:
        raise InvalidValue("not Unicode text: it holds a lone surrogate") from error


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def _scalar(value: object) -> str | None:
    if isinstance(value, str | int | float):
        return str(value).strip() or None
    return None


def page(site: Site, *values: object) -> str:
    """Return the first of the values that is a URL, cleaned: the page itself, named by its URL."""
    failure = InvalidValue("no URL, so it cannot be identified; give it a webUrl")
    for value in values:
        spelled = _scalar(value)
        if spelled is None:
            continue
        try:
            return urls.clean(spelled, site.url)
        except InvalidValue as error:
            failure = InvalidValue(str(error), culprit=value)
    raise failure


def work(site: Site, web_url: object, original_url: object, path: object, document: object) -> str:
    """`article/{host}/{hash of the URL key}`, or `work/{path}` for a file's work without a URL."""
    try:
        key = urls.key(page(site, web_url, original_url))
    except InvalidValue:
        if isinstance(path, str):
            return f"work/{_of_document(path, document)}"
        raise
    return f"article/{_segment(urls.host(key))}/{_digest(key)}"


def record(_site: Site, path: object, document: object) -> str:
    """`record/{path without suffix}`, and `#2` for the second document of a file."""
    return f"record/{_of_document(str(path), document)}"


def source(_site: Site, path: object) -> str:
    """`source/{path}`."""
    return f"source/{quote(str(path), safe='/', errors='replace')}"


def graph(path: str) -> str:
    """`graph/{path}`: the named graph that holds what one source says."""
    return f"graph/{quote(path, safe='/', errors='replace')}"


def provider(_site: Site, domain: object, name: object) -> str:
    """`provider/{domain}`, and the name's slug below it on a shared platform."""
    spelled = _scalar(domain)
    if spelled is None:
        raise InvalidValue("no domain, so it cannot be identified; give it one")
    host = spelled.lower()
    who = _scalar(name)
    if host in PLATFORMS and who:
        return f"provider/{_segment(host)}/{_segment(slug(who))}"
    return f"provider/{_segment(host)}"


def topic(_site: Site, name: object) -> str:
    """`topic/{slug of the name}`."""
    spelled = _scalar(name)
    if spelled is None:
        raise InvalidValue("no name, so it cannot be identified; give it one")
    return f"topic/{_segment(slug(spelled))}"


def image(site: Site, address: object) -> str:
    """`image/{hash of the cleaned URL}`."""
    if _scalar(address) is None:
        raise InvalidValue("no URL, so it cannot be identified; give it a url")
    return f"image/{_digest(page(site, address))}"


def pixels(_site: Site, number: object) -> str:
    """`px/{number}`: one shared value node per number."""
    if not re.match(r"[1-9][0-9]{0,9}\Z", str(number)):
        raise InvalidValue("not a whole number of pixels above 0", culprit=number)
    return f"px/{number}"


def dataset(_site: Site) -> str:
    """`dataset`: what an export is, as a whole."""
    return "dataset"


def class_partition(site: Site, iri: object) -> str:
    """`dataset/{prefix}-{name}` of a class, or its hash: the entities of that class."""
    name = site.compact(str(iri))
    known = re.fullmatch(r"[a-z]+:[A-Za-z]+", name)
    return f"dataset/{name.replace(':', '-') if known else _digest(str(iri))}"


def manifest(_site: Site) -> str:
    """`manifest`: what a store knows of the graphs loaded into it, and the graph that says so."""
    return "manifest"


def named_graph(_site: Site, iri: object) -> str:
    """Return the IRI of a graph as it is: a manifest speaks of graphs that have a name."""
    return str(iri)


def lease(site: Site, token: object) -> str:
    """`manifest/lease/{token}`: the right of one load to write to a store."""
    return f"{manifest(site)}/lease/{_segment(str(token))}"


def _of_document(path: str, document: object) -> str:
    """Write a path without its suffix, and `#2` for the second YAML document in it."""
    folder, slash, name = path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    number = int(str(document)) + 1
    return quote(f"{folder}{slash}{stem}", safe="/") + (f"#{number}" if number > 1 else "")
