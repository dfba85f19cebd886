"""What a site adds to the mapping in its `kg.toml`, in the table's own words.

[fields]                                  # a field by another name
summary = "excerpt"

[map.recipe]                              # another kind of work
a = "schema:Recipe"
like = "creative work"
when = { type = "recipe" }
properties = [
    ["cookTime",      "schema:cookTime",         "duration"],
    ["ingredients[]", "schema:recipeIngredient", "text"],
    ["tools[]",       "schema:tool",             "tool"],
]

[map.tool]                                # another kind of node, named by one of its fields
a = "schema:HowToTool"
key = "name"
properties = [["name", "schema:name", "text"]]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from kg.mapping.identifiers import NameTemplate
from kg.mapping.language import (
    Choice,
    Maps,
    Reference,
    Row,
    SubjectMap,
    TriplesMap,
    alternatives,
    parse_path,
)
from kg.mapping.schema_org import WORK
from kg.mapping.term_maps import TERM_MAPS
from kg.model.errors import ConfigurationError
from kg.model.site import Site

_WORDS: Final = {
    "a": (str, list),
    "like": (str,),
    "when": (dict,),
    "key": (str,),
    "properties": (list,),
    "ignored": (dict,),
}


def extend_table(table: Maps, fields: Mapping[str, str], maps: Mapping[str, Any]) -> Maps:
    """Return a table with fields by other names, rows added, and maps added.

    Raises ConfigurationError, naming the map and the word, for what the language does not have and
    for terms that schema.org does not have.
    """
    _check_fields(table, fields)
    found = {name: _renamed(one, fields) for name, one in table.items()}
    for name, said in maps.items():
        _check_words(name, said)
        found[name] = _added(name, said, found)
    for name, said in maps.items():
        for row in _rows_of(found[name]):
            _check_object(name, row.object, found)
        if "when" in said:
            found[WORK] = _chosen(name, said["when"], found[WORK])
    return found


# ---- fields by other names


def _check_fields(table: Maps, fields: Mapping[str, str]) -> None:
    """Refuse another name for a field that no map reads: it would do nothing."""
    read = {
        step.keys[0]
        for one in table.values()
        for step in map(parse_path, _read_by(one))
        if step.keys and not step.variable
    }
    for new, old in fields.items():
        if old not in read:
            near = _near(old, sorted(read))
            advice = f"; did you mean {' or '.join(near)}?" if near else ""
            raise ConfigurationError(f"[fields]: {new}: no map reads a field {old!r}{advice}")


def _read_by(one: TriplesMap | Choice) -> Iterator[str]:
    if isinstance(one, Choice):
        yield from one.keys
        return
    for reference in (*one.subject.references, *(row.reference for row in one.rows)):
        yield from alternatives(reference)


def _renamed(one: TriplesMap | Choice, fields: Mapping[str, str]) -> TriplesMap | Choice:
    if not fields:
        return one
    if isinstance(one, Choice):
        return replace(one, choices=tuple(_choices(one, fields)))
    subject = one.subject
    references = (_also(reference, fields) for reference in subject.references)
    renamed = SubjectMap(subject.template, *references, alias_only=subject.alias_only)
    rows = tuple(row._replace(reference=_also(row.reference, fields)) for row in one.rows)
    return replace(one, subject=renamed, properties=rows)


def _also(reference: Reference, fields: Mapping[str, str]) -> Reference:
    """Return a reference with, after each alternative, the same field by its other names."""
    found: list[str] = []
    for one in alternatives(reference):
        found.append(one)
        keys = parse_path(one).keys
        found += [
            one.replace(keys[0], new, 1) for new, old in fields.items() if keys and keys[0] == old
        ]
    return reference if len(found) == 1 else tuple(dict.fromkeys(found))


def _choices(one: Choice, fields: Mapping[str, str]) -> Iterator[tuple[Mapping[str, str], str]]:
    for conditions, name in one.choices:
        yield conditions, name
        for new, old in fields.items():
            if old in conditions:
                yield {new if key == old else key: v for key, v in conditions.items()}, name


# ---- maps


def _check_words(name: str, said: object) -> None:
    if not isinstance(said, dict):
        raise ConfigurationError(f"[map]: {name}: expected a table of words, not {said!r}")
    for word, value in said.items():
        if word not in _WORDS:
            raise _unknown(name, "word", word, _WORDS)
        if not isinstance(value, _WORDS[word]):
            wanted = " or ".join(_TYPES[type_] for type_ in _WORDS[word])
            raise ConfigurationError(f"[map.{name}]: {word}: expected {wanted}, not {value!r}")


_TYPES: Final = {str: "a text", list: "a list", dict: "a table"}


def _added(name: str, said: Mapping[str, Any], table: Maps) -> TriplesMap:
    base = _base(name, said, table)
    classes = said.get("a", base.a)
    classes = classes if isinstance(classes, str) else tuple(classes)
    return replace(
        base,
        a=classes if "a" not in said else _terms(name, classes),
        properties=(*base.properties, *(_row(name, row) for row in said.get("properties", ()))),
        ignored={**base.ignored, **said.get("ignored", {})},
    )


def _base(name: str, said: Mapping[str, Any], table: Maps) -> TriplesMap:
    """Return the map that words are added to: that of the name, one it is like, or a new one."""
    like = said.get("like", name if name in table else None)
    if like is not None:
        base = table.get(like)
        if not isinstance(base, TriplesMap):
            known = [other for other, one in table.items() if isinstance(one, TriplesMap)]
            raise _unknown(name, "map", like, known)
        return base
    if "key" not in said:
        message = "say which map it is like, or the key that names its nodes"
        raise ConfigurationError(f"[map.{name}]: {message}")
    return TriplesMap(SubjectMap(NameTemplate(name), said["key"]), shorthand=said["key"])


def _terms(name: str, classes: str | Iterable[str]) -> str | tuple[str, ...]:
    if isinstance(classes, str):
        return _term(name, classes)
    return tuple(_term(name, one) for one in classes)


def _row(name: str, said: object) -> Row:
    if not (
        isinstance(said, list) and len(said) == len(_ROW) and all(isinstance(s, str) for s in said)
    ):
        message = f"a row is a list of {', '.join(_ROW)}, not {said!r}"
        raise ConfigurationError(f"[map.{name}]: {message}")
    reference, property_, kind = said
    return Row(reference, _term(name, property_), TERM_MAPS.get(kind) or kind)


_ROW: Final = ("field", "property", "kind of object")


def _term(name: str, said: str) -> str:
    """Return the IRI of a term that is written with its prefix, or in full."""
    prefix, colon, local = said.partition(":")
    if local.startswith("//"):
        return said
    namespaces = {**Site().prefixes, "kg": "vocab#"}
    if not colon or prefix not in namespaces:
        raise _unknown(name, "prefix", prefix, namespaces)
    if prefix == "schema":
        known = _schema_org()
        if local not in known:
            raise _unknown(name, "term of schema.org", local, known)
    return namespaces[prefix] + local


def _schema_org() -> list[str]:
    from rdflib import SDO  # only a site with maps of its own pays for it

    return [str(term).rpartition("/")[2] for term in dir(SDO)]


def _rows_of(one: TriplesMap | Choice) -> tuple[Row, ...]:
    return one.rows if isinstance(one, TriplesMap) else ()


def _check_object(name: str, meant: object, table: Maps) -> None:
    if isinstance(meant, str) and meant not in table:
        raise _unknown(name, "kind of object", meant, [*TERM_MAPS, *table])


def _chosen(name: str, when: Mapping[str, Any], one: TriplesMap | Choice) -> Choice:
    """Put a choice before those there are: what a site says of itself goes first."""
    if not isinstance(one, Choice) or not all(isinstance(value, str) for value in when.values()):
        message = f"when: expected fields with texts, such as {{ type = {name!r} }}"
        raise ConfigurationError(f"[map.{name}]: {message}")
    return replace(one, choices=((when, name), *one.choices))


def _unknown(name: str, what: str, said: str, known: Iterable[str]) -> ConfigurationError:
    names = list(known)
    near = _near(said, names) or (names if len(names) < _FEW else [])
    advice = f"; did you mean {' or '.join(near)}?" if near else ""
    return ConfigurationError(f"[map.{name}]: there is no {what} {said!r}{advice}")


def _near(said: str, known: list[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(said, known)


_FEW: Final = 20
"""So many names a message can hold."""
