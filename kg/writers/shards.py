"""N-Quads in shards: a folder of files for the bulk loaders of triple stores.

`part-00000.nq.gz` and so on are gzip files of whole statements, in order; `manifest.json` lists
them. The manifest is removed before the parts change and written after: if it is there, the parts
are those that it lists.
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

from kg.model import VERSION, FormatError, OutputError, Site

MANIFEST: Final = "manifest.json"
UNFINISHED: Final = "unfinished.json"
"""Lists old and new parts while they are replaced, so that the next run may remove them."""
EXPORTER: Final = "kg"
_PART: Final = re.compile(r"part-[0-9]{5,}\.nq\.gz")
_LEVEL: Final = 6
"""Of gzip: 9, Python's default, is far slower and hardly smaller."""


class Shard(NamedTuple):
    """An entry of the manifest: sizes in bytes, compressed and `unpacked`, and counts.

    `first` and `last` are the IRIs of the named graphs of its first and last statement.
    """

    name: str
    sha256: str
    bytes: int
    unpacked: int
    lines: int
    graphs: int
    first: str
    last: str


def write_shards(lines: Iterable[str], folder: Path, max_bytes: int, site: Site) -> list[Shard]:
    """Write N-Quads, sorted by graph, to a folder in parts of at most `max_bytes`, uncompressed.

    An interrupted run leaves the earlier export, or no manifest. Raises FormatError for a statement
    longer than a part, and OutputError if the folder cannot be written, or has parts or a manifest
    that kg did not write.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        old = _existing_parts(folder)
        with _staging(folder) as staging:
            shards = [
                _shard(staging / f"part-{number:05}.nq.gz", (line for _, line in group))
                for number, group in groupby(_numbered(lines, max_bytes), key=itemgetter(0))
            ]
            (staging / MANIFEST).write_text(_manifest(shards, site), encoding="utf-8")
            _exchange(staging, folder, old, [shard.name for shard in shards])
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error
    return shards


def _numbered(lines: Iterable[str], max_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Yield each statement with the number of its part."""
    number = size = 0
    for text in lines:
        line = text.encode()
        if len(line) > max_bytes:
            subject = text.split(" ", 1)[0]
            message = f"a statement about {subject} has {len(line):,} bytes, a shard {max_bytes:,}"
            raise FormatError(f"{message}; give a larger --shards")
        size += len(line)
        if size > max_bytes:
            number, size = number + 1, len(line)
        yield number, line


def _shard(path: Path, statements: Iterable[bytes]) -> Shard:
    """Write a part, without a name and a time, so that equal statements are equal bytes."""
    lines = unpacked = graphs = 0
    first = last = b""
    with (
        path.open("xb") as file,
        GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=file, mtime=0) as stream,
    ):
        for line in statements:
            lines, unpacked = lines + 1, unpacked + stream.write(line)
            graph = line.rsplit(b" ", 2)[1]
            first, last, graphs = first or graph, graph, graphs + (graph != last)
    with path.open("rb") as written:
        digest = file_digest(written, "sha256").hexdigest()
    ends = (graph[1:-1].decode() for graph in (first, last))
    return Shard(path.name, digest, path.stat().st_size, unpacked, lines, graphs, *ends)


def _manifest(shards: list[Shard], site: Site) -> str:
    continued = sum(shard.last == following.first for shard, following in pairwise(shards))
    manifest = {
        "exporter": f"{EXPORTER} {VERSION}",
        "base": site.base,
        "bytes": sum(shard.bytes for shard in shards),
        "unpacked": sum(shard.unpacked for shard in shards),
        "lines": sum(shard.lines for shard in shards),
        "graphs": sum(shard.graphs for shard in shards) - continued,
        "shards": [shard._asdict() for shard in shards],
    }
    return json.dumps(manifest, indent=2) + "\n"


def _existing_parts(folder: Path) -> set[str]:
    """Return the parts in a folder. Raises OutputError for one that is in no manifest of kg."""
    listed = {name for path in (MANIFEST, UNFINISHED) for name in _listed_parts(folder / path)}
    existing = sorted(path.name for path in folder.iterdir() if _PART.fullmatch(path.name))
    for name in existing:
        if name not in listed:
            advice = "move it away, or choose another folder"
            raise OutputError(f"{folder / name}: not written by kg; {advice}")
    return set(existing)


def _listed_parts(path: Path) -> list[str]:
    """Return the parts that a manifest lists; raises OutputError if kg did not write it."""
    if not path.exists():
        return []
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        if manifest["exporter"].split()[0] == EXPORTER:
            return [shard["name"] for shard in manifest["shards"]]
    except (ValueError, LookupError, TypeError, AttributeError):
        pass  # another program wrote it
    raise OutputError(f"{path}: not a manifest of kg; choose another folder")


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """Yield a hidden folder for unfinished parts, where no loader looks for part-*.nq.gz."""
    staging = folder / f".unfinished-{token_hex(4)}"
    try:
        staging.mkdir()
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _exchange(staging: Path, folder: Path, old: set[str], new: list[str]) -> None:
    """Replace the old parts and the manifest by the new ones."""
    parts = [{"name": name} for name in sorted(old.union(new))]
    unfinished = {"exporter": f"{EXPORTER} {VERSION}", "shards": parts}
    (staging / UNFINISHED).write_text(json.dumps(unfinished, indent=2) + "\n", encoding="utf-8")
    (staging / UNFINISHED).replace(folder / UNFINISHED)
    (folder / MANIFEST).unlink(missing_ok=True)
    for name in sorted(old.difference(new)):
        (folder / name).unlink()
    for name in [*new, MANIFEST]:
        (staging / name).replace(folder / name)
    (folder / UNFINISHED).unlink()
