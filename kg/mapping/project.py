"""The one way to open a site: its sources, its settings, and the mapper for both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg.mapping.authority import load_authority, may_name_nodes
from kg.mapping.extensions import extend_table
from kg.mapping.facts import read_facts
from kg.mapping.language import Maps
from kg.mapping.mapper import Mapper
from kg.mapping.schema_org import MAPS, START
from kg.model import ConfigurationError, Site, Source, SourceError
from kg.resources import TOPICS_FILE
from kg.sites import SiteSettings, read_settings
from kg.sources import discover_sources


@dataclass(frozen=True, slots=True)
class Project:
    """An open site: its sources, its settings, and the mapper of its records."""

    sources: Sequence[Source]
    site: Site
    mapper: Mapper
    shapes: tuple[Path, ...] = ()
    on_default_base: bool = False
    """Whether its IRIs are below the default base, because no base was set."""


def open_project(  # noqa: PLR0913 - each is a setting of the command
    paths: Iterable[str] = (".",),
    *,
    sources: Sequence[Source] | None = None,
    base_iri: str | None = None,
    schema_namespace: str | None = None,
    topics: Path | None = None,
    include: Collection[str] = (),
    may_name: Callable[[Source], bool] = may_name_nodes,
) -> Project:
    """Open the site that paths belong to, with its own settings where an argument gives no other.

    `sources` replace those that the paths lead to; `may_name` is as in `load_authority`. Raises
    SourceError for a path that does not exist, for paths without sources, and for a file of topics
    that cannot be read; ConfigurationError for unusable settings, and for paths of two sites.
    """
    paths = list(paths)
    if sources is None:
        sources = discover_sources(paths)
    if not sources:
        raise SourceError(f"no sources in {' '.join(paths)}: no Markdown, text or YAML files there")
    settings = read_settings(paths)
    site = settings.site(base_iri, schema_namespace)
    mapper = make_mapper(
        site,
        sources,
        table=table_of(settings),
        topics=topics or settings.topics or TOPICS_FILE,
        include=include,
        may_name=may_name,
    )
    has_base = bool(base_iri or settings.base_iri)
    return Project(sources, site, mapper, settings.shapes, on_default_base=not has_base)


def table_of(settings: SiteSettings) -> Maps:
    """Return the mapping with the additions of a site's `kg.toml`.

    Raises ConfigurationError, naming the file, for an addition that does not fit.
    """
    if not settings.fields and not settings.maps:
        return MAPS
    try:
        return extend_table(MAPS, settings.fields, settings.maps)
    except ConfigurationError as error:
        raise ConfigurationError(f"{settings.file}: {error}") from error


def make_mapper(  # noqa: PLR0913 - each is one input of the mapping
    site: Site,
    sources: Collection[Source] = (),
    *,
    table: Maps = MAPS,
    topics: Path = TOPICS_FILE,
    include: Collection[str] = (),
    may_name: Callable[[Source], bool] = may_name_nodes,
) -> Mapper:
    """Return the mapper of sources by the bundled mapping, or by another table.

    It adds the statements about topics, and resolves mentions to the nodes that the sources' own
    site names; `may_name` is as in `load_authority`.
    """
    mapper = Mapper(table, START, site, read_facts(topics, site), include=include)
    return mapper.with_authority(load_authority(sources, mapper, may_name))
