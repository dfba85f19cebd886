"""The names that a site's own files give its topics, organizations and works.

Files are mapped one by one, but a mention may use any name of a node that another file describes.
So the names are read before anything is mapped, as one small value that is the same for every file:
librarians call it an authority file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from kg.mapping.language import AlternativeNames, Authority, TriplesMap, parse_path
from kg.mapping.mapper import Mapper
from kg.mapping.schema_org import LISTED_WORKS, RECORD, WORK
from kg.mapping.term_maps import source_text
from kg.model import Record, Source, SourceError
from kg.sources import (
    TEXT_SUFFIXES,
    VOCABULARY_FOLDERS,
    YAML_SUFFIXES,
    is_rdf,
    names_vocabulary,
    read_records,
    read_source,
    walk_folder,
)

SourcesByName: TypeAlias = Mapping[str, Source]
AliasTable: TypeAlias = dict[str, set[str]]
"""The IRIs of the nodes that have a name, by alias: the IRI that a mention of the name makes."""

_NAMING_LINE = re.compile(rb"(?m)^\W*(?:taxonomy|items)\W")
"""A file without such a line neither names topics or organizations nor lists works."""


def names_nodes(data: bytes) -> bool:
    """Whether a file with this content may name topics or organizations, or list works."""
    # A search for the plain words is faster, and most files have neither.
    return (b"items" in data or b"taxonomy" in data) and _NAMING_LINE.search(data) is not None


def may_name_nodes(source: Source) -> bool:
    """Whether a source may name topics or organizations, or list works."""
    try:
        return names_nodes(read_source(source))
    except SourceError:
        return False


def load_authority(
    sources: Iterable[Source], mapper: Mapper, may_name: Callable[[Source], bool] = may_name_nodes
) -> Authority:
    """Return the names that sources, and the vocabulary files of their sites, give their nodes.

    The mapper has no authority yet. Vocabulary files are read, and the sources for which `may_name`
    is true. Sources that cannot be read are skipped: they are reported when they are mapped.
    """
    names: AliasTable = defaultdict(set)
    short_names: AliasTable = defaultdict(set)
    other_names: AliasTable = defaultdict(set)
    labels: dict[str, set[str]] = defaultdict(set)
    works: dict[str, str] = {}
    by_name = {source.name: source for source in sources if not is_rdf(source)}
    for record in _naming_records(by_name, may_name):
        iri, alternatives = _named_node(record, mapper)
        if iri and alternatives:
            for table, reference in (
                (names, alternatives.name),
                (short_names, alternatives.short_name),
                (other_names, alternatives.other_names),
            ):
                for text, alias in _mentions(record, reference, alternatives.map_name, mapper):
                    table[alias].add(iri)
                    if table is names:
                        labels[iri].add(text)
        works.update(_listed_works(record, by_name, mapper))
    return Authority(
        aliases=_resolve_aliases(names, short_names, other_names) | works,
        labels={iri: min(texts) for iri, texts in labels.items() if len(texts) == 1},
    )


def _resolve_aliases(*tables: AliasTable) -> dict[str, str]:
    """Return the node of each alias, from the first table that has it, unless that has several."""
    nodes: dict[str, str] = {}
    resolved: set[str] = set()
    for table in tables:
        nodes |= {
            alias: min(iris)
            for alias, iris in table.items()
            if alias not in resolved and len(iris) == 1
        }
        resolved |= table.keys()
    return nodes


def _named_node(record: Record, mapper: Mapper) -> tuple[str | None, AlternativeNames | None]:
    """Return the IRI of a record's node, and which fields have its names; None for no such node."""
    map_name = mapper.map_name(record)
    entry = mapper.table[map_name]
    return mapper.iri(map_name, record), entry.names if isinstance(entry, TriplesMap) else None


def _mentions(
    record: Record, reference: str | None, map_name: str, mapper: Mapper
) -> Iterator[tuple[str, str]]:
    """Yield each name at a reference of a record, with the alias that a mention of it makes."""
    value = record.fields.get(parse_path(reference).keys[0]) if reference else None
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str) and (alias := mapper.iri(map_name, record, text)):
            yield text, alias


# ---- which files name nodes


def _naming_records(sources: SourcesByName, may_name: Callable[[Source], bool]) -> Iterator[Record]:
    """Yield the records of the sites' vocabulary files and of the sources that may name nodes."""
    vocabulary = {source.name: source for source in _vocabulary_files(sources.values())}
    for source in {**vocabulary, **sources}.values():
        if names_vocabulary(source.name) or may_name(source):
            yield from _readable_records(source)


def _readable_records(source: Source) -> list[Record]:
    """Return the records of a source; none if it cannot be read."""
    try:
        return read_records(source)
    except SourceError:
        return []


def _vocabulary_files(sources: Iterable[Source]) -> Iterator[Source]:
    """Yield the vocabulary files of the sites of sources, also those that are no source."""
    for root in sorted({source.root for source in sources if source.root}):
        for folder in VOCABULARY_FOLDERS:
            if Path(root, folder).is_dir():
                yield from walk_folder(str(Path(root, folder)), Path(root))


# ---- lists of works


def _listed_works(
    record: Record, sources: SourcesByName, mapper: Mapper
) -> Iterator[tuple[str, str]]:
    """Yield the alias of each path in a list of works, with the work of the file at that path."""
    reference, map_name = LISTED_WORKS
    value = record.fields.get(parse_path(reference).keys[0])
    for item in value if isinstance(value, list) else [value]:
        path = item.get(mapper.maps[map_name].shorthand) if isinstance(item, dict) else item
        alias = mapper.iri(map_name, record, path) if isinstance(path, str | int | float) else None
        if alias is None:
            continue
        source = _source_at(source_text(path), record.origin.source, sources)
        for listed in _readable_records(source)[:1] if source else ():
            work = mapper.iri(WORK, listed)
            if work and mapper.map_name(listed) == RECORD:
                yield alias, work


def _source_at(path: str, listing: Source, sources: SourcesByName) -> Source | None:
    """Return the file at a path that a listing file has; None if there is none.

    The path is below the folder of the listing file or one around it, up to the root of the site.
    The folder of a collection may begin with `_`, and the suffix may be missing.
    """
    if ".." in path.split("/"):
        return None
    folder = Path(listing.name).parent
    for around in (folder, *folder.parents):
        for name in (path.strip("/"), f"_{path.strip('/')}"):
            for suffix in ("", *TEXT_SUFFIXES, *YAML_SUFFIXES):
                below = (around / f"{name}{suffix}").as_posix()
                if below in sources:
                    return sources[below]
                if listing.root and Path(listing.root, below).is_file():
                    return Source(str(Path(listing.root, below)), below, root=listing.root)
    return None
