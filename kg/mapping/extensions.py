"""The additions of a site to the mapping, in its `kg.toml`, in the table's own words.

[fields]                                  # another name of a field
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

[map.tool]                                # another kind of node, with an IRI from one of its fields
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
from kg.model import ConfigurationError, Site

_WORDS: Final = {
    "a": (str, list),
    "like": (str,),
    "when": (dict,),
    "key": (str,),
    "properties": (list,),
    "ignored": (dict,),
}
"""The words of a `[map.NAME]`, each with the types of its value."""
_TYPES: Final = {str: "a text", list: "a list", dict: "a table"}


def extend_table(table: Maps, fields: Mapping[str, str], maps: Mapping[str, Any]) -> Maps:
    """Return a table with other names of fields, rows and maps added.

    `fields` has the field of the table by its other name; `maps` has the words of each
    `[map.NAME]`, as TOML gives them. Raises ConfigurationError, naming the map and the word, for
    what the language does not have and for terms that schema.org does not have.
    """
    _check_fields(table, fields)
    extended = {name: _with_other_names(entry, fields) for name, entry in table.items()}
    for name, words in maps.items():
        _check_words(name, words)
        extended[name] = _extended_map(name, words, extended)
    for name, words in maps.items():
        entry = extended[name]
        for row in entry.rows if isinstance(entry, TriplesMap) else ():
            _check_object(name, row.object, extended)
        if "when" in words:
            extended[WORK] = _with_choice(name, words["when"], extended[WORK])
    return extended


# ---- other names of fields


def _check_fields(table: Maps, fields: Mapping[str, str]) -> None:
    """Raise ConfigurationError for another name of a field that no map reads: it has no effect."""
    fields_read = {
        path.keys[0]
        for entry in table.values()
        for path in map(parse_path, _references(entry))
        if path.keys and not path.variable
    }
    for new, old in fields.items():
        if old not in fields_read:
            matches = _close_matches(old, sorted(fields_read))
            advice = f"; did you mean {' or '.join(matches)}?" if matches else ""
            raise ConfigurationError(f"[fields]: {new}: no map reads a field {old!r}{advice}")


def _references(entry: TriplesMap | Choice) -> Iterator[str]:
    """Yield every alternative of the references that a map reads."""
    if isinstance(entry, Choice):
        yield from entry.keys
        return
    for reference in (*entry.subject.references, *(row.reference for row in entry.rows)):
        yield from alternatives(reference)


def _with_other_names(entry: TriplesMap | Choice, fields: Mapping[str, str]) -> TriplesMap | Choice:
    """Return a map that also reads fields by their other names."""
    if not fields:
        return entry
    if isinstance(entry, Choice):
        return replace(entry, choices=tuple(_choices_with_other_names(entry, fields)))
    subject = entry.subject
    references = (_add_alternatives(reference, fields) for reference in subject.references)
    return replace(
        entry,
        subject=SubjectMap(subject.template, *references, alias_only=subject.alias_only),
        properties=tuple(
            row._replace(reference=_add_alternatives(row.reference, fields)) for row in entry.rows
        ),
    )


def _add_alternatives(reference: Reference, fields: Mapping[str, str]) -> Reference:
    """Return a reference with, after each alternative, the same for the field's other names."""
    extended: list[str] = []
    for alternative in alternatives(reference):
        extended.append(alternative)
        keys = parse_path(alternative).keys
        extended += [
            alternative.replace(keys[0], new, 1)
            for new, old in fields.items()
            if keys and keys[0] == old
        ]
    return reference if len(extended) == 1 else tuple(dict.fromkeys(extended))


def _choices_with_other_names(
    entry: Choice, fields: Mapping[str, str]
) -> Iterator[tuple[Mapping[str, str], str]]:
    """Yield the choices, each followed by itself with the other names of its fields."""
    for conditions, name in entry.choices:
        yield conditions, name
        for new, old in fields.items():
            if old in conditions:
                yield {new if key == old else key: v for key, v in conditions.items()}, name


# ---- maps


def _check_words(name: str, words: object) -> None:
    """Raise ConfigurationError for a word that there is not, and for a value of another type."""
    if not isinstance(words, dict):
        raise ConfigurationError(f"[map]: {name}: expected a table of words, not {words!r}")
    for word, value in words.items():
        if word not in _WORDS:
            raise _unknown(name, "word", word, _WORDS)
        if not isinstance(value, _WORDS[word]):
            types = " or ".join(_TYPES[type_] for type_ in _WORDS[word])
            raise ConfigurationError(f"[map.{name}]: {word}: expected {types}, not {value!r}")


