"""The wheel has the files that kg needs and no others, and works without a checkout."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path
from typing import Final

import pytest

from kg import __version__

pytestmark = pytest.mark.slow

ROOT: Final = Path(__file__).parents[1]
SEEDS: Final = str(ROOT / "seeds")


def _run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        command, cwd=cwd, env=environment, text=True, capture_output=True, check=False
    )


def _output_of(*command: str | Path, cwd: Path) -> str:
    process = _run(*command, cwd=cwd)
    assert process.returncode == 0, process.stderr
    return process.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    _output_of(
        sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder
    )
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (path,) = dist.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """The files in the wheel, without its metadata."""
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts of a new environment with the wheel; it uses the dependencies of this one."""
    home = tmp_path_factory.mktemp("installed")
    _output_of(sys.executable, "-m", "venv", "--without-pip", home, cwd=home)
    python = home / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    _output_of(*pip, "install", "--no-deps", "--no-index", wheel, cwd=home)
    packages = _output_of(
        python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=home
    )
    site_packages = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    # Paths named in a .pth file are searched, but .pth files in them are not: no editable install.
    Path(packages.strip(), "dependencies.pth").write_text(
        "".join(f"{path}\n" for path in sorted(site_packages))
    )
    return home / "bin"


def test_the_wheel_has_the_package_with_its_shapes_and_queries(names: set[str]) -> None:
    package = {path.relative_to(ROOT).as_posix() for path in (ROOT / "kg").rglob("*.*")}
    bundled = {
        f"kg/bundled/{folder}/{path.name}"
        for folder in ("shapes", "queries")
        for path in (ROOT / folder).iterdir()
    }
    expected = {name for name in package | bundled if "__pycache__" not in name}
    assert sorted(expected) == sorted(names)
    assert {"kg/py.typed", "kg/mapping/vocabulary.nt", "kg/mapping/topics.nt"} <= names


def test_the_readme_names_the_wheel(wheel: Path) -> None:
    assert f"pip install {wheel.name}\n" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_wheel_has_its_metadata(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        metadata = archive.read(name).decode()
        licenses = [name for name in archive.namelist() if name.endswith("licenses/LICENSE")]
    assert re.search(r"^Name: kg-exporter$", metadata, re.MULTILINE)
    assert re.search(rf"^Version: {re.escape(__version__)}$", metadata, re.MULTILINE)
    assert re.search(r"^License-Expression: MIT$", metadata, re.MULTILINE)
    assert 1 == len(licenses)


def test_the_source_distribution_has_the_files_for_the_tests(dist: Path) -> None:
    (path,) = dist.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        distributed = {name.partition("/")[2] for name in archive.getnames()}
    for folder in ("kg", "shapes", "queries", "seeds", "tests", "docs"):
        files = (path for path in (ROOT / folder).rglob("*") if path.is_file())
        needed = {
            path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in str(path)
        }
        assert set() == needed - distributed
    assert {"LICENSE", "README.md", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile"} <= distributed


def test_the_package_is_the_installed_one(installed: Path, tmp_path: Path) -> None:
    path = _output_of(installed / "python", "-c", "import kg; print(kg.__file__)", cwd=tmp_path)
    assert path.startswith(str(installed.parent))
    assert f"kg, version {__version__}\n" == _output_of(installed / "kg", "--version", cwd=tmp_path)


@pytest.mark.parametrize("verb", ["shapes", "queries"])
def test_bundled_files_are_listed(verb: str, installed: Path, tmp_path: Path) -> None:
    from_checkout = _output_of(sys.executable, "-m", "kg", verb, "--json", cwd=ROOT)
    from_wheel = _output_of(installed / "kg", verb, "--json", cwd=tmp_path)
    assert json.loads(from_checkout) == json.loads(from_wheel) != []


@pytest.mark.parametrize(
    "command",
    [
        "export -f ntriples",
        "validate -f json --fail-on never",
        "query topics",
        "fields",
        "explain topic/ai",
    ],
)
def test_an_installed_kg_has_the_same_output(command: str, installed: Path, tmp_path: Path) -> None:
    words = (*command.split(), "-q", SEEDS)
    expected = _output_of(sys.executable, "-m", "kg", *words, cwd=tmp_path)
    assert expected == _output_of(installed / "kg", *words, cwd=tmp_path) != ""


def test_rdflib_finds_the_plugin(installed: Path, tmp_path: Path) -> None:
    seed = str(min(Path(SEEDS).iterdir()))
    script = f"import rdflib; print(len(rdflib.Graph().parse({seed!r}, format='kg')) > 0)"
    assert "True\n" == _output_of(installed / "python", "-c", script, cwd=tmp_path)
