"""N-Quads in shards: a folder that the bulk loaders of big stores take as it is.

`part-00000.nq.gz` and so on are gzip files of whole statements, in order; `manifest.json` says what
they hold. The manifest goes first and comes last: where it is, the parts are those it names.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from gzip import GzipFile
from hashlib import file_digest
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path
from secrets import token_hex
from typing import Final, NamedTuple

from kg import __version__
from kg.model.errors import FormatError, OutputError
from kg.model.site import Site

MANIFEST: Final = "manifest.json"
UNFINISHED: Final = "unfinished.json"
"""Claims the parts while they are exchanged, so that the next run may clear them away."""
EXPORTER: Final = "kg"
_PART: Final = re.compile(r"part-[0-9]{5,}\.nq\.gz")
_LEVEL: Final = 6
"""Of gzip: 9, Python's default, takes twice the time for 3 % less (measured)."""


class Shard(NamedTuple):
    """A part as the manifest has it; `first` and `last` name the graphs it begins and ends in."""

    name: str
    sha256: str
    bytes: int
    unpacked: int
    lines: int
    graphs: int
    first: str
    last: str


def write_shards(lines: Iterable[str], folder: Path, most: int, site: Site) -> list[Shard]:
    """Write N-Quads, sorted by graph, to a folder in parts of at most so many unpacked bytes.

    An interrupted run leaves the earlier export, or no manifest. Raises FormatError for a statement
    longer than a part may be, and OutputError when the folder cannot be written, or holds parts or
    a manifest that are not kg's.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        old = _claimed(folder)
        with _staging(folder) as staging:
            shards = [
                _shard(staging / f"part-{number:05}.nq.gz", (line for _, line in group))
                for number, group in groupby(_numbered(lines, most), key=itemgetter(0))
            ]
            (staging / MANIFEST).write_text(_manifest(shards, site), encoding="utf-8")
            _exchange(staging, folder, old, [shard.name for shard in shards])
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error
    return shards


def _numbered(lines: Iterable[str], most: int) -> Iterator[tuple[int, bytes]]:
    """Yield each statement with the number of its part."""
    number = held = 0
    for text in lines:
        line = text.encode()
        if len(line) > most:
            subject = text.split(" ", 1)[0]
            message = f"a statement about {subject} has {len(line):,} bytes, a shard {most:,}"
            raise FormatError(f"{message}; give a larger --shards")
        held += len(line)
        if held > most:
            number, held = number + 1, len(line)
        yield number, line


def _shard(path: Path, statements: Iterable[bytes]) -> Shard:
    """Write one part: the same bytes for the same statements, since no time is in it."""
    lines = unpacked = graphs = 0
    first = last = b""
    with (
        path.open("xb") as file,
        GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=file, mtime=0) as packed,
    ):
        for line in statements:
            lines, unpacked = lines + 1, unpacked + packed.write(line)
            graph = line.rsplit(b" ", 2)[1]
            first, last, graphs = first or graph, graph, graphs + (graph != last)
    with path.open("rb") as written:
        digest = file_digest(written, "sha256").hexdigest()
    ends = (graph[1:-1].decode() for graph in (first, last))
    return Shard(path.name, digest, path.stat().st_size, unpacked, lines, graphs, *ends)


def _manifest(shards: list[Shard], site: Site) -> str:
    split = sum(one.last == other.first for one, other in pairwise(shards))
    said = {
        "exporter": f"{EXPORTER} {__version__}",
        "base": site.base,
        "bytes": sum(shard.bytes for shard in shards),
        "unpacked": sum(shard.unpacked for shard in shards),
        "lines": sum(shard.lines for shard in shards),
        "graphs": sum(shard.graphs for shard in shards) - split,
        "shards": [shard._asdict() for shard in shards],
    }
    return json.dumps(said, indent=2) + "\n"


def _claimed(folder: Path) -> set[str]:
    """Return the parts in a folder, all of them kg's. Raises OutputError for any other."""
    ours = {name for path in (MANIFEST, UNFINISHED) for name in _names_in(folder / path)}
    there = sorted(path.name for path in folder.iterdir() if _PART.fullmatch(path.name))
    for name in there:
        if name not in ours:
            advice = "move it away, or choose another folder"
            raise OutputError(f"{folder / name}: in no manifest of kg's; {advice}")
    return set(there)


def _names_in(manifest: Path) -> list[str]:
    if not manifest.exists():
        return []
    try:
        said = json.loads(manifest.read_text(encoding="utf-8"))
        if said["exporter"].split()[0] == EXPORTER:
            return [shard["name"] for shard in said["shards"]]
    except (ValueError, LookupError, TypeError, AttributeError):
        pass  # it is somebody else's
    raise OutputError(f"{manifest}: not a manifest of kg's; choose another folder")


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Give a hidden folder for what is not finished: loaders take part-*.nq.gz beside it."""
    staging = folder / f".unfinished-{token_hex(4)}"
    try:
        staging.mkdir()
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _exchange(staging: Path, folder: Path, old: set[str], new: list[str]) -> None:
    claim = [{"name": name} for name in sorted(old.union(new))]
    said = {"exporter": f"{EXPORTER} {__version__}", "shards": claim}
    (staging / UNFINISHED).write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    (staging / UNFINISHED).replace(folder / UNFINISHED)
    (folder / MANIFEST).unlink(missing_ok=True)
    for name in sorted(old.difference(new)):
        (folder / name).unlink()
    for name in [*new, MANIFEST]:
        (staging / name).replace(folder / name)
    (folder / UNFINISHED).unlink()
