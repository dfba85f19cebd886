"""From sources to graphs: named ones as they stream by, an Oxigraph store, or an rdflib Graph.

Every place that needs "what do these sources say" starts here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from kg.graph.union import Node, described, nodes
from kg.mapping import authority as authorities
from kg.mapping import identifiers
from kg.mapping import schema_org as mapping
from kg.mapping.descriptions import Description, Inside, Memory, Note, Wrong
from kg.mapping.language import Facts, Maps
from kg.mapping.mapper import Mapper
from kg.model.errors import NoFrontMatter, SourceError
from kg.model.findings import Finding, Place, Severity
from kg.model.formats import format_of_path
from kg.model.records import Record, Source, Statement, Term, Triple
from kg.model.site import DEFAULT_BASE, Site
from kg.model.terms import literal, unquote
from kg.provenance.locate import Told
from kg.resources import TOPICS_FILE, VOCABULARY_FILE
from kg.sites import configuration as sites
from kg.sources import discovery as sources
from kg.sources import frontmatter

if TYPE_CHECKING:
    import pyoxigraph
    import rdflib


@dataclass(frozen=True, slots=True)
class NamedGraph:
    """What one source says: what is told by its records, or the triples of RDF.

    `also` is what was found in its records besides, by those who asked for it.
    """

    name: Term
    source: Source
    told: list[Told] = field(default_factory=list, repr=False)
    triples: list[Triple] = field(default_factory=list, repr=False)
    findings: list[Finding] = field(default_factory=list)
    also: list[Finding] = field(default_factory=list)

    @property
    def records(self) -> int:
        """How many records it has: 0 for RDF and for text without front matter."""
        return len(self.told)

    @property
    def empty(self) -> bool:
        """Whether it says nothing."""
        return not self.triples and not any(_speaks(one.description) for one in self.told)

    @property
    def statements(self) -> list[Statement]:
        """What it says, with the fields that say it; of RDF, none."""
        rdf = (Statement(*triple) for triple in self.triples)
        return [*rdf, *(statement for one in self.told for statement in one.statements())]


Also: TypeAlias = Callable[[Record, Description], Iterable[Finding]]
"""What else there is to find in a record; it is asked while the record's fields are at hand."""


def facts(path: Path, site: Site) -> Facts:
    """Read a Turtle file about topics, by subject. Raises SourceError if it cannot be read."""
    known: dict[Term, list[tuple[Term, Term]]] = {}
    said = _bundled(path, site) if path == TOPICS_FILE else _turtle(path, site)
    for subject, predicate, term in said:
        known.setdefault(subject, []).append((predicate, term))
    return {subject: tuple(pairs) for subject, pairs in known.items()}


def _turtle(path: Path, site: Site) -> list[Triple]:
    """Read a Turtle file that speaks of https://schema.org/, in the site's schema.org."""
    try:
        text = frontmatter.decode(sources.read(Source(str(path), path.name)))
        return read_rdf(site.localize(text).encode(), path.name, site)
    except SourceError as error:
        place = Place(Source(str(path), path.name), line=error.line, column=error.column)
        raise SourceError(f"{place}: {error}") from error


def vocabulary(site: Site) -> list[Triple]:
    """Return the definitions of the project's own terms."""
    return list(_bundled(VOCABULARY_FILE, site))


def _bundled(path: Path, site: Site) -> Iterator[Triple]:
    """Read N-Triples that were written for the default base, below the site's."""
    text = path.read_text(encoding="utf-8").replace(f"<{DEFAULT_BASE}", f"<{site.base}")
    for line in site.localize(text).splitlines():
        if not line.startswith("#"):
            subject, predicate, term = line.removesuffix(" .").split(" ", 2)
            yield subject, predicate, term


def mapper(  # noqa: PLR0913 - each is one thing that is known beforehand
    site: Site,
    found: Collection[Source] = (),
    *,
    table: Maps = mapping.MAPS,
    topics: Path = TOPICS_FILE,
    include: Collection[str] = (),
    telling: Callable[[Source], bool] = authorities.may_tell,
) -> Mapper:
    """Return the mapper for some sources: by the bundled mapping, or a site's own.

    It knows what is known about topics, and what the sources' own sites call things; `telling` is
    as in `authorities.read`.
    """
    using = Mapper(table, mapping.START, site, facts(topics, site), include=include)
    return using.knowing(authorities.read(found, using, telling))