def _extended_map(name: str, words: Mapping[str, Any], table: Maps) -> TriplesMap:
    """Return the map that the words of a `[map.NAME]` describe."""
    base = _base_map(name, words, table)
    return replace(
        base,
        a=_classes(name, words["a"]) if "a" in words else base.a,
        properties=(*base.properties, *(_row(name, row) for row in words.get("properties", ()))),
        ignored={**base.ignored, **words.get("ignored", {})},
    )


def _base_map(name: str, words: Mapping[str, Any], table: Maps) -> TriplesMap:
    """Return the map that rows are added to: the one it is like, that of the name, or a new one."""
    like = words.get("like", name if name in table else None)
    if like is not None:
        base = table.get(like)
        if not isinstance(base, TriplesMap):
            names = [other for other, entry in table.items() if isinstance(entry, TriplesMap)]
            raise _unknown(name, "map", like, names)
        return base
    if "key" not in words:
        message = "set `like` to a map to start from, or `key` to the field that names its nodes"
        raise ConfigurationError(f"[map.{name}]: {message}")
    return TriplesMap(SubjectMap(NameTemplate(name), words["key"]), shorthand=words["key"])


def _classes(name: str, classes: str | Iterable[str]) -> str | tuple[str, ...]:
    if isinstance(classes, str):
        return _expand_term(name, classes)
    return tuple(_expand_term(name, class_) for class_ in classes)


def _row(name: str, row: object) -> Row:
    """Return a row of `properties`. Raises ConfigurationError if it is not three texts."""
    if not (
        isinstance(row, list) and len(row) == len(_ROW) and all(isinstance(s, str) for s in row)
    ):
        message = f"a row is a list of {', '.join(_ROW)}, not {row!r}"
        raise ConfigurationError(f"[map.{name}]: {message}")
    reference, property_, object_ = row
    return Row(reference, _expand_term(name, property_), TERM_MAPS.get(object_) or object_)


_ROW: Final = ("field", "property", "kind of object")


def _expand_term(name: str, term: str) -> str:
    """Return the IRI of a term that is written with its prefix, or in full."""
    prefix, colon, local = term.partition(":")
    if local.startswith("//"):
        return term
    namespaces = {**Site().prefixes, "kg": "vocab#"}
    if not colon or prefix not in namespaces:
        raise _unknown(name, "prefix", prefix, namespaces)
    if prefix == "schema":
        schema_terms = _schema_org_terms()
        if local not in schema_terms:
            raise _unknown(name, "term of schema.org", local, schema_terms)
    return namespaces[prefix] + local


def _schema_org_terms() -> list[str]:
    from rdflib import SDO  # slow to import, and needed only for a site with maps of its own

    return [str(term).rpartition("/")[2] for term in dir(SDO)]


def _check_object(name: str, object_: object, table: Maps) -> None:
    """Raise ConfigurationError for an object that is neither a term map nor names a map."""
    if isinstance(object_, str) and object_ not in table:
        raise _unknown(name, "kind of object", object_, [*TERM_MAPS, *table])


def _with_choice(name: str, when: Mapping[str, Any], entry: TriplesMap | Choice) -> Choice:
    """Return a choice with another before the others: a site's own conditions take precedence."""
    if not isinstance(entry, Choice) or not all(isinstance(value, str) for value in when.values()):
        message = f"when: expected fields with texts, such as {{ type = {name!r} }}"
        raise ConfigurationError(f"[map.{name}]: {message}")
    return replace(entry, choices=((when, name), *entry.choices))


# ---- messages


def _unknown(name: str, what: str, word: str, options: Iterable[str]) -> ConfigurationError:
    """Return an error for a word that is none of the options, with the most similar of them."""
    names = list(options)
    matches = _close_matches(word, names) or (names if len(names) < _FEW else [])
    advice = f"; did you mean {' or '.join(matches)}?" if matches else ""
    return ConfigurationError(f"[map.{name}]: there is no {what} {word!r}{advice}")


def _close_matches(word: str, options: list[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(word, options)


_FEW: Final = 20
"""A message lists fewer names than this if none is similar."""
