"""A site has the same graph in every interface: command, Python, rdflib, diff, store and fix."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
import rdflib
from click.testing import CliRunner

from kg.cli import kg
from kg.graph.in_memory import load_graphs
from kg.mapping.project import open_project
from kg.sources.rdf import read_rdf

if TYPE_CHECKING:
    from kg.model.records import Triple

FILES: Final = {
    "kg.toml": """
        base-iri = "https://a.example/kg/"
        topics = "topics.ttl"

        [fields]
        heading = "title"

        [map.recipe]
        a = "schema:Recipe"
        like = "creative work"
        when = { type = "recipe" }
        properties = [["minutes", "schema:cookTime", "duration"]]
    """,
    "topics.ttl": ('<topic/alpha> <http://www.w3.org/2004/02/skos/core#note> "from topics.ttl" .'),
    "a.md": "---\ntype: recipe\nheading: Soup\nminutes: PT5M\ntopics: [Alpha]\n---\n",
    "b.md": "---\ntype: profile\nname: Ada\n---\n",
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with topics, fields, a map and a person of its own."""
    folder = tmp_path / "site"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(*words: str | Path) -> str:
    result = CliRunner().invoke(kg, [str(word) for word in words], catch_exceptions=False)
    assert 0 == result.exit_code, result.output
    return result.stdout


def exported_triples(site: Path, *words: str) -> set[Triple]:
    text = run("export", site / "a.md", site / "b.md", "-q", "-f", "nt", "--no-metadata", *words)
    return set(read_rdf(text.encode(), "site.nt", open_project([str(site)]).site))


def loaded_triples(site: Path, **settings: Any) -> set[Triple]:
    project = open_project([str(site / "a.md"), str(site / "b.md")], **settings)
    return set(load_graphs(project)[0].triples())


def parsed_triples(site: Path, **settings: Any) -> set[Triple]:
    graph = rdflib.Graph()
    for name in ("a.md", "b.md"):
        graph.parse(site / name, format="kg", **settings)
    text = graph.serialize(format="nt")
    return set(read_rdf(text.encode(), "site.nt", open_project([str(site)]).site))


def test_the_export_has_topics_fields_maps_and_people(site: Path) -> None:
    text = run("export", site, "-q", "-f", "nt", "--include", "people")
    for expected in ("from topics.ttl", '"Soup"', "schema.org/Recipe", "schema.org/cookTime"):
        assert expected in text
    assert exported_triples(site) < exported_triples(site, "--include", "people")


@pytest.mark.parametrize("include", [(), ("people",)])
def test_python_and_rdflib_have_the_graph_of_the_command(
    site: Path, include: tuple[str, ...]
) -> None:
    expected = exported_triples(site, *(word for name in include for word in ("--include", name)))
    assert expected == loaded_triples(site, include=include)
    assert expected == parsed_triples(site, include=include)


def test_each_interface_accepts_a_topics_file(site: Path, tmp_path: Path) -> None:
    topics = tmp_path / "other.ttl"
    topics.write_text('<topic/alpha> <http://www.w3.org/2004/02/skos/core#note> "other" .')
    expected = exported_triples(site, "--topics", str(topics))
    assert expected != exported_triples(site)
    assert expected == loaded_triples(site, topics=topics)
    assert expected == parsed_triples(site, topics=topics)


def test_diff_reports_no_difference_between_a_site_and_its_export_or_store(
    site: Path, tmp_path: Path
) -> None:
    run("export", site, "-q", "-o", tmp_path / "site.ttl")
    assert "" == run("diff", site, tmp_path / "site.ttl", "-q")
    run("load", site, "-q", "--to", tmp_path / "store")
    assert "" == run("diff", site, tmp_path / "store", "-q")


def test_fix_repairs_the_fields_that_the_site_maps(site: Path) -> None:
    (site / "a.md").write_text("---\ntype: recipe\nheading: 'A &amp; B'\n---\n")
    run("fix", site, "-q", "--write")
    assert "heading: 'A & B'" in (site / "a.md").read_text()
