"""The cache: the results of the last run in a folder, so that only changed files are mapped again.

    index            an entry for each source, and the chunks of the union
    objects/SHA256   the graph of a source, or a chunk; named by the digest of its content

Objects are never changed, and the index is replaced atomically, so an interrupted run changes
nothing. Every digest is checked before anything is written: damage costs time only.
"""

from __future__ import annotations

import json
import marshal
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields, is_dataclass
from hashlib import sha256
from pathlib import Path
from types import FunctionType
from typing import Any, Final, NamedTuple, TypeAlias

from kg.graph.statistics import GraphCounts
from kg.graph.union import SubjectLines
from kg.mapping import Mapper, may_name_nodes
from kg.model import VERSION, CacheError, OutputError, Source, SourceError, Term
from kg.sources import read_source

FileStat: TypeAlias = tuple[int, int, int, int]
"""Size, mtime and ctime in nanoseconds, and inode of a file."""


class CachedSource(NamedTuple):
    """The entry of a source: what was made of a certain content, whose digest is `sha256`.

    `stat` is None if the file may change without changing it. `object` is the name of the graph's
    object, empty if the source states nothing; `digest` and `triples` are those of its payload.
    """

    stat: FileStat | None
    sha256: str
    names_nodes: bool
    named: bool
    object: str
    digest: str
    triples: int
    records: int
    findings: list[tuple[Any, ...]]


class UnionChunk(NamedTuple):
    """A part of the union: its first subject, and the counts of its nodes."""

    first: Term
    object: str
    counts: GraphCounts


# ---- the folder


@contextmanager
def open_cache(folder: Path, notice: Callable[[str], None]) -> Iterator[Cache | None]:
    """Yield the cache in a folder, which is created if needed; None while another run uses it.

    `notice` is called with messages to the user. Raises OutputError if the folder cannot be
    created or written.
    """
    try:
        (folder / _OBJECTS).mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("wb")
    except OSError as error:
        raise OutputError(f"{folder}: cannot be used as a cache: {error.strerror}") from error
    with lock:
        if _lock(lock.fileno()):
            yield Cache(folder, notice)
        else:
            notice(f"another run uses the cache {folder}; this run does not use it")
            yield None


_OBJECTS: Final = "objects"


def _lock(descriptor: int) -> bool:
    """Lock a file as long as it is open; return whether no other process has locked it."""
    try:
        import fcntl
    except ImportError:  # not POSIX: two runs at once may find the cache damaged
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def put_object(folder: Path, content: bytes) -> str:
    """Write an object and return its name. Raises OutputError if it cannot be written."""
    name = sha256(content).hexdigest()
    with _writing(folder / _OBJECTS / name) as path:
        path.write_bytes(content)
    return name


def graph_object(name: Term, lines: list[SubjectLines]) -> bytes:
    """Return the object of a graph: the same bytes for the same graph.

    Versions of marshal from 3 on also write which values are shared, which may differ.
    """
    return marshal.dumps((name, lines), 2)


@contextmanager
def _writing(path: Path) -> Iterator[Path]:
    try:
        yield path
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror}") from error


