"""What former runs found out, kept in a folder: only files whose content changed are mapped again.

    index            what is known of each source, and which chunks make up the union
    objects/SHA256   what one source says, or one chunk; named by the digest of its content

Objects are never changed, and the index is replaced at once, so a run that ends early changes
nothing. Everything is held to its digest before anything is written: damage costs time only.
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

import kg
from kg.graph.statistics import GraphCounts
from kg.graph.union import SubjectLines
from kg.mapping.authority import may_name_nodes
from kg.mapping.mapper import Mapper
from kg.model.errors import CacheError, OutputError, SourceError
from kg.model.records import Source, Term
from kg.sources.reading import read_source

FileStat: TypeAlias = tuple[int, int, int, int]
"""Size, times of change of content and of anything, and inode of a file."""


class CachedSource(NamedTuple):
    """What is known of a source with a certain content. `stat` is None where it may deceive.

    `digest` and `triples` are those of its body.
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
    """Give the cache in a folder, which is made if need be; None while another run has it.

    Raises OutputError when the folder cannot be made or written.
    """
    try:
        (folder / _OBJECTS).mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("wb")
    except OSError as error:
        raise OutputError(f"{folder}: cannot hold a cache: {error.strerror}") from error
    with lock:
        if _locked(lock.fileno()):
            yield Cache(folder, notice)
        else:
            notice(f"another run uses the cache {folder}, so this one goes without it")
            yield None


_OBJECTS: Final = "objects"


def _locked(descriptor: int) -> bool:
    """Whether this process alone has the file, as long as it is open."""
    try:
        import fcntl
    except ImportError:  # no POSIX: two runs at once may find each other's cache damaged
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def put_object(folder: Path, content: bytes) -> str:
    """Write an object and return its name. Raises OutputError when it cannot be written."""
    name = sha256(content).hexdigest()
    with _writing(folder / _OBJECTS / name) as path:
        path.write_bytes(content)
    return name


def graph_object(name: Term, found: list[SubjectLines]) -> bytes:
    """Return the object of a graph: the same bytes for the same graph.

    Versions of marshal from 3 on write whether an object is shared, which is by chance.
    """
    return marshal.dumps((name, found), 2)


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
        self._settled = time.time_ns() - _RACY
        self._stats: dict[str, FileStat | None] = {}
        self._sound: set[str] = set()
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
            raise CacheError(f"{path}: not what was written")
        program, *values = marshal.loads(content[_DIGEST:])  # noqa: S302 - it has its digest
        if program == _program():
            self._key, chunks, sources = values
            self.chunks = [
                UnionChunk(first, name, GraphCounts(*counts)) for first, name, counts in chunks
            ]
            self.sources = {name: CachedSource(*entry) for name, entry in sources.items()}

    def forget(self) -> None:
        """Give up what was found before: a part of it is damaged."""
        self.report_damage()
        self.sources, self.chunks = {}, []

    def report_damage(self) -> None:
        """Say that what is damaged is made anew."""
        self._notice(f"the cache {self.folder} is damaged; it is made anew")

    def use(self, key: str) -> None:
        """Give up what was found by another key."""
        if key != self._key:
            self._key, self.sources, self.chunks = key, {}, []

    def content(self, name: str) -> bytes:
        """Return the bytes of an object, held to its digest once. Raises CacheError."""
        path = self.folder / _OBJECTS / name
        content = _content(path)
        if name not in self._sound and sha256(content).hexdigest() != name:
            raise CacheError(f"{path}: not what was written")
        self._sound.add(name)
        return content

    def graph(self, name: str) -> tuple[Term, list[SubjectLines]]:
        """Return what an object has of a source: the name of its graph, and the nodes in it."""
        found: tuple[Term, list[SubjectLines]] = marshal.loads(self.content(name))  # noqa: S302 - as above
        return found

    def save(self, sources: dict[str, CachedSource], chunks: list[UnionChunk]) -> None:
        """Replace the index, and remove objects that it does not name. Raises OutputError."""
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
        """Whether a source may name topics or organizations, or list works."""
        known = self.sources.get(source.name)
        if known and known.stat and known.stat == self.stat(source):
            return known.names_nodes
        return may_name_nodes(source)

    def known(self, source: Source) -> CachedSource | None:
        """Return what is known of a source, by its stat or its content; None if it changed."""
        known, stat = self.sources.get(source.name), self.stat(source)
        if known is None or known.named != source.named:
            return None
        if known.stat and known.stat == stat:
            return known
        try:
            same = sha256(read_source(source)).hexdigest() == known.sha256
        except SourceError:
            return None
        return known._replace(stat=stat) if same else None

    def stat(self, source: Source) -> FileStat | None:
        """Return the stat of a file as it first was in this run; None if it may change unseen.

        That is so as long as another change may fall into the same tick of the file system's clock
        (git calls such an entry racily clean), and for what is no file.
        """
        if source.name not in self._stats:
            self._stats[source.name] = None if source.content is not None else self._stat(source)
        return self._stats[source.name]

    def _stat(self, source: Source) -> FileStat | None:
        try:
            found = os.stat(source.path)  # noqa: PTH116 - a Path takes as long as the call
        except OSError:
            return None
        if max(found.st_mtime_ns, found.st_ctime_ns) >= self._settled:
            return None
        return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


_DIGEST: Final = 64
_SHA256: Final = re.compile("[0-9a-f]{64}")
_RACY: Final = 2 * 10**9
"""Nanoseconds: the coarsest clock of a file system in use, FAT's."""


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CacheError(f"{path}: {error.strerror}") from error


# ---- keys


def cache_key(using: Mapper) -> str:
    """Return a digest of all that a mapper knows: by another key, sources say other things."""
    known = (using.table, using.start, using.site, using.facts, using.authority)
    text = json.dumps([known, sorted(using.include)], default=_plain)
    return sha256(text.encode()).hexdigest()


def _plain(value: object) -> object:
    if is_dataclass(value):
        return [type(value).__name__, [getattr(value, one.name) for one in fields(value)]]
    if isinstance(value, FunctionType):
        return f"{value.__module__}.{value.__qualname__}"
    raise TypeError(f"no part of a key: {value!r}")


def _program() -> str:
    """Return a digest of kg itself and of the Python that runs it."""
    digest = sha256(f"{kg.__version__} {sys.version}".encode())
    for path in sorted(Path(kg.__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
