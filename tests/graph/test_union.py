"""The union of nodes, in memory and on disk."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from kg.graph.union import Union, lines_by_subject, merge_subjects, triples_of

TERMS = st.sampled_from(["<x:a>", "<x:b>", "<x:c>", '"a"', '"b c"', '"é"'])
TRIPLES = st.tuples(TERMS.filter(lambda t: t[0] == "<"), TERMS.filter(lambda t: t[0] == "<"), TERMS)


@given(st.sets(TRIPLES))
def test_nodes_are_the_triples_by_subject(triples: set[tuple[str, str, str]]) -> None:
    nodes = list(lines_by_subject(sorted(triples)))
    assert sorted(triples) == [triple for node in nodes for triple in triples_of(node)]
    assert len(nodes) == len({subject for subject, _, _ in triples})


@given(st.lists(st.sets(TRIPLES)), st.sampled_from([1, 600, 10**9]))
def test_a_union_has_everything_once_in_order_for_any_memory_limit(
    sources: list[set[tuple[str, str, str]]], memory: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        union = Union(Path(folder), memory)
        for source in sources:
            union.add(lines_by_subject(sorted(source)))
        expected = list(lines_by_subject(sorted(set().union(*sources))))
        assert expected == list(union)
        assert expected == list(union), "a second time, too"


def test_a_union_above_the_memory_limit_goes_to_disk(tmp_path: Path) -> None:
    union = Union(tmp_path, 100)
    union.add([("<x:a>", b"<x:p> <x:o>")])
    assert [run.path for run in union.runs] == list(tmp_path.iterdir()) != []


def test_a_union_of_many_runs_is_the_same(tmp_path: Path) -> None:
    union = Union(tmp_path, 1)
    for number in range(250):
        union.add([("<x:all>", b"<x:p> %03d" % number), (f"<x:{number:03}>", b"<x:p> 1")])
    everything = dict(union)
    assert 251 == len(everything)
    assert [b"<x:p> %03d" % number for number in range(250)] == everything["<x:all>"].split(b"\n")


def test_a_union_within_the_memory_limit_stays_off_the_disk(tmp_path: Path) -> None:
    Union(tmp_path, 10**6).add([("<x:a>", b"<x:p> <x:o>")])
    assert [] == list(tmp_path.iterdir())


def test_lines_of_one_node_from_two_places_are_merged() -> None:
    lines = [("<b>", b"<p> 1"), ("<a>", b"<q> 2"), ("<a>", b"<p> 1"), ("<a>", b"<q> 2")]
    assert [("<a>", b"<p> 1\n<q> 2"), ("<b>", b"<p> 1")] == merge_subjects(lines)
