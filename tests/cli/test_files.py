"""The files that kg writes: completely or not at all, in the format of their names."""

from __future__ import annotations

import gzip
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest

from kg.model.formats import FORMATS
from tests.benchmarks.corpus import generate
from tests.cli.commands import ARTICLE, DATE, run

WRITING: Final = {
    "diff": ("diff",),
    "export": ("export", "-f", "turtle"),
    "query": ("query", "topics"),
    "validate": ("validate", "--no-bundled"),
}
"""Each verb that writes files, with its other arguments."""


@pytest.mark.parametrize("suffix", sorted(s for known in FORMATS for s in known.suffixes))
@pytest.mark.usefixtures("here")
def test_the_suffix_of_a_file_chooses_its_format(suffix: str) -> None:
    run("export", "good.md", "-o", f"graph{suffix}", "-o", f"packed{suffix.upper()}.gz")
    expected = run("export", "good.md", "-f", suffix).stdout_bytes
    assert expected == Path(f"graph{suffix}").read_bytes()
    assert expected == gzip.decompress(Path(f"packed{suffix.upper()}.gz").read_bytes())


WORDS: Final = [
    (known.name, word)
    for known in FORMATS
    for word in (
        known.name.upper(),
        known.media_type,
        *known.aliases,
        *known.suffixes,
        *(suffix[1:] for suffix in known.suffixes),
    )
]


@pytest.mark.parametrize(("name", "word"), WORDS)
@pytest.mark.usefixtures("here")
def test_a_format_has_several_names(name: str, word: str) -> None:
    assert (
        run("export", "good.md", "-f", name).stdout == run("export", "good.md", "-f", word).stdout
    )


@pytest.mark.usefixtures("here")
def test_the_format_option_takes_precedence_over_the_suffix() -> None:
    run("export", "good.md", "-o", "graph.ttl", "-f", "ntriples")
    assert run("export", "good.md", "-f", "ntriples").stdout == Path("graph.ttl").read_text()


@pytest.mark.usefixtures("here")
def test_one_run_writes_several_files() -> None:
    result = run("export", "good.md", "-o", "graph.trig", "-o", "graph.jsonld")
    assert (0, "") == (result.exit_code, result.stdout)
    assert result.stderr.endswith(" statements to graph.trig, graph.jsonld\n")
    for name, form in (("graph.trig", "trig"), ("graph.jsonld", "jsonld")):
        assert Path(name).read_text() == run("export", "good.md", "-f", form).stdout


@pytest.mark.usefixtures("here")
def test_no_file_is_written_if_the_format_of_one_is_unknown() -> None:
    assert run("export", "good.md", "-o", "graph.ttl", "-o", "graph.doc").exit_code == 2
    assert not Path("graph.ttl").exists()


@pytest.mark.parametrize("verb", WRITING)
@pytest.mark.usefixtures("here")
def test_a_dash_for_an_output_is_standard_output(verb: str) -> None:
    command = (*WRITING[verb], "good.md", "bad.md", "-q")
    assert run(*command).stdout == run(*command, "-o", "-").stdout


@pytest.mark.parametrize("verb", WRITING)
@pytest.mark.usefixtures("here")
def test_a_full_disk_is_reported_in_one_line(verb: str) -> None:
    result = run(*WRITING[verb], "good.md", "bad.md", "-q", "-o", "/dev/full")
    assert (3, "") == (result.exit_code, result.stdout)
    assert (
        result.stderr.splitlines()[-1]
        == "kg: /dev/full: cannot be written: No space left on device"
    )


CONTROL: Final = ARTICLE.format(title='"A bell \\a"', date=DATE, path="1")
"""RDF/XML cannot carry it."""


def test_an_export_that_fails_leaves_the_old_file_as_it_was(here: Path) -> None:
    (here / "good.md").write_text(CONTROL)
    (here / "graph.rdf").write_text("old")
    before = sorted(here.iterdir())
    result = run("export", "good.md", "-o", "graph.rdf", "-q")
    assert result.exit_code == 2
    assert "RDF/XML cannot carry U+0007" in result.stderr
    assert (here / "graph.rdf").read_text() == "old"
    assert before == sorted(here.iterdir())


def test_an_export_that_fails_leaves_no_new_file(here: Path) -> None:
    (here / "good.md").write_text(CONTROL)
    before = sorted(here.iterdir())
    run("export", "good.md", "-o", "graph.rdf", "-q")
    assert before == sorted(here.iterdir())


def test_a_replaced_file_keeps_its_mode(here: Path) -> None:
    (here / "graph.ttl").write_text("old")
    (here / "graph.ttl").chmod(0o640)
    run("export", "good.md", "-o", "graph.ttl")
    assert stat.S_IMODE((here / "graph.ttl").stat().st_mode) == 0o640


def test_a_new_file_has_the_mode_of_the_umask(here: Path) -> None:
    before = os.umask(0o027)
    run("export", "good.md", "-o", "graph.ttl")
    os.umask(before)
    assert stat.S_IMODE((here / "graph.ttl").stat().st_mode) == 0o640


def test_a_link_to_a_file_stays_a_link(here: Path) -> None:
    (here / "target.ttl").write_text("old")
    (here / "graph.ttl").symlink_to("target.ttl")
    run("export", "good.md", "-o", "graph.ttl")
    assert (here / "graph.ttl").is_symlink()
    assert (here / "target.ttl").read_text() == run("export", "good.md").stdout


@pytest.mark.slow
def test_an_interrupted_export_leaves_no_partial_file(tmp_path: Path) -> None:
    generate(tmp_path / "site", 300)
    out = tmp_path / "out"
    out.mkdir()
    (out / "graph.ttl").write_text("old")
    files = [word for known in FORMATS for word in ("-o", f"{out}/graph{known.suffixes[0]}")]
    command = [sys.executable, "-m", "kg", "export", str(tmp_path / "site"), "-q", *files]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    while process.poll() is None and len(list(out.iterdir())) == 1:
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)  # the first file is being written
    _, stderr = process.communicate()
    assert (130, b"\nkg: interrupted\n") == (process.returncode, stderr)
    assert [out / "graph.ttl"] == list(out.iterdir())
    assert (out / "graph.ttl").read_text() == "old"


def _check(*command: str) -> tuple[int, str]:
    result = run("export", *command, "-q")
    assert result.stdout == ""
    return result.exit_code, result.stderr


@pytest.mark.parametrize("name", ["graph.ttl", "graph.nq.gz"])
@pytest.mark.usefixtures("here")
def test_check_prints_nothing_about_a_current_file(name: str) -> None:
    run("export", "good.md", "-o", name)
    assert (0, "") == _check("good.md", "--check", name)


@pytest.mark.usefixtures("here")
def test_check_prints_how_to_write_an_outdated_file() -> None:
    Path("graph.ttl").write_text("old")
    message = (
        "kg: graph.ttl is out of date; write it with -o graph.ttl instead of --check graph.ttl\n"
    )
    assert (1, message) == _check("good.md", "--check", "graph.ttl")
    assert Path("graph.ttl").read_text() == "old"


@pytest.mark.usefixtures("here")
def test_check_prints_how_to_write_a_missing_file() -> None:
    message = "kg: graph does not exist; write it with -o graph instead of --check graph\n"
    assert (1, message) == _check("good.md", "-f", "nt", "--check", "graph")
    assert not Path("graph").exists()


@pytest.mark.usefixtures("here")
def test_check_fails_for_a_current_file_of_bad_sources() -> None:
    run("export", "good.md", "bad.md", "-o", "graph.ttl")
    assert _check("good.md", "bad.md", "--check", "graph.ttl")[0] == 1
