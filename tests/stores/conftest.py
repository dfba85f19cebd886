"""Stores to load into; `make test-stores` installs the real ones and runs their tests."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kg.stores import Store
from kg.stores.embedded import Embedded
from tests.conftest import Dataset
from tests.sample_site import write_site
from tests.stores import jena as jenas
from tests.stores import virtuoso as virtuosos

ADVICE = "is not installed; `make test-stores` does it"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site of five articles."""
    return write_site(tmp_path / "site")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty embedded store, in memory, because the disk takes most of the time of a load."""
    embedded = Embedded(tmp_path / "store", create=True, in_memory=True)
    yield embedded
    embedded.close()


@pytest.fixture(scope="session")
def jena(tmp_path_factory: pytest.TempPathFactory) -> jenas.Jena:
    """Jena's commands."""
    if not (jenas.JARS / "jena-cmds.jar").exists() or not shutil.which("java"):
        pytest.fail(f"Jena {ADVICE}", pytrace=False)
    return jenas.install_jena(tmp_path_factory.mktemp("jena"))


@pytest.fixture(scope="session")
def _virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[virtuosos.Virtuoso]:
    if not shutil.which("virtuoso-t"):
        pytest.fail(f"Virtuoso {ADVICE}", pytrace=False)
    with virtuosos.run_virtuoso(tmp_path_factory.mktemp("virtuoso")) as server:
        yield server


@pytest.fixture
def virtuoso(_virtuoso: virtuosos.Virtuoso) -> Iterator[virtuosos.Virtuoso]:
    """A running Virtuoso that has only its own graphs."""
    yield _virtuoso
    _virtuoso.clear()


@pytest.fixture(scope="session")
def counts(export: Dataset) -> dict[str, int]:
    """The number of statements in each graph of `kg export seeds`."""
    return {name[1:-1]: len(triples) for name, triples in export.items()}
