"""URLs as they stand in data, made legal; and the key by which two of them are the same page."""

from __future__ import annotations

import html
import re
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Final
from urllib.parse import quote

from kg.model.errors import InvalidValue

KEY_VERSION: Final = 1
"""Changing what `key` strips renames works, so a change must raise this number."""

_RECENT: Final = 4096
"""URLs that are remembered: one is read by several rows, one after the other."""

# With its semicolon only: `?a=1&copy=2&reg=3` holds no entity (measured on real sites).
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|apos|quot|lt|gt);")
_ABSOLUTE = re.compile(r"(https?)://([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?\Z", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"((?:[^@\[\]]*@)?)(\[[^@\[\]]+\]|[^@\[\]:]+)((?::[0-9]*)?)\Z")
_ILLEGAL = re.compile(r"[^!$&'()*+,\-./0-9:;=?@A-Z_a-z~%]|%(?![0-9A-Fa-f]{2})", re.DOTALL)
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_LEGAL = r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?]*+"
_CLEAN = re.compile(
    rf"https?://[A-Za-z0-9\-.]++(?::[0-9]++)?(?:[/?]{_LEGAL}(?:%[0-9A-Fa-f]{{2}}{_LEGAL})*)?\Z"
)
"""A URL in which nothing is to be changed; not all of those, but without exception."""

_TRACKING: Final = re.compile(
    r"(?:utm_[^=]*|gclid|gclsrc|dclid|fbclid|msclkid|yclid|twclid|ttclid|wbraid|gbraid|igshid"
    r"|mc_cid|mc_eid|_hsenc|_hsmi|amp|_amp)(?:=.*)?\Z|outputType=amp\Z"
)


@lru_cache(maxsize=_RECENT)
def clean_url(text: str, site: str | None) -> str:
    """Make `text` an absolute http(s) IRI in ASCII, changing nothing that is legal already.

    Steps, in this order: strip white space; unescape entities; put a relative URL below `site`;
    percent-encode what RFC 3986 does not allow, as UTF-8. Escapes that are there stay as they are.
    Raises InvalidValue for anything that does not become an absolute http(s) URL.
    """
    if _CLEAN.match(text) and ("&" not in text or ";" not in text):
        return text  # as most are
    match = _ABSOLUTE.match(_resolve(_unescape(text.strip()), site))
    if not match:
        raise InvalidValue(_NOT_A_URL if site else f"{_NOT_A_URL}, and no site URL is known for it")
    scheme, authority, path, query, fragment = (part or "" for part in match.groups())
    rest = _encode(path + query) + ("#" + _encode(fragment[1:]) if fragment else "")
    return f"{scheme.lower()}://{_authority(authority)}{rest}"


_NOT_A_URL: Final = "not an absolute http(s) URL"


def _unescape(text: str) -> str:
    """Undo escaping as often as it was done: a URL means the same each time, unlike a text."""
    while "&" in text:
        plain = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
        if plain == text:
            break
        text = plain
    return text


def _authority(authority: str) -> str:
    match = _AUTHORITY.match(authority)
    if not match:
        raise InvalidValue(_NOT_A_URL)
    user, host, port = match.groups()
    if host.startswith("["):
        try:
            IPv6Address(host[1:-1].replace("%", "/"))  # a zone is no part of a URL's host
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
    """Return what identifies the page a cleaned URL shows: equal keys, same page.

    https for http; host in lower case without `www.` and default port; no fragment unless it
    routes (`#!`, `#/`); escapes in upper case; no slash at the end of the path; no tracking or
    AMP switches.
    """
    plain = _PLAIN.match(url)
    if plain:
        return f"https://{_WWW.sub('', plain[1])}{plain[2].rstrip('/')}"
    _, authority, path, query, fragment = (
        part or ""
        for part in _ABSOLUTE.match(url).groups()  # type: ignore[union-attr] # cleaned
    )
    host = re.sub(r":(?:80|443)?\Z", "", authority.lower())
    kept = [part for part in query[1:].split("&") if part and not _TRACKING.match(part)]
    route = fragment if fragment.startswith(("#!", "#/")) else ""
    whole = path.rstrip("/") + ("?" + "&".join(kept) if kept else "") + route
    return f"https://{_WWW.sub('', host)}{_ESCAPE.sub(lambda m: m[0].upper(), whole)}"


_PLAIN = re.compile(r"https?://([a-z0-9\-.]++)(?=/|\Z)([^?#%]*+)\Z")
"""A URL of a host and a path, without escapes."""
_WWW = re.compile(r"\A(?:www\.)+(?=.)")


def url_host(url: str) -> str:
    """Return the host in a URL or key, in lower case, without `www.`, port or user."""
    authority = re.split("[/?#]", url.split("://", 1)[1], maxsplit=1)[0].rpartition("@")[2].lower()
    return _WWW.sub("", re.sub(r":[0-9]*\Z", "", authority), count=1)
