"""Shards: whole statements in parts for loaders, and a manifest that is written last."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from click.testing import CliRunner, Result

from kg import __version__
from kg.cli import kg
from kg.model.errors import FormatError, OutputError
from kg.model.formats import find_format
from kg.model.site import Site
from kg.writers.shards import write_shards
from tests.conftest import Dataset, dataset_lines

MOST: Final = 60_000
SITE: Final = Site()


@pytest.fixture
def lines(export: Dataset) -> list[str]:
    return dataset_lines(export, find_format("nquads"), SITE)


@pytest.fixture
def folder(tmp_path: Path, lines: list[str]) -> Path:
    """A folder with the seeds in several shards."""
    write_shards(lines, tmp_path / "shards", MOST, SITE)
    return tmp_path / "shards"


def manifest(folder: Path) -> Any:
    return json.loads((folder / "manifest.json").read_text())


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def unpacked(folder: Path) -> list[bytes]:
    return [gzip.decompress(path.read_bytes()) for path in sorted(folder.glob("part-*.nq.gz"))]


def test_the_parts_in_order_are_the_export(folder: Path, lines: list[str]) -> None:
    assert "".join(lines).encode() == b"".join(unpacked(folder))


def test_a_part_has_as_many_whole_statements_as_fit(folder: Path) -> None:
    parts = unpacked(folder)
    assert len(parts) > 3
    for part, following in pairwise(parts):
        assert part.endswith(b" .\n")
        assert len(part) <= MOST < len(part) + len(following.split(b"\n", 1)[0]) + 1


def test_a_part_may_be_exactly_full(tmp_path: Path) -> None:
    lines = [f"<s:{number}> <p:> <o:> <g:> .\n" for number in range(4)]
    write_shards(lines, tmp_path, 2 * len(lines[0]), SITE)
    assert [2, 2] == [part.count(b"\n") for part in unpacked(tmp_path)]


def test_the_manifest_describes_the_parts(folder: Path, export: Dataset) -> None:
    document = manifest(folder)
    assert (f"kg {__version__}", SITE.base) == (document["exporter"], document["base"])
    for shard, part in zip(document["shards"], unpacked(folder), strict=True):
        compressed = (folder / shard["name"]).read_bytes()
        names = [line.rsplit(b" ", 2)[1].decode()[1:-1] for line in part.splitlines()]
        assert shard == {
            "name": shard["name"],
            "sha256": hashlib.sha256(compressed).hexdigest(),
            "bytes": len(compressed),
            "unpacked": len(part),
            "lines": len(names),
            "graphs": len(set(names)),
            "first": names[0],
            "last": names[-1],
        }
    assert len(export) == document["graphs"]
    for total in ("bytes", "unpacked", "lines"):
        assert document[total] == sum(shard[total] for shard in document["shards"])


def test_the_same_statements_give_the_same_bytes(folder: Path, lines: list[str]) -> None:
    write_shards(lines, folder.with_name("again"), MOST, SITE)
    assert content(folder) == content(folder.with_name("again"))


def test_a_statement_longer_than_a_part_is_refused_and_leaves_nothing(
    tmp_path: Path, lines: list[str]
) -> None:
    longest = max(len(line.encode()) for line in lines)
    with pytest.raises(FormatError, match=rf"has {longest:,} bytes, a shard {longest - 1:,}; give"):
        write_shards(lines, tmp_path / "shards", longest - 1, SITE)
    assert {} == content(tmp_path / "shards")
    write_shards(lines, tmp_path / "shards", longest, SITE)


def test_an_empty_export_has_no_parts(tmp_path: Path) -> None:
    write_shards([], tmp_path, MOST, SITE)
    assert ["manifest.json"] == [path.name for path in tmp_path.iterdir()]
    assert (0, []) == (manifest(tmp_path)["graphs"], manifest(tmp_path)["shards"])


def test_the_parts_of_a_longer_export_are_deleted(folder: Path, lines: list[str]) -> None:
    (folder / "notes.txt").write_text("mine")
    write_shards(lines, folder, 10 * MOST, SITE)
    assert {"manifest.json", "notes.txt", "part-00000.nq.gz"} == set(content(folder))


@pytest.mark.parametrize("name", ["part-00000.nq.gz", "part-00099.nq.gz"])
def test_a_part_outside_the_manifest_is_not_replaced(
    name: str, tmp_path: Path, lines: list[str]
) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(OutputError, match=rf"{name}: not written by kg; move it away"):
        write_shards(lines, tmp_path, MOST, SITE)
    assert {name: b"mine"} == content(tmp_path)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"exporter": "other 1", "shards": []}', '{"exporter": "kg 1"}']
)
def test_a_manifest_of_another_program_is_not_replaced(
    text: str, tmp_path: Path, lines: list[str]
) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(OutputError, match=r"not a manifest of kg; choose another folder"):
        write_shards(lines, tmp_path, MOST, SITE)
    assert {"manifest.json": text.encode()} == content(tmp_path)


def test_statements_that_fail_halfway_leave_the_earlier_export(
    folder: Path, lines: list[str]
) -> None:
    before = content(folder)
    with pytest.raises(FormatError):
        write_shards([*lines, "x" * MOST + " \n"], folder, MOST, SITE)
    assert before == content(folder)


def interrupt_at(step: int, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Interrupt the process when it renames or deletes a file, like a power cut."""
    remaining = iter(range(step))

    def interrupt_at_step(change: Callable[..., Any]) -> Callable[..., Any]:
        def changed(*words: Any, **options: Any) -> Any:
            if next(remaining, None) is None:
                raise KeyboardInterrupt
            return change(*words, **options)

        return changed

    interrupted = {name: interrupt_at_step(getattr(Path, name)) for name in ("replace", "unlink")}
    for name, change in interrupted.items():
        monkeypatch.setattr(Path, name, change)
    return monkeypatch.undo


