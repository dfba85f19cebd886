"""Every leaf of every record has exactly one fate, and they add up."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg import graphs, ledger, sources
from kg.mapper import Fate
from kg.namespaces import Site
from kg.records import Origin, Record, Source

MAPPER: Final = graphs.mapper(Site())
ORIGIN: Final = Origin(Source("a.md", "a.md"), "0", "text/markdown")
SEEDS: Final = str(Path(__file__).parent.parent / "seeds")


def fates(**fields: Any) -> dict[str, Fate]:
    record = Record({"category": "news", "type": "article", **fields}, ORIGIN)
    return {leaf.place.name: leaf.fate for leaf in ledger.leaves(record, MAPPER)}


def leaves(value: object) -> int:
    """Count leaves, in another way than the ledger does."""
    inner = list(value.values()) if isinstance(value, dict) else value
    return sum(map(leaves, inner)) if isinstance(inner, list) and inner else 1


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
FIELDS = st.sampled_from(
    "title webUrl provider domain images url width related topics odd secured isCached heat type "
    "category name".split()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4)
)


@given(st.dictionaries(FIELDS, VALUES, min_size=1, max_size=6))
def test_every_leaf_of_any_record_has_one_fate(fields: dict[str, Any]) -> None:
    found = list(ledger.leaves(Record(fields, ORIGIN), MAPPER))
    assert leaves(fields) == len(found)
    assert len({leaf.place.field for leaf in found}) == len(found)


def test_the_ledger_of_the_seeds_adds_up() -> None:
    found = sources.discover([SEEDS])
    records = [record for one in found for record in sources.records(one, ["secured"])]
    entries = ledger.entries(ledger.of(found, MAPPER), MAPPER)
    assert sum(leaves(record.fields) for record in records) == sum(entry.count for entry in entries)
    expected = {"mapped": 719, "derived": 4, "withheld": 5, "ignored": 58}
    assert expected == {fate: count for fate, count in ledger.totals(entries).items() if count}


@pytest.mark.parametrize(
    ("fate", "field", "fields"),
    [
        (Fate.MAPPED, "title", {"title": "A"}),
        (Fate.MAPPED, "type", {}),
        (Fate.MAPPED, "topics[0]", {"topics": ["AI"]}),
        (Fate.DERIVED, "originalUrl", {"webUrl": "https://a.b/", "originalUrl": "https://a.b/"}),
        (
            Fate.DERIVED,
            "images[0].title",
            {"title": "A", "images": [{"url": "//a.b/", "title": "A"}]},
        ),
        (Fate.WITHHELD, "secured", {"secured": None}),
        (Fate.WITHHELD, "related[0].secured", {"related": [{"secured": None}]}),
        (Fate.IGNORED, "heat", {"heat": -1}),
        (Fate.IGNORED, "images[0].isCached", {"images": [{"url": "//a.b/", "isCached": True}]}),
        (Fate.UNKNOWN, "mood", {"mood": "good"}),
        (Fate.UNKNOWN, "provider.mood", {"provider": {"domain": "a.b", "mood": "good"}}),
        (Fate.EMPTY, "topics", {"topics": []}),
        (Fate.EMPTY, "excerpt", {"excerpt": " "}),
        (Fate.INVALID, "quality", {"quality": "good"}),
        (Fate.INVALID, "title[1]", {"title": ["A", "B"]}),
        (Fate.INVALID, "related[0].title", {"related": [{"title": "no URL"}]}),
    ],
)
def test_a_leaf_has_the_fate(fate: Fate, field: str, fields: dict[str, Any]) -> None:
    assert fate == fates(**fields)[field]


def test_what_is_withheld_has_no_example() -> None:
    record = Record({"title": "A", "secured": "blob"}, ORIGIN)
    examples = {leaf.place.name: leaf.example for leaf in ledger.leaves(record, MAPPER)}
    assert {"title": "A", "secured": None} == examples


def test_unknown_fields_are_mild_findings() -> None:
    record = Record({"title": "A", "mood": {"now": "good", "then": "bad"}}, ORIGIN)
    found = Counter(leaf.fate for leaf in ledger.leaves(record, MAPPER))
    assert found[Fate.UNKNOWN] == 2
