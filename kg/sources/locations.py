"""The lines and columns of places, which findings are given when they are reported."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Final, TypeAlias

from kg.model import FieldPath, Finding, Place, Source, SourceError
from kg.sources.frontmatter.positions import Positions
from kg.sources.reading import is_rdf, read_positions
from kg.workers import batches, map_in_processes

_BATCH: Final = 500
"""Files in a piece of work: enough to be worth a process, so that a small site is one piece."""


def with_lines(findings: Sequence[Finding], jobs: int = 1) -> list[Finding]:
    """Return the findings with the lines and columns of their places; each file is read once."""
    places = [place for finding in findings for place in finding.places]
    located = iter(_places_with_lines(places, jobs))
    return [
        replace(finding, places=tuple(islice(located, len(finding.places)))) for finding in findings
    ]


_Request: TypeAlias = tuple[Source, list[tuple[int, FieldPath]]]
"""A source, and the documents and fields of it to find."""


def _places_with_lines(places: list[Place], jobs: int) -> list[Place]:
    """Return places with their lines and columns, in their order."""
    indices_by_source: dict[Source, list[int]] = defaultdict(list)
    for index, place in enumerate(places):
        if not place.line:
            indices_by_source[place.source].append(index)
    requests: list[_Request] = [
        (source, [(places[index].document, places[index].field) for index in indices])
        for source, indices in indices_by_source.items()
    ]
    pieces = map_in_processes(_find_positions, batches(requests, _BATCH), jobs)
    located = list(places)
    indices = chain.from_iterable(indices_by_source.values())
    for index, (line, column) in zip(indices, chain.from_iterable(pieces), strict=True):
        located[index] = places[index]._replace(line=line, column=column)
    return located


def _find_positions(requests: Iterable[_Request]) -> list[tuple[int, int]]:
    """Return line and column of every field requested; zeros where a source has no positions."""
    lines_and_columns: list[tuple[int, int]] = []
    for source, fields in requests:
        positions = _read_positions(source)
        lines_and_columns += [
            positions.position_of(*field) if positions else (0, 0) for field in fields
        ]
    return lines_and_columns


class PositionCache:
    """Finds the lines and columns of places, and reads each file once for it."""

    def __init__(self) -> None:
        self._cached: dict[Source, Positions | None] = {}

    def locate(self, place: Place) -> Place:
        """Return a place with its line and column; unchanged if its source has no positions."""
        positions = None if place.line else self.positions(place.source)
        if positions is None:
            return place
        line, column = positions.position_of(place.document, place.field)
        return place._replace(line=line, column=column)

    def positions(self, source: Source) -> Positions | None:
        """Return the positions in a source; None for RDF and for a source that is unreadable."""
        if source not in self._cached:
            self._cached[source] = _read_positions(source)
        return self._cached[source]


def _read_positions(source: Source) -> Positions | None:
    if is_rdf(source):
        return None
    try:
        return read_positions(source)
    except SourceError:  # it was removed or changed since it was mapped, or never readable
        return None
