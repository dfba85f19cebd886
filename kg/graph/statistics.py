"""The metadata of an export: counts, coverage, and the project's own vocabulary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from kg.graph.union import SubjectLines, lines_by_subject
from kg.mapping import KEY_VERSION, METADATA, PUBLICATION_DATE, THEME, Mapper, vocabulary_triples
from kg.model import RDF, XSD, ConfigurationError, Origin, Record, Site, Source, Term, Triple

METADATA_GRAPH = "metadata"
"""The named graph that holds the metadata, relative to the base IRI."""


class GraphCounts(NamedTuple):
    """Counts of a graph, or of a part of one, as plain values.

    `classes` has the number of entities of each class; `days` are the first and the last day;
    `example` is the first entity.
    """

    triples: int
    subjects: int
    entities: int
    classes: dict[Term, int]
    properties: list[str]
    days: list[str]
    themes: list[Term]
    example: str | None


class VoidStatistics:
    """Counts a graph for its description in VoID, DCAT and schema.org."""

    def __init__(self, site: Site) -> None:
        self.triples = self.subjects = self.entities = 0
        self.site = site
        self._dated = site.iri(PUBLICATION_DATE).encode()
        self._day = slice(len(self._dated) + 2, len(self._dated) + 12)  # after a space and a quote
        self._theme = site.iri(THEME)
        self._classes: Counter[Term] = Counter()
        self._properties: set[str] = set()
        self._days: set[str] = set()
        self._themes: list[Term] = []
        self._example: str | None = None
        self._patterns: dict[_Predicates, tuple[range, range]] = {}

    def add(self, items: Iterable[SubjectLines]) -> None:
        """Count statements by subject, each subject once."""
        patterns = self._patterns
        for subject, lines in items:
            predicates = tuple(_PREDICATES(b"\n" + lines))
            types, dates = patterns.get(predicates) or self._add_pattern(predicates)
            self.subjects += 1
            self.triples += len(predicates)
            if types or dates:
                end = max(types.stop, dates.stop)
                self._add_values(subject, lines.split(b"\n", end), types, dates)

    def _add_pattern(self, predicates: _Predicates) -> tuple[range, range]:
        """Count the properties of a new pattern; return its lines with classes and with dates."""
        self._properties.update(map(bytes.decode, predicates))
        if len(self._patterns) == _MAX_PATTERNS:
            self._patterns.clear()
        pattern = _span(predicates, _A[:-1]), _span(predicates, self._dated)
        return self._patterns.setdefault(predicates, pattern)

    def _add_values(
        self, subject: Term, lines: Sequence[bytes], types: range, dates: range
    ) -> None:
        """Count the classes of a subject, and add its dates."""
        if types:
            self.entities += 1
            self._example = min(subject[1:-1], self._example or subject[1:-1])
        for number in types:
            class_ = lines[number][len(_A) :].decode()
            self._classes[class_] += 1
            if class_ == self._theme:
                self._themes.append(subject)
        for number in dates:
            if lines[number].endswith(_DAY):
                self._days.add(lines[number][self._day].decode())

    @property
    def counts(self) -> GraphCounts:
        """What was counted, for `merge`."""
        return GraphCounts(
            triples=self.triples,
            subjects=self.subjects,
            entities=self.entities,
            classes=dict(self._classes),
            properties=sorted(self._properties),
            days=_first_and_last(self._days),
            themes=list(self._themes),
            example=self._example,
        )

    def merge(self, counts: GraphCounts) -> None:
        """Add the counts of other subjects, none of which was counted here."""
        self.triples += counts.triples
        self.subjects += counts.subjects
        self.entities += counts.entities
        self._classes.update(counts.classes)
        self._properties.update(counts.properties)
        self._days.update(counts.days)
        self._themes += counts.themes
        self._example = min(filter(None, (self._example, counts.example)), default=None)

    def metadata(self) -> list[Triple]:
        """Return the description of what was counted, and the project's own vocabulary.

        Raises ConfigurationError if the site's title or license is not valid.
        """
        record = Record(self._fields(), Origin(Source("", ""), "", ""))
        mapped = Mapper(METADATA, "dataset", self.site).map(record)
        for finding in mapped.findings:
            raise ConfigurationError(f"{finding.field}: {finding.message}: {finding.value!r}")
        triples = (statement[:3] for statement in mapped.statements)
        return [*triples, *vocabulary_triples(self.site)]

    def metadata_lines(self) -> list[SubjectLines]:
        """Return the metadata by subject, sorted. Raises ConfigurationError as `metadata` does."""
        return list(lines_by_subject(sorted(set(self.metadata()))))

    def _fields(self) -> dict[str, Any]:
        """Return the fields of the dataset's record."""
        days = _first_and_last(self._days)
        terms = self._properties | self._classes.keys()
        classes = sorted(self._classes.items())
        return {
            "title": self.site.title,
            "license": self.site.license,
            "base": self.site.base,
            "coverage": f"{days[0]}/{days[-1]}" if days else None,
            "triples": self.triples,
            "entities": self.entities,
            "subjects": self.subjects,
            "properties": len(self._properties),
            "vocabularies": _vocabularies(terms, self.site),
            "topics": sorted(theme[1:-1] for theme in self._themes),
            "example": self._example,
            "classes": [{"class": term[1:-1], "entities": n} for term, n in classes],
            "keyVersion": KEY_VERSION,
        }


_A: Final = f"<{RDF.type}> ".encode()
_DAY: Final = (f"^^<{XSD.date}>".encode(), f"^^<{XSD.dateTime}>".encode())

_Predicates: TypeAlias = tuple[bytes, ...]
"""The predicates of the lines about a subject: the pattern of many subjects."""
_PREDICATES: Final = re.compile(rb"\n([^ ]+) ").findall
_MAX_PATTERNS: Final = 1 << 10
"""Patterns that are remembered: many more than a site has, unless RDF files are among it."""


def _span(predicates: _Predicates, predicate: bytes) -> range:
    """Return the numbers of the lines of a predicate: successive ones, since lines are sorted."""
    number = predicates.count(predicate)
    first = predicates.index(predicate) if number else 0
    return range(first, first + number)


def _first_and_last(days: Collection[str]) -> list[str]:
    """Return the first and the last day; an empty list if there is none."""
    return [min(days), max(days)] if days else []


def _vocabularies(terms: Collection[Term], site: Site) -> list[str]:
    return sorted(
        namespace
        for namespace in site.prefixes.values()
        if any(term.startswith(f"<{namespace}") for term in terms)
    )


def dataset_metadata(triples: Iterable[Triple], site: Site) -> list[Triple]:
    """Return the description of a dataset (VoID, DCAT, schema.org) and the project's vocabulary.

    It counts the given triples, so without the metadata itself, and does not depend on the clock.
    Raises ConfigurationError as `VoidStatistics.metadata` does.
    """
    statistics = VoidStatistics(site)
    statistics.add(lines_by_subject(sorted(set(triples))))
    return statistics.metadata()
