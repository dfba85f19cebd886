"""A site with a few graphs, as values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from kg.graph.payloads import payload_of
from kg.graph.union import SubjectLines, lines_by_subject
from kg.model.records import Triple
from kg.model.site import Site
from kg.stores.plan import Scope

SITE: Final = Site("https://a.example/news/", url="https://a.example", title="News")
A, B, C, D = (f"<{SITE.base}graph/{name}>" for name in "abcd")
WHOLE: Final = Scope(frozenset(), (), whole=True)
TRIPLES: Final = [("<http://s>", "<http://p>", f'"{number}"') for number in range(3)]


def nodes_of(triples: Iterable[Triple]) -> list[SubjectLines]:
    """Return the nodes of triples, which may have any order."""
    return list(lines_by_subject(sorted(set(triples))))


PAYLOAD: Final = payload_of(nodes_of(TRIPLES))
SHORT: Final = payload_of(nodes_of(TRIPLES[1:]))
"""The payload without the first triple."""
