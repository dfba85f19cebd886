"""rdflib's parser plugin: `Graph().parse("article.md", format="kg")`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rdflib.parser import InputSource, Parser

from kg.graph.convert import rdflib_graph
from kg.graph.named import named_graphs
from kg.mapping.project import make_mapper, table_of
from kg.model.errors import SourceError
from kg.model.findings import Severity
from kg.model.messages import finding_line
from kg.model.records import Source
from kg.sites.configuration import read_settings
from kg.sources.discovery import discover_sources
from kg.sources.locations import with_lines

if TYPE_CHECKING:
    from rdflib import Graph


class FrontMatterParser(Parser):
    """Adds what one front-matter or YAML file says to a graph.

    A file on disk belongs to the site around it, as on the command line; a `publicID` goes before
    the site's base IRI. Raises SourceError for a file that cannot be read, and for a value that
    cannot be mapped: rdflib has no findings.
    """

    def parse(self, source: InputSource, sink: Graph, **_options: Any) -> None:
        """Parse a source into a graph."""
        path = _path(source)
        found = discover_sources([path])[0] if path else _unnamed(source)
        given = source.getPublicId() or ""
        settings = read_settings([path] if path else [])
        site = settings.site(given if given.startswith(("http://", "https://")) else None)
        mapper = make_mapper(site, [found], table=table_of(settings))
        for graph in named_graphs([found], mapper):
            for finding in with_lines(graph.findings):
                if finding.severity is Severity.VIOLATION:
                    raise SourceError(finding_line(finding))
            for prefix, namespace in site.prefixes.items():
                sink.bind(prefix, namespace)
            sink += rdflib_graph((said[:3] for said in graph.statements), site)


def _path(source: InputSource) -> str | None:
    """Return the path of a source that is a file; rdflib keeps it in one of two places."""
    name = getattr(getattr(source, "file", None), "name", None) or source.getSystemId()
    return name if isinstance(name, str) and Path(name).is_file() else None


def _unnamed(source: InputSource) -> Source:
    stream = source.getByteStream()
    return Source("-", "-", content=stream.read() if stream else b"")
