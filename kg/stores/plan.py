"""What has to be done to make a store say what the files say. Plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from kg.mapping.identifiers import graph_iri
from kg.model.records import Source, Term
from kg.model.site import Site


class Digested(Protocol):
    """Anything that has the digest of a graph."""

    @property
    def digest(self) -> str:
        """SHA-256 of the sorted N-Triples lines."""


class Recorded(Digested, Protocol):
    """A graph as a manifest knows it."""

    @property
    def dirty(self) -> bool:
        """Whether its loading was begun and not finished."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which graphs a load speaks for: those of the files it names, and all below its folders."""

    files: frozenset[Term]
    folders: tuple[str, ...] = ()
    whole: bool = False
    """Whether that is the whole site, so that its metadata can be told."""

    def covers(self, graph: Term) -> bool:
        """Whether the graph would be among those of the sources, if its file were there."""
        return self.whole or graph in self.files or graph.startswith(self.folders)


def scope_of(folders: Iterable[str], found: Iterable[Source], site: Site) -> Scope:
    """Return the scope of sources, and of folders by their paths from the site's root, `.`."""
    inside = sorted(folders)
    return Scope(
        frozenset(site.iri(graph_iri(source.name)) for source in found),
        tuple(site.iri(graph_iri(f"{folder}/"))[:-1] for folder in inside),
        "." in inside,
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """Names of graphs, sorted, by what becomes of them.

    `kept` ones are in the store, and their source could not be read: they stay as they are. `held`
    is how many the store has, whatever becomes of them.
    """

    add: tuple[Term, ...] = ()
    replace: tuple[Term, ...] = ()
    delete: tuple[Term, ...] = ()
    same: tuple[Term, ...] = ()
    kept: tuple[Term, ...] = ()
    held: int = 0

    @property
    def sent(self) -> tuple[Term, ...]:
        """The graphs that travel."""
        return self.add + self.replace

    @property
    def changed(self) -> tuple[Term, ...]:
        """The graphs that will not be in the store as they are now."""
        return self.sent + self.delete

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.changed)


def plan_sync(
    wanted: Mapping[Term, Digested],
    held: Mapping[Term, Recorded],
    covered: Scope,
    unreadable: Collection[Term] = (),
) -> Plan:
    """Compare the graphs of the files with those of a store's manifest, within a scope."""
    replace = {
        graph
        for graph in wanted.keys() & held.keys()
        if held[graph].dirty or held[graph].digest != wanted[graph].digest
    }
    gone = {graph for graph in held.keys() - wanted.keys() if covered.covers(graph)}
    kept = gone & set(unreadable)
    return Plan(
        tuple(sorted(wanted.keys() - held.keys())),
        tuple(sorted(replace)),
        tuple(sorted(gone - kept)),
        tuple(sorted(wanted.keys() & held.keys() - replace)),
        tuple(sorted(kept)),
        len(held),
    )
