"""Sorted runs: merged for any distribution of items, and read only as far as necessary."""

from __future__ import annotations

import marshal
from collections.abc import Iterator
from itertools import chain, pairwise
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.graph import sorted_runs
from kg.graph.sorted_runs import (
    Item,
    compact,
    in_blocks,
    key_ranges,
    merge_blocks,
    read_run,
    write_run,
)

SUBJECTS = st.integers(0, 400).map(lambda number: f"<x:{number:03}>")
SHORT = st.lists(st.tuples(SUBJECTS, st.integers(0, 3))).map(sorted)
LONG = st.integers(1, 9).map(lambda step: [(f"<x:{one:03}>", 0) for one in range(0, 400, step)])
RUN = SHORT | LONG


@given(st.lists(RUN, max_size=6))
def test_merged_runs_do_not_split_a_subject_between_lists(many: list[list[Item]]) -> None:
    lists = list(merge_blocks(map(in_blocks, many)))
    assert sorted(chain(*many)) == sorted(chain(*lists))
    subjects = [list(dict.fromkeys(map(itemgetter(0), items))) for items in lists]
    assert sorted({subject for subject, _ in chain(*many)}) == list(chain(*subjects))


@pytest.mark.parametrize("apart", [True, False], ids=["apart", "together"])
def test_runs_are_read_only_as_far_as_necessary(apart: bool) -> None:
    read_items = 0

    def count_items(run: Iterator[list[Item]]) -> Iterator[list[Item]]:
        nonlocal read_items
        for batch in run:
            read_items += len(batch)
            yield batch

    places = "{run:04}-{item:04}" if apart else "{item:04}-{run:04}"
    many = [[(places.format(run=r, item=i), 0) for i in range(2000)] for r in range(10)]
    merged_items = most_in_memory = 0
    for items in merge_blocks([count_items(in_blocks(run)) for run in many]):
        most_in_memory = max(most_in_memory, read_items - merged_items)
        merged_items += len(items)
    assert 20_000 == merged_items
    assert most_in_memory <= 3 * 10 * 20, "three batches of each"


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    items = [(f"<x:{number:03}>", {"é": number}) for number in range(101)]
    assert items == list(chain.from_iterable(read_run(write_run(items, tmp_path))))


@given(st.lists(RUN, max_size=4), st.integers(1, 5))
def test_ranges_contain_all_items_in_order(many: list[list[Item]], number: int) -> None:
    with TemporaryDirectory() as folder, patch.object(sorted_runs, "_INDEX_EVERY", 300):
        runs = [write_run(run, Path(folder)) for run in many]
        parts = key_ranges(runs, number)
        assert len(parts) <= number
        for part, after in pairwise(parts):
            assert part.end == after.first
        for items, run in zip(many, runs, strict=True):
            assert items == [one for part in parts for one in chain(*read_run(run, part))]


def test_ranges_have_similar_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorted_runs, "_INDEX_EVERY", 1000)
    text = "long " * 20
    items = [(f"{number:04}", text if number < 1000 else "") for number in range(6000)]
    run = write_run(items, tmp_path)
    parts = [list(chain(*read_run(run, part))) for part in key_ranges([run], 3)]
    sizes = [len(marshal.dumps(part)) for part in parts]
    assert [1, 1, 1] == [round(3 * size / sum(sizes)) for size in sizes]


@pytest.mark.parametrize("number", [1, 100, 101, 450])
def test_runs_are_merged_when_they_are_too_many_to_be_open(tmp_path: Path, number: int) -> None:
    item_lists = [[("<x:a>", n), (f"<x:b{n}>", n)] for n in range(number)]
    remaining_runs = compact([write_run(one, tmp_path) for one in item_lists], tmp_path)
    assert sorted(run.path for run in remaining_runs) == sorted(tmp_path.iterdir())
    assert len(remaining_runs) <= 100
    merged_lists = [list(chain.from_iterable(read_run(run))) for run in remaining_runs]
    assert all(run == sorted(run, key=itemgetter(0)) for run in merged_lists)
    assert sorted(chain(*item_lists)) == sorted(chain(*merged_lists))
