"""Loads with a cache equal loads without one, after any changes to the site."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import pytest

from kg.graph import cache, counted_union, incremental
from kg.graph.cache import Cache, graph_object, open_cache
from kg.graph.named import MappedSource, map_source
from kg.mapping.mapper import Mapper
from kg.mapping.memo import DescriptionMemo
from kg.model.records import Source
from kg.stores import address, sync
from kg.stores.embedded import Embedded
from kg.stores.lease import hold_lease
from tests.benchmarks import corpus
from tests.gate import Gate, Reply
from tests.sample_site import (
    BASE,
    dirty_graphs,
    edit_site,
    exported_quads,
    load,
    lose_types,
    run,
    stored_quads,
    write_article,
    write_site,
)

if TYPE_CHECKING:
    import pyoxigraph
    from click.testing import Result

NUMBER: Final = '<x> <http://p.example/n> "01"^^<http://www.w3.org/2001/XMLSchema#integer> .\n'


class InMemory(Embedded):
    """A store in a folder whose content stays in memory from one load to the next."""

    stores: ClassVar[dict[str, pyoxigraph.Store]] = {}

    def __init__(self, path: Path, *, create: bool, in_memory: bool = False) -> None:
        super().__init__(path, create=create, in_memory=True)
        if not in_memory:
            self._store = self.stores.setdefault(str(path), self._store)
            path.mkdir(exist_ok=True)
            (path / "CURRENT").touch()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site in the current folder, cut into many chunks; its files are recognized by stat.

    Stores in folders stay in memory: a load spends most of its time on the disk.
    """
    monkeypatch.setattr(counted_union, "_CHUNK", 4)
    monkeypatch.setattr(cache, "_RACY", 0)
    monkeypatch.setattr(address, "Embedded", InMemory)
    monkeypatch.chdir(tmp_path)
    InMemory.stores.clear()
    return write_site(tmp_path / "site")


def quads(store: str) -> set[str]:
    """Return all quads of a store in a folder, with its manifest."""
    return set(map(str, InMemory.stores[store]))


def outcome(result: Result, store: str) -> tuple[int, str, list[str]]:
    """Return the exit code and the output of a load, without its store and its cache."""
    assert "Traceback" not in result.output
    lines = result.stderr.replace(f" {store}", " STORE").replace(f"{store}:", "STORE:").splitlines()
    return result.exit_code, result.stdout, [line for line in lines if "the cache" not in line]


def assert_same(*words: str) -> None:
    """Check that a load without a cache, and one with a cache into another store, are equal."""
    for more in (("--dry-run", "--json"), ("--json",), ()):
        plain = outcome(run("load", "site", "--to", "plain", *words, *more), "plain")
        assert plain == outcome(
            run("load", "site", "--to", "kept", "--cache", "cache", *words, *more), "kept"
        )
    assert quads("plain") == quads("kept")


class CacheActivity:
    """The names of mapped sources, and of objects of the cache that were read."""

    def __init__(self) -> None:
        self.mapped: list[str] = []
        self.read: list[str] = []

    def clear(self) -> None:
        self.mapped.clear()
        self.read.clear()


@pytest.fixture
def cache_activity(monkeypatch: pytest.MonkeyPatch) -> CacheActivity:
    activity, real_map, real_content = CacheActivity(), map_source, Cache.content

    def record_map(source: Source, using: Mapper, memory: DescriptionMemo) -> MappedSource:
        activity.mapped.append(source.name)
        return real_map(source, using, memory)

    def record_read(cache: Cache, name: str) -> bytes:
        activity.read.append(name)
        return real_content(cache, name)

    monkeypatch.setattr(incremental, "map_source", record_map)
    monkeypatch.setattr(Cache, "content", record_read)
    return activity


def objects() -> dict[str, str]:
    """Return the objects of the sources in the cache, by the names of the sources."""
    return {name: one.object for name, one in Cache(Path("cache"), print).sources.items()}


