"""Terms as short as Turtle has them, and the shape of what writers take and give."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final, TypeAlias

from kg.graph.union import SubjectLines
from kg.model.namespaces import RDF, XSD
from kg.model.records import Term, Triple
from kg.model.site import Site

Dataset: TypeAlias = Mapping[Term, Collection[Triple]]
"""Named graphs: the triples of each, by name."""
Graphs: TypeAlias = Iterable[tuple[Term, Iterable[SubjectLines]]]
"""Named graphs, sorted, with their nodes, sorted."""
Lines: TypeAlias = Iterator[str]
Pieces: TypeAlias = Iterator[bytes]

CHUNK: Final = 100
"""Pieces that are written at once."""

TYPE: Final = f"<{RDF.type}>"
_TYPED: Final = f"{TYPE} ".encode()


def by_predicate(lines: bytes) -> list[tuple[Term, list[Term]]]:
    """Return the predicates of a node, classes first, with their objects."""
    found: dict[Term, list[Term]] = {TYPE: []} if _TYPED in lines else {}
    for line in lines.decode().split("\n"):
        predicate, _, term = line.partition(" ")
        known = found.get(predicate)
        if known is None:
            found[predicate] = [term]
        else:
            known.append(term)
    return [pair for pair in found.items() if pair[1]]


LOCAL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*\Z")
RELATIVE_IRI = re.compile(
    r"[A-Za-z][A-Za-z0-9]*(?:/[A-Za-z0-9_~%!$&'()*+,;=\-][A-Za-z0-9._~%!$&'()*+,;=\-]*)*\Z"
)
"""What may follow the base in a relative IRI: no segment that starts with a dot, no colon."""


class PrefixedNames:
    """Short forms of terms, and which prefixes they took."""

    _NUMBER: Final = {
        f"^^<{XSD.integer}>": re.compile(r"[+-]?[0-9]+\Z"),
        f"^^<{XSD.decimal}>": re.compile(r"[+-]?[0-9]*\.[0-9]+\Z"),
        f"^^<{XSD.boolean}>": re.compile(r"true\Z|false\Z"),
    }

    def __init__(self, site: Site) -> None:
        self.site = site
        self.used: set[str] = set()
        self._prefixes = {namespace: prefix for prefix, namespace in site.prefixes.items()}
        self.iri = lru_cache(maxsize=_NAMES)(self._iri)

    def header(self) -> Lines:
        """Yield the declarations that the short names so far need."""
        if "" in self.used:
            yield f"@base <{self.site.base}> .\n"
        for prefix, namespace in self.site.prefixes.items():
            if prefix in self.used:
                yield f"@prefix {prefix}: <{namespace}> .\n"

    def short(self, term: Term) -> str:
        """Write a term as short as Turtle has it."""
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
        """Write a literal as short as Turtle has it."""
        quoted, quote, tail = term.rpartition('"')
        if not tail:
            return term
        number = self._NUMBER.get(tail)
        if number and number.match(quoted, 1):
            return quoted[1:]
        datatype = f"^^{self.iri(tail[2:])}" if tail[0] == "^" else tail
        return f"{quoted}{quote}{datatype}"


_NAMES: Final = 1 << 15
"""Short names that are remembered: those of properties, topics and providers come again."""
