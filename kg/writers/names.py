"""Terms in Turtle's short forms: prefixed names, relative IRIs, plain numbers and booleans."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from kg.model import XSD, Site, Term

LOCAL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*\Z")
RELATIVE_IRI = re.compile(
    r"[A-Za-z][A-Za-z0-9]*(?:/[A-Za-z0-9_~%!$&'()*+,;=\-][A-Za-z0-9._~%!$&'()*+,;=\-]*)*\Z"
)
"""What may follow the base in a relative IRI: no segment that starts with a dot, no colon."""
_CACHED: Final = 1 << 15
"""Short forms in the cache: those of properties, topics and providers are used again and again."""


class PrefixedNames:
    """The short forms of terms for a site, and in `used` the prefixes they need (empty: the base).

    Terms that have no short form stay as they are in N-Triples.
    """

    _NUMBER: Final = {
        f"^^<{XSD.integer}>": re.compile(r"[+-]?[0-9]+\Z"),
        f"^^<{XSD.decimal}>": re.compile(r"[+-]?[0-9]*\.[0-9]+\Z"),
        f"^^<{XSD.boolean}>": re.compile(r"true\Z|false\Z"),
    }

    def __init__(self, site: Site) -> None:
        self.site = site
        self.used: set[str] = set()
        self._prefixes = {namespace: prefix for prefix, namespace in site.prefixes.items()}
        self.iri = lru_cache(maxsize=_CACHED)(self._iri)

    def header(self) -> Iterator[str]:
        """Yield the declarations of the prefixes used so far."""
        if "" in self.used:
            yield f"@base <{self.site.base}> .\n"
        for prefix, namespace in self.site.prefixes.items():
            if prefix in self.used:
                yield f"@prefix {prefix}: <{namespace}> .\n"

    def short(self, term: Term) -> str:
        """Return the short form of a term."""
        return self.iri(term) if term[0] == "<" else self.literal(term)

    def _iri(self, term: Term) -> str:
        cut, end = max(term.rfind("/"), term.rfind("#")) + 1, len(term) - 1
        prefix = self._prefixes.get(term[1:cut])  # each namespace ends in one of the two
        if prefix and LOCAL_NAME.match(term, cut, end):
            self.used.add(prefix)
            return f"{prefix}:{term[cut:end]}"
        base = self.site.base
        if term.startswith(base, 1) and RELATIVE_IRI.match(term, len(base) + 1, end):
            self.used.add("")
            return f"<{term[len(base) + 1 :]}"
        return term

    def literal(self, term: Term) -> str:
        """Return the short form of a literal."""
        quoted, quote, tail = term.rpartition('"')
        if not tail:
            return term
        number = self._NUMBER.get(tail)
        if number and number.match(quoted, 1):
            return quoted[1:]
        datatype = f"^^{self.iri(tail[2:])}" if tail[0] == "^" else tail
        return f"{quoted}{quote}{datatype}"
