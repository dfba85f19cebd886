"""The settings of the site that paths belong to, from its `kg.toml` and its `_config.yml`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from kg.model import DEFAULT_BASE, SCHEMA_NAMESPACES, ConfigurationError, Site, SourceError
from kg.sources import read_jekyll_settings, site_root


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """The settings at the root of a site; those of `kg.toml` override those of `_config.yml`."""

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
        """Return the site with these settings; the arguments override them.

        Raises ConfigurationError if the base is not an absolute http(s) IRI, or the schema
        namespace is neither `http` nor `https`.
        """
        base = base_iri or self.base_iri or DEFAULT_BASE
        schema = schema_namespace or self.schema_namespace or "https"
        if schema not in SCHEMA_NAMESPACES:
            raise ConfigurationError(f"schema-namespace is http or https, not {schema!r}")
        base = base if base.endswith("/") else f"{base}/"
        namespace = SCHEMA_NAMESPACES[schema]
        return Site(base, self.url, namespace, self.title, self.license, self.locale)


def read_settings(paths: Iterable[str]) -> SiteSettings:
    """Return the settings of the one site that paths belong to; empty if they belong to none.

    Raises ConfigurationError if the paths belong to sites with different settings, a settings file
    cannot be read, or a setting is unknown or of the wrong type.
    """
    roots = sorted({site_root(path) for path in paths if path != "-"})
    settings_of = {root: _read_root(root) for root in roots}
    sites = [root for root in roots if settings_of[root] != SiteSettings()]
    if not sites:
        return SiteSettings()
    first, *others = sites
    for other in others:
        if settings_of[other] != settings_of[first]:
            names = f"{_relative(first)} and {_relative(other)}"
            raise ConfigurationError(f"{names} belong to different sites; export them separately")
    return settings_of[first]


def _read_root(root: Path) -> SiteSettings:
    kg_toml, jekyll = _read_kg_toml(root / "kg.toml"), _jekyll_settings(root)
    return SiteSettings(
        base_iri=kg_toml.get("base-iri") or jekyll.get("base-iri"),
        schema_namespace=kg_toml.get("schema-namespace"),
        url=kg_toml.get("url") or jekyll.get("url"),
        title=kg_toml.get("title") or jekyll.get("title"),
        license=kg_toml.get("license"),
        locale=kg_toml.get("locale") or jekyll.get("locale"),
        topics=root / kg_toml["topics"] if "topics" in kg_toml else None,
        shapes=tuple(root / shape for shape in kg_toml.get("shapes", ())),
        fields=kg_toml.get("fields", {}),
        maps=kg_toml.get("map", {}),
        file=_relative(root / "kg.toml"),
    )


class _ValueType(NamedTuple):
    """The type of a setting's value: its name, for messages, and the test of it."""

    name: str
    matches: Callable[[object], bool]


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_list_of_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_table_of_texts(value: object) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


_TEXT: Final = _ValueType("a text", _is_text)
_KG_TOML: Final = {
    "base-iri": _TEXT,
    "schema-namespace": _TEXT,
    "url": _TEXT,
    "title": _TEXT,
    "license": _TEXT,
    "locale": _TEXT,
    "topics": _TEXT,
    "shapes": _ValueType("a list of texts", _is_list_of_texts),
    "fields": _ValueType("a table of texts", _is_table_of_texts),
    "map": _ValueType("a table", _is_table),
}
"""Every setting of `kg.toml`. The tables in `map` are checked when they are compiled."""


def _read_kg_toml(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    import tomllib

    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        message = f"{_relative(path)}: cannot be read as TOML: {error}"
        raise ConfigurationError(message) from error
    for key, value in settings.items():
        if key not in _KG_TOML:
            message = f"unknown setting {key!r}; known are {', '.join(_KG_TOML)}"
            raise ConfigurationError(f"{_relative(path)}: {message}")
        if not _KG_TOML[key].matches(value):
            message = f"{key}: expected {_KG_TOML[key].name}, not {value!r}"
            raise ConfigurationError(f"{_relative(path)}: {message}")
    return settings


def _relative(path: Path) -> Path:
    """Return a path as seen from the current folder if it is below that, else unchanged."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _jekyll_settings(root: Path) -> dict[str, str]:
    """Return the settings of kg that Jekyll's configuration implies; only those that it has."""
    try:
        jekyll = read_jekyll_settings(root)
    except SourceError as error:
        raise ConfigurationError(str(error)) from error

    def text(key: str) -> str:
        return jekyll[key].strip() if isinstance(jekyll.get(key), str) else ""

    url = text("url") and text("url").rstrip("/") + "/" + text("baseurl").strip("/")
    url = url if _is_http(url) else ""
    base = text("webUrl") if _is_http(text("webUrl")) else url
    settings = {
        "url": url.rstrip("/"),
        "base-iri": base,
        "title": text("title"),
        "locale": text("locale"),
    }
    return {key: value for key, value in settings.items() if value}


def _is_http(url: str) -> bool:
    return bool(re.match(r"https?://", url))
