from __future__ import annotations

import os
import sys
from hashlib import sha256
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kg.mapping.language import Choice
from kg.mapping.schema_org import MAPS
from kg.model.errors import ConfigurationError, NoFrontMatter, SourceError
from kg.model.records import Source
from kg.sources.discovery import COLLECTIONS, discover_sources, site_root
from kg.sources.reading import (
    is_rdf,
    read_jekyll_settings,
    read_positions,
    read_records,
    read_source,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    File = Callable[[str, str | bytes], Source]

POST = "---\ntitle: T\n---\n"


@pytest.fixture
def folder(file: File, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site, which is also the current folder."""
    for name in ("_config.yml", "b.md", "a/z.txt", "a/b.markdown", "a.yml", "A.MD", "c.YAML"):
        file(name, POST)
    for name in (".git/x.md", ".hidden/x.md", "node_modules/x.md", "_site/x.md", "a/.b/x.md"):
        file(name, POST)
    for name in ("kg.toml", "page.html", "data.ttl", "md"):
        file(name, "")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*paths: str) -> list[str]:
    return [source.name for source in discover_sources(paths)]


# ---- discover


@pytest.mark.usefixtures("folder")
def test_a_folder_gives_its_text_and_yaml_files_sorted() -> None:
    assert ["A.MD", "a.yml", "a/b.markdown", "a/z.txt", "b.md", "c.YAML"] == names(".")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("hidden", [".hidden", "node_modules", "_site", "a/.b"])
def test_a_folder_that_is_skipped_can_be_named(hidden: str) -> None:
    assert [f"{hidden}/x.md"] == names(hidden)


@pytest.mark.usefixtures("folder")
def test_any_file_is_accepted_if_it_is_named() -> None:
    assert ["_config.yml", "data.ttl", "page.html"] == names("page.html", "data.ttl", "_config.yml")


@pytest.mark.usefixtures("folder")
def test_a_source_that_is_named_twice_is_returned_once_with_its_first_name() -> None:
    sources = discover_sources([".", "b.md", "./a/../b.md", str(Path("b.md").resolve())])
    assert [True] == [source.named for source in sources if source.name == "b.md"]
    assert [False] * 5 == [source.named for source in sources if source.name != "b.md"]


@pytest.mark.usefixtures("folder")
def test_a_source_has_the_name_that_the_user_gives() -> None:
    sources = discover_sources(["a/z.txt", "./b.md"])
    assert ["a/z.txt", "./b.md"] == [source.path for source in sources]


def test_a_name_keeps_its_letters(file: File) -> None:
    source = file("caf\u00e9 \u4eba\u5de5.md", POST)
    assert [source.name] == names(source.path)


def test_no_path_gives_no_source() -> None:
    assert [] == names()


@pytest.mark.usefixtures("folder")
def test_a_missing_path_is_refused() -> None:
    with pytest.raises(SourceError, match=r"^nowhere\.md: no such file or folder$"):
        names("b.md", "nowhere.md")


def test_two_sources_of_one_name_are_refused(file: File) -> None:
    first, second = file("one/a.md", POST), file("two/a.md", POST)
    message = (
        f"^{first.path} and {second.path} would both be named 'a.md'; name the folder that contains"
    )
    with pytest.raises(ConfigurationError, match=message):
        names(first.path, second.path)


def test_a_file_name_that_is_not_utf_8_is_refused_in_plain_characters(tmp_path: Path) -> None:
    path = os.fsdecode(bytes(tmp_path) + b"/\xff.md")
    Path(path).write_text(POST, encoding="utf-8")
    with pytest.raises(SourceError, match="the file name is not UTF-8; rename it") as caught:
        names(str(tmp_path))
    assert str(caught.value).isascii()


def test_the_seeds_are_named_alike_as_a_folder_and_one_by_one(checkout: Path) -> None:
    files = sorted(str(path) for path in (checkout / "seeds").iterdir())
    assert 5 == len(files)
    assert names(str(checkout / "seeds")) == names(*files)


# ---- root


@pytest.mark.parametrize("mark", ["kg.toml", "_config.yml"])
def test_the_root_is_the_nearest_folder_with_a_configuration(file: File, mark: str) -> None:
    source, _ = file("site/a/b/c.md", POST), file(f"site/{mark}", "")
    file("kg.toml", "")
    site = Path(source.path).parents[2]
    assert [site, site] == [site_root(str(path)) for path in (source.path, site / "a")]
    assert ["a/b/c.md"] == names(source.path)


def test_folders_above_a_repository_are_not_searched(file: File) -> None:
    source, _, _ = file("repo/a/b.md", POST), file("repo/.git/HEAD", ""), file("kg.toml", "")
    parent = Path(source.path).parent
    assert [parent, parent] == [site_root(str(path)) for path in (source.path, parent)]


def test_a_repository_may_be_a_site(file: File) -> None:
    source, _, _ = file("repo/a/b.md", POST), file("repo/.git/HEAD", ""), file("repo/kg.toml", "")
    assert Path(source.path).parents[1] == site_root(source.path)


# ---- read


def test_a_source_that_cannot_be_read_gives_the_reason(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read: No such file or directory"):
        read_source(Source(str(tmp_path / "gone.md"), "gone.md"))


def test_a_folder_that_cannot_be_entered_gives_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(20):  # too deep a path for any system call
        Path("d" * 250).mkdir()
        os.chdir("d" * 250)
    (source,) = discover_sources([str(tmp_path)])
    with pytest.raises(SourceError, match="cannot be read: File name too long"):
        read_source(source)


def test_standard_input_is_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"---\n")))
    assert [("-", b"---\n")] == [(s.name, s.content) for s in discover_sources(["-"])]


def test_a_closed_standard_input_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(SourceError, match="standard input is closed"):
        discover_sources(["-"])


def test_the_content_of_standard_input_is_read_from_its_source() -> None:
    assert b"---\n" == read_source(Source("-", "-", content=b"---\n"))


@pytest.mark.parametrize(
    ("expected", "path"),
    [(True, "a.ttl"), (True, "a.NT.gz"), (True, "a.jsonld"), (False, "a.md"), (False, "ttl")],
)
def test_rdf_is_recognized_by_its_suffix(expected: bool, path: str) -> None:
    assert expected is is_rdf(Source(path, path))


# ---- records


def test_a_record_has_its_origin(file: File) -> None:
    source = file("a.md", "\ufeff---\r\n# a comment\r\ntitle: T\r\n---\r\n")
    (record,) = read_records(source)
    origin = record.origin
    assert {"title": "T"} == record.fields
    assert (source, "text/markdown", 3, 0) == (
        origin.source,
        origin.media_type,
        origin.line,
        origin.document,
    )
    assert sha256(Path(source.path).read_bytes()).hexdigest() == origin.sha256


def test_each_document_of_a_yaml_file_is_a_record(file: File) -> None:
    records = read_records(file("a.YML", "title: T\n---\n---\ntitle: U\n"))
    assert [({"title": "T"}, 0, 1), ({"title": "U"}, 2, 4)] == [
        (record.fields, record.origin.document, record.origin.line) for record in records
    ]
    assert {"application/yaml"} == {record.origin.media_type for record in records}


def test_withheld_values_are_in_no_record(file: File) -> None:
    (record,) = read_records(file("a.yml", "a: {secured: SECRET}\nb: 1"))
    assert {"a": {"secured": None}, "b": 1} == record.fields


@pytest.mark.parametrize(
    ("message", "name", "text"),
    [
        ("no front matter: line 1 is not ---, \\+\\+\\+ or {", "a.md", "# Title\n"),
        ("the front matter has no fields", "a.md", "---\n---\n"),
        ("the front matter has no fields", "a.md", "---\n# none\n---\n"),
        ("the front matter has no fields", "a.yml", "---\n---\n"),
        ("the front matter has no fields", "a.yml", ""),
    ],
)
def test_a_file_without_fields_has_no_front_matter(
    file: File, message: str, name: str, text: str
) -> None:
    with pytest.raises(NoFrontMatter, match=message) as caught:
        read_records(file(name, text))
    assert (1, 1) == (caught.value.line, caught.value.column)


@pytest.mark.parametrize("text", ["title", "- title", "42"])
def test_fields_must_be_in_a_mapping(file: File, text: str) -> None:
    with pytest.raises(SourceError, match="not a mapping of fields to values") as caught:
        read_records(file("a.md", f"---\n{text}\n---\n"))
    assert (2, 1) == (caught.value.line, caught.value.column)


def test_the_values_of_a_source_have_positions(file: File) -> None:
    source = file("a.md", "---\na: {b: 1}\n---\n")
    assert (2, 8) == read_positions(source).position_of(0, ("a", "b"))


# ---- the site's configuration


def test_the_configuration_of_a_site_is_plain_values(file: File, tmp_path: Path) -> None:
    assert {} == read_jekyll_settings(tmp_path)
    file("_config.yml", "title: T\nplugins: [a]\n")
    assert {"title": "T", "plugins": ["a"]} == read_jekyll_settings(tmp_path)


@pytest.mark.parametrize("text", ["", "- a", "a"])
def test_a_configuration_that_is_not_a_mapping_is_ignored(
    file: File, tmp_path: Path, text: str
) -> None:
    file("_config.yml", text)
    assert {} == read_jekyll_settings(tmp_path)


@pytest.mark.parametrize(
    ("message", "content"),
    [
        (":2:1: duplicate key 'a'; keep one", b"a: 1\na: 2"),
        (":2:4: not UTF-8: byte 0xff; save the file as UTF-8", b"a: 1\nb: \xff"),
    ],
)
def test_a_configuration_that_cannot_be_read_is_named(
    file: File, tmp_path: Path, message: str, content: bytes
) -> None:
    file("_config.yml", content)
    with pytest.raises(SourceError, match=f"_config.yml{message}$"):
        read_jekyll_settings(tmp_path)


@pytest.mark.parametrize(
    ("expected", "path", "more"),
    [
        ("site", "site/_learning/videos", ""),
        ("site", "site/_data", "site/_data/topics"),
        ("site", "site/_data/topics", ""),
        ("srv/_data/site", "srv/_data/site", ""),
        ("srv/_news/site", "srv/_news/site/_posts", ""),
        ("_news/repository", "_news/repository", "_news/repository/.git"),
    ],
)
def test_without_settings_a_site_is_the_folder_around_its_collections(
    tmp_path: Path, expected: str, path: str, more: str
) -> None:
    for folder in (path, more):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    assert tmp_path / expected == site_root(str(tmp_path / path))


def test_every_collection_that_determines_a_kind_marks_a_site() -> None:
    folders = {
        conditions["@collection"].partition("/")[0]
        for map_ in MAPS.values()
        if isinstance(map_, Choice)
        for conditions, _ in map_.choices
        if "@collection" in conditions
    }
    assert {*COLLECTIONS, "_data"} == folders


def test_a_folder_whose_name_only_starts_like_data_is_read(tmp_path: Path) -> None:
    (tmp_path / "_database").mkdir()
    (tmp_path / "_database/a.md").write_text("---\ntitle: A\n---\n")
    assert ["_database/a.md"] == [source.name for source in discover_sources([str(tmp_path)])]
