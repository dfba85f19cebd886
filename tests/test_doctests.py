"""The examples in docstrings are run."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import kg

MODULES = sorted(
    module.name for module in walk_packages(kg.__path__, "kg.") if module.name != "kg.__main__"
)


@pytest.mark.parametrize("name", ["kg", *MODULES])
def test_the_examples_of_a_module_pass(
    name: str, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout)
    results = doctest.testmod(import_module(name))
    assert 0 == results.failed
