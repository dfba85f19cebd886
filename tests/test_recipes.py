"""The recipes of CONTRIBUTING.md name every file: a copy of the project passes with all of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.documents import Block, blocks, write_file
from tests.golden import ROOT

RECIPES: Final = (
    (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("\n## Recipes\n")[2]
)
TESTS: Final = (
    *("tests/mapping", "tests/queries", "tests/validation", "tests/writers"),
    *("tests/cli/test_help.py", "tests/test_cases.py", "tests/test_ci.py"),
)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with all recipes applied."""
    folder = tmp_path_factory.mktemp("project")
    ignored = shutil.ignore_patterns(".git", ".venv", "*_cache", "__pycache__", "build", "dist")
    shutil.copytree(ROOT, folder, symlinks=True, ignore=ignored, dirs_exist_ok=True)
    for block in blocks(RECIPES):
        if block.language == "diff":
            apply_diff(block.text, folder)
        elif block.file:
            write_file(folder / block.file, block.text)
    run(folder, "-m", "tests.remake", "help", "answers", "cases", "documents", "facts")
    return folder


def run(folder: Path, *words: str) -> str:
    """Run Python with the packages of a copy of the project."""
    process = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def apply_diff(diff: str, folder: Path) -> None:
    """Apply a diff to one file; its hunks have no line numbers, because readers need none."""
    name, hunks = parse_diff(diff)
    text = (folder / name).read_text(encoding="utf-8")
    for before, after in hunks:
        assert text.count(before) == 1, f"not in {name}, or twice:\n{before}"
        text = text.replace(before, after)
    (folder / name).write_text(text, encoding="utf-8")


def parse_diff(diff: str) -> tuple[str, list[tuple[str, str]]]:
    """Return the file of a diff, and the text of each hunk before and after."""
    head, *hunks = diff.split("@@\n")
    lines = [hunk.splitlines(keepends=True) for hunk in hunks]
    return head.splitlines()[1].removeprefix("+++ b/"), [
        (_side(hunk, other="+"), _side(hunk, other="-")) for hunk in lines
    ]


def _side(hunk: list[str], *, other: str) -> str:
    return "".join(line[1:] for line in hunk if line[0] != other)


@pytest.mark.parametrize("block", [block for block in blocks(RECIPES) if block.language == "diff"])
def test_the_lines_of_a_diff_occur_once(block: Block) -> None:
    name, hunks = parse_diff(block.text)
    text = (ROOT / name).read_text(encoding="utf-8")
    assert [(before, 1) for before, _ in hunks] == [
        (before, text.count(before)) for before, _ in hunks
    ]


@pytest.mark.parametrize(
    "block", [block for block in blocks(RECIPES) if block.language == "python"]
)
def test_a_module_imports_existing_names(block: Block) -> None:
    exec(block.text, {})  # noqa: S102 - a page of ours


@pytest.mark.slow
def test_the_tests_pass_with_all_recipes(project: Path) -> None:
    run(project, "-m", "ruff", "check", "-q", ".")
    run(project, "-m", "ruff", "format", "-q", "--check", ".")
    run(project, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *TESTS)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("export tests/site/podcast.md", "a schema:PodcastEpisode"),
        ("query longest -p least=120 seeds", "The ACLU says"),
        ("validate seeds", "[headline-stop]"),
        ("export -f n3 seeds", "@base"),
        ("validate -f tsv seeds", "warning\tarticle-image\t"),
        ("mapping --kinds", "schema:PodcastEpisode"),
    ],
)
def test_the_command_has_what_the_recipes_add(project: Path, command: str, expected: str) -> None:
    assert expected in run(project, "-m", "kg", *command.split())
