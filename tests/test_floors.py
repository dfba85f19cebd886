"""Who may import whom: the architecture, read from the import statements."""

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
    """The module that an imported name is, or stands in."""
    short = name.removeprefix("kg.")
    return short if short in MODULES else short.rpartition(".")[0]


def _circles(arrows: Mapping[str, set[str]]) -> set[str]:
    """The modules on a circle of arrows, and those between two circles."""
    left = dict(arrows)
    while True:
        imported = {other for others in left.values() for other in others}
        on = {name: others & left.keys() for name, others in left.items() if name in imported}
        on = {name: others for name, others in on.items() if others}
        if on == left:
            return set(left)
        left = on


def test_every_room_has_its_floor() -> None:
    assert sorted(room for floor in FLOORS for room in floor) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_is_below_it(room: str) -> None:
    assert set() == _inside(room) - _below(room)


def test_no_modules_import_each_other() -> None:
    arrows = {
        module: {_module(name) for name in _imported(module) if name.startswith("kg.")} - {module}
        for module in MODULES
        if module
    }
    assert set() == _circles(arrows)


PACKAGES: Final = sorted(room for room in ROOMS if (PACKAGE / room).is_dir() and room != "cli")
"""The rooms that hand out names; the command line and the single modules are used as they are."""


def _taken(room: str) -> set[str]:
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
def test_a_room_hands_out_what_others_use_and_nothing_else(room: str) -> None:
    face = import_module(f"kg.{room}")
    assert sorted(_taken(room)) == sorted(face.__all__)
    assert [] == [name for name in face.__all__ if not hasattr(face, name)]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_its_contract(room: str) -> None:
    assert (import_module(f"kg.{room}").__doc__ or "").strip()


def test_a_circle_is_seen() -> None:
    assert {"b", "c"} == _circles({"a": set(), "b": {"a", "c"}, "c": {"b"}, "d": {"c"}})


@pytest.mark.parametrize("room", ROOMS)
def test_an_outside_package_is_imported_only_where_it_is_at_home(room: str) -> None:
    assert _outside(room) <= {name for name, homes in HOMES.items() if room in homes}


def test_only_the_table_speaks_of_schema_org() -> None:
    names = {"kg.model.SDO", "kg.model.namespaces.SDO"}
    speaking = {module for module in MODULES if names & set(_imported(module))} - {"model"}
    assert {"mapping.schema_org", "model.site"} == speaking  # a site knows the namespace alone


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "stores"])
def test_only_stores_reach_for_the_network(room: str) -> None:
    reached = {
        name for name in _imports(room) for net in NETWORK if f"{name}.".startswith(f"{net}.")
    }
    assert set() == reached


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


def _loaded(*words: str) -> set[str]:
    """Return the packages that a command loads."""
    command = [sys.executable, "-X", "importtime", "-m", "kg", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()}


@pytest.mark.process
@pytest.mark.parametrize("words", ["--help", "export -q -f nt -o /dev/null {seeds}"])
def test_what_needs_no_library_loads_none(words: str, checkout: Path) -> None:
    loaded = _loaded(*words.format(seeds=checkout / "seeds").split())
    assert "click" in loaded
    assert set() == loaded & {"httpx", "pyoxigraph", "pyshacl", "rdflib", "rich", "yaml"}


@pytest.mark.process
@pytest.mark.skipif(find_spec("shacl") is None, reason="the engine shacl is not installed")
def test_the_fast_engine_does_without_the_other(checkout: Path) -> None:
    loaded = _loaded("validate", "--engine", "shacl", str(checkout / "seeds"))
    assert "shacl" in loaded
    assert set() == loaded & {"httpx", "pyshacl", "rdflib", "rich", "yaml"}
