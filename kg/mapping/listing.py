"""The mapping as the rows of a table for a reader."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kg.mapping.language import ANY, NOTHING, Choice, Maps, Row, TriplesMap, alternatives
from kg.mapping.schema_org import MAIN_ENTITY, MAPS, RECORD, RELATED, START, WORK
from kg.mapping.term_maps import TermMap, YesNo
from kg.model import Site


def mapping_rows(site: Site, table: Maps = MAPS) -> Iterator[tuple[str, str, str, str]]:
    """Yield node, field, property and object of each line of the mapping, as text.

    A row that several maps have is one line with the names of their nodes. A field without a
    property is withheld or ignored, and its object is the reason.
    """
    rows_by_map = {n: entry.rows for n, entry in table.items() if isinstance(entry, TriplesMap)}
    listed: set[Row] = set()
    for name, entry in table.items():
        if isinstance(entry, Choice):
            yield from _choice_rows(name, entry)
            continue
        for class_ in entry.classes:
            yield name, "", "rdf:type", site.compact(class_)
        for row in entry.rows:
            if row not in listed:
                listed.add(row)
                fields = " or ".join(alternatives(row.reference))
                yield _nodes_text(row, rows_by_map), fields, *_property_and_object(row, site)
        for property_, term in entry.constants:
            yield name, "", site.compact(property_), _constant_text(term, site)
        for field, reason in (*entry.withheld.items(), *entry.ignored.items()):
            yield name, field, "", reason


def kind_rows(site: Site, table: Maps = MAPS) -> Iterator[tuple[str, str, str]]:
    """Yield each kind of work, the conditions on a file about one, and the classes of its node."""
    conditions_by_kind: dict[str, list[str]] = {}
    for start in (START, WORK):
        for _, conditions, _, kind in _choice_rows(start, table[start]):
            if kind != RECORD:
                conditions_by_kind.setdefault(kind, []).append(conditions)
    for kind, alternatives_ in conditions_by_kind.items():
        classes = ", ".join(site.compact(class_) for class_ in _work_classes(table[kind], table))
        yield kind, "; ".join(alternatives_), classes


def _work_classes(entry: TriplesMap | Choice, table: Maps) -> tuple[str, ...]:
    """Return the classes of a map's node, or of the work if the node is the page about it."""
    if not isinstance(entry, TriplesMap):
        return ()
    works = [table[str(row.object)] for row in entry.rows if row.property == MAIN_ENTITY]
    return _work_classes(works[0], table) if works else entry.classes


def _nodes_text(row: Row, rows_by_map: Mapping[str, tuple[Row, ...]]) -> str:
    """Return the names of the maps with a row; a row of most works names only the other works."""
    names = [name for name, rows in rows_by_map.items() if row in rows]
    works = {n for n, rows in rows_by_map.items() if any(r.property == RELATED for r in rows)}
    other_works = sorted(works.difference(names))
    if len(other_works) * 3 > len(works):
        return ", ".join(names)
    no_works = [name for name in names if name not in works]
    return ", ".join([" but ".join(["every work", *other_works]), *no_works])


def _property_and_object(row: Row, site: Site) -> tuple[str, str]:
    object_ = row.object if isinstance(row.object, str) else _term_map_text(row.object)
    return site.compact(row.property), object_


def _constant_text(term: str, site: Site) -> str:
    return term if term.startswith('"') else site.compact(term)


def _choice_rows(name: str, entry: TriplesMap | Choice) -> Iterator[tuple[str, str, str, str]]:
    """Yield a row for each choice: its name, its conditions, no property, and the map it takes."""
    assert isinstance(entry, Choice)
    for conditions, map_name in entry.choices:
        conditions_text = ", ".join(
            {ANY: f"any {key}", NOTHING: f"no {key}"}.get(value, f"{key}: {value}")
            for key, value in conditions.items()
        )
        yield name, conditions_text, "", map_name
    yield name, "anything else", "", entry.otherwise


def _term_map_text(term_map: TermMap) -> str:
    if isinstance(term_map, YesNo):
        return str(term_map)
    return term_map.__name__.replace("_", " ")
