"""Exports with a cache equal exports without one, after any changes to the site."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final

import pytest

from kg import workers
from kg.graph import cache, counted_union, incremental, named
from kg.graph.named import MappedSource, map_source
from kg.mapping import authority
from kg.mapping.mapper import Mapper
from kg.mapping.memo import DescriptionMemo
from kg.model.records import Source
from kg.sources import reading
from kg.sources.reading import read_source
from tests.benchmarks import corpus
from tests.sample_site import TOPIC, edit_site, run, write_article, write_site

FORMATS: Final = ("nt", "ttl", "nq", "jsonld", "trig")
SECRET: Final = "c2VjcmV0IGJvZHkgb2YgYW4gYXJ0aWNsZQ"  # noqa: S105 - no real one


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site in the current folder, cut into many chunks, whose files are recognized by stat.

    Between two runs more time passes than a tick of the file system's clock.
    """
    monkeypatch.setattr(counted_union, "_CHUNK", 4)
    monkeypatch.setattr(cache, "_RACY", 0)
    monkeypatch.chdir(tmp_path)
    return write_site(tmp_path / "site")


def export_all_formats(*words: str) -> tuple[int, dict[str, bytes], list[str]]:
    """Export the site; return the exit code, the output in every format and the messages."""
    outputs = [word for form in FORMATS for word in ("-o", f"out.{form}")]
    result = run("export", "site", *outputs, *words)
    assert "Traceback" not in result.output
    contents = {form: Path(f"out.{form}").read_bytes() for form in FORMATS}
    messages = result.stderr.splitlines()
    return result.exit_code, contents, [line for line in messages if "cache" not in line]


def assert_cache_changes_nothing(*words: str) -> None:
    assert export_all_formats(*words) == export_all_formats(*words, "--cache", "kept")


