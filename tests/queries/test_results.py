"""Answers as bytes: the format for a format name or a suffix, and the content of each."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from kg.graph.convert import oxigraph_store
from kg.model.errors import FormatError
from kg.model.site import Site
from kg.queries import parse_query, run_query
from kg.queries.results import (
    RESULT_FORMATS,
    answer_bytes,
    answer_triples,
    choose_graph_format,
    choose_result_format,
    is_graph,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kg.queries.evaluation import Answer

SITE: Final = Site()
ROW: Final = 'SELECT ?a ?b ?c { BIND ("x|y" AS ?a) BIND (<https://a.example/1> AS ?b) }'


def answer(text: str) -> Answer:
    triples = [("<https://a.example/s>", "<https://a.example/p>", '"o"')]
    return run_query(parse_query("mine", text), oxigraph_store(triples), {}, SITE)


def draw(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return f"{columns}{list(rows)}"


@pytest.mark.parametrize(
    ("expected", "word", "path"),
    [
        ("table", None, None),
        ("table", "", "a.txt"),
        ("table", None, "a"),
        ("csv", None, "a.csv"),
        ("markdown", None, "a.md"),
        ("json", None, "a.srj"),
        ("xml", None, "a.srx"),
        ("tsv", "tsv", "a.csv"),
    ],
)
def test_a_format_name_wins_over_the_suffix(
    expected: str, word: str | None, path: str | None
) -> None:
    assert expected == choose_result_format(word, Path(path) if path else None)


def test_an_unknown_format_is_refused_with_a_list_of_the_formats() -> None:
    with pytest.raises(FormatError, match="unknown format: 'ttl'; one of table, markdown, csv,"):
        choose_result_format("ttl", None)


@pytest.mark.parametrize(
    ("expected", "word", "path"),
    [
        ("turtle", None, None),
        ("turtle", None, "a.csv"),
        ("ntriples", None, "a.nt"),
        ("trig", "trig", "a.nt"),
    ],
)
def test_triples_are_turtle_unless_another_format_is_named(
    expected: str, word: str | None, path: str | None
) -> None:
    assert expected == choose_graph_format(word, Path(path) if path else None).name


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("table", "['a', 'b', 'c'][['x|y', 'https://a.example/1', '']]"),
        ("markdown", "| a | b | c |\n| --- | --- | --- |\n| x\\|y | https://a.example/1 |  |\n"),
        ("csv", "a,b,c\r\nx|y,https://a.example/1,\r\n"),
        ("tsv", '?a\t?b\t?c\n"x|y"\t<https://a.example/1>\t\n'),
    ],
)
def test_rows_are_written_in_each_format(form: str, expected: str) -> None:
    assert expected == answer_bytes(answer(ROW), form, draw).decode()


@pytest.mark.parametrize("form", RESULT_FORMATS)
def test_every_format_ends_its_last_line_and_supports_a_boolean(form: str) -> None:
    assert b"true" in answer_bytes(answer("ASK {}"), form, draw)
    assert form == "table" or answer_bytes(answer(ROW), form, draw).endswith(b"\n")


def test_triples_are_not_rows() -> None:
    described = answer("CONSTRUCT { ?s ?p [] } { ?s ?p ?o }")
    with pytest.raises(FormatError, match="csv cannot carry triples; choose an RDF format"):
        answer_bytes(described, "csv", draw)
    assert is_graph(described)
    [(subject, _, term)] = answer_triples(described, SITE)
    assert "<https://a.example/s>" == subject
    assert term.startswith(f"<{SITE.base}.well-known/genid/")
