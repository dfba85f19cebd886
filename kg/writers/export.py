"""An export as it is to be written: the graph of the sources, and what it says about itself."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from operator import itemgetter
from typing import BinaryIO

from kg.graph.collect import CollectedGraph
from kg.graph.statistics import METADATA_GRAPH, VoidStatistics
from kg.graph.union import SubjectLines
from kg.model.formats import Format
from kg.model.records import Term
from kg.model.site import Site
from kg.writers.registry import has_graphs, nquads_lines, write_graphs, write_subjects


class ExportDocument:
    """An export as it is to be written: with the dataset's description, if that is wanted.

    `total` is how many statements there are without it. Raises ConfigurationError when the site's
    title or license is not usable.
    """

    def __init__(self, done: CollectedGraph, site: Site, *, metadata: bool) -> None:
        self._done = done
        self.site = site
        self._metadata: list[SubjectLines] = []
        if not metadata:
            self.total = sum(lines.count(b"\n") + 1 for _, lines in done.union)
            return
        tally = VoidStatistics(site)
        done.count(tally)
        self.total = tally.triples
        self._metadata = tally.nodes()
        done.union.add(self._metadata)

    def write(self, form: Format, out: BinaryIO, *, compress: bool = False) -> None:
        """Write it to a binary stream. Raises FormatError when the format cannot carry it."""
        if has_graphs(form):
            write_graphs(self._graphs(), form, self.site, out, compress=compress)
        else:
            write_subjects(self._done.union, form, self.site, out, compress=compress)

    def quads(self) -> Iterator[str]:
        """Yield its named graphs as N-Quads, a statement at a time."""
        return nquads_lines(self._graphs(), self.site)

    def _graphs(self) -> Iterator[tuple[Term, list[SubjectLines]]]:
        name = self.site.iri(METADATA_GRAPH)
        about = [(name, self._metadata)] if self._metadata else []
        yield from heapq.merge(self._done.graphs(), about, key=itemgetter(0))
