"""An export to a stream: the graph of the sources, with the metadata of the dataset."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import replace
from operator import itemgetter
from typing import BinaryIO

from kg.graph import METADATA_GRAPH, CollectedGraph, SubjectLines, VoidStatistics
from kg.model import Format, Site, Term
from kg.writers.formats import nquads_lines, write_graphs, write_subjects


class ExportDocument:
    """A collected graph to write, if asked for with the metadata of the dataset.

    `total` is the number of its statements without the metadata. Adds the metadata to the collected
    graph; its `title` and `license` default to the site's. Raises ConfigurationError if one of them
    is not usable.
    """

    def __init__(
        self,
        graph: CollectedGraph,
        site: Site,
        *,
        metadata: bool,
        title: str | None = None,
        license: str | None = None,  # noqa: A002 - the name of the option
    ) -> None:
        self._graph = graph
        self.site = replace(site, title=title or site.title, license=license or site.license)
        self._metadata: list[SubjectLines] = []
        if not metadata:
            self.total = sum(lines.count(b"\n") + 1 for _, lines in graph.union)
            return
        statistics = VoidStatistics(self.site)
        graph.count(statistics)
        self.total = statistics.triples
        self._metadata = statistics.metadata_lines()
        graph.union.add(self._metadata)

    def write(self, form: Format, out: BinaryIO, *, compress: bool = False) -> None:
        """Write it to a binary stream. Raises FormatError if the format cannot carry it."""
        if form.dataset:
            write_graphs(self._graphs(), form, self.site, out, compress=compress)
        else:
            write_subjects(self._graph.union, form, self.site, out, compress=compress)

    def quads(self) -> Iterator[str]:
        """Yield its named graphs as N-Quads, one statement a line."""
        return nquads_lines(self._graphs(), self.site)

    def _graphs(self) -> Iterator[tuple[Term, list[SubjectLines]]]:
        name = self.site.iri(METADATA_GRAPH)
        metadata = [(name, self._metadata)] if self._metadata else []
        yield from heapq.merge(self._graph.graphs(), metadata, key=itemgetter(0))