class Cache:
    """The sources and the chunks of the last run whose key was the same."""

    def __init__(self, folder: Path, notice: Callable[[str], None]) -> None:
        self.folder = folder
        self.sources: dict[str, CachedSource] = {}
        self.chunks: list[UnionChunk] = []
        self._key = ""
        self._notice = notice
        self._racy_from = time.time_ns() - _RACY
        self._stats: dict[str, FileStat | None] = {}
        self._checked: set[str] = set()
        try:
            self._read()
        except CacheError:
            self.forget()

    def _read(self) -> None:
        path = self.folder / "index"
        if not path.exists() and not any((self.folder / _OBJECTS).iterdir()):
            return
        content = _content(path)
        if sha256(content[_DIGEST:]).hexdigest().encode() != content[:_DIGEST]:
            raise CacheError(f"{path}: the digest does not match")
        program, *values = marshal.loads(content[_DIGEST:])  # noqa: S302 - its digest is checked
        if program == _program():
            self._key, chunks, sources = values
            self.chunks = [
                UnionChunk(first, name, GraphCounts(*counts)) for first, name, counts in chunks
            ]
            self.sources = {name: CachedSource(*entry) for name, entry in sources.items()}

    def forget(self) -> None:
        """Empty the cache, since a part of it is damaged."""
        self.report_damage()
        self.sources, self.chunks = {}, []

    def report_damage(self) -> None:
        """Notify the user that the damaged cache is rebuilt."""
        self._notice(f"the cache {self.folder} is damaged; it is rebuilt")

    def use(self, key: str) -> None:
        """Empty the cache if its results were made with another key."""
        if key != self._key:
            self._key, self.sources, self.chunks = key, {}, []

    def content(self, name: str) -> bytes:
        """Return the bytes of an object. Raises CacheError if its digest does not match."""
        path = self.folder / _OBJECTS / name
        content = _content(path)
        if name not in self._checked and sha256(content).hexdigest() != name:
            raise CacheError(f"{path}: the digest does not match")
        self._checked.add(name)
        return content

    def graph(self, name: str) -> tuple[Term, list[SubjectLines]]:
        """Return the name of a graph and its lines from its object. Raises CacheError."""
        graph: tuple[Term, list[SubjectLines]] = marshal.loads(self.content(name))  # noqa: S302 - as before
        return graph

    def save(self, sources: dict[str, CachedSource], chunks: list[UnionChunk]) -> None:
        """Replace the index, and delete the objects that it does not name. Raises OutputError."""
        if sources == self.sources and chunks == self.chunks:
            return
        self.sources, self.chunks = sources, chunks
        plain_chunks = [(chunk.first, chunk.object, tuple(chunk.counts)) for chunk in chunks]
        plain_sources = {name: tuple(entry) for name, entry in sources.items()}
        content = marshal.dumps((_program(), self._key, plain_chunks, plain_sources))
        with _writing(self.folder / "index") as path:
            new = path.with_name("index.new")
            new.write_bytes(sha256(content).hexdigest().encode() + content)
            new.replace(path)
        names = {chunk.object for chunk in chunks} | {entry.object for entry in sources.values()}
        for path in (self.folder / _OBJECTS).iterdir():
            if path.name not in names and _SHA256.fullmatch(path.name):
                with suppress(OSError):
                    path.unlink()

    # ---- sources

    def may_name(self, source: Source) -> bool:
        """Return whether a source may name topics or organizations, or list works."""
        entry = self.sources.get(source.name)
        if entry and entry.stat and entry.stat == self.stat(source):
            return entry.names_nodes
        return may_name_nodes(source)

    def unchanged_entry(self, source: Source) -> CachedSource | None:
        """Return the entry of a source if its stat or its content is the same, otherwise None."""
        entry, stat = self.sources.get(source.name), self.stat(source)
        if entry is None or entry.named != source.named:
            return None
        if entry.stat and entry.stat == stat:
            return entry
        try:
            same = sha256(read_source(source)).hexdigest() == entry.sha256
        except SourceError:
            return None
        return entry._replace(stat=stat) if same else None

    def stat(self, source: Source) -> FileStat | None:
        """Return the stat of a file as it first was in this run; None if it cannot be relied on.

        That is while another change may fall into the same tick of the file system's clock (git
        calls such an entry racily clean), and for a source that is not a file.
        """
        if source.name not in self._stats:
            self._stats[source.name] = None if source.content is not None else self._stat(source)
        return self._stats[source.name]

    def _stat(self, source: Source) -> FileStat | None:
        try:
            stat = os.stat(source.path)  # noqa: PTH116 - a Path takes as long as the call
        except OSError:
            return None
        if max(stat.st_mtime_ns, stat.st_ctime_ns) >= self._racy_from:
            return None
        return stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino


_DIGEST: Final = 64
"""Length of a digest in hexadecimal."""
_SHA256: Final = re.compile("[0-9a-f]{64}")
_RACY: Final = 2 * 10**9
"""Nanoseconds of a tick of the coarsest clock of a file system, FAT's."""


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CacheError(f"{path}: {error.strerror}") from error


# ---- keys


def cache_key(mapper: Mapper) -> str:
    """Return a digest of all settings of a mapper: with others, sources state something else."""
    settings = (mapper.table, mapper.start, mapper.site, mapper.facts, mapper.authority)
    text = json.dumps([settings, sorted(mapper.include)], default=_to_json)
    return sha256(text.encode()).hexdigest()


def _to_json(value: object) -> object:
    if is_dataclass(value):
        return [type(value).__name__, [getattr(value, field.name) for field in fields(value)]]
    if isinstance(value, FunctionType):
        return f"{value.__module__}.{value.__qualname__}"
    raise TypeError(f"cannot be part of a key: {value!r}")


def _program() -> str:
    """Return a digest of the code of kg and the version of Python."""
    digest = sha256(f"{VERSION} {sys.version}".encode())
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
