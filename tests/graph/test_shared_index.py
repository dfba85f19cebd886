"""The shared index: entries of other processes are found, partly overwritten ones are not."""

from __future__ import annotations

import os
import subprocess
import sys
from multiprocessing import Process
from pathlib import Path

import pytest

from kg.graph import shared_index
from kg.graph.shared_index import SharedSeenIndex


def test_all_find_the_entries_that_one_has_set(tmp_path: Path) -> None:
    one, other = SharedSeenIndex(tmp_path), SharedSeenIndex(tmp_path)
    one[-1] = "<x:a>"
    one[2**62] = "<x:é>"
    assert ["<x:a>", "<x:é>", None] == [other.get(key) for key in (-1, 2**62, 0)]


def set_entry(folder: Path) -> None:
    SharedSeenIndex(folder)[7] = "<x:a>"


@pytest.mark.process
def test_another_process_finds_it(tmp_path: Path) -> None:
    one = SharedSeenIndex(tmp_path)
    process = Process(target=set_entry, args=(tmp_path,))
    process.start()
    process.join()
    assert "<x:a>" == one.get(7)


def test_a_later_entry_may_replace_an_earlier_one_but_not_of_the_same_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_index, "_ENTRIES", 1)
    one, other = SharedSeenIndex(tmp_path), SharedSeenIndex(tmp_path)
    one[1] = "<x:a>"
    other[2] = "<x:b>"
    assert ["<x:a>", "<x:b>"] == [one.get(key) for key in (1, 2)]
    assert [None, "<x:b>"] == [other.get(key) for key in (1, 2)]


@pytest.mark.parametrize("length", [112, 113])
def test_a_node_that_is_longer_than_an_entry_is_not_shared(length: int, tmp_path: Path) -> None:
    node = f"<x:{'a' * length}>"
    one, other = SharedSeenIndex(tmp_path), SharedSeenIndex(tmp_path)
    one[1] = node
    assert [node, node if len(node) <= 116 else None] == [one.get(1), other.get(1)]


def test_an_entry_that_is_half_of_another_is_missing(tmp_path: Path) -> None:
    one, other = SharedSeenIndex(tmp_path), SharedSeenIndex(tmp_path)
    one[1] = "<x:first>"
    (path,) = tmp_path.iterdir()
    content = path.read_bytes()
    path.write_bytes(content.replace(b"<x:first", b"<x:other"))
    assert None is other.get(1)


@pytest.mark.process
def test_a_process_with_another_hash_seed_uses_another_file(tmp_path: Path) -> None:
    command = (
        "import sys, pathlib; from kg.graph.shared_index import SharedSeenIndex as Index;"
        "Index(pathlib.Path(sys.argv[1]))"
    )
    for seed in ("1", "2", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", command, str(tmp_path)], env=environment, check=True)
    assert 2 == len(list(tmp_path.iterdir()))
