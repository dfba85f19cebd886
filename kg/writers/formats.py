"""The writer of each RDF format, and its bytes to a stream.

A new format is a module of this room, a row in `kg.model.formats.FORMATS`, and a row in one of the
two tables below.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import BinaryIO, Final, TypeAlias, TypeVar

from kg.graph import SubjectLines, lines_by_subject
from kg.model import Format, Site, Triple
from kg.writers.jsonld import jsonld
from kg.writers.ntriples import nquads, ntriples
from kg.writers.rdfxml import rdfxml
from kg.writers.streams import CHUNK, Dataset, Graphs, Lines, Pieces
from kg.writers.turtle import trig, turtle

Input = TypeVar("Input")

SubjectWriter: TypeAlias = Callable[[Iterable[SubjectLines], Site], Pieces]
"""Writes sorted subjects, which it iterates once or twice."""
GraphWriter: TypeAlias = Callable[[Graphs, Site], Pieces]


def _encoded(text_writer: Callable[[Input, Site], Lines]) -> Callable[[Input, Site], Pieces]:
    """Return a writer of bytes from a writer of text."""
    return lambda content, site: map(str.encode, text_writer(content, site))


SUBJECT_WRITERS: Final[Mapping[str, SubjectWriter]] = {
    "turtle": _encoded(turtle),
    "ntriples": ntriples,
    "jsonld": _encoded(jsonld),
    "rdfxml": _encoded(rdfxml),
}
"""The formats without named graphs, by the names of `kg.model.formats`."""
GRAPH_WRITERS: Final[Mapping[str, GraphWriter]] = {
    "nquads": nquads,
    "trig": _encoded(trig),
}
"""The dataset formats, by the names of `kg.model.formats`."""


def write_dataset(
    dataset: Dataset, form: Format, site: Site, out: BinaryIO, *, compress: bool = False
) -> None:
    """Write named graphs to a binary stream; formats without named graphs get the merged graph.

    Raises FormatError if the format cannot carry the data (RDF/XML and control characters).
    """
    if form.dataset:
        graphs = [(name, list(lines_by_subject(sorted(dataset[name])))) for name in sorted(dataset)]
        write_graphs(graphs, form, site, out, compress=compress)
    else:
        subjects = list(lines_by_subject(merge_dataset(dataset)))
        write_subjects(subjects, form, site, out, compress=compress)


def merge_dataset(dataset: Dataset) -> list[Triple]:
    """Return the triples of all graphs, each once, sorted."""
    return sorted(set().union(*dataset.values()))


def write_subjects(
    subjects: Iterable[SubjectLines],
    form: Format,
    site: Site,
    out: BinaryIO,
    *,
    compress: bool = False,
) -> None:
    """Write sorted subjects in a format without named graphs; iterates them once or twice.

    Raises FormatError as `write_dataset` does.
    """
    _write_pieces(SUBJECT_WRITERS[form.name](subjects, site), out, compress=compress)


def write_graphs(
    graphs: Graphs, form: Format, site: Site, out: BinaryIO, *, compress: bool = False
) -> None:
    """Write sorted named graphs in a dataset format."""
    _write_pieces(GRAPH_WRITERS[form.name](graphs, site), out, compress=compress)


def nquads_lines(graphs: Graphs, site: Site) -> Lines:
    """Yield sorted named graphs as N-Quads, one statement a line."""
    for piece in nquads(graphs, site):
        yield from (f"{line}\n" for line in piece[:-1].decode().split("\n"))


def _write_pieces(pieces: Pieces, out: BinaryIO, *, compress: bool) -> None:
    if compress:  # without a name and a time, so that equal graphs are equal bytes
        with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as compressed:
            _write_chunks(pieces, compressed)
    else:
        _write_chunks(pieces, out)


def _write_chunks(pieces: Pieces, out: BinaryIO | gzip.GzipFile) -> None:
    while chunk := b"".join(islice(pieces, CHUNK)):
        out.write(chunk)