@pytest.mark.parametrize("most", [MOST // 2, MOST * 2])
def test_after_an_interruption_no_manifest_is_wrong_and_the_next_run_repairs_the_export(
    most: int, folder: Path, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    target = folder.with_name("whole")
    write_shards(lines, target, most, SITE)
    complete = [content(folder), content(target)]
    for step in range(100):
        resume = interrupt_at(step, monkeypatch)
        try:
            write_shards(lines, folder, most, SITE)
            break
        except KeyboardInterrupt:
            resume()
        contents = content(folder)
        claim = contents.pop("unfinished.json", None)
        assert contents in complete or "manifest.json" not in contents
        assert claim or contents == complete[0]
        write_shards(lines, folder, most, SITE)
        assert content(target) == content(folder)
        write_shards(lines, folder, MOST, SITE)
        assert complete[0] == content(folder)
    assert step > 5
    assert content(target) == content(folder)


def run(*words: str) -> Result:
    result = CliRunner().invoke(kg, ["export", *words])
    if isinstance(result.exception, Exception):
        raise result.exception
    return result


def test_the_command_writes_a_folder(checkout: Path, folder: Path, tmp_path: Path) -> None:
    result = run(str(checkout / "seeds"), "-o", f"{tmp_path}/out/", "--shards", "60KB")
    assert (0, "") == (result.exit_code, result.stdout)
    assert result.stderr.endswith(f" statements to {tmp_path}/out\n")
    assert content(folder) == content(tmp_path / "out")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--shards", "1MB"], "--shards writes one folder: name it with --output"),
        (["--shards", "1MB", "-o", "-"], "--shards writes one folder: name it with --output"),
        (["--shards", "1MB", "-o", "a", "-o", "b"], "--shards writes one folder: name it"),
        (["--shards", "1MB", "-o", "a", "-f", "ttl"], "--shards writes N-Quads: leave out"),
        (["--shards", "big", "-o", "a"], "kg: not a size: 'big'; write one like 64MB"),
        (["-o", "."], ". is a folder: name a file, or add --shards SIZE"),
    ],
)
def test_impossible_options_are_wrong_usage(
    words: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*words)
    assert 2 == result.exit_code
    assert message in result.stderr
    assert {} == content(tmp_path)


def test_a_file_in_place_of_the_folder_is_reported_in_one_line(
    checkout: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("mine")
    result = run(str(checkout / "seeds"), "-q", "-o", f"{tmp_path}/out", "--shards", "1MB")
    message = f"kg: {tmp_path}/out: cannot be written: File exists\n"
    assert (3, message) == (result.exit_code, result.stderr)
