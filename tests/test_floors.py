"""Who may import whom: the architecture, read from the import statements."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import kg

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE: Final = Path(kg.__file__).parent

# A module imports from lower floors, and on its own floor from those named before it.
FLOORS: Final = (
    (
        "model.errors",
        "model.records",
        "model.findings",
        "model.namespaces",
        "resources",
        "model.formats",
        "mapping.urls",
        "provenance.patches",
        "queries.sparql",
        "workers",
    ),
    ("mapping.identifiers", "mapping.term_maps", "sources.frontmatter"),
    ("sources.discovery", "sources.revisions", "mapping.language"),
    (
        "mapping.descriptions",
        "graph.shared_index",
        "mapping.compiled",
        "mapping.mapper",
        "graph.sorted_runs",
        "graph.union",
        "graph.counted_union",
    ),
    (
        "mapping.schema_org",
        "mapping.extensions",
        "mapping.authority",
        "sites.configuration",
        "provenance.locate",
        "provenance.accounts",
        "provenance.explain",
        "graph.differences",
        "provenance.fixes",
        "provenance.repairs",
    ),
    ("graph.named",),
    # These know nothing of each other: what they share is below.
    (
        "graph.payloads",
        "graph.statistics",
        "writers.turtle",
        "writers.shards",
        "validation",
        "queries.catalog",
        "validation.reports",
    ),
    ("validation.baselines", "graph.collect", "graph.cache", "graph.incremental", "stores"),
    ("cli", "plugin", "__main__"),
)
APART: Final = 5

# Each outside package, and the only modules that import it.
HOMES: Final = {
    "click": {"cli"},
    "httpx": {"stores"},
    "pyoxigraph": {"graph.named", "queries.catalog", "stores", "cli"},
    "pyshacl": {"validation"},
    "rdflib": {"mapping.extensions", "graph.named", "validation", "plugin"},
    "rich": {"cli"},
    "shacl": {"validation"},
    "yaml": {"sources.frontmatter"},
}

NETWORK: Final = {"ftplib", "http", "httpx", "requests", "smtplib", "socket", "urllib.request"}

MODULES: Final = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts): ast.parse(path.read_text("utf-8"))
    for path in sorted(PACKAGE.rglob("*.py"))
}
ROOMS: Final = sorted(module for floor in FLOORS for module in floor)


def _room(name: str) -> str:
    """The room a module or name stands in: the longest that its dotted name begins with."""
    return max((room for room in ROOMS if f"{name}.".startswith(f"{room}.")), key=len, default="")


def _imports(room: str) -> Iterator[str]:
    """Yield the full name of everything a room imports, also inside functions."""
    for module, tree in MODULES.items():
        for node in ast.walk(tree) if _room(module) == room else ():
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{module}: relative imports hide the floor"
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _inside(room: str) -> set[str]:
    """The rooms of kg a room imports."""
    names = {_room(name.removeprefix("kg.")) for name in _imports(room) if name.startswith("kg.")}
    return names - {room, ""}


def _outside(room: str) -> set[str]:
    return {name.split(".")[0] for name in _imports(room)} - sys.stdlib_module_names - {"kg"}


def _below(room: str) -> set[str]:
    number = next(number for number, floor in enumerate(FLOORS) if room in floor)
    lower = {module for floor in FLOORS[:number] for module in floor}
    floor = FLOORS[number]
    return lower if number == APART else lower | set(floor[: floor.index(room)])


def test_every_module_has_its_floor() -> None:
    assert {"", *ROOMS} == {_room(module) for module in MODULES}


@pytest.mark.parametrize("room", ROOMS)
def test_a_module_imports_only_what_is_below_it(room: str) -> None:
    assert set() == _inside(room) - _below(room)


@pytest.mark.parametrize("room", ROOMS)
def test_an_outside_package_is_imported_only_where_it_is_at_home(room: str) -> None:
    assert _outside(room) <= {name for name, homes in HOMES.items() if room in homes}


def test_only_the_mapping_speaks_of_schema_org() -> None:
    assert ["mapping.schema_org"] == [
        room for room in ROOMS if "kg.model.namespaces.SDO" in _imports(room)
    ]


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
        if _room(module) == room
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    assert set() == names & {"print", "exit", "quit", "sys.exit", "os._exit"}


def _loaded(*words: str) -> set[str]:
    """Return the packages that a command loads."""
    command = [sys.executable, "-X", "importtime", "-m", "kg", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return {line.rpartition("|")[2].strip().split(".")[0] for line in done.stderr.splitlines()}


@pytest.mark.parametrize("words", ["--help", "export -q -f nt -o /dev/null {seeds}"])
def test_what_needs_no_library_loads_none(words: str, checkout: Path) -> None:
    loaded = _loaded(*words.format(seeds=checkout / "seeds").split())
    assert "click" in loaded
    assert set() == loaded & {"httpx", "pyoxigraph", "pyshacl", "rdflib", "rich", "yaml"}


@pytest.mark.skipif(find_spec("shacl") is None, reason="the engine shacl is not installed")
def test_the_fast_engine_does_without_the_other(checkout: Path) -> None:
    loaded = _loaded("validate", "--engine", "shacl", str(checkout / "seeds"))
    assert "shacl" in loaded
    assert set() == loaded & {"httpx", "pyshacl", "rdflib", "rich", "yaml"}
