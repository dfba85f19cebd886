"""`make demo` runs from a checkout and writes the files that it lists."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
import rdflib

from kg.writers.formats import merge_dataset

if TYPE_CHECKING:
    from tests.conftest import Dataset

pytestmark = pytest.mark.slow

ROOT: Final = Path(__file__).parents[1]


def demo(copy: Path) -> str:
    """Return the output of `make demo`, run in the environment of the tests."""
    command = ["make", "--silent", "demo", f"BIN={Path(sys.executable).parent}"]
    return subprocess.run(command, cwd=copy, check=True, text=True, capture_output=True).stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the files for the demonstration, with a seemingly installed environment."""
    folder = tmp_path_factory.mktemp("checkout")
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "installed").touch()
    return folder


@pytest.fixture(scope="module")
def printed(copy: Path) -> str:
    return demo(copy)


def test_the_demo_writes_the_graph_and_the_findings(copy: Path, printed: str) -> None:
    files = sorted(path.relative_to(copy).as_posix() for path in (copy / "demo").iterdir())
    assert ["demo/kg.jsonld", "demo/kg.ttl", "demo/report.txt"] == files
    assert set(files) <= set(
        printed.replace(",", " ").replace(". ", " ").replace(".\n", " ").split()
    )


@pytest.mark.filterwarnings("ignore:(Dataset|Conj):DeprecationWarning")  # rdflib warns of itself
@pytest.mark.usefixtures("printed")
def test_both_files_of_the_demo_have_the_seeds(copy: Path, seeds: Dataset) -> None:
    turtle = rdflib.Graph().parse(copy / "demo" / "kg.ttl")
    jsonld = rdflib.Graph().parse(copy / "demo" / "kg.jsonld", format="json-ld")
    assert set(turtle) == set(jsonld)
    assert {one[0][1:-1] for one in merge_dataset(seeds)} <= {str(one) for one in turtle.subjects()}


def test_the_demo_shows_findings_of_the_seeds_with_their_places(printed: str) -> None:
    findings = [line for line in printed.splitlines() if line.startswith("seeds/")]
    assert "seeds/001_b6f788767d3a8fd8.txt:2:1: warning: images: There is no image" in printed
    assert all(": info: " not in line for line in findings)


def test_the_demo_answers_a_question(printed: str) -> None:
    assert "Natural Language Processing" in printed


def test_running_the_demo_again_changes_nothing(copy: Path, printed: str) -> None:
    before = {path: path.read_bytes() for path in (copy / "demo").iterdir()}
    assert printed == demo(copy)
    assert before == {path: path.read_bytes() for path in (copy / "demo").iterdir()}
