"""URLs from data, cleaned to be legal, and the key that is equal for URLs of the same page."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Final
from urllib.parse import quote

from kg.model import InvalidValue

KEY_VERSION: Final = 1
"""The version of `url_key`: raise it when the keys change, because works are renamed then."""

_RECENT: Final = 4096
"""URLs that are cached: several rows read the same one, one after the other."""

# An entity needs its semicolon: `?a=1&copy=2&reg=3` has none.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|apos|quot|lt|gt);")
_ABSOLUTE = re.compile(r"(https?)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?\Z", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"((?:[^@\[\]]*@)?)(\[[^@\[\]]+\]|[^@\[\]:]+)((?::[0-9]*)?)\Z")
_ILLEGAL = re.compile(r"[^!$&'()*+,\-./0-9:;=?@A-Z_a-z~%]|%(?![0-9A-Fa-f]{2})", re.DOTALL)
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_LEGAL = r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*+"
_CLEAN = re.compile(
    rf"https?://[A-Za-z0-9\-.]++(?::[0-9]++)?(?:[/?]{_LEGAL}(?:%[0-9A-Fa-f]{{2}}{_LEGAL})*)?\Z"
)
"""A URL that needs no change. Other URLs may need none either."""

_TRACKING: Final = re.compile(
    r"(?:utm_[^=]*|gclid|gclsrc|dclid|fbclid|msclkid|yclid|twclid|ttclid|wbraid|gbraid|igshid"
    r"|mc_cid|mc_eid|_hsenc|_hsmi|amp|_amp)(?:=.*)?\Z|outputType=amp\Z"
)


@lru_cache(maxsize=_RECENT)
def clean_url(text: str, site: str | None) -> str:
    """Return `text` as an absolute http(s) IRI in ASCII; legal characters are not changed.

    The steps are, in this order: strip white space; unescape entities; resolve a relative URL below
    the URL `site`; percent-encode as UTF-8 what RFC 3986 does not allow. Percent escapes are kept.
    Raises InvalidValue for a text that does not become an absolute http(s) URL.
    """
    if _CLEAN.match(text) and ("&" not in text or ";" not in text):
        return text  # as most are
    match = _ABSOLUTE.match(_resolve(_unescape(text.strip()), site))
    if not match:
        raise InvalidValue(_NOT_A_URL if site else f"{_NOT_A_URL}, and no site URL is known for it")
    scheme, authority, path, query, fragment = (part or "" for part in match.groups())
    rest = _encode(path + query) + ("#" + _encode(fragment[1:]) if fragment else "")
    return f"{scheme.lower()}://{_clean_authority(authority)}{rest}"


_NOT_A_URL: Final = "not an absolute http(s) URL"


def _unescape(text: str) -> str:
    """Return a URL without entities, which may be escaped twice: no URL needs one, unlike text."""
    while "&" in text:
        unescaped = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
        if unescaped == text:
            break
        text = unescaped
    return text


def _clean_authority(authority: str) -> str:
    match = _AUTHORITY.match(authority)
    if not match:
        raise InvalidValue(_NOT_A_URL)
    user, host, port = match.groups()
    if host.startswith("["):
        try:
            IPv6Address(host[1:-1].replace("%", "/"))  # a URL's host must not have a zone
        except ValueError as error:
            raise InvalidValue(_NOT_A_URL) from error
    else:
        host = _encode(host)
    return _encode(user[:-1]) + user[-1:] + host + port


def _resolve(url: str, site: str | None) -> str:
    if url.startswith("//"):
        return f"https:{url}"
    if site is None or not url or re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", url):
        return url
    return f"{site.rstrip('/')}/{url.lstrip('/')}"


def _encode(part: str) -> str:
    return _ILLEGAL.sub(_escape, part) if _ILLEGAL.search(part) else part


def _escape(match: re.Match[str]) -> str:
    try:
        return quote(match[0], safe="")
    except UnicodeEncodeError as error:
        raise InvalidValue("not Unicode text: it contains a lone surrogate") from error


@lru_cache(maxsize=_RECENT)
def url_key(url: str) -> str:
    """Return the key of a cleaned URL: two URLs with equal keys show the same page.

    The key is the URL with https for http; the host in lower case, without `www.` and the default
    port; no fragment, but one that is a route (`#!`, `#/`); percent escapes in upper case; no slash
    at the end of the path; and no query parameters for tracking or AMP.
    """
    plain = _PLAIN.match(url)
    if plain:
        return f"https://{_WWW.sub('', plain[1])}{plain[2].rstrip('/')}"
    _, authority, path, query, fragment = (
        part or ""
        for part in _ABSOLUTE.match(url).groups()  # type: ignore[union-attr] # cleaned
    )
    host = re.sub(r":(?:80|443)?\Z", "", authority.lower())
    parameters = [part for part in query[1:].split("&") if part and not _TRACKING.match(part)]
    route = fragment if fragment.startswith(("#!", "#/")) else ""
    rest = path.rstrip("/") + ("?" + "&".join(parameters) if parameters else "") + route
    return f"https://{_WWW.sub('', host)}{_ESCAPE.sub(lambda match: match[0].upper(), rest)}"


_PLAIN = re.compile(r"https?://([a-z0-9\-.]++)(?=/|\Z)([^?#%]*+)\Z")
"""A URL of a host and a path, without escapes."""
_WWW = re.compile(r"\A(?:www\.)+(?=.)")


def url_host(url: str) -> str:
    """Return the host in a URL or key, in lower case, without `www.`, port or user."""
    authority = re.split("[/?#]", url.split("://", 1)[1], maxsplit=1)[0].rpartition("@")[2].lower()
    return _WWW.sub("", re.sub(r":[0-9]*\Z", "", authority), count=1)
