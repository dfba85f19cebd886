"""Paths to records: find the files, read each, hand out its fields as plain values."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from kg.model.errors import ConfigurationError, SourceError
from kg.model.records import Source
from kg.sources.reading import TEXT_SUFFIXES, YAML_SUFFIXES, read_source

SETTINGS_FILES: Final = ("kg.toml", "_config.yml")
"""Files that mark the root of a site; they configure, and are no records."""
SKIPPED_FOLDERS: Final = (
    *("node_modules", "_site"),
    *("_drafts", "_includes", "_layouts", "_sass", "_templates", "archetypes"),
)
"""Folders of what a site is built with or into, and of what is not published yet."""

COLLECTIONS: Final = (
    *("_communities", "_deals", "_learning", "_news"),
    *("_newsletters", "_people", "_posts", "_samples"),
)
"""Folders that stand at the root of a site and tell what is in them, as `_data` does."""
VOCABULARY_FOLDERS: Final = ("_data/topics", "_data/organizations")
"""Folders whose every file, with any suffix or none, names a topic or an organization."""


def discover_sources(paths: Iterable[str]) -> list[Source]:
    """Return the sources that paths name, each once, sorted by name.

    A folder gives the text and YAML files below it; hidden folders and those of `NOT_ENTERED` are
    not entered. Any other file is taken as asked for, `-` is standard input.
    Raises SourceError for a path that is not there, ConfigurationError when two files of different
    sites would have one name.
    """
    found: dict[str, Source] = {}
    for path in paths:
        for source in _sources_at(path):
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


def site_root(path: str) -> Path:
    """Return the root of the site a path belongs to.

    That is the nearest folder upwards with a `kg.toml` or `_config.yml`, not looking above a
    repository; else the folder around its collections (see `COLLECTIONS`); else the folder itself,
    or the folder of the file.
    """
    start = Path(os.path.abspath(path))
    folder = start if start.is_dir() else start.parent
    around: Path | None = None
    for candidate in (folder, *folder.parents):
        if any((candidate / name).is_file() for name in SETTINGS_FILES):
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
    return any((folder.parent / name).is_dir() for name in VOCABULARY_FOLDERS)


def _sources_at(path: str) -> Iterator[Source]:
    if path == "-":
        if sys.stdin is None:
            raise SourceError("standard input is closed")
        yield Source("-", "-", content=sys.stdin.buffer.read())
    elif Path(path).is_dir():
        yield from walk_folder(path, site_root(path))
    elif os.path.lexists(path):
        base = site_root(path)
        name = Path(os.path.abspath(path)).relative_to(base).as_posix()
        # What a pipe gives cannot be read twice either.
        content = read_source(Source(path, name)) if Path(path).is_fifo() else None
        yield Source(path, name, content=content, root=str(base))
    else:
        raise SourceError(f"{path}: no such file or folder")


def walk_folder(folder: str, base: Path) -> Iterator[Source]:
    """Yield the sources in a folder, by their names below the root of their site."""
    closed: list[OSError] = []
    top = str(base)
    for parent, folders, files in os.walk(folder, onerror=closed.append):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS and f[0] != ".")
        where = Path(os.path.abspath(parent)).relative_to(base).as_posix()
        below = "" if where == "." else f"{where}/"
        here = os.path.join(_prefix(parent), "")  # noqa: PTH118 - to put a name behind it
        for file in sorted(filter(_is_read_in(below), files)):
            yield Source(f"{here}{file}", f"{below}{file}", named=False, root=top)
    for error in closed:  # reading them will say why
        path = str(error.filename)
        name = Path(os.path.abspath(path)).relative_to(base).as_posix()
        yield Source(path, name, named=False, root=str(base))


def _prefix(folder: str) -> str:
    """Write a folder as a Path does; the current one as nothing."""
    return "" if Path(folder) == Path() else str(Path(folder))


def _is_read_in(folder: str) -> Callable[[str], bool]:
    """Return which files are read in a folder that is walked, by its name below the root."""
    any_suffix = names_vocabulary(folder)
    # What else the site's generator reads as data is not about anything.
    data = folder.startswith("_data/")

    def read(file: str) -> bool:
        if file.startswith((".", "_config.")) or file in SETTINGS_FILES:
            return False
        return any_suffix or (not data and file.lower().endswith(_SUFFIXES))

    return read


_SUFFIXES: Final = TEXT_SUFFIXES + YAML_SUFFIXES


def names_vocabulary(name: str) -> bool:
    """Whether a file defines a topic or an organization, by its name below the root."""
    return name.startswith(_BELOW_VOCABULARY)


_BELOW_VOCABULARY: Final = tuple(f"{folder}/" for folder in VOCABULARY_FOLDERS)
