from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest

from kg.cli import options
from kg.mapping.language import Choice, TriplesMap, parse_reference
from kg.mapping.listing import mapping_rows
from kg.mapping.schema_org import MAPS, METADATA, START
from kg.sources.discovery import discover_sources
from kg.sources.reading import read_records
from kg.sources.withheld import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kg.mapping.language import Maps
    from kg.model.site import Site

TABLES = [(MAPS, START), (METADATA, "dataset")]


def _links(maps: Maps, name: str) -> set[str]:
    """The maps that a map names."""
    entry = maps[name]
    if isinstance(entry, Choice):
        return {*(name for _, name in entry.choices), entry.otherwise}
    return {row.object for row in entry.rows if isinstance(row.object, str)}


@pytest.mark.parametrize(("maps", "start"), TABLES)
def test_every_map_is_reached_from_the_start_and_every_link_names_a_map(
    maps: Maps, start: str
) -> None:
    reached: set[str] = set()
    ahead = {start}
    while ahead:
        reached |= ahead
        ahead = {link for name in ahead for link in _links(maps, name)} - reached
    assert set(maps) == reached


@pytest.mark.parametrize("name", sorted(MAPS))
def test_no_line_of_a_map_is_repeated(name: str) -> None:
    entry = MAPS[name]
    rows = entry.rows if isinstance(entry, TriplesMap) else ()
    assert len(rows) == len(set(rows))


@pytest.mark.parametrize(("maps", "_start"), TABLES)
def test_the_table_can_be_sent_to_another_process(maps: Maps, _start: str) -> None:
    assert maps == pickle.loads(pickle.dumps(maps))  # noqa: S301 - pickled on this very line


def _fields_of_the_mapping() -> Iterator[str]:
    """Yield every field that some map reads, ignores or withholds."""
    for entry in MAPS.values():
        if isinstance(entry, Choice):
            yield from entry.keys
            continue
        yield from (*entry.ignored, *entry.withheld)
        for reference in (*entry.subject.references, *(row.reference for row in entry.rows)):
            read = [path for path in parse_reference(reference) if not path.variable]
            yield from (".".join(path.keys) for path in read)


def _fields(value: Any) -> Iterator[str]:
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from _fields(inner)
    if isinstance(value, dict):
        yield from value


def test_every_field_of_the_seeds_has_a_fate(checkout: Path) -> None:
    sources = discover_sources([str(checkout / "seeds")])
    records = [record for source in sources for record in read_records(source)]
    fields = {field for record in records for field in _fields(record.fields)}
    assert "secured" in fields
    assert fields <= set(_fields_of_the_mapping())


def test_every_map_of_a_record_withholds_the_fields_that_the_reader_withholds() -> None:
    record_maps = {name: MAPS[name] for name in _links(MAPS, START)}
    assert {"record", "profile", "organization", "declared topic"} == set(record_maps)
    for entry in record_maps.values():
        assert isinstance(entry, TriplesMap)
        assert WITHHELD == entry.withheld


def test_users_may_include_exactly_the_nodes_that_the_mapping_leaves_out() -> None:
    optional = {entry.optional for entry in MAPS.values() if isinstance(entry, TriplesMap)}
    assert set(options.OPTIONAL) == optional - {None}


def test_no_choice_is_hidden_behind_another() -> None:
    for entry in MAPS.values():
        choices = (
            [dict(conditions) for conditions, _ in entry.choices]
            if isinstance(entry, Choice)
            else []
        )
        for number, conditions in enumerate(choices):
            assert not [
                before for before in choices[:number] if before.items() <= conditions.items()
            ]


def test_everything_withheld_or_ignored_has_a_reason() -> None:
    reasons = [
        reason
        for entry in MAPS.values()
        if isinstance(entry, TriplesMap)
        for reason in (*entry.withheld.values(), *entry.ignored.values())
    ]
    assert all(reasons)


def test_readers_see_every_line_of_every_map(site: Site) -> None:
    lines = [line[1:3] for line in mapping_rows(site)]
    for entry in MAPS.values():
        for row in entry.rows if isinstance(entry, TriplesMap) else ():
            fields = (row.reference,) if isinstance(row.reference, str) else row.reference
            assert (" or ".join(fields), site.compact(row.property)) in lines


def test_readers_see_which_map_is_chosen(site: Site) -> None:
    lines = list(mapping_rows(site))
    assert ("entry", "@collection: _data/topics", "", "declared topic") in lines
    assert ("work", "type: article, category: news", "", "news article") in lines
    assert ("work", "type: article", "", "article") in lines
    assert ("work", "no type, any date", "", "post") in lines
    assert ("work", "anything else", "", "creative work") in lines


def test_readers_see_what_a_value_becomes(site: Site) -> None:
    kinds = {line[1:3]: line[3] for line in mapping_rows(site)}
    assert "date time" == kinds["publishedDateTime", "schema:datePublished"]
    assert '"Published" or "Unpublished"' == kinds["published", "schema:creativeWorkStatus"]
    assert '"Draft"' == kinds["draft", "schema:creativeWorkStatus"]
