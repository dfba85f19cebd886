"""An export as it is to be written: the graph of the sources, and what it says about itself."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from operator import itemgetter
from typing import BinaryIO

from kg.graph import statistics as datasets
from kg.graph.collect import Export
from kg.graph.statistics import Tally
from kg.graph.union import Node
from kg.model.formats import Format
from kg.model.records import Term
from kg.model.site import Site
from kg.writers import turtle as writers


class ExportDocument:
    """An export as it is to be written: with the dataset's description, if that is wanted.

    `total` is how many statements there are without it. Raises ConfigurationError when the site's
    title or license is not usable.
    """

    def __init__(self, done: Export, site: Site, *, metadata: bool) -> None:
        self._done = done
        self.site = site
        self._metadata: list[Node] = []
        if not metadata:
            self.total = sum(lines.count(b"\n") + 1 for _, lines in done.union)
            return
        tally = Tally(site)
        done.count(tally)
        self.total = tally.triples
        self._metadata = tally.nodes()
        done.union.add(self._metadata)

    def write(self, form: Format, out: BinaryIO, *, compress: bool = False) -> None:
        """Write it to a binary stream. Raises FormatError when the format cannot carry it."""
        if writers.has_graphs(form):
            writers.write_graphs(self._graphs(), form, self.site, out, compress=compress)
        else:
            writers.write_nodes(self._done.union, form, self.site, out, compress=compress)

    def quads(self) -> Iterator[str]:
        """Yield its named graphs as N-Quads, a statement at a time."""
        return writers.quads(self._graphs(), self.site)

    def _graphs(self) -> Iterator[tuple[Term, list[Node]]]:
        name = self.site.iri(datasets.GRAPH)
        about = [(name, self._metadata)] if self._metadata else []
        yield from heapq.merge(self._done.graphs(), about, key=itemgetter(0))
