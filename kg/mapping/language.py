"""The language a mapping is written in. It knows no vocabulary, and does nothing by itself.

The words are RML's: a triples map makes the triples of one node, its rows pair a reference into the
source with a property and an object, which is a kind of term or another map's node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final, NamedTuple, TypeAlias

from kg.mapping.term_maps import TermMap
from kg.model.records import FieldPath, Term

Reference: TypeAlias = str | tuple[str, ...]
"""Where a row reads its values, from the item the map describes:

    "title"        the field, which must hold one value
    "topics[]"     the field, which may hold a list: each of its values
    "hashtags[ ]"  the same: each word of each value
    "services.*"   the field, which holds a mapping: each of its values
    "twitter.url"  a field of the mapping that the field holds
    "../title"     a field of the item around this one
    "."            the item itself
    ("a", "b")     the first of these that holds anything
    "@path"        what is known besides the fields, see `KNOWN`
"""
KNOWN: Final = {
    "@path": "name of the source, below the root of its site",
    "@collection": "folder of the source, below the root of its site",
    "@document": "number of the YAML document in the source, from 0",
    "@line": "line where the record begins",
    "@sha256": "digest of the source",
    "@mediaType": "media type of the source",
    "@site": "what the site says of itself: title, url, locale",
    "@position": "place of the item in its list, from 1",
    "@iri": "the item's own IRI, relative to the base",
    "@date": "day in the name of the source: 2020-06-11-title.md",
    "@label": "the item's name in the site's own files",
}
ANY: Final = "*"
"""What a field must hold that must hold anything at all."""
NOTHING: Final = ""
"""What a field must hold that must hold nothing."""

IriTemplate: TypeAlias = Callable[..., str | None]


class ReferencePath(NamedTuple):
    """A simple reference, read: steps `up`, what is `known`, `keys` to follow, and of `each`."""

    up: int
    known: str
    keys: tuple[str, ...]
    each: str
    place: FieldPath
    """Where the field stands, below the item; the item's own place for what is no field."""
    plain: bool
    """Whether it is a field of the item itself."""

    def below(self, around: FieldPath) -> FieldPath | None:
        """Return where the field stands, for an item at a path; None for what is no field of it."""
        return None if self.up or self.known or not self.keys else (*around, *self.keys)


@cache
def parse_path(reference: str) -> ReferencePath:
    """Read a simple reference."""
    rest = reference
    while rest.startswith("../"):
        rest = rest.removeprefix("../")
    up = (len(reference) - len(rest)) // 3
    each = next((mark for mark in ("[]", "[ ]", ".*") if rest.endswith(mark)), "")
    keys = tuple(key for key in rest.removesuffix(each).split(".") if key)
    known = keys[0] if keys and keys[0] in KNOWN else ""
    keys = keys[1:] if known else keys
    place = () if up or known else keys
    return ReferencePath(up, known, keys, each, place, plain=len(place) == 1)


def parse_reference(reference: Reference) -> tuple[ReferencePath, ...]:
    """Read a reference: its alternatives, the first one first."""
    return tuple(parse_path(one) for one in alternatives(reference))


def alternatives(reference: Reference) -> tuple[str, ...]:
    """Return the simple references of a reference."""
    return (reference,) if isinstance(reference, str) else reference


@dataclass(frozen=True, slots=True)
class Subject:
    """Mint a node's IRI from references; every one is passed, None for what is not there.

    A mint that returns None makes no node: the value says nothing.
    """

    mint: IriTemplate
    references: tuple[Reference, ...]
    listed: bool = False
    """Whether the node must be one that the site's own files make (see `Authority`)."""

    def __init__(self, mint: IriTemplate, *references: Reference, listed: bool = False) -> None:
        object.__setattr__(self, "mint", mint)
        object.__setattr__(self, "references", references)
        object.__setattr__(self, "listed", listed)


class Row(NamedTuple):
    """One line of a map: what the `reference` holds is the `object` of the `property`.

    A quoted object names the map whose node is the object. `inverse` is stated from there back.
    `unless`: say nothing when the value is the same as at that reference; `without`: only when
    that reference holds nothing. `preferred`: the name the site's own files have for the node goes
    before what stands here.
    """

    reference: Reference
    property: str
    object: TermMap | str
    inverse: str | None = None
    unless: Reference | None = None
    without: Reference | None = None
    preferred: bool = False


