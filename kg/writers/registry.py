"""The writer of each format, and how its bytes reach a stream."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import BinaryIO, Final, TypeVar

from kg.graph.union import SubjectLines, lines_by_subject
from kg.model.formats import Format
from kg.model.records import Triple
from kg.model.site import Site
from kg.writers.jsonld import jsonld
from kg.writers.names import CHUNK, Dataset, Graphs, Lines, Pieces
from kg.writers.ntriples import nquads, ntriples
from kg.writers.rdfxml import rdfxml
from kg.writers.turtle import trig, turtle

T = TypeVar("T")


def write_dataset(
    dataset: Dataset, form: Format, site: Site, out: BinaryIO, *, compress: bool = False
) -> None:
    """Write named graphs to a binary stream; formats without named graphs get the merged graph.

    Raises FormatError when the format cannot carry the data (RDF/XML and control characters).
    """
    _write_compressed(_pieces(dataset, form, site), out, compress=compress)


def lines_of_dataset(dataset: Dataset, form: Format, site: Site) -> Lines:
    """Yield what `write` writes; of N-Triples and N-Quads, a statement at a time."""
    pieces = _pieces(dataset, form, site)
    return _statements(pieces) if form.name in {"ntriples", "nquads"} else map(bytes.decode, pieces)


def nquads_lines(found: Graphs, site: Site) -> Lines:
    """Yield sorted named graphs as N-Quads, a statement at a time."""
    return _statements(nquads(found, site))


def _pieces(dataset: Dataset, form: Format, site: Site) -> Pieces:
    if form.name in _OF_GRAPHS:
        graphs = [(name, list(lines_by_subject(sorted(dataset[name])))) for name in sorted(dataset)]
        return _OF_GRAPHS[form.name](graphs, site)
    return _OF_SUBJECTS[form.name](list(lines_by_subject(merge_dataset(dataset))), site)


def _statements(pieces: Pieces) -> Lines:
    for piece in pieces:
        yield from (f"{line}\n" for line in piece[:-1].decode().split("\n"))


def write_subjects(
    found: Iterable[SubjectLines],
    form: Format,
    site: Site,
    out: BinaryIO,
    *,
    compress: bool = False,
) -> None:
    """Write sorted nodes in a format without named graphs; they are gone through once or twice.

    Raises FormatError as `write` does.
    """
    _write_compressed(_OF_SUBJECTS[form.name](found, site), out, compress=compress)


def write_graphs(
    found: Graphs, form: Format, site: Site, out: BinaryIO, *, compress: bool = False
) -> None:
    """Write sorted named graphs in a format that has them."""
    _write_compressed(_OF_GRAPHS[form.name](found, site), out, compress=compress)


def has_graphs(form: Format) -> bool:
    """Whether a format has named graphs."""
    return form.name in _OF_GRAPHS


def _write_compressed(pieces: Pieces, out: BinaryIO, *, compress: bool) -> None:
    if compress:
        with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as packed:
            _write_chunks(pieces, packed)
    else:
        _write_chunks(pieces, out)


def _write_chunks(pieces: Pieces, out: BinaryIO | gzip.GzipFile) -> None:
    while chunk := b"".join(islice(pieces, CHUNK)):
        out.write(chunk)


def merge_dataset(dataset: Dataset) -> list[Triple]:
    """Return the triples of all graphs, each once, sorted."""
    return sorted(set().union(*dataset.values()))


def _encoded(text: Callable[[T, Site], Lines]) -> Callable[[T, Site], Pieces]:
    """Return what writes the bytes of a text."""
    return lambda found, site: map(str.encode, text(found, site))


_OF_SUBJECTS: Final[Mapping[str, Callable[[Iterable[SubjectLines], Site], Pieces]]] = {
    "turtle": _encoded(turtle),
    "ntriples": ntriples,
    "jsonld": _encoded(jsonld),
    "rdfxml": _encoded(rdfxml),
}
_OF_GRAPHS: Final[Mapping[str, Callable[[Graphs, Site], Pieces]]] = {
    "nquads": nquads,
    "trig": _encoded(trig),
}
