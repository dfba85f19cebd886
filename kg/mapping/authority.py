"""What a site's own files call its topics, organizations and works, read before anything is mapped.

Files map one by one. What one must know of others is this small value, the same for all of them:
librarians call it an authority file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from kg.mapping.language import Authority, TriplesMap, parse_path
from kg.mapping.mapper import Mapper
from kg.mapping.schema_org import LISTED, RECORD, WORK
from kg.mapping.term_maps import source_text
from kg.model.errors import SourceError
from kg.model.records import Record, Source
from kg.sources.discovery import VOCABULARY_FOLDERS, names_vocabulary, walk_folder
from kg.sources.reading import TEXT_SUFFIXES, YAML_SUFFIXES, is_rdf, read_records, read_source

Sources: TypeAlias = Mapping[str, Source]
"""Sources by name."""

_NAMING_LINE = re.compile(rb"(?m)^\W*(?:taxonomy|items)\W")
"""A file without such a line neither names topics or organizations nor lists works."""


def names_nodes(data: bytes) -> bool:
    """Whether a file of such bytes may name topics or organizations, or list works."""
    # The words alone are found in a fiftieth of the time that the expression takes.
    return (b"items" in data or b"taxonomy" in data) and _NAMING_LINE.search(data) is not None


def may_name_nodes(source: Source) -> bool:
    """Whether a source may name topics or organizations, or list works."""
    try:
        return names_nodes(read_source(source))
    except SourceError:
        return False


def load_authority(
    found: Iterable[Source], using: Mapper, may_name: Callable[[Source], bool] = may_name_nodes
) -> Authority:
    """Return what the sources, and the vocabulary of the sites they are in, call their nodes.

    The mapper is one that knows no authority yet; `may_name` is asked which sources to read. Files
    that cannot be read tell nothing here; they are reported when they are mapped.
    """
    aliases: list[dict[str, set[str]]] = [defaultdict(set) for _ in range(_RANKS)]
    labels: dict[str, set[str]] = defaultdict(set)
    listed: dict[str, str] = {}
    every = {source.name: source for source in found if not is_rdf(source)}
    ours = {source.name: source for source in _vocabulary(every.values())}
    for record in _naming_records(every, ours, may_name):
        name = using.map_name(record)
        iri = using.iri(name, record)
        one = using.table[name]
        if isinstance(one, TriplesMap) and one.names and iri:
            for rank, alias, text in _names(one, record, using):
                aliases[min(rank, _RANKS - 1)][alias].add(iri)
                if rank == 0:
                    labels[iri].add(text)
        listed.update(_listed(record, every, using))
    named = {iri: min(names) for iri, names in labels.items() if len(names) == 1}
    return Authority(_resolve_aliases(aliases) | listed, named)


_RANKS: Final = 3
"""A name goes before a short name, and that before all others."""


def _resolve_aliases(ranks: Iterable[dict[str, set[str]]]) -> dict[str, str]:
    """Return what each alias means, by the first rank that knows it; not what means several."""
    settled: dict[str, str] = {}
    told: set[str] = set()
    for aliases in ranks:
        settled |= {
            alias: min(iris)
            for alias, iris in aliases.items()
            if alias not in told and len(iris) == 1
        }
        told |= aliases.keys()
    return settled


def _naming_records(
    every: Sources, ours: Sources, may_name: Callable[[Source], bool]
) -> Iterator[Record]:
    for source in {**ours, **every}.values():
        if names_vocabulary(source.name) or may_name(source):
            yield from _records(source)


def _records(source: Source) -> list[Record]:
    try:
        return read_records(source)
    except SourceError:
        return []


def _vocabulary(found: Iterable[Source]) -> Iterator[Source]:
    """Yield the files of the vocabulary of the sites that sources are in, whether named or not."""
    for root in sorted({source.root for source in found if source.root}):
        for folder in VOCABULARY_FOLDERS:
            if Path(root, folder).is_dir():
                yield from walk_folder(str(Path(root, folder)), Path(root))


def _names(one: TriplesMap, record: Record, using: Mapper) -> Iterator[tuple[int, str, str]]:
    """Yield what a record's node may be called, with its rank and the alias that makes."""
    assert one.names
    for rank, reference in enumerate(one.names.references):
        value = record.fields.get(parse_path(reference).keys[0])
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str) and (alias := using.iri(one.names.map_name, record, text)):
                yield rank, alias, text


def _listed(record: Record, every: Sources, using: Mapper) -> Iterator[tuple[str, str]]:
    """Yield an alias for each path in a list of works, with the work of the file that is there."""
    reference, name = LISTED
    items = record.fields.get(parse_path(reference).keys[0])
    for given in items if isinstance(items, list) else [items]:
        item = given.get(using.maps[name].shorthand) if isinstance(given, dict) else given
        alias = using.iri(name, record, item) if isinstance(item, str | int | float) else None
        if alias is None:
            continue
        target = _target(record.origin.source, source_text(item), every)
        for other in _records(target)[:1] if target else ():
            work = using.iri(WORK, other)
            if work and using.map_name(other) == RECORD:
                yield alias, work


def _target(source: Source, item: str, every: Sources) -> Source | None:
    """Return the file that a path in another file means.

    It stands below the folder of that file or one around it, up to the root of the site; the
    folder of a collection may begin with `_`, and the suffix may be missing.
    """
    if ".." in item.split("/"):
        return None
    folder = Path(source.name).parent
    for around in (folder, *folder.parents):
        for name in (item.strip("/"), f"_{item.strip('/')}"):
            for suffix in ("", *TEXT_SUFFIXES, *YAML_SUFFIXES):
                below = (around / f"{name}{suffix}").as_posix()
                if below in every:
                    return every[below]
                if source.root and Path(source.root, below).is_file():
                    return Source(str(Path(source.root, below)), below, root=source.root)
    return None
