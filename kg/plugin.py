"""rdflib's parser plugin: `Graph().parse("article.md", format="kg")`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rdflib.parser import InputSource, Parser

from kg import graphs, sites, sources
from kg.records import Source

if TYPE_CHECKING:
    from rdflib import Graph


class FrontMatterParser(Parser):
    """Adds what one front-matter or YAML file says to a graph.

    A file on disk belongs to the site around it, as on the command line; text without a path, to
    the site whose base IRI is given as `publicID`, or the default one. Raises SourceError for a
    file that cannot be read, and for a value that cannot be mapped: rdflib has no findings.
    """

    def parse(self, source: InputSource, sink: Graph, **_options: Any) -> None:
        """Parse a source into a graph."""
        found, paths = _source(source)
        settings = sites.configuration(paths)
        site = settings.site(source.getPublicId() if not paths else None)
        for graph in graphs.named_graphs([found], graphs.mapper(site)):
            graphs.raise_for(graph)
            for prefix, namespace in site.prefixes.items():
                sink.bind(prefix, namespace)
            sink += graphs.rdflib_graph((said[:3] for said in graph.statements), site)


def _source(source: InputSource) -> tuple[Source, list[str]]:
    path = getattr(getattr(source, "file", None), "name", None)
    if isinstance(path, str) and Path(path).is_file():
        return sources.discover([path])[0], [path]
    stream = source.getByteStream()
    return Source("-", "-", content=stream.read() if stream else b""), []
