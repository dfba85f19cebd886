"""The formats kg knows: name, suffixes and media type, each of which a user may give."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from kg.model.errors import FormatError


@dataclass(frozen=True, slots=True)
class Format:
    """An RDF format. `dataset` formats carry named graphs."""

    name: str
    suffixes: tuple[str, ...]
    media_type: str
    aliases: tuple[str, ...] = ()
    dataset: bool = False

    def answers_to(self, word: str) -> bool:
        """Whether a word is this format's name, alias, media type or suffix."""
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
"""A character that no XML 1.0 document can hold, escaped or not (section 2.2)."""
_SUFFIXES: Final = (".gz", *(suffix for known in FORMATS for suffix in known.suffixes))


def find_format(word: str) -> Format:
    """Return the format a user means. Raises FormatError, listing the names, for none."""
    for candidate in FORMATS:
        if candidate.answers_to(word):
            return candidate
    names = ", ".join(candidate.name for candidate in FORMATS)
    raise FormatError(
        f"unknown format: {word!r}; one of {names}, or a suffix or media type of these"
    )


def format_of_path(path: str) -> Format | None:
    """Return the format a file name stands for, looking through `.gz`; None for no RDF format."""
    if not path.lower().endswith(_SUFFIXES):  # most are not, and a Path takes its time
        return None
    suffixes = [suffix.lower() for suffix in PurePath(path).suffixes if suffix.lower() != ".gz"]
    last = suffixes[-1] if suffixes else ""
    return next((known for known in FORMATS if last in known.suffixes), None)
