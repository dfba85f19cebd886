"""The folder of a cache: damage, two runs at once, clocks, keys."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.graph import cache
from kg.graph.cache import Cache, cache_key, open_cache
from kg.mapping.language import Authority
from kg.mapping.project import make_mapper
from kg.model.errors import OutputError
from kg.model.records import Source
from kg.model.site import Site
from tests.sample_site import run, write_article, write_site


def ignore_notice(_text: str) -> None:
    pass


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    folder = write_site(tmp_path / "site")
    assert export_with_cache() == export_without_cache()
    return folder


def export_without_cache() -> str:
    return run("export", "site", "-q", "-f", "nquads").stdout


def export_with_cache(*words: str) -> str:
    result = run("export", "site", "-f", "nquads", "--cache", "kept", *words)
    assert (result.exit_code, "Traceback" in result.output) == (0, False), result.output
    return result.stdout


def numbered_export(_number: int) -> str:
    return export_with_cache("-q")


def notices() -> str:
    return run("export", "site", "-o", "out.nq", "--cache", "kept").stderr


def remove_all_bytes(content: bytes) -> bytes:
    return content[:0]


def remove_last_byte(content: bytes) -> bytes:
    return content[:-1]


def flip_middle_bit(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("damage", [remove_all_bytes, remove_last_byte, flip_middle_bit, None])
def test_a_damaged_cache_is_rebuilt(site: Path, damage: Callable[[bytes], bytes] | None) -> None:
    write_article(site, "a", "Another title")
    expected = export_without_cache()
    files = sorted(path for path in Path("kept").rglob("*") if path.name != "lock")
    for path in [path for path in files if path.is_file()]:
        before = {one: one.read_bytes() for one in files if one.is_file()}
        if damage:
            path.write_bytes(damage(before[path]))
        else:
            path.unlink()
        assert expected == export_with_cache()
        assert "damaged" not in notices()
        for one in Path("kept/objects").iterdir():
            one.unlink()
        for one, content in before.items():
            one.write_bytes(content)


@pytest.mark.usefixtures("site")
def test_a_damaged_cache_is_reported() -> None:
    Path("kept/index").write_bytes(b"")
    assert "notice: the cache kept is damaged; it is rebuilt" in notices()
    next(Path("kept/objects").iterdir()).unlink()
    assert "notice: the cache kept is damaged; it is rebuilt" in notices()
    assert "damaged" not in notices()


def test_leftovers_of_an_interrupted_run_are_ignored(site: Path) -> None:
    Path("kept/index.new").write_bytes(b"half")
    Path("kept/objects", "0" * 64).write_bytes(b"half")
    write_article(site, "a", "Another title")
    assert export_without_cache() == export_with_cache()
    assert not Path("kept/objects", "0" * 64).exists()


def test_other_files_in_the_cache_folder_stay(site: Path) -> None:
    Path("kept/objects/notes.txt").write_text("mine")
    write_article(site, "a", "Another title")
    export_with_cache()
    assert "mine" == Path("kept/objects/notes.txt").read_text()


@pytest.mark.usefixtures("site")
def test_a_run_that_changes_nothing_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_RACY", 0)
    export_with_cache()
    before = {path: path.stat().st_mtime_ns for path in Path("kept").rglob("*")}
    export_with_cache()
    after = {path: path.stat().st_mtime_ns for path in Path("kept").rglob("*")}
    del before[Path("kept/lock")], after[Path("kept/lock")]
    assert before == after


def test_a_second_run_does_not_use_the_cache(site: Path) -> None:
    with open_cache(Path("kept"), ignore_notice) as cache:
        assert cache is not None
        before = Path("kept/index").read_bytes()
        write_article(site, "a", "Another title")
        assert export_without_cache() == export_with_cache()
        assert "notice: another run uses the cache kept; this run does not use it" in notices()
        assert before == Path("kept/index").read_bytes()
    assert "another run" not in notices()


@pytest.mark.slow
def test_concurrent_runs_give_the_same_output(site: Path) -> None:
    write_article(site, "a", "Another title")
    expected = export_without_cache()
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert {expected} == set(pool.map(numbered_export, range(6)))


def test_a_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(OutputError, match="file/kept: cannot be used as a cache: Not a directory"),
        open_cache(tmp_path / "file/kept", ignore_notice),
    ):
        pass


def test_a_file_that_may_still_change_in_the_same_tick_has_no_stat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "objects").mkdir()
    (tmp_path / "a.md").write_text("")
    source = Source(str(tmp_path / "a.md"), "a.md")
    assert Cache(tmp_path, ignore_notice).stat(source) is None
    later = time.time_ns() + 3 * 10**9
    monkeypatch.setattr(time, "time_ns", lambda: later)
    assert Cache(tmp_path, ignore_notice).stat(source) is not None


def test_a_source_that_is_not_a_file_has_no_stat(tmp_path: Path) -> None:
    (tmp_path / "objects").mkdir()
    cache = Cache(tmp_path, ignore_notice)
    assert cache.stat(Source("-", "-", content=b"")) is None
    assert cache.stat(Source(str(tmp_path / "gone.md"), "gone.md")) is None


def test_the_key_depends_on_everything_in_the_mapper() -> None:
    mapper = make_mapper(Site())
    one = cache_key(mapper)
    assert one == cache_key(make_mapper(Site()))
    mapper.authority = Authority({"topic/ml": "topic/machine-learning"})
    assert one != cache_key(mapper)
    assert one != cache_key(make_mapper(Site(locale="en")))
