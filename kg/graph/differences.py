"""What one graph says and another does not: in the words of the mapping, then as statements."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby
from typing import Final, NamedTuple, TypeAlias

from kg.mapping.identifiers import dataset_iri
from kg.mapping.language import KNOWN, TriplesMap, alternatives
from kg.mapping.schema_org import MAPS, METADATA, RECORD
from kg.model.namespaces import KG, RDF
from kg.model.records import Term, Triple
from kg.model.site import Site
from kg.model.terms import escape_for_sparql, unquote

VERSION: Final = 1
"""Of the JSON layout; raised when a reader would have to change."""

_FILE: Final = "file"
_VALUE: Final = ""
_NOUNS: Final = {"source": _FILE, "pixels": _VALUE}
"""What the nodes of a map are called, where its name is not the word; nothing for a mere value."""
_UNTYPED: Final = "node"
_TYPE: Final = f"<{RDF.type}>"


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


def compare(before: set[Triple], after: set[Triple], site: Site) -> Difference:
    """Return what takes the first graph to the second.

    A node is added or removed when only one graph says that it is of its class, renamed when its
    name differs, else changed. What a list links to (`related`, `topics`) is counted as links, on
    nodes that both graphs have.
    """
    removed, added = tuple(sorted(before - after)), tuple(sorted(after - before))
    words = _Words(site)
    nodes = _by_node(removed, added)
    was, now = _Known(before, set(nodes), words), _Known(after, set(nodes), words)
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


class _Known:
    """What a graph says of the classes and names of some nodes."""

    def __init__(self, triples: Iterable[Triple], nodes: set[Term], words: _Words) -> None:
        self._words = words
        self._classes: dict[Term, set[Term]] = {}
        self._names: dict[Term, Term] = {}
        for subject, predicate, term in triples:
            if subject in nodes:
                classes = self._classes.setdefault(subject, set())
                if predicate == _TYPE:
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


class _Words:
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
        elif (lost | gained) - self._links.keys() - {_TYPE}:
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


Short: TypeAlias = Callable[[Term], str]
"""Writes a term as people do."""
Lines: TypeAlias = Iterator[str]


def _text(difference: Difference, short: Short) -> Lines:
    if difference.changes:
        yield f"{', '.join(str(change) for change in difference.changes)}\n"
    for paragraph in _paragraphs(difference, short):
        yield "\n"
        yield from paragraph


def _markdown(difference: Difference, short: Short) -> Lines:
    yield from (f"- {change}\n" for change in difference.changes)
    for paragraph in _paragraphs(difference, short):
        yield "\n```diff\n"
        yield from paragraph
        yield "```\n"


def _paragraphs(difference: Difference, short: Short) -> Iterator[Lines]:
    """Yield the lines about each node, what is removed before what is added instead."""
    signed = [("-", *triple) for triple in difference.removed]
    signed += [("+", *triple) for triple in difference.added]
    signed.sort(key=lambda one: (one[1], one[2] != _TYPE, one[2], one[0] == "+", one[3]))
    for subject, about in groupby(signed, key=lambda one: one[1]):
        if subject not in difference.files:
            yield _about(subject, difference.titles.get(subject), about, short)


def _about(
    subject: Term, title: str | None, signed: Iterable[tuple[str, str, str, str]], short: Short
) -> Lines:
    yield f"{short(subject)} # {title}\n" if title else f"{short(subject)}\n"
    for sign, _, predicate, term in signed:
        yield f"{sign} {'a' if predicate == _TYPE else short(predicate)} {short(term)}\n"


def _json(difference: Difference, _short: Short) -> Lines:
    document = {
        "version": VERSION,
        "equal": not difference,
        "changes": [change._asdict() for change in difference.changes],
        "removed": [_json_triple(triple) for triple in difference.removed],
        "added": [_json_triple(triple) for triple in difference.added],
    }
    yield json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _json_triple(triple: Triple) -> dict[str, str]:
    return dict(zip(("subject", "predicate", "object"), triple, strict=True))


def _patch(difference: Difference, _short: Short) -> Lines:
    """RDF Patch, one transaction."""
    yield "TX .\n"
    yield from (f"D {' '.join(triple)} .\n" for triple in difference.removed)
    yield from (f"A {' '.join(triple)} .\n" for triple in difference.added)
    yield "TC .\n"


_OPERATION: Final = 1000
"""Statements of one operation: stores parse an operation as a whole."""


def _sparql(difference: Difference, _short: Short) -> Lines:
    """SPARQL 1.1 Update: there is always an operation, since no engine need take an empty text."""
    said = (("DELETE", difference.removed), ("INSERT", difference.added))
    operations = [
        (verb, triples[start : start + _OPERATION])
        for verb, triples in said
        for start in range(0, len(triples), _OPERATION)
    ]
    separator = ""
    for verb, triples in operations or [("INSERT", ())]:
        yield f"{separator}{verb} DATA {{\n"
        yield from (f"  {' '.join(map(escape_for_sparql, triple))} .\n" for triple in triples)
        yield "}"
        separator = " ;\n"
    yield "\n"


RENDERERS: Final[Mapping[str, Callable[[Difference, Short], Lines]]] = {
    "text": _text,
    "json": _json,
    "markdown": _markdown,
    "patch": _patch,
    "sparql": _sparql,
}
EXACT: Final = ("patch", "sparql")
"""The formats that programs apply: they leave nothing out."""
