"""The bulk loaders of stores load shards, with the commands of docs/bulk-loading.md."""

from __future__ import annotations

import json
import re
import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

import pyoxigraph
import pytest

from kg.model.formats import find_format
from kg.model.site import Site
from kg.writers.shards import write_shards
from tests.conftest import Dataset, dataset_lines
from tests.stores.jena import Jena
from tests.stores.processes import run
from tests.stores.virtuoso import Virtuoso

pytestmark = pytest.mark.stores

MOST: Final = 60_000
COUNT: Final = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"

Export: TypeAlias = Callable[[Path], Path]


@pytest.fixture
def write_below(export: Dataset, site: Site) -> Export:
    """Return a function that writes the shards for the commands of the page below a folder."""

    def write(folder: Path) -> Path:
        lines = dataset_lines(export, find_format("nquads"), site)
        assert len(write_shards(lines, folder / "shards", MOST, site)) > 3
        return folder

    return write


def command(loader: str) -> str:
    """Return the command of the page for a loader."""
    text = (Path(__file__).parents[2] / "docs/bulk-loading.md").read_text(encoding="utf-8")
    (line,) = re.findall(rf"^{loader} .*$", text, re.MULTILINE)
    return str(line)


def bash(folder: Path, *lines: str) -> None:
    run("bash", "-c", "\n".join(lines), folder=folder)


def test_oxigraph_loads_shards(write_below: Export, counts: dict[str, int], tmp_path: Path) -> None:
    tools = shlex.quote(str(Path(sys.executable).parent))
    bash(write_below(tmp_path), f"PATH={tools}:$PATH", command("oxigraph load"))
    rows = pyoxigraph.Store.read_only(str(tmp_path / "store")).query(COUNT)
    assert isinstance(rows, pyoxigraph.QuerySolutions)
    assert counts == {row["g"].value: int(row["n"].value) for row in rows}


def test_tdb2_loads_shards(
    write_below: Export, jena: Jena, counts: dict[str, int], tmp_path: Path
) -> None:
    tool = f'tdb2.tdbloader() {{ java -cp {shlex.quote(jena.classpath)} tdb2.tdbloader "$@"; }}'
    bash(write_below(tmp_path), tool, command("tdb2.tdbloader"))
    result = jena("tdb2.tdbquery", "--loc", tmp_path / "store", "--results=json", COUNT)
    rows = json.loads(result.stdout)["results"]["bindings"]
    assert counts == {row["g"]["value"]: int(row["n"]["value"]) for row in rows}


def test_virtuoso_loads_shards(
    write_below: Export, virtuoso: Virtuoso, counts: dict[str, int]
) -> None:
    (virtuoso.folder / "site").mkdir()
    loader = command("isql-vt").replace("localhost:1111", f"127.0.0.1:{virtuoso.sql}")
    bash(write_below(virtuoso.folder / "site"), f"PASSWORD={virtuoso.password}", loader)
    unread = "SELECT ll_file FROM DB.DBA.load_list WHERE ll_state <> 2 OR ll_error IS NOT NULL"
    assert "\n0 Rows." in virtuoso.isql(unread)
    assert counts == virtuoso.counts()
