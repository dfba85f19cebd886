"""What an export says about itself: counts, coverage, and the project's own vocabulary."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, TypeAlias

from kg.graph.union import SubjectLines, lines_by_subject
from kg.mapping.facts import vocabulary_triples
from kg.mapping.mapper import Mapper
from kg.mapping.schema_org import DATED, METADATA, THEME
from kg.mapping.urls import KEY_VERSION
from kg.model.errors import ConfigurationError
from kg.model.namespaces import RDF, XSD
from kg.model.records import Origin, Record, Source, Term, Triple
from kg.model.site import Site

METADATA_GRAPH = "metadata"
"""The named graph that holds the metadata, relative to the base IRI."""


GraphCounts: TypeAlias = tuple[
    int, int, int, dict[Term, int], list[str], list[str], list[Term], str | None
]
"""What a tally has counted, as plain values."""


class VoidStatistics:
    """Counts of the nodes of an export."""

    def __init__(self, site: Site) -> None:
        self.triples = self.subjects = self.entities = 0
        self.site = site
        self._dated = site.iri(DATED).encode()
        self._day = slice(len(self._dated) + 2, len(self._dated) + 12)  # behind a blank and a quote
        self._theme = site.iri(THEME)
        self._classes: Counter[Term] = Counter()
        self._properties: set[str] = set()
        self._days: set[str] = set()
        self._themes: list[Term] = []
        self._example: str | None = None
        self._places = lru_cache(maxsize=_PATTERNS)(self._pattern)

    def add(self, found: Iterable[SubjectLines]) -> None:
        """Count nodes, sorted, each of them once."""
        for subject, lines in found:
            predicates = tuple(_PREDICATES(b"\n" + lines))
            typed, dated = self._places(predicates)
            self.subjects += 1
            self.triples += len(predicates)
            if typed or dated:
                last = max(typed.stop, dated.stop)
                self._note(subject, lines.split(b"\n", last), typed, dated)

    def _note(self, subject: Term, said: Sequence[bytes], typed: range, dated: range) -> None:
        """Count the classes of a node, and remember its dates."""
        if typed:
            self.entities += 1
            self._example = min(subject[1:-1], self._example or subject[1:-1])
        for place in typed:
            class_ = said[place][len(_A) :].decode()
            self._classes[class_] += 1
            if class_ == self._theme:
                self._themes.append(subject)
        for place in dated:
            if said[place].endswith(_DAY):
                self._days.add(said[place][self._day].decode())

    def _pattern(self, predicates: tuple[bytes, ...]) -> tuple[range, range]:
        """Return where classes and dates of a node stand; note its properties at the first such."""
        self._properties.update(map(bytes.decode, predicates))
        return _span(predicates, _A[:-1]), _span(predicates, self._dated)

    @property
    def counts(self) -> GraphCounts:
        """What was counted, for `merge`."""
        return (
            *(self.triples, self.subjects, self.entities, dict(self._classes)),
            *(sorted(self._properties), _ends(self._days), list(self._themes), self._example),
        )

    def merge(self, counts: GraphCounts) -> None:
        """Add the counts of other nodes, none of which was counted here."""
        triples, subjects, entities, classes, properties, days, themes, example = counts
        self.triples += triples
        self.subjects += subjects
        self.entities += entities
        self._classes.update(classes)
        self._properties.update(properties)
        self._days.update(days)
        self._themes += themes
        self._example = min(filter(None, (self._example, example)), default=None)

    def metadata(self) -> list[Triple]:
        """Return the description of what was counted, and the project's own vocabulary.

        Raises ConfigurationError when the site's title or license is not usable.
        """
        record = Record(self._counts(), Origin(Source("", ""), "", ""))
        mapped = Mapper(METADATA, "dataset", self.site).map(record)
        for finding in mapped.findings:
            raise ConfigurationError(f"{finding.field}: {finding.message}: {finding.value!r}")
        said = (statement[:3] for statement in mapped.statements)
        return [*said, *vocabulary_triples(self.site)]

    def nodes(self) -> list[SubjectLines]:
        """Return the same as nodes, sorted."""
        return list(lines_by_subject(sorted(set(self.metadata()))))

    def _counts(self) -> dict[str, Any]:
        days = _ends(self._days)
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


def _ends(days: Collection[str]) -> list[str]:
    """Return the first and the last day, if there is one."""
    return [min(days), max(days)] if days else []


_PREDICATES: Final = re.compile(rb"\n([^ ]+) ").findall
_PATTERNS: Final = 1 << 10
"""Sequences of predicates that are remembered: 106,000 nodes of a site have 51."""


def _span(predicates: tuple[bytes, ...], of: bytes) -> range:
    """Return where the lines of a predicate stand: together, since the lines are sorted."""
    number = predicates.count(of)
    first = predicates.index(of) if number else 0
    return range(first, first + number)


def dataset_metadata(triples: Iterable[Triple], site: Site) -> list[Triple]:
    """Return the description of a dataset (VoID, DCAT, schema.org) and the project's vocabulary.

    Counts are of the triples given, so without the metadata itself; nothing depends on the clock.
    Raises ConfigurationError as `Tally.metadata` does.
    """
    tally = VoidStatistics(site)
    tally.add(lines_by_subject(sorted(set(triples))))
    return tally.metadata()


def _vocabularies(terms: Collection[Term], site: Site) -> list[str]:
    return sorted(
        namespace
        for namespace in site.prefixes.values()
        if any(term.startswith(f"<{namespace}") for term in terms)
    )
