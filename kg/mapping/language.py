"""The language in which a mapping is written: plain values, without a vocabulary or mechanism.

The words are RML's. A triples map describes one kind of node: its subject map makes the node's IRI,
and each row makes statements: a reference into the record, a property, and as the object a term
map, or the name of the triples map whose node is the object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final, NamedTuple, TypeAlias

from kg.mapping.term_maps import TermMap
from kg.model import FieldPath, Term

Reference: TypeAlias = str | tuple[str, ...]
"""Which values a row reads, relative to the item that the map describes:

    "title"        the field, which must hold one value
    "topics[]"     each value of the list that the field holds, or its one value
    "hashtags[ ]"  each word of each value of the list, or of the one value
    "services.*"   each value of the mapping that the field holds
    "twitter.url"  a field of the mapping that the field holds
    "../title"     a field of the item around this one
    "."            the item itself
    ("a", "b")     the first of the references that has a value
    "@path"        a variable, see `VARIABLES`
"""
VARIABLES: Final = {
    "@path": "path of the source, below the root of its site",
    "@collection": "folder of the source, below the root of its site",
    "@document": "number of the YAML document in the source, from 0",
    "@line": "line where the record begins",
    "@sha256": "digest of the source",
    "@mediaType": "media type of the source",
    "@site": "the site's own title, url and locale",
    "@position": "position of the item in its list, from 1",
    "@iri": "the item's own IRI, relative to the base",
    "@date": "day in the name of the source: 2020-06-11-title.md",
    "@label": "the item's name in the site's own files",
}
"""What a reference can read besides fields."""
ANY: Final = "*"
"""The condition that a field has a value, whichever it is."""
NOTHING: Final = ""
"""The condition that a field has no value."""

IriTemplate: TypeAlias = Callable[..., str | None]
"""From a site and the values of references, None for a missing one, to an IRI below the base.

It returns None if the values make no node, and raises InvalidValue if they identify nothing.
"""


class ReferencePath(NamedTuple):
    """A parsed reference without alternatives.

    It goes `up` so many items, starts at a `variable` ("" for the fields of the item), and follows
    `keys`; `each` is the mark at its end that reads several values ("" for one value).
    """

    up: int
    variable: str
    keys: tuple[str, ...]
    each: str
    place: FieldPath
    """Place of the field in the item; empty for a reference to no field of the item."""
    plain: bool
    """Whether it is one field of the item itself."""

    def below(self, around: FieldPath) -> FieldPath | None:
        """Return the place of the field in an item at `around`; None if it is no field of it."""
        return None if self.up or self.variable or not self.keys else (*around, *self.keys)


@cache
def parse_path(reference: str) -> ReferencePath:
    """Return a reference without alternatives, parsed."""
    rest = reference
    while rest.startswith("../"):
        rest = rest.removeprefix("../")
    up = (len(reference) - len(rest)) // 3
    each = next((mark for mark in ("[]", "[ ]", ".*") if rest.endswith(mark)), "")
    keys = tuple(key for key in rest.removesuffix(each).split(".") if key)
    variable = keys[0] if keys and keys[0] in VARIABLES else ""
    keys = keys[1:] if variable else keys
    place = () if up or variable else keys
    return ReferencePath(up, variable, keys, each, place, plain=len(place) == 1)


def parse_reference(reference: Reference) -> tuple[ReferencePath, ...]:
    """Return the alternatives of a reference, parsed, in their order."""
    return tuple(parse_path(alternative) for alternative in alternatives(reference))


def alternatives(reference: Reference) -> tuple[str, ...]:
    """Return the alternatives of a reference: itself, if it has no others."""
    return (reference,) if isinstance(reference, str) else reference


@dataclass(frozen=True, slots=True)
class SubjectMap:
    """A node's IRI: a template, and the references whose values fill it."""

    template: IriTemplate
    references: tuple[Reference, ...]
    alias_only: bool = False
    """Whether the IRI must be an alias of a node that the site's own files make: `Authority`."""

    def __init__(
        self, template: IriTemplate, *references: Reference, alias_only: bool = False
    ) -> None:
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "references", references)
        object.__setattr__(self, "alias_only", alias_only)


class Row(NamedTuple):
    """One line of a triples map: each value of the `reference` makes an object of the `property`.

    `object` is a term map, or the name of the triples map whose node is the object. `inverse` is
    the property of a second statement, from that node back to the subject. The row makes no
    statement of a value that equals the one at `unless`, and none at all if `without` has a value.
    If `preferred`, the node's name in the site's own files replaces the value.
    """

    reference: Reference
    property: str
    object: TermMap | str
    inverse: str | None = None
    unless: Reference | None = None
    without: Reference | None = None
    preferred: bool = False


