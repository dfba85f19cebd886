"""Places of findings to lines and columns, by reading each file once more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Final, TypeAlias

from kg.model.errors import SourceError
from kg.model.findings import Finding, Place
from kg.model.records import FieldPath, Source
from kg.sources.frontmatter.positions import Positions
from kg.sources.reading import is_rdf, read_positions
from kg.workers import batches, map_in_processes

_BATCH: Final = 500
"""Files in a piece of work: some tenths of a second of it, so that a small site is one piece."""


def with_lines(findings: Sequence[Finding], jobs: int = 1) -> list[Finding]:
    """Return the findings with the lines and columns of their places; each file is read once."""
    places = [place for finding in findings for place in finding.places]
    known = iter(_places_with_lines(places, jobs))
    return [
        replace(finding, places=tuple(islice(known, len(finding.places)))) for finding in findings
    ]


_Request: TypeAlias = tuple[Source, list[tuple[int, FieldPath]]]
"""A source, and the documents and fields of it that are looked up."""


def _places_with_lines(places: list[Place], jobs: int) -> list[Place]:
    """Return places with their lines and columns."""
    together: dict[Source, list[int]] = defaultdict(list)
    for number, place in enumerate(places):
        if not place.line:
            together[place.source].append(number)
    asked: list[_Request] = [
        (source, [(places[number].document, places[number].field) for number in numbers])
        for source, numbers in together.items()
    ]
    found = chain.from_iterable(map_in_processes(_look_up, batches(asked, _BATCH), jobs))
    exact = list(places)
    for number, (line, column) in zip(chain(*together.values()), found, strict=True):
        source, field, document, _, _, value = places[number]
        exact[number] = Place(source, field, document, line, column, value)
    return exact


def _look_up(asked: Iterable[_Request]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for source, fields in asked:
        positions = _positions(source)
        found += [positions.position_of(*field) if positions else (0, 0) for field in fields]
    return found


class PositionCache:
    """Finds the lines and columns of places, reading each file a second time at most."""

    def __init__(self) -> None:
        self._known: dict[Source, Positions | None] = {}

    def locate(self, place: Place) -> Place:
        """Return a place with its line and column; as it is when the file tells none."""
        positions = None if place.line else self.positions(place.source)
        if positions is None:
            return place
        line, column = positions.position_of(place.document, place.field)
        return place._replace(line=line, column=column)

    def positions(self, source: Source) -> Positions | None:
        """Return the positions in a source; None for RDF and for what cannot be read."""
        if source not in self._known:
            self._known[source] = _positions(source)
        return self._known[source]


def _positions(source: Source) -> Positions | None:
    if is_rdf(source):
        return None
    try:
        return read_positions(source)
    except SourceError:  # it vanished between the two looks, or never was readable
        return None
