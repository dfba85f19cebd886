"""Which site do these paths belong to, and what does it say about itself?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kg.model.errors import ConfigurationError, SourceError
from kg.model.site import DEFAULT_BASE, SCHEMA_NAMESPACES, Site
from kg.sources.discovery import site_root
from kg.sources.reading import read_jekyll_settings

_KEYS: Final = {
    "base-iri": str,
    "schema-namespace": str,
    "url": str,
    "title": str,
    "license": str,
    "locale": str,
    "topics": str,
    "shapes": list,
    "fields": dict,
    "map": dict,
}


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What `kg.toml` and `_config.yml` at the root of a site say, the first before the second."""

    base_iri: str | None = None
    schema_namespace: str | None = None
    url: str | None = None
    title: str | None = None
    license: str | None = None
    locale: str | None = None
    topics: Path | None = None
    shapes: tuple[Path, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    maps: Mapping[str, Any] = field(default_factory=dict)
    file: Path | None = field(default=None, compare=False)
    """The `kg.toml`, as seen from the current folder, for messages about `fields` and `maps`."""

    def site(self, base_iri: str | None = None, schema_namespace: str | None = None) -> Site:
        """Return the site these settings describe; arguments go before settings."""
        base = base_iri or self.base_iri or DEFAULT_BASE
        schema = schema_namespace or self.schema_namespace or "https"
        if schema not in SCHEMA_NAMESPACES:
            raise ConfigurationError(f"schema-namespace is http or https, not {schema!r}")
        base = base if base.endswith("/") else f"{base}/"
        namespace = SCHEMA_NAMESPACES[schema]
        return Site(base, self.url, namespace, self.title, self.license, self.locale)


def read_settings(paths: Iterable[str]) -> SiteSettings:
    """Read the settings of the one site that paths belong to; empty for paths of no site.

    Raises ConfigurationError when the paths belong to sites that say different things, or a
    setting is unknown or of the wrong type.
    """
    roots = sorted({site_root(path) for path in paths if path != "-"})
    found = [(root, _read_root(root)) for root in roots]
    said = [(root, settings) for root, settings in found if settings != SiteSettings()]
    for root, settings in said[1:]:
        if settings != said[0][1]:
            one, other = _shown(said[0][0]), _shown(root)
            message = f"{one} and {other} are two sites; export them apart"
            raise ConfigurationError(message)
    return said[0][1] if said else SiteSettings()


def site_of(paths: Iterable[str]) -> Site:
    """Return the site that paths belong to, by its own settings."""
    return read_settings(paths).site()


def _read_root(root: Path) -> SiteSettings:
    ours, theirs = _kg_toml(root / "kg.toml"), _jekyll_settings(root)
    return SiteSettings(
        base_iri=ours.get("base-iri") or theirs.get("base-iri"),
        schema_namespace=ours.get("schema-namespace"),
        url=ours.get("url") or theirs.get("url"),
        title=ours.get("title") or theirs.get("title"),
        license=ours.get("license"),
        locale=ours.get("locale") or theirs.get("locale"),
        topics=root / ours["topics"] if "topics" in ours else None,
        shapes=tuple(root / shape for shape in ours.get("shapes", ())),
        fields=ours.get("fields", {}),
        maps=ours.get("map", {}),
        file=_shown(root / "kg.toml"),
    )


def _kg_toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    import tomllib

    shown = _shown(path)
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{shown}: cannot be read as TOML: {error}") from error
    for key, value in settings.items():
        if key not in _KEYS:
            raise ConfigurationError(
                f"{shown}: unknown setting {key!r}; known are {', '.join(_KEYS)}"
            )
        texts = value if isinstance(value, list) else [value]
        if key == "fields" and isinstance(value, dict):
            texts = list(value.values())
        if not isinstance(value, _KEYS[key]) or not (
            key == "map" or all(isinstance(one, str) for one in texts)
        ):
            wanted = {list: "a list of texts", dict: "a table"}.get(_KEYS[key], "a text")
            raise ConfigurationError(f"{shown}: {key}: expected {wanted}, not {value!r}")
    return settings


def _shown(path: Path) -> Path:
    """Name a path as seen from the current folder, when it is below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _jekyll_settings(root: Path) -> dict[str, str]:
    """Read the few keys of Jekyll's configuration that say where a site lives."""
    try:
        said = read_jekyll_settings(root)
    except SourceError as error:
        raise ConfigurationError(str(error)) from error

    def text(key: str) -> str:
        return said[key].strip() if isinstance(said.get(key), str) else ""

    url = text("url") and text("url").rstrip("/") + "/" + text("baseurl").strip("/")
    url = url if re.match(r"https?://", url) else ""
    web = text("webUrl") if re.match(r"https?://", text("webUrl")) else ""
    found = {"url": url.rstrip("/"), "base-iri": web or url}
    found |= {key: text(key) for key in ("title", "locale")}
    return {key: value for key, value in found.items() if value}
