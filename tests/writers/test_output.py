"""A file is written as a whole or not at all, for a Python caller as for the command."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kg.model.errors import OutputError
from kg.writers.output import open_file


def write(path: Path, content: bytes) -> None:
    with open_file(path) as stream:
        stream.write(content)


def test_a_file_appears_when_all_of_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    with open_file(path) as stream:
        stream.write(b"new")
        assert not path.exists()
    assert (b"new", [path]) == (path.read_bytes(), list(tmp_path.iterdir()))


def test_a_file_stays_as_it_was_when_writing_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), open_file(path) as stream:
        stream.writelines([b"new", "no bytes"])  # type: ignore[list-item]
    assert (b"old", [path]) == (path.read_bytes(), list(tmp_path.iterdir()))


def test_the_target_of_a_link_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    target, link = tmp_path / "target.nt", tmp_path / "link.nt"
    target.write_bytes(b"old")
    target.chmod(0o640)
    link.symlink_to(target)
    write(link, b"new")
    assert (b"new", 0o640) == (target.read_bytes(), target.stat().st_mode & 0o777)
    assert link.is_symlink()


def test_a_device_is_written_and_not_replaced() -> None:
    write(Path(os.devnull), b"new")
    assert not Path(os.devnull).is_file()


def test_a_file_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"none/a\.nt: cannot be written: No such file"):
        write(tmp_path / "none" / "a.nt", b"new")
