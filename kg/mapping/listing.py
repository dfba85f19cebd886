"""The mapping as rows that a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kg.mapping.language import ANY, NOTHING, Choice, Maps, Row, TriplesMap, alternatives
from kg.mapping.schema_org import MAIN_ENTITY, MAPS, RECORD, RELATED, START, WORK
from kg.mapping.term_maps import TermMap, YesNo
from kg.model.site import Site


def mapping_rows(site: Site, table: Maps = MAPS) -> Iterator[tuple[str, str, str, str]]:
    """Yield the table as a person reads it: node, field, property, object."""
    said = {name: one.rows for name, one in table.items() if isinstance(one, TriplesMap)}
    told: set[Row] = set()
    for name, one in table.items():
        if isinstance(one, Choice):
            yield from _choice_rows(name, one)
            continue
        for class_ in one.classes:
            yield name, "", "rdf:type", site.compact(class_)
        for row in one.rows:
            if row not in told:
                told.add(row)
                alike = [other for other in said if row in said[other]]
                meaning = row.object if isinstance(row.object, str) else _term_map_text(row.object)
                fields = " or ".join(alternatives(row.reference))
                yield _shared_by(alike, said), fields, site.compact(row.property), meaning
        for property_, term in one.constants:
            yield name, "", site.compact(property_), _constant_text(term, site)
        for field, reason in (*one.withheld.items(), *one.ignored.items()):
            yield name, field, "", reason


def kind_rows(site: Site, table: Maps = MAPS) -> Iterator[tuple[str, str, str]]:
    """Yield what a file can be about, what tells that it is, and the classes of its node."""
    told: dict[str, list[str]] = {}
    for start in (START, WORK):
        for _, said, _, chosen in _choice_rows(start, table[start]):
            if chosen != RECORD:
                told.setdefault(chosen, []).append(said)
    for name, ways in told.items():
        classes = ", ".join(site.compact(class_) for class_ in _classes_of_work(table[name], table))
        yield name, "; ".join(ways), classes


def _classes_of_work(one: TriplesMap | Choice, table: Maps) -> tuple[str, ...]:
    """Return the classes of what a file is about, which is not the page about it."""
    if not isinstance(one, TriplesMap):
        return ()
    about = [table[str(row.object)] for row in one.rows if row.property == MAIN_ENTITY]
    return _classes_of_work(about[0], table) if about else one.classes


def _shared_by(alike: list[str], said: Mapping[str, tuple[Row, ...]]) -> str:
    """Name the nodes that share a row; those that can be related are the works."""
    works = {name for name, rows in said.items() if RELATED in {r.property for r in rows}}
    lacking = sorted(works.difference(alike))
    if len(lacking) * 3 > len(works):
        return ", ".join(alike)
    others = [name for name in alike if name not in works]
    return ", ".join([" but ".join(["every work", *lacking]), *others])


def _constant_text(term: str, site: Site) -> str:
    return term if term.startswith('"') else site.compact(term)


def _choice_rows(name: str, either: TriplesMap | Choice) -> Iterator[tuple[str, str, str, str]]:
    assert isinstance(either, Choice)
    for conditions, chosen in either.choices:
        said = ", ".join(
            {ANY: f"any {key}", NOTHING: f"no {key}"}.get(value, f"{key}: {value}")
            for key, value in conditions.items()
        )
        yield name, said, "", chosen
    yield name, "anything else", "", either.otherwise


def _term_map_text(term: TermMap) -> str:
    return str(term) if isinstance(term, YesNo) else term.__name__.replace("_", " ")
