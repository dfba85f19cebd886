from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.model.errors import ConfigurationError
from kg.model.site import Site
from kg.sites import SiteSettings, read_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.model.records import Source

    File = Callable[[str, str | bytes], Source]

OURS = """
base-iri = "https://data.example.org/kg"
schema-namespace = "http"
url = "https://ours.example.org"
title = "Ours"
license = "https://creativecommons.org/licenses/by/4.0/"
topics = "data/topics.ttl"
shapes = ["shapes", "more.ttl"]
"""


def test_a_folder_of_no_site_has_the_defaults(tmp_path: Path) -> None:
    assert SiteSettings() == read_settings([str(tmp_path), "-"])
    assert Site() == read_settings([str(tmp_path)]).site()


def test_kg_toml_sets_everything_about_a_site(file: File, tmp_path: Path) -> None:
    file("kg.toml", OURS)
    assert read_settings([str(tmp_path)]).site() == Site(
        base="https://data.example.org/kg/",
        url="https://ours.example.org",
        schema="http://schema.org/",
        title="Ours",
        license="https://creativecommons.org/licenses/by/4.0/",
    )


def test_fields_and_maps_are_tables(file: File, tmp_path: Path) -> None:
    file("kg.toml", '[fields]\na = "schema:text"\n[map.thing]\nclass = ["schema:Thing"]\n')
    settings = read_settings([str(tmp_path)])
    assert {"a": "schema:text"} == settings.fields
    assert {"thing": {"class": ["schema:Thing"]}} == settings.maps


def test_paths_in_kg_toml_are_below_its_folder(file: File, tmp_path: Path) -> None:
    source, _ = file("posts/a.md", ""), file("kg.toml", OURS)
    settings = read_settings([source.path])
    assert tmp_path / "data/topics.ttl" == settings.topics
    assert (tmp_path / "shapes", tmp_path / "more.ttl") == settings.shapes


@pytest.mark.parametrize(
    ("base", "url", "text"),
    [
        ("https://a.org/", "https://a.org", "url: ' https://a.org '"),
        ("https://a.org/blog/", "https://a.org/blog", "url: https://a.org/\nbaseurl: /blog/"),
        ("https://b.org/x/", "https://a.org", "url: https://a.org\nwebUrl: https://b.org/x"),
        ("https://example.org/kg/", None, "url: ''\nbaseurl: /blog\ntitle: 7"),
        ("https://example.org/kg/", None, "url: a.org\nwebUrl: [https://a.org]"),
    ],
)
def test_config_yml_sets_the_address_of_a_site(
    file: File, tmp_path: Path, base: str, url: str | None, text: str
) -> None:
    file("_config.yml", text)
    assert Site(base, url) == read_settings([str(tmp_path)]).site()


def test_each_setting_of_kg_toml_takes_precedence_over_config_yml(
    file: File, tmp_path: Path
) -> None:
    file("_config.yml", "url: https://theirs.example.org\ntitle: Theirs\n")
    file("kg.toml", 'title = "Ours"')
    expected = Site("https://theirs.example.org/", "https://theirs.example.org", title="Ours")
    assert expected == read_settings([str(tmp_path)]).site()


def test_an_argument_takes_precedence_over_every_setting() -> None:
    settings = SiteSettings(base_iri="https://a.org/", schema_namespace="http")
    site = settings.site("https://b.org/kg", "https")
    assert ("https://b.org/kg/", "https://schema.org/") == (site.base, site.schema)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (
            "kg.toml: unknown setting 'base_iri'; known are base-iri, ",
            'base_iri = "https://a.org/"',
        ),
        ("kg.toml: title: expected a text, not 7", "title = 7"),
        ("kg.toml: topics: expected a text, not ['a']", 'topics = ["a"]'),
        ("kg.toml: shapes: expected a list of texts, not 'a'", 'shapes = "a"'),
        ("kg.toml: shapes: expected a list of texts, not [1]", "shapes = [1]"),
        ("kg.toml: fields: expected a table of texts, not 'a'", 'fields = "a"'),
        ("kg.toml: fields: expected a table of texts, not {'a': 1}", "[fields]\na = 1"),
        ("kg.toml: map: expected a table, not ['a']", 'map = ["a"]'),
        ("kg.toml: cannot be read as TOML: ", "title = "),
        ("kg.toml: cannot be read as TOML: ", "title = '\ud800'".encode("utf-8", "surrogatepass")),
    ],
)
def test_an_invalid_setting_is_refused_by_name(
    file: File, tmp_path: Path, message: str, text: str | bytes
) -> None:
    file("kg.toml", text)
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        read_settings([str(tmp_path)])


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ("not a base IRI: 'a.org/'", 'base-iri = "a.org"'),
        ("schema-namespace is http or https, not 'ftp'", 'schema-namespace = "ftp"'),
    ],
)
def test_settings_of_an_impossible_site_are_refused(
    file: File, tmp_path: Path, message: str, text: str
) -> None:
    file("kg.toml", text)
    with pytest.raises(ConfigurationError, match=message):
        read_settings([str(tmp_path)]).site()


def test_a_broken_config_yml_is_refused_at_its_place(file: File, tmp_path: Path) -> None:
    file("_config.yml", "title: T\ntitle: U\n")
    with pytest.raises(ConfigurationError, match=r"_config\.yml:2:1: duplicate key 'title'"):
        read_settings([str(tmp_path)])


def test_a_configuration_is_named_as_seen_from_the_current_folder(
    file: File, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file("site/kg.toml", "title = 7")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match=r"^site/kg\.toml: "):
        read_settings(["site"])


def test_paths_of_two_sites_are_refused(file: File) -> None:
    paths = [str(Path(file(f"{name}/kg.toml", f'title = "{name}"').path).parent) for name in "ab"]
    with pytest.raises(
        ConfigurationError, match=f"^{paths[0]} and {paths[1]} belong to different sites; "
    ):
        read_settings(paths)


def test_two_folders_with_one_site_belong_to_that_site(file: File) -> None:
    site, other = file("a/kg.toml", 'title = "A"'), file("b/c.md", "")
    assert Site(title="A") == read_settings([other.path, str(Path(site.path).parent)]).site()
