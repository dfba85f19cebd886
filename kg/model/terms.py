"""Terms in canonical N-Triples form: written, split, and escaped."""

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
    """Return a string as a plain literal. Raises InvalidValue if it has a lone surrogate."""
    if _ESCAPED.search(text):
        text = _ESCAPED.sub(_escape, text)
    if not text.isascii() and _SURROGATE.search(text):
        raise InvalidValue("not Unicode text: it contains a lone surrogate")
    return f'"{text}"'


def unquote(term: Term) -> tuple[str, str]:
    r"""Return the lexical form of a literal and its suffix: "", `@en` or `^^<datatype>`.

    >>> unquote('"a\\n"@en')
    ('a\n', '@en')
    """
    quoted, _, tail = term[1:].rpartition('"')
    return (_QUOTED.sub(_unescape, quoted) if "\\" in quoted else quoted), tail


def lexical_form(term: Term) -> str:
    """Return an IRI without its brackets, or the lexical form of a literal."""
    return term[1:-1] if term.startswith("<") else unquote(term)[0]


_QUOTED = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_UNESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def _unescape(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    return chr(int(code, 16)) if code else _UNESCAPES.get(match[3], match[3])


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES.get(match[0]) or f"\\u{ord(match[0]):04X}"


def escape_for_sparql(term: Term) -> Term:
    r"""Return a term that is the same before and after codepoint escapes are resolved.

    SPARQL resolves `\u` in the whole query before it parses strings (section 19.2): an escaped
    backslash before a `u` would become an escape. All are written with eight digits, so that no
    parser reads digits that follow as part of them.
    """
    return _ESCAPE_SEQUENCE.sub(_escape_codepoint, term) if "\\" in term else term


_ESCAPE_SEQUENCE = re.compile(r"\\(?:(\\[uU])|u([0-9A-Fa-f]{4})|.)")


def _escape_codepoint(match: re.Match[str]) -> str:
    if match[1]:
        return f"\\\\\\U{ord(match[1][1]):08X}"
    return f"\\U0000{match[2]}" if match[2] else match[0]