@pytest.mark.slow
def test_after_any_edits_the_store_equals_the_site(site: Path) -> None:
    dice = random.Random(5)  # noqa: S311 - no secret
    corpus.generate(site, 8)
    for _ in range(15):
        for _ in range(dice.randrange(4)):
            edit_site(site, dice)
        if dice.randrange(3) == 0:
            run("export", "site", "-o", "site.nq", "--cache", "cache")
        assert_same("--verify", dice.choice(["counts", "full"]))


def test_one_edited_file_is_mapped_read_and_sent(
    site: Path, gate: Gate, cache_activity: CacheActivity
) -> None:
    words = ("load", site, "--to", gate.url, "--cache", "cache")
    run(*words)
    assert 5 == len(cache_activity.mapped)
    cache_activity.clear()
    run(*words)
    assert ([], []) == (cache_activity.mapped, cache_activity.read)
    before = objects()
    write_article(site, "a", "Another title")
    gate.seen.clear()
    run(*words)
    assert (["a.md"], 1) == (cache_activity.mapped, len(gate.sent("PUT")))
    others = {one for name, one in before.items() if name != "a.md"}
    assert set() == others & set(cache_activity.read)
    assert objects()["a.md"] in cache_activity.read
    assert exported_quads(site) == stored_quads(gate.url)


@pytest.mark.parametrize("first", ["export", "load"])
def test_export_and_load_share_a_cache(
    site: Path, cache_activity: CacheActivity, first: str
) -> None:
    (site / "wrong.md").write_text("---\ntype: article\npublishedDateTime: soon\n---\n")
    (site / "all.nt").write_text(NUMBER.replace("<x>", "<http://p.example/x>"))
    sources = ("site", "site/all.nt")
    verbs = {"export": ("-o", "kept.nq"), "load": ("--to", "kept")}
    second = "load" if first == "export" else "export"
    run(first, *sources, *verbs[first], "--cache", "cache")
    cache_activity.clear()
    result = run(second, *sources, *verbs[second], "--cache", "cache")
    assert (1, []) == (result.exit_code, cache_activity.mapped)
    assert "site/wrong.md:3:20: " in result.stderr
    run("export", *sources, "-o", "plain.nq")
    run("load", *sources, "--to", "plain")
    assert Path("plain.nq").read_bytes() == Path("kept.nq").read_bytes()
    assert_same("site/all.nt", "--verify", "full")


def test_a_cache_does_not_depend_on_stores(site: Path, cache_activity: CacheActivity) -> None:
    load("site", "--to", "one", "--cache", "cache")
    write_article(site, "a", "Another title")
    load("site", "--to", "two", "--cache", "cache")
    cache_activity.clear()
    for store, changed in (("one", "2 replaced"), ("two", "0 replaced"), ("three", "6 added")):
        result = load("site", "--to", store, "--cache", "cache", "--verify", "full")
        assert changed.replace("2", "1") in result.stderr.replace("2 replaced", "1 replaced")
    assert [] == cache_activity.mapped
    assert quads("one") == quads("two") == quads("three")


def test_an_interrupted_load_is_completed_from_the_cache(
    site: Path, gate: Gate, cache_activity: CacheActivity
) -> None:
    words = ("load", site, "--to", gate.url, "--cache", "cache")
    run(*words)
    for name in ("a", "b", "c"):
        write_article(site, name, f"New {name}")
    gate.keeper = lambda request: Reply(500) if request.path == "/store" else None
    assert 3 == run(*words).exit_code
    assert [f"{BASE}graph/{name}.md" for name in "abc"] == sorted(dirty_graphs(gate.url))
    gate.keeper = lambda _: None
    cache_activity.clear()
    load(*words[1:])
    assert ([], []) == (cache_activity.mapped, dirty_graphs(gate.url))
    assert exported_quads(site) == stored_quads(gate.url)


