"""Jena reads the output of kg in strict mode, and finds the same statements."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pyoxigraph
import pytest

from kg.model.formats import FORMATS, Format, find_format
from kg.model.site import Site
from kg.writers.formats import write_dataset
from tests.conftest import Dataset, dataset_lines
from tests.stores.jena import Jena

pytestmark = pytest.mark.stores

READ: Final = [form for form in FORMATS if form.name != "jsonld"]
"""Debian lacks a library that Jena needs for JSON-LD."""


def statements(data: str) -> set[str]:
    """Return the statements of N-Quads in a uniform spelling."""
    return {str(quad) for quad in pyoxigraph.parse(data, pyoxigraph.RdfFormat.N_QUADS)}


@pytest.mark.parametrize("form", READ, ids=lambda form: form.name)
def test_jena_reports_no_errors_and_reads_the_same_statements(
    form: Format, export: Dataset, site: Site, jena: Jena, tmp_path: Path
) -> None:
    path = tmp_path / f"graph{form.suffixes[0]}"
    with path.open("wb") as stream:
        write_dataset(export, form, site, stream)
    checked = jena("riotcmd.riot", "--validate", path)
    assert ("", "") == (checked.stdout, checked.stderr)
    simple = find_format("nquads" if form.dataset else "ntriples")
    expected = "".join(dataset_lines(export, simple, site))
    assert statements(expected) == statements(jena("riotcmd.riot", "--output=nquads", path).stdout)


def test_jena_is_strict(jena: Jena, tmp_path: Path) -> None:
    path = tmp_path / "graph.nt"
    path.write_text('<https://a.example/{b}> <https://a.example/c> "d" .\n')
    with pytest.raises(AssertionError, match="Bad IRI"):
        jena("riotcmd.riot", "--validate", path)
