"""RDF files to triples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from kg.model import Place, Site, Source, SourceError, Triple, format_of_path
from kg.sources.frontmatter.blocks import decode_text
from kg.sources.reading import read_source


def read_localized_rdf(path: Path, site: Site) -> list[Triple]:
    """Read an RDF file that is written for https://schema.org/, in the site's schema.org.

    Raises SourceError, naming file, line and column, for a file that cannot be read or parsed.
    """
    try:
        text = decode_text(read_source(Source(str(path), path.name)))
        return read_rdf(site.localize(text).encode(), path.name, site)
    except SourceError as error:
        place = Place(Source(str(path), path.name), line=error.line, column=error.column)
        raise SourceError(f"{place}: {error}") from error


def read_rdf(data: bytes, path: str, site: Site) -> list[Triple]:
    """Return the triples of an RDF file, parsed by its suffix: IRIs resolved, graphs merged.

    Blank nodes become skolem IRIs (RDF 1.1, section 3.5), the same each time. Raises SourceError
    with line and column if the file is not in that format.
    """
    import gzip
    import zlib

    import pyoxigraph

    format_ = format_of_path(path)
    if format_ is None:
        raise SourceError("the suffix is not of an RDF format")
    if path.lower().endswith(".gz"):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(f"not gzip: {error}") from error
    # XML declares its encoding, and the parser decodes it.
    content = data if format_.name == "rdfxml" else decode_text(data)
    try:
        quads = list(
            pyoxigraph.parse(
                content,
                format=pyoxigraph.RdfFormat.from_media_type(format_.media_type),
                base_iri=site.base,
            )
        )
    except SyntaxError as error:
        line, column = error.lineno or 0, error.offset or 0
        raise SourceError(f"not {format_.name}: {_reason(error.msg)}", line, column) from error
    return without_blank_nodes(quads, sha256(data).hexdigest()[:16], site)


def _reason(message: str) -> str:
    """Return a parser's message without its place, and without what it quotes of the file."""
    message = re.sub(r"^Parser error at .*?: ", "", message)
    message = re.sub(
        r"Unexpected text event: .*", "text is not allowed here", message, flags=re.DOTALL
    )
    return re.sub(r"[\w+/=]{24,}", "…", message)


def without_blank_nodes(quads: Iterable[Any], scope: str, site: Site) -> list[Triple]:
    """Return the sorted triples of quads, graphs merged, blank nodes replaced by skolem IRIs.

    The IRIs have `scope` and the labels of RDFC-1.0, so the same quads give the same IRIs. Raises
    SourceError for terms that are not in RDF 1.1.
    """
    triples = {_triple(quad) for quad in quads}
    if any(term.startswith("_:") for triple in triples for term in triple):
        triples = {
            _skolemize(triple, f"{site.genid}{scope}-")
            for triple in _with_canonical_labels(triples)
        }
    return sorted(triples)


def _triple(quad: Any) -> Triple:
    if hasattr(quad.object, "predicate") or getattr(quad.object, "direction", None):
        raise SourceError(f"RDF 1.2 is not supported: {quad.object}")
    return str(quad.subject), str(quad.predicate), str(quad.object)


def _with_canonical_labels(triples: Iterable[Triple]) -> Iterator[Triple]:
    import pyoxigraph

    lines = encode_ntriples(triples)
    dataset = pyoxigraph.Dataset(pyoxigraph.parse(lines, pyoxigraph.RdfFormat.N_TRIPLES))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    return (_triple(quad) for quad in dataset)


def _skolemize(triple: Triple, genid: str) -> Triple:
    subject, predicate, object_ = (
        f"<{genid}{term[2:]}>" if term.startswith("_:") else term for term in triple
    )
    return subject, predicate, object_


def encode_ntriples(triples: Iterable[Triple]) -> bytes:
    """Return triples as N-Triples."""
    return "".join(f"{s} {p} {o} .\n" for s, p, o in triples).encode()
