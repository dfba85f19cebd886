"""The difference of two graphs: its statements, and counts in the words of the mapping."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from kg.graph.statistics import dataset_metadata
from kg.mapping import MAPS, METADATA, RECORD, VARIABLES, Row, TriplesMap, alternatives, dataset_iri
from kg.model import KG, RDF, Site, Term, Triple, unquote

_FILE: Final = "file"
_VALUE: Final = ""
_NOUNS: Final = {"source": _FILE, "pixels": _VALUE}
"""The noun for the nodes of a map, if it is not its name; empty if they are not counted."""
_UNTYPED: Final = "node"
TYPE: Final = f"<{RDF.type}>"


class Verb(StrEnum):
    """A kind of change to nodes or links."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    CHANGED = "changed"


class Change(NamedTuple):
    """The number of nodes or links of a kind that changed in one way.

    >>> str(Change(3, "news article", Verb.ADDED))
    '3 news articles added'
    """

    number: int
    noun: str
    verb: Verb

    def __str__(self) -> str:
        return f"{self.number:,} {self.noun}{'' if self.number == 1 else 's'} {self.verb}"


@dataclass(frozen=True, slots=True)
class Difference:
    """The statements, sorted, that turn one graph into another, and what they change.

    `titles` are the kinds and names of the nodes that differ. `files` are the nodes of files that
    are in both graphs: reports leave them out, since their checksums differ whenever another
    statement does.
    """

    removed: tuple[Triple, ...]
    added: tuple[Triple, ...]
    changes: tuple[Change, ...] = ()
    titles: Mapping[Term, str] = field(default_factory=dict)
    files: frozenset[Term] = frozenset()

    def __bool__(self) -> bool:
        """Return whether the graphs differ."""
        return bool(self.removed or self.added)


def compare_graphs(before: set[Triple], after: set[Triple], site: Site) -> Difference:
    """Return what turns the first graph into the second.

    A node counts as added or removed if only one graph states its class, as renamed if its name
    differs, else as changed. Links from list fields (`related`, `topics`) are counted as links, if
    their node is in both graphs.
    """
    removed, added = tuple(sorted(before - after)), tuple(sorted(after - before))
    vocabulary = _Vocabulary(site)
    nodes = _triples_by_node(removed, added)
    old, new = (_NodeLabels(graph, nodes.keys(), vocabulary) for graph in (before, after))
    counts: Counter[tuple[str, Verb]] = Counter()
    for node, (lost, gained) in nodes.items():
        counts.update(vocabulary.node_changes(old.kinds(node), new.kinds(node), lost, gained))
    changes = [
        Change(number, noun, verb) for (noun, verb), number in counts.items() if noun != _VALUE
    ]
    return Difference(
        removed,
        added,
        tuple(sorted(changes, key=vocabulary.sort_key)),
        {node: new.title(node) or old.title(node) for node in nodes},
        frozenset(node for node in nodes if _FILE in old.kinds(node) & new.kinds(node)),
    )


class Side(NamedTuple):
    """A graph to compare, and the site whose IRIs it uses.

    `is_export`: it was read from RDF or from a store, so it already has its metadata, or none.
    """

    triples: set[Triple]
    site: Site
    is_export: bool


def comparable_triples(
    before: Side, after: Side, *, metadata: bool
) -> tuple[set[Triple], set[Triple]]:
    """Return the triples of two sides without the metadata of exports, or with it.

    With `metadata`, and if one side has some, a side that is no export gets what its export would
    have.
    """
    bare = tuple(without_metadata(side.triples, side.site) for side in (before, after))
    if not metadata or bare == (before.triples, after.triples):
        return bare[0], bare[1]
    return _with_metadata(before), _with_metadata(after)


def _with_metadata(side: Side) -> set[Triple]:
    triples, site, is_export = side
    return triples if is_export else triples | set(dataset_metadata(triples, site))


def without_metadata(triples: set[Triple], site: Site) -> set[Triple]:
    """Return the triples without an export's metadata: the dataset's nodes, and kg's own terms."""
    dataset = dataset_iri(site)
    metadata = tuple(
        f"<{base}{name}"
        for base in {site.base, *_exported_bases(triples, site)}
        for name in (f"{dataset}>", f"{dataset}/", str(KG))
    )
    return {triple for triple in triples if not triple[0].startswith(metadata)}


def _exported_bases(triples: Iterable[Triple], site: Site) -> Iterator[str]:
    """Yield the base IRIs that the metadata among the triples states."""
    rows = _maps()["dataset"].rows
    has_base = next(site.iri(row.property) for row in rows if row.reference == "base")
    for subject, predicate, term in triples:
        if predicate == has_base and subject == f"<{unquote(term)[0]}{dataset_iri(site)}>":
            yield unquote(term)[0]


def _triples_by_node(
    removed: Iterable[Triple], added: Iterable[Triple]
) -> dict[Term, tuple[list[Triple], list[Triple]]]:
    """Return the removed and the added triples of each subject."""
    nodes: dict[Term, tuple[list[Triple], list[Triple]]] = defaultdict(lambda: ([], []))
    for triple in removed:
        nodes[triple[0]][0].append(triple)
    for triple in added:
        nodes[triple[0]][1].append(triple)
    return nodes


