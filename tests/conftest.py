from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import settings

from kg.graph.named import map_sources
from kg.graph.statistics import METADATA_GRAPH, dataset_metadata
from kg.mapping.project import make_mapper
from kg.model.formats import Format
from kg.model.records import Source, Term, Triple
from kg.model.site import Site
from kg.sources.discovery import discover_sources
from kg.writers.formats import merge_dataset, write_dataset
from tests.gate import Gate, oxigraph

# The same examples on every run and machine, and no folder of earlier ones.
settings.register_profile("kg", derandomize=True, deadline=None, max_examples=75, database=None)
settings.register_profile("quick", settings.get_profile("kg"), max_examples=10)
settings.load_profile("kg")

# A shell makes its background jobs ignore the interrupt; processes of the tests would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

Dataset = dict[Term, set[Triple]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start a server behind the gate."""
    for item in items:
        if isinstance(item, pytest.Function) and "gate" in item.fixturenames:
            item.add_marker("process")


def dataset_lines(dataset: Dataset, form: Format, site: Site) -> list[str]:
    """The lines of a dataset in a format."""
    out = BytesIO()
    write_dataset(dataset, form, site, out)
    return [f"{line}\n" for line in out.getvalue().decode().split("\n")[:-1]]


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder of the project."""
    return Path(__file__).parents[1]


@pytest.fixture(scope="session")
def site() -> Site:
    return Site()


@pytest.fixture(scope="session")
def seeds(checkout: Path, site: Site) -> Dataset:
    """The named graphs of the seeds, without metadata."""
    sources = discover_sources([str(checkout / "seeds")])
    graphs = map_sources(sources, make_mapper(site))
    return {graph.name: {statement[:3] for statement in graph.statements()} for graph in graphs}


@pytest.fixture(scope="session")
def export(seeds: Dataset, site: Site) -> Dataset:
    """The named graphs of the seeds, with metadata: what `kg export seeds` writes."""
    metadata = dataset_metadata(merge_dataset(seeds), site)
    return {**seeds, site.iri(METADATA_GRAPH): set(metadata)}


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str, str | bytes], Source]:
    """Write a file below the temporary folder and return it as a source."""

    def write(name: str, content: str | bytes) -> Source:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return Source(str(path), name)

    return write


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    """A proxy before an empty Oxigraph."""
    work = tmp_path / "server"
    work.mkdir()
    with oxigraph(work) as (url, _), Gate(url).open() as one:
        yield one
