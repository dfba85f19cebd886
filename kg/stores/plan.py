"""Which graphs to add, replace and delete, from their digests in the files and in the store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from kg.mapping import graph_iri
from kg.model import Site, Source, Term


class WithDigest(Protocol):
    """Anything that has the digest of a graph."""

    @property
    def digest(self) -> str:
        """SHA-256 of the sorted N-Triples lines."""


class ManifestRecord(WithDigest, Protocol):
    """A graph as a manifest records it."""

    @property
    def dirty(self) -> bool:
        """Whether a load of it was started and not completed."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The graphs that a load may delete: those of its files, and all below its folders."""

    files: frozenset[Term]
    folders: tuple[str, ...] = ()
    whole: bool = False
    """Whether that is the whole site, so that its metadata can be counted."""

    def covers(self, graph: Term) -> bool:
        """Whether the graph would be among those of the sources if its file existed."""
        return self.whole or graph in self.files or graph.startswith(self.folders)


def scope_of(folders: Iterable[str], sources: Iterable[Source], site: Site) -> Scope:
    """Return the scope of sources and of folders, given relative to the site's root, `.`."""
    folders = sorted(folders)
    return Scope(
        frozenset(site.iri(graph_iri(source.name)) for source in sources),
        tuple(site.iri(graph_iri(f"{folder}/"))[:-1] for folder in folders),
        "." in folders,
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """Names of graphs, sorted, by what a load does with them.

    The source of those to `skip` could not be read: they stay as they are in the store.
    """

    add: tuple[Term, ...] = ()
    replace: tuple[Term, ...] = ()
    delete: tuple[Term, ...] = ()
    same: tuple[Term, ...] = ()
    skip: tuple[Term, ...] = ()
    graphs_in_store: int = 0

    @property
    def sent(self) -> tuple[Term, ...]:
        """The graphs to send."""
        return self.add + self.replace

    @property
    def changed(self) -> tuple[Term, ...]:
        """The graphs to send or to delete."""
        return self.sent + self.delete

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.changed)


def plan_sync(
    payloads: Mapping[Term, WithDigest],
    entries: Mapping[Term, ManifestRecord],
    scope: Scope,
    unreadable: Collection[Term] = (),
) -> Plan:
    """Compare the graphs of the files with the entries of a store's manifest, within a scope."""
    both = payloads.keys() & entries.keys()
    replace = {
        graph
        for graph in both
        if entries[graph].dirty or entries[graph].digest != payloads[graph].digest
    }
    gone = {graph for graph in entries.keys() - payloads.keys() if scope.covers(graph)}
    skip = gone & set(unreadable)
    return Plan(
        add=tuple(sorted(payloads.keys() - entries.keys())),
        replace=tuple(sorted(replace)),
        delete=tuple(sorted(gone - skip)),
        same=tuple(sorted(both - replace)),
        skip=tuple(sorted(skip)),
        graphs_in_store=len(entries),
    )