class _NodeLabels:
    """The classes and names that a graph states of some nodes."""

    def __init__(
        self, triples: Iterable[Triple], nodes: Collection[Term], vocabulary: _Vocabulary
    ) -> None:
        self._vocabulary = vocabulary
        self._classes: dict[Term, set[Term]] = {}
        self._names: dict[Term, Term] = {}
        for subject, predicate, term in triples:
            if subject in nodes:
                classes = self._classes.setdefault(subject, set())
                if predicate == TYPE:
                    classes.add(term)
                elif predicate in vocabulary.names:
                    self._names[subject] = min(term, self._names.get(subject, term))

    def kinds(self, node: Term) -> frozenset[str]:
        """Return the kinds of a node; empty if no statement is about it."""
        classes = self._classes.get(node)
        return frozenset() if classes is None else self._vocabulary.kinds(classes)

    def title(self, node: Term) -> str:
        """Return the kinds and the name of a node; empty if no statement is about it."""
        kinds = " and ".join(sorted(self.kinds(node) - {_VALUE, _UNTYPED}))
        name = self._names.get(node, "").rpartition('"')[0][1:]
        return f"{kinds}: {name}" if kinds and name else kinds


class _Vocabulary:
    """The nouns for nodes and links of the mapping, and its properties of names, for a site."""

    def __init__(self, site: Site) -> None:
        maps = _maps()
        links = list(_links())
        of_files = [name for name, map_ in maps.items() if "@path" in map_.subject.references[:1]]
        nouns = [_noun(name) for name in maps if name not in of_files]
        nouns += [noun for _, noun in links]
        nouns += [_noun(name) for name in of_files]
        self._site = site
        self._ranks = {noun: rank for rank, noun in enumerate(nouns)}
        self._links = {site.iri(iri): noun for iri, noun in links}
        self._kinds = [
            ({site.iri(class_) for class_ in map_.classes}, _noun(name))
            for name, map_ in sorted(maps.items(), key=lambda item: -len(item[1].classes))
            if map_.classes
        ]
        self.names = {
            site.iri(row.property)
            for map_ in maps.values()
            for row in map_.rows
            if not {"title", "name"}.isdisjoint(alternatives(row.reference))
        }

    def kinds(self, classes: set[Term]) -> frozenset[str]:
        """Return the kinds of a node of some classes: nouns, and the IRIs of classes of no map."""
        left, kinds = set(classes), set() if classes else {_UNTYPED}
        for map_classes, noun in self._kinds:
            if map_classes <= left:
                left -= map_classes
                kinds.add(noun)
        return frozenset(kinds | {f"{self._site.compact(iri[1:-1])} node" for iri in left})

    def node_changes(
        self,
        old: frozenset[str],
        new: frozenset[str],
        removed: Sequence[Triple],
        added: Sequence[Triple],
    ) -> Iterator[tuple[str, Verb]]:
        """Yield the changes to a node, from its old and new kinds and its statements."""
        yield from ((noun, Verb.ADDED) for noun in new - old if not old or noun != _UNTYPED)
        yield from ((noun, Verb.REMOVED) for noun in old - new if not new or noun != _UNTYPED)
        if not old or not new:
            return
        lost, gained = ([triple[1] for triple in triples] for triples in (removed, added))
        yield from ((self._links.get(predicate, _VALUE), Verb.ADDED) for predicate in gained)
        yield from ((self._links.get(predicate, _VALUE), Verb.REMOVED) for predicate in lost)
        kind = min(old & new, key=self._rank, default=_VALUE)
        if self.names.intersection(lost).intersection(gained):
            yield kind, Verb.RENAMED
        elif {*lost, *gained} - self._links.keys() - {TYPE}:
            yield kind, Verb.CHANGED

    def sort_key(self, change: Change) -> tuple[int, str, int]:
        """Sort in the order of the mapping's table, then links; records and files last."""
        return (*self._rank(change.noun), list(Verb).index(change.verb))

    def _rank(self, noun: str) -> tuple[int, str]:
        return (self._ranks.get(noun, len(self._ranks)), noun)


def _maps() -> dict[str, TriplesMap]:
    maps = {**MAPS, **METADATA}
    return {name: map_ for name, map_ in maps.items() if isinstance(map_, TriplesMap)}


def _noun(name: str) -> str:
    return _NOUNS.get(name, name)


def _links() -> Iterator[tuple[str, str]]:
    """Yield the properties that link nodes, with the noun for their links; empty if not counted."""
    for name, map_ in _maps().items():
        for row in map_.rows if name in MAPS else ():
            target = _noun(row.object) if isinstance(row.object, str) else _VALUE
            if not target:
                continue
            if row.inverse:  # it is the counted link in the other direction
                yield row.inverse, _VALUE
            noun = _link_noun(name, row, target)
            if noun is not None:
                yield row.property, noun


def _link_noun(name: str, row: Row, target: str) -> str | None:
    """Return the noun for the links of a row to nodes of a kind; empty if they are not counted.

    None if the link is like any other property: its change is a change of the node.
    """
    record = _maps()[RECORD]
    if row.reference == ".":  # from an item to another node of the same item
        return _VALUE
    is_record = _maps()[name].subject == record.subject
    own_fields = {own.reference for own in record.rows} - VARIABLES.keys()
    if not is_record and row.reference in own_fields:  # the record has the same link
        return _VALUE
    if not isinstance(row.reference, str) or not row.reference.endswith("[]"):  # a single value
        return None
    field_name = row.reference.removesuffix("[]")
    return f"{target if field_name == f'{target}s' else field_name} link"
