"""What one graph says and another does not: in the words of the mapping, then as statements."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from kg.mapping.identifiers import dataset_iri
from kg.mapping.language import KNOWN, TriplesMap, alternatives
from kg.mapping.schema_org import MAPS, METADATA, RECORD
from kg.model.namespaces import KG, RDF
from kg.model.records import Term, Triple
from kg.model.site import Site
from kg.model.terms import unquote

_FILE: Final = "file"
_VALUE: Final = ""
_NOUNS: Final = {"source": _FILE, "pixels": _VALUE}
"""What the nodes of a map are called, where its name is not the word; nothing for a mere value."""
_UNTYPED: Final = "node"
TYPE: Final = f"<{RDF.type}>"


class Verb(StrEnum):
    """What happened to nodes or links."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    CHANGED = "changed"


class Change(NamedTuple):
    """How many nodes or links of a kind something happened to.

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
    """The statements that take one graph to another, sorted, and what they come to.

    `titles` says what the nodes are and are called. `files` are the nodes of files that both
    graphs have: their checksums only say that something else differs.
    """

    removed: tuple[Triple, ...]
    added: tuple[Triple, ...]
    changes: tuple[Change, ...] = ()
    titles: Mapping[Term, str] = field(default_factory=dict)
    files: frozenset[Term] = frozenset()

    def __bool__(self) -> bool:
        """Whether the graphs differ."""
        return bool(self.removed or self.added)


def compare_graphs(before: set[Triple], after: set[Triple], site: Site) -> Difference:
    """Return what takes the first graph to the second.

    A node is added or removed when only one graph says that it is of its class, renamed when its
    name differs, else changed. What a list links to (`related`, `topics`) is counted as links, on
    nodes that both graphs have.
    """
    removed, added = tuple(sorted(before - after)), tuple(sorted(after - before))
    words = _Vocabulary(site)
    nodes = _by_node(removed, added)
    was, now = _NodeNames(before, set(nodes), words), _NodeNames(after, set(nodes), words)
    counts: Counter[tuple[str, Verb]] = Counter()
    for node, (gone, new) in nodes.items():
        counts.update(words.told(was.kinds(node), now.kinds(node), gone, new))
    changes = [Change(number, *what) for what, number in counts.items() if what[0] != _VALUE]
    return Difference(
        removed,
        added,
        tuple(sorted(changes, key=words.order)),
        {node: now.title(node) or was.title(node) for node in nodes},
        frozenset(node for node in nodes if _FILE in was.kinds(node) & now.kinds(node)),
    )


def without_metadata(triples: set[Triple], site: Site) -> set[Triple]:
    """Leave out what an export says about itself: the dataset's nodes, and kg's own terms."""
    dataset = dataset_iri(site)
    about = tuple(
        f"<{base}{name}"
        for base in {site.base, *_bases(triples, site)}
        for name in (f"{dataset}>", f"{dataset}/", str(KG))
    )
    return {triple for triple in triples if not triple[0].startswith(about)}


def _bases(triples: Iterable[Triple], site: Site) -> Iterator[str]:
    """Yield the bases that the exports among the triples give as theirs."""
    rows = _maps()["dataset"].rows
    gives = next(site.iri(row.property) for row in rows if row.reference == "base")
    for subject, predicate, term in triples:
        if predicate == gives and subject == f"<{unquote(term)[0]}{dataset_iri(site)}>":
            yield unquote(term)[0]


_Changed: TypeAlias = tuple[list[Triple], list[Triple]]


def _by_node(removed: Iterable[Triple], added: Iterable[Triple]) -> dict[Term, _Changed]:
    nodes: dict[Term, _Changed] = defaultdict(lambda: ([], []))
    for triple in removed:
        nodes[triple[0]][0].append(triple)
    for triple in added:
        nodes[triple[0]][1].append(triple)
    return nodes


class _NodeNames:
    """What a graph says of the classes and names of some nodes."""

    def __init__(self, triples: Iterable[Triple], nodes: set[Term], words: _Vocabulary) -> None:
        self._words = words
        self._classes: dict[Term, set[Term]] = {}
        self._names: dict[Term, Term] = {}
        for subject, predicate, term in triples:
            if subject in nodes:
                classes = self._classes.setdefault(subject, set())
                if predicate == TYPE:
                    classes.add(term)
                elif predicate in words.names:
                    self._names[subject] = min(term, self._names.get(subject, term))

    def kinds(self, node: Term) -> frozenset[str]:
        """Return what a node is; empty when the graph says nothing of it."""
        classes = self._classes.get(node)
        return frozenset() if classes is None else self._words.kinds(classes)

    def title(self, node: Term) -> str:
        """Return what a node is and is called; empty when the graph says nothing of it."""
        kinds = " and ".join(sorted(self.kinds(node) - {_VALUE, _UNTYPED}))
        name = self._names.get(node, "").rpartition('"')[0][1:]
        return f"{kinds}: {name}" if kinds and name else kinds


class _Vocabulary:
    """What the nodes, links and names of the mapping are called, by the terms of a site."""

    def __init__(self, site: Site) -> None:
        maps = _maps()
        links = list(_links())
        filed = [name for name, one in maps.items() if "@path" in one.subject.references[:1]]
        told = [*(name for name in maps if name not in filed), *(noun for _, noun in links), *filed]
        self._site = site
        self._ranks = {_NOUNS.get(name, name): rank for rank, name in enumerate(told)}
        self._links = {site.iri(iri): noun for iri, noun in links}
        self._kinds = [
            ({site.iri(class_) for class_ in one.classes}, _NOUNS.get(name, name))
            for name, one in sorted(maps.items(), key=lambda pair: -len(pair[1].classes))
            if one.classes
        ]
        self.names = {
            site.iri(row.property)
            for one in maps.values()
            for row in one.rows
            if not {"title", "name"}.isdisjoint(alternatives(row.reference))
        }

    def kinds(self, classes: set[Term]) -> frozenset[str]:
        """Return what nodes of these classes are; a class that no map makes goes by its IRI."""
        left, found = set(classes), set() if classes else {_UNTYPED}
        for needed, noun in self._kinds:
            if needed <= left:
                left -= needed
                found.add(noun)
        return frozenset(found | {f"{self._site.compact(iri[1:-1])} node" for iri in left})

    def told(
        self,
        was: frozenset[str],
        now: frozenset[str],
        gone: Sequence[Triple],
        new: Sequence[Triple],
    ) -> Iterator[tuple[str, Verb]]:
        """Yield what became of a node that was and is of these kinds, by its statements."""
        yield from ((noun, Verb.ADDED) for noun in now - was if not was or noun != _UNTYPED)
        yield from ((noun, Verb.REMOVED) for noun in was - now if not now or noun != _UNTYPED)
        if not was or not now:
            return
        yield from ((self._links.get(one[1], _VALUE), Verb.ADDED) for one in new)
        yield from ((self._links.get(one[1], _VALUE), Verb.REMOVED) for one in gone)
        kind = min(was & now, key=self._rank, default=_VALUE)
        lost, gained = ({one[1] for one in triples} for triples in (gone, new))
        if self.names & lost & gained:
            yield kind, Verb.RENAMED
        elif (lost | gained) - self._links.keys() - {TYPE}:
            yield kind, Verb.CHANGED

    def order(self, change: Change) -> tuple[int, str, int]:
        """Sort as the table does, then links; records and files last."""
        return (*self._rank(change.noun), list(Verb).index(change.verb))

    def _rank(self, noun: str) -> tuple[int, str]:
        return (self._ranks.get(noun, len(self._ranks)), noun)


def _maps() -> dict[str, TriplesMap]:
    every = {**MAPS, **METADATA}
    return {name: one for name, one in every.items() if isinstance(one, TriplesMap)}


def _links() -> Iterator[tuple[str, str]]:
    """Yield the properties that link nodes, each with what its links are called.

    That is nothing where another link says the same: from a work made of the same fields as its
    record, between the two, and back.
    """
    maps = _maps()
    records = [n for n, one in maps.items() if one.subject == maps[RECORD].subject]
    own = {row.reference for row in maps[RECORD].rows} - KNOWN.keys()
    for name, one in maps.items():
        for row in one.rows if name in MAPS else ():
            target = isinstance(row.object, str) and _NOUNS.get(row.object, row.object)
            if target and row.inverse:
                yield row.inverse, _VALUE
            if target and (row.reference == "." or (row.reference in own and name not in records)):
                yield row.property, _VALUE
            elif target and isinstance(row.reference, str) and row.reference.endswith("[]"):
                listed = row.reference.removesuffix("[]")
                yield row.property, f"{target if listed == f'{target}s' else listed} link"