class AlternativeNames(NamedTuple):
    """What other files may call a node: the `references`, as bare values of the map `of`."""

    of: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TriplesMap:
    """How one kind of node is described.

    `shorthand`: the field that a bare value stands for (an image given as its URL).
    `names`: what other files may call it. `optional`: the word a user must say to have such nodes.
    `withheld` fields never leave the source; `ignored` ones are known to say nothing. Both carry
    the reason.
    """

    subject: Subject
    a: str | tuple[str, ...] = ()
    properties: tuple[Row | tuple[Reference, str, TermMap | str], ...] = ()
    constants: tuple[tuple[str, str], ...] = ()
    shorthand: str | None = None
    names: AlternativeNames | None = None
    optional: str | None = None
    withheld: Mapping[str, str] = field(default_factory=dict)
    ignored: Mapping[str, str] = field(default_factory=dict)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of the node."""
        return (self.a,) if isinstance(self.a, str) else self.a

    @property
    def rows(self) -> tuple[Row, ...]:
        """The properties, as rows."""
        return tuple(Row(*row) for row in self.properties)


@dataclass(frozen=True, slots=True)
class Choice:
    """Choose a map by what fields hold: the first of the choices whose conditions are all met.

    A condition is a text, `ANY` or `NOTHING`; that on `@collection` is met below the folder, too.
    A field that is `inherited` is looked up in the record when the item has none. `otherwise` is
    taken when no choice fits, with a notice if `noticed`.
    """

    choices: tuple[tuple[Mapping[str, str], str], ...]
    otherwise: str
    inherited: tuple[str, ...] = ()
    noticed: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        """The references that conditions are about."""
        return tuple(dict.fromkeys(key for conditions, _ in self.choices for key in conditions))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The fields that name a kind: those of which conditions want a certain text."""
        named = {
            key
            for conditions, _ in self.choices
            for key, wanted in conditions.items()
            if wanted not in {ANY, NOTHING} and key not in KNOWN
        }
        return tuple(key for key in self.keys if key in named)


Maps: TypeAlias = Mapping[str, TriplesMap | Choice]


def map_reaches(table: Maps) -> dict[str, int]:
    """Return how many items around its own each map reads, itself or by the maps it links to.

    A map that reads none says the same of equal items, wherever they stand.
    """
    own = {name: _reach(one) for name, one in table.items()}
    links = {name: set(_links(one)) for name, one in table.items()}
    for name in {name for linked in links.values() for name, _ in linked}:
        if name not in table:
            raise TypeError(f"no map is named {name!r}")
    found: dict[str, int] = {}
    further = own
    while found != further:
        found = further
        further = {
            name: max([own[name], *(found[other] - steps for other, steps in links[name])])
            for name in table
        }
    return found


def possible_maps(name: str, table: Maps) -> set[str]:
    """Return the maps that a name may mean: its own, or those that a choice leads to."""
    one = table[name]
    if not isinstance(one, Choice):
        return {name}
    names = {*(name for _, name in one.choices), one.otherwise}
    return set().union(*(possible_maps(name, table) for name in names))


def _reach(one: TriplesMap | Choice) -> int:
    """Return how many items around its own a map reads itself."""
    if isinstance(one, Choice):
        return max([0, *(parse_path(key).up for key in one.keys)])
    steps = [
        max(step.up, step.known in {"@iri", "@position"})
        for reference in one.subject.references
        for step in parse_reference(reference)
    ]
    for row in one.rows:
        for reference in (row.reference, row.unless or (), row.without or ()):
            steps += [max(s.up, s.known == "@position") for s in parse_reference(reference)]
    return max([0, *steps])


def _links(one: TriplesMap | Choice) -> Iterator[tuple[str, int]]:
    """Yield the maps a map leads to, with how many items further in they are read."""
    if isinstance(one, Choice):
        yield from ((name, 0) for name in (*(name for _, name in one.choices), one.otherwise))
        return
    for row in one.rows:
        if isinstance(row.object, str):
            yield row.object, int(row.reference != ".")


Facts: TypeAlias = Mapping[Term, tuple[tuple[Term, Term], ...]]
"""What is known of a node besides the sources: property and object, by subject."""


@dataclass(frozen=True, slots=True)
class Authority:
    """What a site's own files call its nodes: the same for every file that is mapped.

    `aliases` leads from an IRI minted from a mention to that of the node which is meant; `labels`
    from a node to its name. All IRIs are relative to the base.
    """

    aliases: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
