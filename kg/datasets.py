"""What an export says about itself: counts, coverage, and the project's own vocabulary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Any

from kg import graphs, mapping, urls
from kg.errors import ConfigurationError
from kg.mapper import Mapper
from kg.namespaces import RDF, XSD, Site
from kg.records import Origin, Record, Source, Term, Triple

GRAPH = "metadata"
"""The named graph that holds the metadata, relative to the base IRI."""


def metadata(triples: Collection[Triple], site: Site) -> list[Triple]:
    """Return the description of a dataset (VoID, DCAT, schema.org) and the project's vocabulary.

    Counts are of the triples given, so without the metadata itself; nothing depends on the clock.
    Raises ConfigurationError when the site's title or license is not usable.
    """
    record = Record(_counts(triples, site), Origin(Source("", ""), "", ""))
    mapped = Mapper(mapping.METADATA, "dataset", site).map(record)
    for finding in mapped.findings:
        raise ConfigurationError(f"{finding.field}: {finding.message}: {finding.value!r}")
    return [*(statement[:3] for statement in mapped.statements), *graphs.vocabulary(site)]


def _counts(triples: Collection[Triple], site: Site) -> dict[str, Any]:
    a, dated = site.iri(RDF.type), site.iri(mapping.DATED)
    typed = [(subject, term) for subject, predicate, term in triples if predicate == a]
    classes = Counter(term for _, term in typed)
    days = sorted(
        term[1:11]
        for _, predicate, term in triples
        if predicate == dated and term.endswith((f"^^<{XSD.date}>", f"^^<{XSD.dateTime}>"))
    )
    return {
        "title": site.title,
        "license": site.license,
        "base": site.base,
        "coverage": f"{days[0]}/{days[-1]}" if days else None,
        "triples": len(triples),
        "entities": len({subject for subject, _ in typed}),
        "subjects": len({subject for subject, _, _ in triples}),
        "properties": len({predicate for _, predicate, _ in triples}),
        "vocabularies": _vocabularies(
            {predicate for _, predicate, _ in triples} | set(classes), site
        ),
        "topics": sorted(s[1:-1] for s, term in typed if term == site.iri(mapping.THEME)),
        "example": min((subject[1:-1] for subject, _ in typed), default=None),
        "classes": [{"class": term[1:-1], "entities": n} for term, n in sorted(classes.items())],
        "keyVersion": urls.KEY_VERSION,
    }


def _vocabularies(terms: Collection[Term], site: Site) -> list[str]:
    return sorted(
        namespace
        for namespace in site.prefixes.values()
        if any(term.startswith(f"<{namespace}") for term in terms)
    )
