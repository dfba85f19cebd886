"""Paths to sources: the files to read, and their names below the root of their site."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

from kg.model import ConfigurationError, Source, SourceError
from kg.sources.reading import TEXT_SUFFIXES, YAML_SUFFIXES, read_source

SETTINGS_FILES: Final = ("kg.toml", "_config.yml")
"""Files that mark the root of a site; they configure it, and are not records."""
SKIPPED_FOLDERS: Final = (
    *("node_modules", "_site"),
    *("_drafts", "_includes", "_layouts", "_sass", "_templates", "archetypes"),
)
"""Folders of a site's build tools, templates, output and unpublished pages."""
COLLECTIONS: Final = (
    *("_communities", "_deals", "_learning", "_news"),
    *("_newsletters", "_people", "_posts", "_samples"),
)
"""Folders at the root of a site whose name gives the kind of their files, like `_data`."""
VOCABULARY_FOLDERS: Final = ("_data/topics", "_data/organizations")
"""Folders whose every file, with any suffix or none, defines a topic or an organization."""


def discover_sources(paths: Iterable[str]) -> list[Source]:
    """Return the sources that paths name, each once, sorted by name.

    A folder gives the text and YAML files below it, but for hidden folders and SKIPPED_FOLDERS.
    Any other path is a source whatever its suffix; `-` is standard input.
    Raises SourceError if a path does not exist or a name is not UTF-8, ConfigurationError if two
    files of different sites would have one name.
    """
    sources: dict[str, Source] = {}
    for path in paths:
        for source in _sources_at(path):
            _require_utf8(source.name)
            other = sources.setdefault(source.name, source)
            if other is not source and os.path.abspath(other.path) != os.path.abspath(source.path):
                message = (
                    f"{other.path} and {source.path} would both be named {source.name!r}; "
                    "name the folder that contains both, or export them separately"
                )
                raise ConfigurationError(message)
            if source.named:
                sources[source.name] = source
    return sorted(sources.values(), key=lambda source: source.name)


def nothing_read(paths: Iterable[str]) -> SourceError:
    """Return the error for paths with sources of which none could be read."""
    names = " ".join(paths)
    advice = "kg reads front matter (a block between --- lines), YAML files and RDF files"
    return SourceError(f"nothing could be read from {names}: {advice}")


def _require_utf8(name: str) -> None:
    """Raise SourceError for a name with bytes that are not UTF-8: Python has surrogates there."""
    if not name.isascii() and name != name.encode(errors="replace").decode():
        raise SourceError(f"{name!a}: the file name is not UTF-8; rename it")


def site_root(path: str) -> Path:
    """Return the root of the site a path belongs to.

    That is the nearest folder upwards with one of SETTINGS_FILES, within the repository; else the
    folder that contains the nearest of COLLECTIONS; else the folder itself, or that of the file.
    """
    start = Path(os.path.abspath(path))
    folder = start if start.is_dir() else start.parent
    collections_root: Path | None = None
    for candidate in (folder, *folder.parents):
        if any((candidate / name).is_file() for name in SETTINGS_FILES):
            return candidate
        if collections_root is None and _is_collection(candidate):
            collections_root = candidate.parent
        if (candidate / ".git").exists():
            break
    return collections_root or folder


def _is_collection(folder: Path) -> bool:
    """Return whether a folder is of COLLECTIONS, or a `_data` that defines a vocabulary."""
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
        root = site_root(path)
        name = _name_below(root, path)
        # Like standard input, a pipe cannot be read twice.
        content = read_source(Source(path, name)) if Path(path).is_fifo() else None
        yield Source(path, name, content=content, root=str(root))
    else:
        raise SourceError(f"{path}: no such file or folder")


def walk_folder(folder: str, root: Path) -> Iterator[Source]:
    """Yield the sources in a folder, named by their paths below the root of the site.

    A folder that cannot be listed is yielded too: reading it raises the SourceError.
    """
    unreadable: list[OSError] = []
    top = str(root)
    for parent, folders, files in os.walk(folder, onerror=unreadable.append):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS and f[0] != ".")
        name = _name_below(root, parent)
        name_prefix = "" if name == "." else f"{name}/"
        path_prefix = os.path.join(_path_text(parent), "")  # noqa: PTH118 - a Path drops the slash
        for file in sorted(filter(_read_in(name_prefix), files)):
            yield Source(f"{path_prefix}{file}", f"{name_prefix}{file}", named=False, root=top)
    for error in unreadable:
        path = str(error.filename)
        yield Source(path, _name_below(root, path), named=False, root=top)


def _name_below(root: Path, path: str) -> str:
    return Path(os.path.abspath(path)).relative_to(root).as_posix()


def _path_text(folder: str) -> str:
    """Return a path as `Path` normalises it; empty for the current folder."""
    return "" if Path(folder) == Path() else str(Path(folder))


def _read_in(folder: str) -> Callable[[str], bool]:
    """Return the test of which files are read in a folder, given by its name below the root.

    Of `_data`, only the vocabulary is read: its other files describe no page.
    """
    any_suffix = names_vocabulary(folder)
    other_data = folder.startswith("_data/") and not any_suffix

    def is_read(file: str) -> bool:
        if file.startswith((".", "_config.")) or file in SETTINGS_FILES:
            return False
        return any_suffix or (not other_data and file.lower().endswith(_SUFFIXES))

    return is_read


_SUFFIXES: Final = TEXT_SUFFIXES + YAML_SUFFIXES


def names_vocabulary(name: str) -> bool:
    """Return whether a file defines a topic or an organization, by its name below the root."""
    return name.startswith(_VOCABULARY_PREFIXES)


_VOCABULARY_PREFIXES: Final = tuple(f"{folder}/" for folder in VOCABULARY_FOLDERS)