def count_mapped_files(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """Return how many files an export with a cache maps."""
    names: list[str] = []
    real = map_source

    def recording_map(source: Source, using: Mapper, memory: DescriptionMemo) -> MappedSource:
        names.append(source.name)
        return real(source, using, memory)

    with monkeypatch.context() as patch:
        patch.setattr(incremental, "map_source", recording_map)
        export_all_formats(*words, "--cache", "kept")
    return len(names)


@pytest.mark.slow
def test_after_any_edits_the_cache_gives_the_result_of_a_full_export(site: Path) -> None:
    dice = random.Random(6)  # noqa: S311 - no secret
    corpus.generate(site, 8)
    for _ in range(25):
        for _ in range(dice.randrange(4)):
            edit_site(site, dice)
        assert_cache_changes_nothing()


def test_only_what_changed_is_mapped(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 5 == count_mapped_files(monkeypatch)
    assert 0 == count_mapped_files(monkeypatch)
    write_article(site, "a", "Another title")
    assert 1 == count_mapped_files(monkeypatch)
    (site / "a.md").touch()
    assert 0 == count_mapped_files(monkeypatch)


def test_a_file_with_an_unchanged_stat_is_not_read(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_cache_changes_nothing()
    (site / "a.md").touch()
    names: list[str] = []
    real = read_source

    def recording_read(source: Source) -> bytes:
        names.append(source.name)
        return real(source)

    for module in (cache, incremental, named, reading, authority):
        monkeypatch.setattr(module, "read_source", recording_read)
    export_all_formats("--cache", "kept")
    assert {"a.md"} == {name for name in names if name.endswith(".md") and "/" not in name}


@pytest.mark.parametrize(
    "words",
    [
        ("--base-iri", "https://b.example/"),
        ("--schema-namespace", "http"),
        ("--include", "people"),
        ("--topics", "topics.ttl"),
    ],
)
@pytest.mark.usefixtures("site")
def test_an_option_that_changes_the_graph_maps_all_files_again(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    Path("topics.ttl").write_text("<topic/ai> a <https://schema.org/Thing> .")
    assert_cache_changes_nothing()
    assert 5 == count_mapped_files(monkeypatch, *words)
    assert_cache_changes_nothing(*words)


@pytest.mark.usefixtures("site")
def test_a_changed_topics_file_maps_all_files_again(monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("--topics", "topics.ttl")
    for kind in ("Thing", "DefinedTerm"):
        Path("topics.ttl").write_text(f"<topic/ai> a <https://schema.org/{kind}> .")
        assert 5 == count_mapped_files(monkeypatch, *words)
        assert_cache_changes_nothing(*words)


@pytest.mark.parametrize(
    "more",
    [
        'locale = "en"\n',
        '[fields]\nheading = "title"\n',
        '[map.recipe]\na = "schema:Recipe"\nlike = "creative work"\nwhen = { type = "article" }\n',
    ],
)
def test_a_changed_mapping_maps_all_files_again(
    site: Path, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    assert_cache_changes_nothing()
    settings = site / "kg.toml"
    settings.write_text(settings.read_text() + more)
    assert 5 == count_mapped_files(monkeypatch)
    assert_cache_changes_nothing()


@pytest.mark.usefixtures("site")
def test_another_kg_maps_all_files_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assert_cache_changes_nothing()
    monkeypatch.setattr("kg.graph.cache.VERSION", "0.1.1")
    assert 5 == count_mapped_files(monkeypatch)


def test_a_new_name_of_a_topic_in_another_file_maps_all_files_again(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site / "a.md").write_text((site / "a.md").read_text()[:-4] + "topics: [AI]\n---\n")
    assert_cache_changes_nothing()
    topics = site / "_data/topics"
    topics.mkdir(parents=True)
    (topics / "ai.yml").write_text(TOPIC.format(name="Machine Learning"))
    assert 6 == count_mapped_files(monkeypatch)
    assert_cache_changes_nothing()


def test_findings_of_unchanged_files_are_reported_again(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site / "wrong.md").write_text("---\ntype: article\npublishedDateTime: soon\nodd: 1\n---\n")
    (site / "broken.md").write_text("---\ntitle: [\n---\n")
    export_all_formats("-v", "--cache", "kept")
    assert 0 == count_mapped_files(monkeypatch)
    code, _, messages = export_all_formats("-v", "--cache", "kept")
    assert 1 == code
    assert any(line.startswith("site/wrong.md:3:20: ") for line in messages), messages
    assert any(line.startswith("site/broken.md:3:1: ") for line in messages), messages
    assert_cache_changes_nothing("-v")


def test_findings_name_the_files_as_in_the_current_command(site: Path) -> None:
    (site / "wrong.md").write_text("---\ntype: article\npublishedDateTime: soon\n---\n")
    assert_cache_changes_nothing()
    result = run("export", site, "-o", "out.nt", "--cache", "kept")
    assert f"{site}/wrong.md:3:20: " in result.stderr


def test_a_named_file_without_front_matter_is_reported_after_a_run_on_its_folder(
    site: Path,
) -> None:
    (site / "plain.md").write_text("no front matter\n")
    assert_cache_changes_nothing()
    assert_cache_changes_nothing("site/plain.md")
    assert_cache_changes_nothing()


def test_nothing_withheld_is_cached(site: Path) -> None:
    path = site / "a.md"
    path.write_text(path.read_text()[:-4] + f"secured: {SECRET}\nodd: 1\n---\n")
    assert_cache_changes_nothing()
    contents = [one.read_bytes() for one in Path("kept").rglob("*") if one.is_file()]
    assert [] == [content for content in contents if SECRET.encode() in content]
    assert any(b"Article a" in content for content in contents)


@pytest.mark.usefixtures("site")
def test_the_output_is_the_same_without_metadata_and_on_standard_output() -> None:
    for words in (("--no-metadata",), ("-f", "nquads"), ("--title", "Another")):
        plain = run("export", "site", "-q", *words).stdout
        for _ in range(2):
            assert plain == run("export", "site", "-q", *words, "--cache", "kept").stdout


@pytest.mark.process
def test_the_cache_is_the_same_for_any_number_of_processes_and_any_memory(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "FILES_PER_PROCESS", 4)
    corpus.generate(site, 12)
    (site / "wrong.md").write_text("---\ntype: article\npublishedDateTime: soon\n---\n")
    (site / "broken.md").write_text("---\ntitle: [\n---\n")
    expected = export_all_formats()
    for jobs, memory in (("1", "40MB"), ("3", "9kB")):
        words = ("-j", jobs, "--memory", memory, "--cache", f"kept{jobs}")
        assert expected == export_all_formats(*words) == export_all_formats(*words)
