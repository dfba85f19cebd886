"""Paths to records: find the files, read each, hand out its fields as plain values."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from kg.model.errors import ConfigurationError, NoFrontMatter, SourceError
from kg.model.formats import format_of_path
from kg.model.records import Origin, Record, Source
from kg.sources import frontmatter
from kg.sources.frontmatter.positions import Positions

TEXT_SUFFIXES: Final = (".md", ".markdown", ".txt")
YAML_SUFFIXES: Final = (".yaml", ".yml")
CONFIGURATION: Final = ("kg.toml", "_config.yml")
"""Files that mark the root of a site; they configure, and are no records."""
NOT_ENTERED: Final = (
    *("node_modules", "_site"),
    *("_drafts", "_includes", "_layouts", "_sass", "_templates", "archetypes"),
)
"""Folders of what a site is built with or into, and of what is not published yet."""

COLLECTIONS: Final = (
    *("_communities", "_deals", "_learning", "_news"),
    *("_newsletters", "_people", "_posts", "_samples"),
)
"""Folders that stand at the root of a site and tell what is in them, as `_data` does."""
VOCABULARY: Final = ("_data/topics", "_data/organizations")
"""Folders whose every file, with any suffix or none, names a topic or an organization."""


def discover(paths: Iterable[str]) -> list[Source]:
    """Return the sources that paths name, each once, sorted by name.

    A folder gives the text and YAML files below it; hidden folders and those of `NOT_ENTERED` are
    not entered. Any other file is taken as asked for, `-` is standard input.
    Raises SourceError for a path that is not there, ConfigurationError when two files of different
    sites would have one name.
    """
    found: dict[str, Source] = {}
    for path in paths:
        for source in _sources(path):
            if (
                not source.name.isascii()
                and source.name != source.name.encode(errors="replace").decode()
            ):
                raise SourceError(f"{source.name!a}: a file name that is not UTF-8; rename it")
            other = found.setdefault(source.name, source)
            if other is not source and os.path.abspath(other.path) != os.path.abspath(source.path):
                message = (
                    f"{other.path} and {source.path} would both be named {source.name!r}; "
                    "give the folder that holds both, or export them apart"
                )
                raise ConfigurationError(message)
            if source.named:
                found[source.name] = source
    return sorted(found.values(), key=lambda source: source.name)


def root(path: str) -> Path:
    """Return the root of the site a path belongs to.

    That is the nearest folder upwards with a `kg.toml` or `_config.yml`, not looking above a
    repository; else the folder around its collections (see `COLLECTIONS`); else the folder itself,
    or the folder of the file.
    """
    start = Path(os.path.abspath(path))
    folder = start if start.is_dir() else start.parent
    around: Path | None = None
    for candidate in (folder, *folder.parents):
        if any((candidate / name).is_file() for name in CONFIGURATION):
            return candidate
        if around is None and _is_collection(candidate):
            around = candidate.parent
        if (candidate / ".git").exists():
            break
    return around or folder


def _is_collection(folder: Path) -> bool:
    """Whether a folder is one that stands at the root of a site; data of other kinds is not."""
    if folder.name != "_data":
        return folder.name in COLLECTIONS
    return any((folder.parent / name).is_dir() for name in VOCABULARY)


def is_rdf(source: Source) -> bool:
    """Whether a source is RDF already, by its suffix."""
    return format_of_path(source.path) is not None


def read(source: Source) -> bytes:
    """Return the bytes of a source. Raises SourceError when it cannot be read."""
    if source.content is not None:
        return source.content
    try:
        # Half the time of Path.read_bytes, and a fifth of what a small file takes altogether.
        with open(source.path, "rb", buffering=0) as file:  # noqa: PTH123
            return file.read()
    except OSError as error:
        raise SourceError(f"cannot be read: {error.strerror}") from error


def records(source: Source, withheld: Collection[str] = ()) -> list[Record]:
    """Read the records of a source: one for each YAML mapping in it, None at `withheld` keys.

    Raises SourceError with its place for what cannot be read, NoFrontMatter for a text file that
    has none or whose block is empty.
    """
    data = read(source)
    digest = sha256(data).hexdigest()
    found = []
    for document in frontmatter.documents(_block(source, data), withheld):
        if document.value is None:
            continue
        if not isinstance(document.value, dict):
            raise SourceError("not a mapping of fields to values", document.line, 1)
        origin = Origin(source, digest, _media_type(source), document.line, document.index)
        found.append(Record(document.value, origin))
    if not found:
        raise NoFrontMatter("no fields: there is nothing to read", 1, 1)
    return found


def positions(source: Source) -> Positions:
    """Return where the values of a source stand, by reading it a second time."""
    return Positions(_block(source, read(source)))


def configuration(folder: Path, withheld: Collection[str] = ()) -> dict[str, Any]:
    """Read the `_config.yml` of a site as plain values; empty when there is no such mapping.

    Raises SourceError when it is there and cannot be read.
    """
    path = folder / "_config.yml"
    if not path.is_file():
        return {}
    try:
        text = frontmatter.decode(read(Source(str(path), path.name)))
        block = frontmatter.Block(text, 1)
        values = [document.value for document in frontmatter.documents(block, withheld)]
    except SourceError as error:
        message = f"{path}:{error.line}:{error.column}: {error}"
        raise SourceError(message, error.line, error.column) from error
    return values[0] if values and isinstance(values[0], dict) else {}


def _block(source: Source, data: bytes) -> frontmatter.Block:
    text = frontmatter.decode(data)
    if source.path.lower().endswith(YAML_SUFFIXES):
        return frontmatter.Block(text, 1)
    return frontmatter.block(text)


def _media_type(source: Source) -> str:
    return "application/yaml" if source.path.lower().endswith(YAML_SUFFIXES) else "text/markdown"


def _sources(path: str) -> Iterator[Source]:
    if path == "-":
        if sys.stdin is None:
            raise SourceError("standard input is closed")
        yield Source("-", "-", content=sys.stdin.buffer.read())
    elif Path(path).is_dir():
        yield from below(path, root(path))
    elif os.path.lexists(path):
        base = root(path)
        name = Path(os.path.abspath(path)).relative_to(base).as_posix()
        # What a pipe gives cannot be read twice either.
        content = read(Source(path, name)) if Path(path).is_fifo() else None
        yield Source(path, name, content=content, root=str(base))
    else:
        raise SourceError(f"{path}: no such file or folder")


def below(folder: str, base: Path) -> Iterator[Source]:
    """Yield the sources in a folder, by their names below the root of their site."""
    closed: list[OSError] = []
    top = str(base)
    for parent, folders, files in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in NOT_ENTERED)
        where = Path(os.path.abspath(parent)).relative_to(base).as_posix()
        below = "" if where == "." else f"{where}/"
        here = os.path.join(_spelled(parent), "")  # noqa: PTH118 - to put a name behind it
        for file in sorted(filter(_read_in(below), files)):
            yield Source(f"{here}{file}", f"{below}{file}", named=False, root=top)
    for error in closed:  # reading them will say why
        path = str(error.filename)
        name = Path(os.path.abspath(path)).relative_to(base).as_posix()
        yield Source(path, name, named=False, root=str(base))


def _spelled(folder: str) -> str:
    """Write a folder as a Path does; the current one as nothing."""
    return "" if Path(folder) == Path() else str(Path(folder))


def _read_in(folder: str) -> Callable[[str], bool]:
    """Return which files are read in a folder that is walked, by its name below the root."""
    any_suffix = is_vocabulary(folder)
    # What else the site's generator reads as data is not about anything.
    data = folder.startswith("_data/")

    def read(file: str) -> bool:
        if file.startswith((".", "_config.")) or file in CONFIGURATION:
            return False
        return any_suffix or (not data and file.lower().endswith(_SUFFIXES))

    return read


_SUFFIXES: Final = TEXT_SUFFIXES + YAML_SUFFIXES


def is_vocabulary(name: str) -> bool:
    """Whether a file defines a topic or an organization, by its name below the root."""
    return name.startswith(_BELOW_VOCABULARY)


_BELOW_VOCABULARY: Final = tuple(f"{folder}/" for folder in VOCABULARY)
