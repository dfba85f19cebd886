"""Statements that come from no source: about topics, and the definitions of kg's own terms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kg.mapping.language import Facts
from kg.model import DEFAULT_BASE, Site, Term, Triple
from kg.resources import TOPICS_FILE, VOCABULARY_FILE
from kg.sources import read_localized_rdf


def read_facts(path: Path, site: Site) -> Facts:
    """Return the statements of a Turtle file about topics, by subject, below the base of a site.

    Raises SourceError if the file cannot be read.
    """
    bundled = path == TOPICS_FILE
    triples = _read_bundled(path, site) if bundled else read_localized_rdf(path, site)
    facts: dict[Term, list[tuple[Term, Term]]] = {}
    for subject, predicate, term in triples:
        facts.setdefault(subject, []).append((predicate, term))
    return {subject: tuple(pairs) for subject, pairs in facts.items()}


def vocabulary_triples(site: Site) -> list[Triple]:
    """Return the definitions of kg's own terms, below the base of a site."""
    return list(_read_bundled(VOCABULARY_FILE, site))


def _read_bundled(path: Path, site: Site) -> Iterator[Triple]:
    """Yield the triples of N-Triples below the default base, as triples below the site's base."""
    text = path.read_text(encoding="utf-8").replace(f"<{DEFAULT_BASE}", f"<{site.base}")
    for line in site.localize(text).splitlines():
        if not line.startswith("#"):
            subject, predicate, term = line.removesuffix(" .").split(" ", 2)
            yield subject, predicate, term
