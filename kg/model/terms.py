"""Terms in canonical N-Triples form: to write a literal, and to take one apart."""

from __future__ import annotations

import re
from typing import Final

from kg.model.errors import InvalidValue
from kg.model.records import Term

_ESCAPED = re.compile('["\\\\\x00-\x1f\x7f\ufffe\uffff]')
_ESCAPES: Final = {
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
    '"': '\\"',
    "\\": "\\\\",
}
_SURROGATE = re.compile("[\ud800-\udfff]")


def literal(text: str) -> Term:
    """Write a string as a plain literal. Raises InvalidValue for text that is not Unicode."""
    if _ESCAPED.search(text):
        text = _ESCAPED.sub(_escape, text)
    if not text.isascii() and _SURROGATE.search(text):
        raise InvalidValue("not Unicode text: it holds a lone surrogate")
    return f'"{text}"'


def unquote(term: Term) -> tuple[str, str]:
    r"""Split a literal into its text and what follows the closing quote: "", `@en`, `^^<datatype>`.

    >>> unquote('"a\\n"@en')
    ('a\n', '@en')
    """
    quoted, _, tail = term[1:].rpartition('"')
    return (_QUOTED.sub(_unescape, quoted) if "\\" in quoted else quoted), tail


def lexical_form(term: Term) -> str:
    """Return an IRI, or the text of a literal."""
    return term[1:-1] if term.startswith("<") else unquote(term)[0]


_QUOTED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_UNESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _UNESCAPES.get(match[3], match[3])


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04X}"


def escape_for_sparql(term: Term) -> Term:
    r"""Write a term so that it means the same before and after `\u` is expanded.

    SPARQL does so in the whole text, before it looks for strings (section 19.2): an escaped
    backslash before a `u` would be half of an escape. All have eight digits, so that no reader
    takes what follows for more of them.
    """
    return _BACKSLASH.sub(_expandable, term) if "\\" in term else term


_BACKSLASH = re.compile(r"\\(?:(\\[uU])|u([0-9A-Fa-f]{4})|.)")


def _expandable(match: re.Match[str]) -> str:
    if match[1]:
        return f"\\\\\\U{ord(match[1][1]):08X}"
    return f"\\U0000{match[2]}" if match[2] else match[0]
