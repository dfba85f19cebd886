"""Counted unions: an added source can be removed again, in any order and with any memory limit."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from kg.graph.counted_union import CountedUnion, cut_into_chunks, merge_supported, share_by_chunk
from kg.graph.union import SubjectLines, merge_subjects

NODES = st.lists(
    st.tuples(
        st.sampled_from(["<a>", "<b>", "<c>"]), st.sampled_from([b"p 1", b"p 2", b"p 1\np 2"])
    ),
    unique_by=lambda node: node[0],
)


@given(st.lists(NODES), st.lists(NODES), st.sampled_from([10**9, 1]))
def test_removing_sources_leaves_the_union_of_the_others(
    stay: list[list[SubjectLines]], go: list[list[SubjectLines]], memory: int
) -> None:
    with TemporaryDirectory() as folder:
        union = CountedUnion(Path(folder), memory)
        for source in [*go, *stay]:
            union.add(source)
        for source in go:
            union.add(source, -1)
        assert merge_subjects(node for source in stay for node in source) == list(
            merge_supported(union)
        )


def test_a_statement_of_two_sources_stays_when_one_is_removed(tmp_path: Path) -> None:
    union = CountedUnion(tmp_path, 10**9)
    union.add([("<a>", b"p 1")], 2)
    union.add([("<a>", b"p 1")], -1)
    assert [("<a>", {b"p 1": 1})] == list(union)


@given(st.integers(min_value=0, max_value=5000))
def test_chunks_contain_all_items_and_have_similar_sizes(number: int) -> None:
    items = [(f"<{one:05}>", {b"p 1": 1}) for one in range(number)]
    chunks = list(cut_into_chunks(iter(items)))
    assert items == [item for chunk in chunks for item in chunk]
    assert {True} >= {500 <= len(chunk) < 1000 for chunk in chunks} or number < 500


def test_items_go_to_the_chunk_that_begins_at_or_before_them() -> None:
    items = [(subject, 0) for subject in ("a", "b", "c", "d", "e")]
    found = [(n, [s for s, _ in share]) for n, share in share_by_chunk(items, ["b", "d"])]
    assert [(0, ["a", "b", "c"]), (1, ["d", "e"])] == found
    assert [(0, 5)] == [(n, len(list(share))) for n, share in share_by_chunk(items, [])]


def test_unions_of_one_process_do_not_write_over_the_runs_of_each_other(tmp_path: Path) -> None:
    for number in range(20):  # each is deleted, and its memory address free, before the next
        CountedUnion(tmp_path, 0).add([(f"<x:{number}>", b"<x:p> <x:o>")])
    assert 20 == len(list(tmp_path.iterdir()))
