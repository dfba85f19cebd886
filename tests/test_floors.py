"""Which module may import which: the architecture, checked by the import statements."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import kg

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PACKAGE: Final = Path(kg.__file__).parent

FLOORS: Final = (
    ("model", "resources"),
    ("workers",),
    ("sources",),
    ("sites",),
    ("mapping",),
    ("graph", "provenance"),
    ("queries", "writers"),
    ("validation", "stores"),
    ("api", "plugin"),
    ("cli",),
    ("__main__",),
)
"""A room imports from lower floors only, and nothing from the other rooms of its own."""

HOMES: Final = {
    "click": {"cli"},
    "httpx": {"stores"},
    "pyoxigraph": {"sources", "graph", "queries", "stores", "cli"},
    "pyshacl": {"validation"},
    "rdflib": {"mapping", "graph", "validation", "plugin", "api"},
    "rich": {"cli"},
    "shacl": {"validation"},
    "yaml": {"sources"},
}
"""Each outside package, and the only rooms that import it."""

NETWORK: Final = {"ftplib", "http", "httpx", "requests", "smtplib", "socket", "urllib.request"}


def _name(path: Path) -> str:
    """The dotted name of a module below the package; that of a room for its `__init__`."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


MODULES: Final = {
    _name(path): ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))
}
ROOMS: Final = sorted({name.split(".")[0] for name in MODULES} - {""})


def _imported(module: str) -> Iterator[str]:
    """Yield the full name of everything a module imports, also inside functions."""
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative imports hide the floor"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _imports(room: str) -> Iterator[str]:
    for module in MODULES:
        yield from _imported(module) if module.split(".")[0] == room else ()


def _inside(room: str) -> set[str]:
    """The other rooms of kg that a room imports."""
    names = {name.split(".")[1] for name in _imports(room) if name.startswith("kg.")}
    return names & set(ROOMS) - {room}


def _outside(room: str) -> set[str]:
    return {name.split(".")[0] for name in _imports(room)} - sys.stdlib_module_names - {"kg"}


def _below(room: str) -> set[str]:
    number = next(number for number, floor in enumerate(FLOORS) if room in floor)
    return {one for floor in FLOORS[:number] for one in floor}


def _module(name: str) -> str:
    """The module that an imported name is, or is defined in."""
    short = name.removeprefix("kg.")
    return short if short in MODULES else short.rpartition(".")[0]


def _in_cycles(imports: Mapping[str, set[str]]) -> set[str]:
    """The modules in an import cycle, and those between two cycles."""
    remaining = dict(imports)
    while True:
        imported = {other for others in remaining.values() for other in others}
        importing = {
            name: others & remaining.keys()
            for name, others in remaining.items()
            if name in imported
        }
        importing = {name: others for name, others in importing.items() if others}
        if importing == remaining:
            return set(remaining)
        remaining = importing


def test_every_room_has_its_floor() -> None:
    assert sorted(room for floor in FLOORS for room in floor) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_lower_floors(room: str) -> None:
    assert set() == _inside(room) - _below(room)


def test_there_is_no_import_cycle() -> None:
    imports = {
        module: {_module(name) for name in _imported(module) if name.startswith("kg.")} - {module}
        for module in MODULES
        if module
    }
    assert set() == _in_cycles(imports)


PACKAGES: Final = sorted(room for room in ROOMS if (PACKAGE / room).is_dir() and room != "cli")
"""The rooms that export names; the command line and the single modules have no exports."""


def _used_names(room: str) -> set[str]:
    """The names that the rest of kg imports from a room."""
    prefix = f"kg.{room}."
    return {
        name.removeprefix(prefix)
        for other in ["", *ROOMS]
        if other != room
        for module in MODULES
        if module.split(".")[0] == other
        for name in _imported(module)
        if name.startswith(prefix)
    }


@pytest.mark.parametrize("room", PACKAGES)
def test_a_room_exports_exactly_the_names_that_others_use(room: str) -> None:
    package = import_module(f"kg.{room}")
    assert sorted(_used_names(room)) == sorted(package.__all__)
    assert [] == [name for name in package.__all__ if not hasattr(package, name)]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_its_contract(room: str) -> None:
    assert (import_module(f"kg.{room}").__doc__ or "").strip()


def test_a_cycle_is_detected() -> None:
    assert {"b", "c"} == _in_cycles({"a": set(), "b": {"a", "c"}, "c": {"b"}, "d": {"c"}})


@pytest.mark.parametrize("room", ROOMS)
def test_an_outside_package_is_imported_only_by_its_rooms(room: str) -> None:
    assert _outside(room) <= {name for name, homes in HOMES.items() if room in homes}


def test_only_the_table_uses_the_terms_of_schema_org() -> None:
    names = {"kg.model.SDO", "kg.model.namespaces.SDO"}
    users = {module for module in MODULES if names & set(_imported(module))} - {"model"}
    assert {"mapping.schema_org", "model.site"} == users  # a site has only the namespace


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "stores"])
def test_only_stores_access_the_network(room: str) -> None:
    network_imports = {
        name for name in _imports(room) for net in NETWORK if f"{name}.".startswith(f"{net}.")
    }
    assert set() == network_imports


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "cli"])
def test_only_the_command_line_prints_and_exits(room: str) -> None:
    names = {
        ast.unparse(node.func)
        for module, tree in MODULES.items()
        if module.split(".")[0] == room
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    assert set() == names & {"print", "exit", "quit", "sys.exit", "os._exit"}


def _loaded_packages(*words: str) -> set[str]:
    """Return the packages that a command loads."""
    command = [sys.executable, "-X", "importtime", "-m", "kg", *words]
    process = subprocess.run(command, capture_output=True, text=True, check=True)
    return {line.rpartition("|")[2].strip().split(".")[0] for line in process.stderr.splitlines()}


@pytest.mark.process
@pytest.mark.parametrize("words", ["--help", "export -q -f nt -o /dev/null {seeds}"])
def test_commands_without_need_of_a_library_load_none(words: str, checkout: Path) -> None:
    loaded = _loaded_packages(*words.format(seeds=checkout / "seeds").split())
    assert "click" in loaded
    assert set() == loaded & {"httpx", "pyoxigraph", "pyshacl", "rdflib", "rich", "yaml"}


@pytest.mark.process
@pytest.mark.skipif(find_spec("shacl") is None, reason="the engine shacl is not installed")
def test_the_fast_engine_does_not_load_the_other(checkout: Path) -> None:
    loaded = _loaded_packages("validate", "--engine", "shacl", str(checkout / "seeds"))
    assert "shacl" in loaded
    assert set() == loaded & {"httpx", "pyshacl", "rdflib", "rich", "yaml"}