def named_graphs(
    found: Iterable[Source], using: Mapper, memory: Memory | None = None, also: Also | None = None
) -> Iterator[NamedGraph]:
    """Yield the graph of each source, one at a time; equal items in `memory` are shared.

    A source that cannot be read gives an empty graph with a finding. Text without front matter
    gives an empty graph, with a finding only if the user named that very file.
    """
    for source in found:
        called = name(source, using.site)
        try:
            if sources.is_rdf(source):
                triples = read_rdf(sources.read(source), source.path, using.site)
                yield NamedGraph(called, source, triples=triples)
            else:
                yield _mapped(called, source, using, memory or using.latest, also)
        except SourceError as error:
            yield NamedGraph(called, source, findings=_refusal(source, error))


def union(found: Collection[NamedGraph]) -> dict[Triple, None]:
    """Return what graphs say, each triple once, in the order in which it is first said."""
    said: dict[Triple, None] = {}
    seen: set[int] = set()
    for graph in found:
        said.update(dict.fromkeys(graph.triples))
        for one in graph.told:
            _state(one.description, said, seen)
    return said


def _speaks(one: Description) -> bool:
    for part in one.parts:
        if isinstance(part, Inside):
            if _speaks(part.description):
                return True
        elif not isinstance(part, (Note, Wrong)):
            return True
    return False


def _state(one: Description, said: dict[Triple, None], seen: set[int]) -> None:
    if id(one) in seen:  # many records share it
        return
    seen.add(id(one))
    for part in one.parts:
        if isinstance(part, Inside):
            _state(part.description, said, seen)
        elif not isinstance(part, (Note, Wrong)):
            said[part[:3]] = None


class Said(NamedTuple):
    """What one source says, as nodes in no order; a subject may come again."""

    name: Term
    nodes: list[Node]
    findings: list[Finding]
    records: int


def said(source: Source, using: Mapper, memory: Memory) -> Said:
    """Return what a source says, for writing: without the fields that say it.

    Items that are in memory may be left out. A source that cannot be read gives a finding, as with
    `named_graphs`.
    """
    called = name(source, using.site)
    try:
        if sources.is_rdf(source):
            triples = read_rdf(sources.read(source), source.path, using.site)
            return Said(called, list(nodes(triples)), [], 0)
        records = sources.records(source, mapping.WITHHELD)
    except SourceError as error:
        return Said(called, [], _refusal(source, error), 0)
    found: list[Node] = []
    findings: list[Finding] = []
    for record in records:
        description = using.describe(record, memory)
        found += described(description)
        findings += using.findings(description, record)
    return Said(called, found, findings, len(records) if found else 0)


def name(source: Source, site: Site) -> Term:
    """Return the name of the named graph of a source."""
    return site.iri(identifiers.graph(source.name))


def _mapped(
    name: Term, source: Source, using: Mapper, memory: Memory, also: Also | None
) -> NamedGraph:
    graph = NamedGraph(name, source)
    for record in sources.records(source, mapping.WITHHELD):
        one = using.describe(record, memory)
        graph.told.append(Told(record.origin, one))
        graph.findings.extend(using.findings(one, record))
        graph.also.extend(also(record, one) if also else ())
    return graph


def _refusal(source: Source, error: SourceError) -> list[Finding]:
    """Return why a source cannot be read; text in a folder need not have front matter."""
    if isinstance(error, NoFrontMatter) and not source.named:
        return []
    place = Place(source, line=error.line, column=error.column)
    return [Finding(Severity.VIOLATION, str(error), (place,))]


def read_rdf(data: bytes, path: str, site: Site) -> list[Triple]:
    """Parse an RDF file by its suffix, relative IRIs below the base, named graphs merged.

    Blank nodes become IRIs below `.well-known/genid/` (RDF 1.1, section 3.5), the same each time.
    Raises SourceError with line and column for what is not in that format.
    """
    import gzip
    import zlib

    import pyoxigraph

    format_ = format_of_path(path)
    if format_ is None:
        raise SourceError("not an RDF file, by its suffix")
    if path.lower().endswith(".gz"):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(f"not gzip: {error}") from error
    # An XML parser finds out the encoding itself.
    content = data if format_.name == "rdfxml" else frontmatter.decode(data)
    try:
        quads = list(
            pyoxigraph.parse(
                content,
                format=pyoxigraph.RdfFormat.from_media_type(format_.media_type),
                base_iri=site.base,
            )
        )
    except SyntaxError as error:
        line, column = error.lineno or 0, error.offset or 0
        raise SourceError(f"not {format_.name}: {_reason(error.msg)}", line, column) from error
    return without_blank_nodes(quads, sha256(data).hexdigest()[:16], site)


