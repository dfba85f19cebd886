"""A source to its bytes, its records, and the positions of its values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from kg.model import NoFrontMatter, Origin, Record, Source, SourceError, format_of_path
from kg.sources.frontmatter import read_documents
from kg.sources.frontmatter.blocks import Block, decode_text, find_block
from kg.sources.frontmatter.positions import Positions

TEXT_SUFFIXES: Final = (".md", ".markdown", ".txt")
YAML_SUFFIXES: Final = (".yaml", ".yml")


def is_rdf(source: Source) -> bool:
    """Return whether a source is RDF, by its suffix."""
    return format_of_path(source.path) is not None


def read_source(source: Source) -> bytes:
    """Return the bytes of a source. Raises SourceError if it cannot be read."""
    if source.content is not None:
        return source.content
    try:
        # Path.read_bytes is slower, by much of what a small file takes altogether.
        with open(source.path, "rb", buffering=0) as file:  # noqa: PTH123
            return file.read()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}") from error


def read_records(source: Source) -> list[Record]:
    """Return the records of a source, one for each YAML document; WITHHELD keys have None.

    Raises SourceError with its place if the source cannot be parsed, NoFrontMatter if a text file
    has no front matter or empty front matter.
    """
    data = read_source(source)
    digest = sha256(data).hexdigest()
    records = []
    for document in read_documents(_block(source, data)):
        if document.value is None:
            continue
        if not isinstance(document.value, dict):
            raise SourceError("not a mapping of fields to values", document.line, 1)
        origin = Origin(source, digest, _media_type(source), document.line, document.index)
        records.append(Record(document.value, origin))
    if not records:
        raise NoFrontMatter("the front matter has no fields", 1, 1)
    return records


def reread_records(sources: Iterable[Source]) -> Iterator[Record]:
    """Yield the records of sources that were read before; RDF and the unreadable are skipped."""
    for source in sources:
        if is_rdf(source):
            continue
        try:
            yield from read_records(source)
        except SourceError:  # it was reported when it was read first
            continue


def read_positions(source: Source) -> Positions:
    """Return the positions of the values of a source, which is read again."""
    return Positions(_block(source, read_source(source)))


def read_jekyll_settings(folder: Path) -> dict[str, Any]:
    """Return the `_config.yml` of a site as plain values; empty if there is none.

    Raises SourceError if it is there and cannot be parsed.
    """
    path = folder / "_config.yml"
    if not path.is_file():
        return {}
    try:
        text = decode_text(read_source(Source(str(path), path.name)))
        block = Block(text, 1)
        values = [document.value for document in read_documents(block)]
    except SourceError as error:
        message = f"{path}:{error.line}:{error.column}: {error}"
        raise SourceError(message, error.line, error.column) from error
    return values[0] if values and isinstance(values[0], dict) else {}


def _block(source: Source, data: bytes) -> Block:
    text = decode_text(data)
    if source.path.lower().endswith(YAML_SUFFIXES):
        return Block(text, 1)
    return find_block(text)


def _media_type(source: Source) -> str:
    return "application/yaml" if source.path.lower().endswith(YAML_SUFFIXES) else "text/markdown"
