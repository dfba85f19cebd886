"""What is known of nodes besides the sources: the bundled topics and vocabulary."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kg.mapping.language import Facts
from kg.model.records import Term, Triple
from kg.model.site import DEFAULT_BASE, Site
from kg.resources import TOPICS_FILE, VOCABULARY_FILE
from kg.sources.rdf import read_localized_rdf


def read_facts(path: Path, site: Site) -> Facts:
    """Read a Turtle file about topics, by subject. Raises SourceError if it cannot be read."""
    known: dict[Term, list[tuple[Term, Term]]] = {}
    said = _read_bundled(path, site) if path == TOPICS_FILE else read_localized_rdf(path, site)
    for subject, predicate, term in said:
        known.setdefault(subject, []).append((predicate, term))
    return {subject: tuple(pairs) for subject, pairs in known.items()}


def vocabulary_triples(site: Site) -> list[Triple]:
    """Return the definitions of the project's own terms."""
    return list(_read_bundled(VOCABULARY_FILE, site))


def _read_bundled(path: Path, site: Site) -> Iterator[Triple]:
    """Read N-Triples that were written for the default base, below the site's."""
    text = path.read_text(encoding="utf-8").replace(f"<{DEFAULT_BASE}", f"<{site.base}")
    for line in site.localize(text).splitlines():
        if not line.startswith("#"):
            subject, predicate, term = line.removesuffix(" .").split(" ", 2)
            yield subject, predicate, term