def test_a_graph_that_fails_verification_is_sent_again_from_the_cache(
    site: Path, gate: Gate
) -> None:
    words = (site, "--to", gate.url, "--cache", "cache")
    load(*words)
    lose_types(gate.url, "a.md")
    assert 1 == run("load", *words).exit_code
    load(*words)
    assert exported_quads(site) == stored_quads(gate.url)


def remove_all_bytes(path: Path) -> None:
    path.write_bytes(b"")


def flip_middle_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [remove_all_bytes, flip_middle_bit, Path.unlink])
def test_a_damaged_cache_is_rebuilt(
    site: Path, damage: Callable[[Path], object], cache_activity: CacheActivity
) -> None:
    load("site", "--to", "old", "--cache", "cache")
    damage(Path("cache/objects", objects()["deep/d.md"]))
    assert "damaged" not in load("site", "--to", "old", "--cache", "cache").stderr
    cache_activity.clear()
    result = load("site", "--to", "kept", "--cache", "cache")
    assert "notice: the cache cache is damaged; it is rebuilt" in result.stderr
    assert ["deep/d.md"] == cache_activity.mapped
    assert "damaged" not in run("export", site, "-o", "site.nq", "--cache", "cache").stderr
    load("site", "--to", "plain")
    for path in Path("cache/objects").iterdir():
        damage(path)
    write_article(site, "a", "Another title")
    assert_same()
    damage(Path("cache/index"))
    assert_same()


def test_a_file_that_changes_while_its_object_is_damaged_is_reported(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load("site", "--to", "old", "--cache", "cache")
    real = hold_lease

    def change_and_lease(*words: object) -> object:
        Path("cache/objects", objects()["a.md"]).unlink()
        write_article(site, "a", "Another title")
        return real(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(sync, "hold_lease", change_and_lease)
    result = run("load", "site", "--to", "kept", "--cache", "cache")
    assert 3 == result.exit_code
    assert "kg: site/a.md: changed while kg was at work; try again" in result.stderr
    assert set() == quads("kept")
    monkeypatch.setattr(sync, "hold_lease", real)
    assert_same()


def test_a_load_does_not_use_a_cache_that_another_run_uses(site: Path) -> None:
    with open_cache(Path("cache"), print):
        result = load(site, "--to", "kept", "--cache", "cache")
    assert "another run uses the cache cache; this run does not use it" in result.stderr
    load(site, "--to", "plain")
    assert quads("plain") == quads("kept")


def test_the_environment_may_name_the_cache(site: Path, cache_activity: CacheActivity) -> None:
    for number in (5, 0):
        cache_activity.clear()
        run("load", site, "--to", "kept", KG_CACHE="cache")
        assert number == len(cache_activity.mapped)


def test_a_query_updates_its_store_with_a_cache(site: Path, cache_activity: CacheActivity) -> None:
    query_words = ("query", "stubs", site, "--store", "kept", "-f", "csv")
    plain = run(*query_words[:3], "-f", "csv").stdout
    assert [plain] * 2 == [run(*query_words, "--cache", "cache").stdout for _ in range(2)]
    cache_activity.clear()
    write_article(site, "f")
    assert "our own,6" in run(*query_words, "--cache", "cache").stdout
    assert ["f.md"] == cache_activity.mapped


@pytest.mark.usefixtures("site")
def test_a_cache_that_a_query_cannot_use_is_refused_unless_the_environment_names_it() -> None:
    for words in (("site",), ("--store", "kept")):
        result = run("query", "stubs", *words, "--cache", "cache")
        assert (2, True) == (result.exit_code, "--cache needs SOURCES and --store" in result.stderr)
    assert 0 == run("query", "stubs", "site", KG_CACHE="cache").exit_code
    assert not Path("cache").exists()


def test_the_object_of_a_graph_depends_on_equality_and_not_on_identity() -> None:
    subject, lines = "<http://s>", b"<http://p> <http://o>"
    shared = [(subject, lines), (subject, lines)]
    copies = [("".join(list(subject)), bytes(list(lines))) for _ in range(2)]
    assert graph_object("<g>", shared) == graph_object("<g>", copies)