class AlternativeNames(NamedTuple):
    """The fields that have the names by which other files mention a node.

    A mention is a bare value that the map `map_name` describes. One that is the name of a node
    means that node, even if it is also the short name of another; the other names come last.
    """

    map_name: str
    name: str
    short_name: str | None = None
    other_names: str | None = None


@dataclass(frozen=True, slots=True)
class TriplesMap:
    """The description of one kind of node: its subject, classes (`a`), properties and constants.

    `constants` are properties and objects of every node. `shorthand` is the field of which a bare
    value is the value: an image may be its URL. `names` are the names by which other files mention
    the node. `optional` is the word with which a user includes such nodes: without it they are left
    out. `withheld` fields never leave the source, `ignored` fields make no statement; both have the
    reason as their value.
    """

    subject: SubjectMap
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
        """The classes of the node, as a tuple."""
        return (self.a,) if isinstance(self.a, str) else self.a

    @property
    def rows(self) -> tuple[Row, ...]:
        """The properties, each as a row."""
        return tuple(Row(*row) for row in self.properties)


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice of a map by the values of references: the first whose conditions are all met.

    A condition is a text, `ANY` or `NOTHING`; one on `@collection` is met in folders below, too.
    An item without an `inherited` field has the value of its record. If no choice fits, the map is
    `otherwise`, with a notice if `with_notice`.
    """

    choices: tuple[tuple[Mapping[str, str], str], ...]
    otherwise: str
    inherited: tuple[str, ...] = ()
    with_notice: bool = True

    @property
    def keys(self) -> tuple[str, ...]:
        """The references that conditions test, each once."""
        return tuple(dict.fromkeys(key for conditions, _ in self.choices for key in conditions))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The fields that name a kind: those of which a condition requires a certain text."""
        fields = {
            key
            for conditions, _ in self.choices
            for key, condition in conditions.items()
            if condition not in {ANY, NOTHING} and key not in VARIABLES
        }
        return tuple(key for key in self.keys if key in fields)


Maps: TypeAlias = Mapping[str, TriplesMap | Choice]


def map_reaches(table: Maps) -> dict[str, int]:
    """Return how many items around its own each map reads, by itself or by the maps it links to.

    A map that reads none makes the same statements of equal items, whatever is around them.
    Raises TypeError for a link to a map that is not in the table.
    """
    own = {name: _own_reach(entry) for name, entry in table.items()}
    links = {name: set(_links(entry)) for name, entry in table.items()}
    for name in {name for targets in links.values() for name, _ in targets}:
        if name not in table:
            raise TypeError(f"no map is named {name!r}")
    reaches: dict[str, int] = {}
    longer = own
    while reaches != longer:  # maps may link to each other in a circle
        reaches = longer
        longer = {
            name: max([own[name], *(reaches[target] - steps for target, steps in links[name])])
            for name in table
        }
    return reaches


def possible_maps(name: str, table: Maps) -> set[str]:
    """Return the names of the triples maps that a name leads to: itself, or those of a choice."""
    entry = table[name]
    if not isinstance(entry, Choice):
        return {name}
    names = {*(name for _, name in entry.choices), entry.otherwise}
    return set().union(*(possible_maps(name, table) for name in names))


def _own_reach(entry: TriplesMap | Choice) -> int:
    """Return how many items around its own a map reads by itself."""
    if isinstance(entry, Choice):
        return max([0, *(parse_path(key).up for key in entry.keys)])
    steps = [
        max(path.up, path.variable in {"@iri", "@position"})
        for reference in entry.subject.references
        for path in parse_reference(reference)
    ]
    for row in entry.rows:
        for reference in (row.reference, row.unless or (), row.without or ()):
            steps += [max(p.up, p.variable == "@position") for p in parse_reference(reference)]
    return max([0, *steps])


def _links(entry: TriplesMap | Choice) -> Iterator[tuple[str, int]]:
    """Yield the maps that a map links to, each with how many items further in their item is."""
    if isinstance(entry, Choice):
        yield from ((name, 0) for _, name in entry.choices)
        yield entry.otherwise, 0
        return
    for row in entry.rows:
        if isinstance(row.object, str):
            yield row.object, int(row.reference != ".")


Facts: TypeAlias = Mapping[Term, tuple[tuple[Term, Term], ...]]
"""Predicates and objects that come from no source, such as those of bundled topics, by subject."""


@dataclass(frozen=True, slots=True)
class Authority:
    """The names that a site's own files give its nodes: the same for every file that is mapped.

    `aliases` has the IRI of a node by the IRI that a template makes of a mention of it; `labels`
    has the name of a node by its IRI. All IRIs are relative to the base.
    """

    aliases: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
