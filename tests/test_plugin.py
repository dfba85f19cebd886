"""`Graph().parse("article.md", format="kg")`, as users of rdflib write it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
import rdflib
from rdflib import RDF, SDO, Graph, URIRef

from kg import KnowledgeGraph
from kg.model.errors import SourceError
from kg.model.site import DEFAULT_BASE

TEXT: Final = """\
---
category: news
type: article
title: Cameras
webUrl: https://example.org/1
publishedDateTime: 2020-07-03T05:43:00Z
quality: 5
---
Body.
"""
BASE: Final = "https://example.com/site/"


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "article.md"
    path.write_text(TEXT)
    return path


def subjects(graph: Graph) -> set[str]:
    return {str(subject) for subject in graph.subjects()}


def test_a_seed_is_parsed_as_kg_reads_it(checkout: Path) -> None:
    seed = str(checkout / "seeds" / "000_0dfa9dda0334464e.txt")
    assert set(KnowledgeGraph(seed).to_rdflib()) == set(Graph().parse(seed, format="kg"))


def test_a_path_may_be_a_text_or_a_path(article: Path) -> None:
    graph = Graph().parse(article, format="kg")
    assert set(graph) == set(Graph().parse(str(article), format="kg"))
    assert [rdflib.Literal("Cameras")] == list(graph.objects(None, SDO.headline))


def test_a_path_may_be_relative(article: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(article.parent)
    assert set(Graph().parse(article, format="kg")) == set(Graph().parse("article.md", format="kg"))


def test_an_open_file_is_parsed_as_its_path_is(article: Path) -> None:
    with article.open("rb") as stream:
        graph = Graph().parse(stream, format="kg")
    assert set(Graph().parse(article, format="kg")) == set(graph)


@pytest.mark.parametrize("data", [TEXT, TEXT.encode()])
def test_data_is_parsed_below_the_default_base(data: str | bytes) -> None:
    graph = Graph().parse(data=data, format="kg")
    assert f"{DEFAULT_BASE}record/-" in subjects(graph)
    assert all(subject.startswith(DEFAULT_BASE) for subject in subjects(graph))


def test_a_stream_is_parsed_like_data() -> None:
    graph = Graph().parse(BytesIO(TEXT.encode()), format="kg")
    assert set(Graph().parse(data=TEXT, format="kg")) == set(graph)


@pytest.mark.parametrize("source", ["data", "path"])
def test_a_public_id_is_the_base_iri(source: str, article: Path) -> None:
    arguments = {"data": TEXT} if source == "data" else {"source": str(article)}
    graph = Graph().parse(**arguments, format="kg", publicID=BASE)  # type: ignore[arg-type]
    assert all(subject.startswith(BASE) for subject in subjects(graph))


def test_a_file_belongs_to_the_site_around_it(article: Path) -> None:
    (article.parent / "kg.toml").write_text(f'base-iri = "{BASE}"\n')
    graph = Graph().parse(article, format="kg")
    assert f"{BASE}record/article" in subjects(graph)


def test_a_yaml_file_is_parsed_with_all_its_documents(tmp_path: Path) -> None:
    path = tmp_path / "articles.yaml"
    path.write_text("title: a\nwebUrl: https://example.org/a\n---\ntitle: b\n")
    graph = Graph().parse(path, format="kg")
    assert {"a", "b"} == {str(title) for title in graph.objects(None, SDO.headline)}


def test_existing_triples_stay_in_the_graph(article: Path) -> None:
    triple = (URIRef("https://example.org/x"), RDF.type, SDO.Thing)
    graph = Graph().add(triple)
    graph.parse(article, format="kg")
    assert triple in graph
    assert len(graph) == 1 + len(Graph().parse(article, format="kg"))


@pytest.mark.filterwarnings("ignore:Dataset:DeprecationWarning")  # rdflib warns of itself
def test_a_dataset_gets_the_statements_too(article: Path) -> None:
    dataset = rdflib.Dataset(default_union=True)
    dataset.parse(article, format="kg")
    assert [rdflib.Literal("Cameras")] == list(dataset.objects(None, SDO.headline))


def test_the_prefixes_of_kg_are_bound(article: Path) -> None:
    graph = Graph(bind_namespaces="none").parse(article, format="kg")
    prefixes = {prefix: str(namespace) for prefix, namespace in graph.namespaces()}
    assert (f"{DEFAULT_BASE}vocab#", "https://schema.org/") == (prefixes["kg"], prefixes["schema"])


def test_literals_keep_their_spelling(article: Path) -> None:
    graph = Graph().parse(article, format="kg")
    (date,) = graph.objects(None, SDO.datePublished)
    assert "2020-07-03T05:43:00Z" == str(date)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        (r"4:8: title: a list of 1, where one value is expected", TEXT.replace("Cameras", "[a]")),
        (
            r"6:20: publishedDateTime: not a date and time: 'soon'",
            TEXT.replace("2020-07-03T05:43:00Z", "soon"),
        ),
        (r"6:18: not YAML: ", TEXT.replace("Cameras", "[")),
        (r"1:1: no front matter: ", "Body.\n"),
        (r"1:1: front matter is not closed", "---\ntitle: x\n"),
        (r"1:1: the front matter has no fields", "---\n---\n"),
    ],
)
def test_a_bad_file_raises_and_names_its_place(message: str, text: str, article: Path) -> None:
    article.write_text(text)
    graph = Graph()
    with pytest.raises(SourceError, match=f"^{article}:{message}"):
        graph.parse(article, format="kg")
    assert 0 == len(graph)


def test_a_value_that_cannot_be_mapped_is_shown() -> None:
    with pytest.raises(SourceError, match=r"^-:3:10: quality: not a whole number: 'good'$"):
        rdflib.Graph().parse(data="---\ntype: article\nquality: good\n---\n", format="kg")


def test_a_notice_is_not_raised() -> None:
    poem = "---\ntype: poem\nwebUrl: https://a.example/1\n---\n"
    assert len(rdflib.Graph().parse(data=poem, format="kg")) > 0


def test_bad_data_raises_and_names_its_place() -> None:
    with pytest.raises(
        SourceError, match=r"^-:6:20: publishedDateTime: not a date and time: 'soon'"
    ):
        Graph().parse(data=TEXT.replace("2020-07-03T05:43:00Z", "soon"), format="kg")


def test_a_missing_file_raises(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Graph().parse(str(tmp_path / "gone.md"), format="kg")
