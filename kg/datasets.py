"""What an export says about itself: counts, coverage, and the project's own vocabulary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Any, Final

from kg import graphs, mapping, urls
from kg.errors import ConfigurationError
from kg.mapper import Mapper
from kg.namespaces import RDF, XSD, Site
from kg.records import Origin, Record, Source, Term, Triple

GRAPH = "metadata"
"""The named graph that holds the metadata, relative to the base IRI."""


def metadata(triples: Iterable[Triple], site: Site) -> list[Triple]:
    """Return the description of a dataset (VoID, DCAT, schema.org) and the project's vocabulary.

    Counts are of the triples given, so without the metadata itself; nothing depends on the clock.
    Raises ConfigurationError when the site's title or license is not usable.
    """
    tally = Tally(site)
    tally.add(triples)
    return tally.metadata()


class Tally:
    """The same for triples that come graph by graph: what is kept of each is a hash."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._type, self._dated = site.iri(RDF.type), site.iri(mapping.DATED)
        self._theme = site.iri(mapping.THEME)
        self._triples: set[int] = set()
        self._subjects: set[int] = set()
        self._entities: set[int] = set()
        self._classes: Counter[Term] = Counter()
        self._properties: set[Term] = set()
        self._topics: set[Term] = set()
        self._days: tuple[str, ...] = ()
        self._example: str | None = None

    def add(self, triples: Iterable[Triple]) -> None:
        """Count triples; one that was counted is not counted again."""
        for triple in triples:
            key = hash(triple)
            if key not in self._triples:
                self._triples.add(key)
                self._count(*triple)

    def _count(self, subject: Term, predicate: Term, term: Term) -> None:
        self._subjects.add(hash(subject))
        self._properties.add(predicate)
        if predicate == self._type:
            self._entities.add(hash(subject))
            self._classes[term] += 1
            self._example = min(subject[1:-1], self._example or subject[1:-1])
            if term == self._theme:
                self._topics.add(subject)
        elif predicate == self._dated and term.endswith(_DAYS):
            days = {term[1:11], *self._days}
            self._days = (min(days), max(days))

    def metadata(self) -> list[Triple]:
        """Return the description of what was counted; see `metadata`."""
        record = Record(self._counts(), Origin(Source("", ""), "", ""))
        mapped = Mapper(mapping.METADATA, "dataset", self._site).map(record)
        for finding in mapped.findings:
            raise ConfigurationError(f"{finding.field}: {finding.message}: {finding.value!r}")
        return [*(said[:3] for said in mapped.statements), *graphs.vocabulary(self._site)]

    def _counts(self) -> dict[str, Any]:
        site, classes = self._site, self._classes
        return {
            "title": site.title,
            "license": site.license,
            "base": site.base,
            "coverage": "/".join(self._days) or None,
            "triples": len(self._triples),
            "entities": len(self._entities),
            "subjects": len(self._subjects),
            "properties": len(self._properties),
            "vocabularies": _vocabularies(self._properties | set(classes), site),
            "topics": sorted(topic[1:-1] for topic in self._topics),
            "example": self._example,
            "classes": [
                {"class": term[1:-1], "entities": n} for term, n in sorted(classes.items())
            ],
            "keyVersion": urls.KEY_VERSION,
        }


_DAYS: Final = (f"^^<{XSD.date}>", f"^^<{XSD.dateTime}>")


def _vocabularies(terms: Collection[Term], site: Site) -> list[str]:
    return sorted(
        namespace
        for namespace in site.prefixes.values()
        if any(term.startswith(f"<{namespace}") for term in terms)
    )
