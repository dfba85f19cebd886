"""The RDF formats that kg reads and writes; a user gives a name, a suffix or a media type."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from kg.model.errors import FormatError


@dataclass(frozen=True, slots=True)
class Format:
    """An RDF format. The `dataset` formats represent named graphs."""

    name: str
    suffixes: tuple[str, ...]
    media_type: str
    aliases: tuple[str, ...] = ()
    dataset: bool = False

    def has_name(self, word: str) -> bool:
        """Return whether a word is this format's name, alias, media type or suffix."""
        return word.lower().removeprefix(".") in {
            self.name,
            self.media_type,
            *self.aliases,
            *(suffix[1:] for suffix in self.suffixes),
        }


FORMATS: Final = (
    Format("turtle", (".ttl",), "text/turtle"),
    Format("ntriples", (".nt",), "application/n-triples", ("n-triples",)),
    Format("nquads", (".nq",), "application/n-quads", ("n-quads",), dataset=True),
    Format("trig", (".trig",), "application/trig", dataset=True),
    Format("jsonld", (".jsonld",), "application/ld+json", ("json-ld",)),
    Format("rdfxml", (".rdf", ".xml"), "application/rdf+xml", ("rdf/xml",)),
)


NOT_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""A character that is not allowed in XML 1.0, escaped or not (section 2.2)."""
_SUFFIXES: Final = (".gz", *(suffix for format_ in FORMATS for suffix in format_.suffixes))


def find_format(word: str) -> Format:
    """Return the format by its name, alias, suffix or media type. Raises FormatError if none."""
    for format_ in FORMATS:
        if format_.has_name(word):
            return format_
    names = ", ".join(format_.name for format_ in FORMATS)
    raise FormatError(
        f"unknown format: {word!r}; one of {names}, or a suffix or media type of these"
    )


def format_of_path(path: str) -> Format | None:
    """Return the format of a file by its suffix, before any `.gz`; None if it is not RDF."""
    if not path.lower().endswith(_SUFFIXES):  # a Path is slow, and few files are RDF
        return None
    suffixes = [suffix.lower() for suffix in PurePath(path).suffixes if suffix.lower() != ".gz"]
    last = suffixes[-1] if suffixes else ""
    return next((format_ for format_ in FORMATS if last in format_.suffixes), None)


def choose_format(word: str | None, path: PurePath | None) -> Format:
    """Return the format to write: by its name, else by the suffix of the file, else Turtle.

    Raises FormatError for an unknown name, and for a file whose suffix is not that of a format.
    """
    if word:
        return find_format(word)
    if path is None:
        return find_format("turtle")
    chosen = format_of_path(str(path))
    if chosen is None:
        raise FormatError(f"{path}: unknown suffix; name the format with --format")
    return chosen
