"""Every leaf of every record has exactly one fate, and they add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.mapping.descriptions import Fate, MappedRecord
from kg.mapping.memo import DescriptionMemo
from kg.mapping.project import make_mapper, table_of
from kg.model.errors import KgError
from kg.model.records import Origin, Record, Source
from kg.model.site import Site
from kg.provenance import accounts
from kg.provenance.accounts import (
    FieldValue,
    UnknownFields,
    count_fates,
    field_values,
    summarize_fields,
    unknown_fields_in,
    values_of_record,
)
from kg.sites import read_settings
from kg.sources.discovery import discover_sources
from kg.sources.reading import is_rdf, read_records, reread_records

MAPPER: Final = make_mapper(Site(url="https://a.b"), include=["people"])
CASES: Final = Path(__file__).parents[1] / "cases"
ORIGIN: Final = Origin(Source("a.md", "a.md"), "0", "text/markdown")
SEEDS: Final = str(Path(__file__).parents[2] / "seeds")


def fates(**fields: Any) -> dict[str, Fate]:
    record = Record({"category": "news", "type": "article", **fields}, ORIGIN)
    return {leaf.place.name: leaf.fate for leaf in values_of_record(record, MAPPER)}


def leaves(value: object) -> int:
    """Count leaves, by another algorithm than the account."""
    inner = list(value.values()) if isinstance(value, dict) else value
    return sum(map(leaves, inner)) if isinstance(inner, list) and inner else 1


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
FIELDS = st.sampled_from(
    "title webUrl provider domain images url width related topics odd secured isCached heat type "
    "category name authors ratings count price featuredContent items actions author tags date "
    "image".split()
)
KINDS = st.sampled_from(
    "article video course collection book download forum newsletter deal post profile".split()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4)
)


@given(st.dictionaries(FIELDS, VALUES, min_size=1, max_size=6), KINDS)
def test_every_leaf_of_any_record_has_one_fate(fields: dict[str, Any], kind: str) -> None:
    fields = {"type": kind, **fields}
    found = list(values_of_record(Record(fields, ORIGIN), MAPPER))
    assert leaves(fields) == len(found)
    assert len({leaf.place.field for leaf in found}) == len(found)


def test_the_account_of_the_seeds_adds_up() -> None:
    found = discover_sources([SEEDS])
    every = [record for one in found for record in read_records(one)]
    entries = summarize_fields(field_values(found, MAPPER), MAPPER.site)
    assert sum(leaves(record.fields) for record in every) == sum(entry.count for entry in entries)
    expected = {"mapped": 719, "derived": 4, "withheld": 5, "ignored": 58}
    assert expected == {fate: count for fate, count in count_fates(entries).items() if count}


@pytest.mark.parametrize("include", [(), ("people",)], ids=["people left out", "with people"])
def test_the_account_of_every_case_adds_up(include: tuple[str, ...]) -> None:
    for case in sorted(CASES.iterdir()):
        for record, of_record in accounts_of(case, include):
            assert leaves(record.fields) == len(of_record), case
            assert len({leaf.place.field for leaf in of_record}) == len(of_record), case
            assert "SECRET" not in str(of_record), case


def accounts_of(case: Path, include: tuple[str, ...]) -> Iterator[tuple[Record, list[FieldValue]]]:
    """Yield each record of a case with its values; an unreadable site has no records."""
    try:
        settings, sources = read_settings([str(case)]), discover_sources([str(case)])
    except KgError:
        return
    mapper = make_mapper(settings.site(), sources, table=table_of(settings), include=include)
    for record in reread_records(source for source in sources if not is_rdf(source)):
        yield record, list(values_of_record(record, mapper))


@pytest.mark.parametrize(
    ("fate", "field", "fields"),
    [
        (Fate.MAPPED, "title", {"title": "A"}),
        (Fate.MAPPED, "ratings.average", {"type": "course", "ratings": {"average": 4}}),
        (Fate.MAPPED, "twitter.url", {"type": "profile", "name": "A", "twitter": {"url": "//a.b"}}),
        (Fate.MAPPED, "price", {"type": "course", "price": "Free"}),
        (Fate.MAPPED, "author", {"type": "post", "author": "Ada"}),
        (Fate.MAPPED, "actions[0].url", {"type": "download", "actions": [{"url": "//a.b/"}]}),
        (Fate.IGNORED, "layout", {"type": "post", "layout": "wide"}),
        (Fate.IGNORED, "heat", {"type": "deal", "heat": 7}),
        (Fate.IGNORED, "featuredContent", {"featuredContent": "<p>Nothing is embedded.</p>"}),
        (
            Fate.IGNORED,
            "actions[0].type",
            {"type": "download", "actions": [{"url": "//a.b/", "type": "x"}]},
        ),
        (Fate.UNKNOWN, "ratings.best", {"type": "course", "ratings": {"best": 5}}),
        (Fate.UNKNOWN, "tags", {"tags": "AI"}),
        (Fate.UNKNOWN, "linkedin", {"type": "profile", "name": "A", "linkedin": "a"}),
        (Fate.INVALID, "items[0]", {"type": "collection", "items": ["nowhere"]}),
        (Fate.INVALID, "length", {"type": "course", "length": "long"}),
        (Fate.INVALID, "ratings", {"type": "course", "ratings": 5}),
        (Fate.DERIVED, "shortname", {"taxonomy": "topic", "name": "AI", "shortname": "AI"}),
        (Fate.MAPPED, "hashtags[1]", {"taxonomy": "topic", "name": "AI", "hashtags": [None, "#a"]}),
        (Fate.EMPTY, "hashtags", {"taxonomy": "topic", "name": "AI", "hashtags": None}),
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


def test_withheld_values_have_no_example() -> None:
    record = Record({"title": "A", "secured": "blob"}, ORIGIN)
    examples = {leaf.place.name: leaf.example for leaf in values_of_record(record, MAPPER)}
    assert {"title": "A", "secured": None} == examples


def test_unknown_fields_are_mild_findings() -> None:
    record = Record({"title": "A", "mood": {"now": "good", "then": "bad"}}, ORIGIN)
    found = Counter(leaf.fate for leaf in values_of_record(record, MAPPER))
    assert found[Fate.UNKNOWN] == 2


@given(st.lists(st.dictionaries(FIELDS, VALUES, max_size=6), min_size=1, max_size=3), KINDS)
def test_a_check_of_each_item_once_finds_the_same_unknown_fields(
    items: list[dict[str, Any]], kind: str
) -> None:
    finds, memory = UnknownFields(MAPPER), DescriptionMemo(1000)
    for fields in (*items, {"related": items}, {"images": items, "topics": items}):
        record = Record({"type": kind, **fields}, ORIGIN)
        expected = unknown_fields_in(record, MAPPER.map(record), MAPPER)
        assert expected == finds([MappedRecord(record, MAPPER.describe(record, memory))])


def test_the_seeds_have_no_unknown_fields_without_an_account_of_every_leaf(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(accounts, "unknown_fields_in")
    finds, memory = UnknownFields(MAPPER), DescriptionMemo(1000)
    for record in reread_records(discover_sources([SEEDS])):
        assert [] == finds([MappedRecord(record, MAPPER.describe(record, memory))])


def test_all_leaves_of_omitted_values_are_withheld() -> None:
    person = {"type": "profile", "name": "PRIVATE", "bio": ["PRIVATE"], "odd": {"x": "PRIVATE"}}
    without = make_mapper(Site())
    found = list(values_of_record(Record(person, ORIGIN), without))
    assert {Fate.WITHHELD} == {leaf.fate for leaf in found}
    assert "PRIVATE" not in str(found)