def _reason(message: str) -> str:
    """Take from a parser's message what is already said, and what it quotes of the file."""
    message = re.sub(r"^Parser error at .*?: ", "", message)
    message = re.sub(
        r"Unexpected text event: .*", "text where none may stand", message, flags=re.DOTALL
    )
    return re.sub(r"[\w+/=]{24,}", "…", message)


def without_blank_nodes(quads: Iterable[Any], scope: str, site: Site) -> list[Triple]:
    """Return the sorted triples of quads, graphs merged; blank nodes become IRIs of that scope.

    They are named by RDFC-1.0, so the same quads give the same names. Raises SourceError for what
    RDF 1.1 does not have.
    """
    triples = {_triple(quad) for quad in quads}
    if any(term.startswith("_:") for triple in triples for term in triple):
        triples = {_named(triple, f"{site.genid}{scope}-") for triple in _canonical(triples)}
    return sorted(triples)


def _triple(quad: Any) -> Triple:
    if hasattr(quad.object, "predicate") or getattr(quad.object, "direction", None):
        raise SourceError(f"RDF 1.2, which kg does not carry: {quad.object}")
    return str(quad.subject), str(quad.predicate), str(quad.object)


def _canonical(triples: Iterable[Triple]) -> Iterator[Triple]:
    import pyoxigraph

    dataset = pyoxigraph.Dataset(pyoxigraph.parse(_lines(triples), pyoxigraph.RdfFormat.N_TRIPLES))
    dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    return (_triple(quad) for quad in dataset)


def _named(triple: Triple, genid: str) -> Triple:
    subject, predicate, term = (
        f"<{genid}{part[2:]}>" if part.startswith("_:") else part for part in triple
    )
    return subject, predicate, term


def _lines(triples: Iterable[Triple]) -> bytes:
    return "".join(f"{s} {p} {o} .\n" for s, p, o in triples).encode()


def store(triples: Iterable[Triple]) -> pyoxigraph.Store:
    """Return an Oxigraph store in memory with the triples in its default graph."""
    import pyoxigraph

    held = pyoxigraph.Store()
    held.bulk_load(_lines(triples), pyoxigraph.RdfFormat.N_TRIPLES)
    return held


def rdflib_graph(triples: Iterable[Triple], site: Site) -> rdflib.Graph:
    """Return an rdflib Graph of the triples, with every literal as it was spelled."""
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    for prefix, namespace in site.prefixes.items():
        graph.bind(prefix, namespace)
    terms: dict[Term, rdflib.term.Node] = {}
    for triple in triples:
        graph.add(tuple(terms.get(term) or terms.setdefault(term, node(term)) for term in triple))  # type: ignore[arg-type] # three of them
    return graph


def node(term: Term) -> rdflib.term.Node:
    """Read a term as an rdflib node, spelled as it is: rdflib's parsers make `+00:00` of `Z`."""
    import rdflib

    if term.startswith("<"):
        return rdflib.URIRef(term[1:-1])
    text, tail = unquote(term)
    return rdflib.Literal(
        text,
        lang=tail[1:] if tail.startswith("@") else None,
        datatype=rdflib.URIRef(tail[3:-1]) if tail.startswith("^^") else None,
        normalize=False,
    )


def term(node: rdflib.term.Node | None) -> Term | None:
    """Write an rdflib node as a term; None for none and for a blank node."""
    import rdflib

    if isinstance(node, rdflib.URIRef):
        return f"<{node}>"
    if isinstance(node, rdflib.Literal):
        tail = (
            f"@{node.language}"
            if node.language
            else f"^^<{node.datatype}>"
            if node.datatype
            else ""
        )
        return literal(str(node)) + tail
    return None


def statements(*paths: str, site: Site | None = None) -> Iterator[Statement]:
    """Yield what files and folders say, file by file; equal statements may come again.

    Sources that cannot be read are left out; `named_graphs` hands out the findings.
    """
    found, settings = sources.discover(paths), sites.configuration(paths)
    chosen = site or settings.site()
    for graph in named_graphs(found, mapper(chosen, found, table=settings.table)):
        yield from graph.statements


def graph(*paths: str, site: Site | None = None) -> rdflib.Graph:
    """Return what files and folders say as one rdflib Graph."""
    chosen = site or sites.of(paths)
    return rdflib_graph((said[:3] for said in statements(*paths, site=chosen)), chosen)
