"""rdflib's parser plugin: `Graph().parse("article.md", format="kg")`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rdflib.parser import InputSource, Parser

from kg.graph import load_graphs, rdflib_graph
from kg.mapping import open_project
from kg.model import Source, SourceError, finding_line, first_violation

if TYPE_CHECKING:
    from rdflib import Graph


class FrontMatterParser(Parser):
    """Adds the statements of one front-matter or YAML file to a graph.

    A file on disk belongs to the site around it, as on the command line; a `publicID` replaces the
    site's base IRI. `include` and `topics` are as the options of the command. Raises SourceError
    for a file that cannot be read, and for a value that cannot be mapped: rdflib has no findings.
    """

    def parse(self, source: InputSource, sink: Graph, **options: Any) -> None:
        """Parse a source into a graph."""
        path, public = _path(source), source.getPublicId() or ""
        project = open_project(
            [path] if path else [],
            sources=None if path else [_unnamed(source)],
            base_iri=public if public.startswith(("http://", "https://")) else None,
            include=options.get("include", ()),
            topics=options.get("topics"),
        )
        graphs, _ = load_graphs(project)
        if violation := first_violation(graphs.findings):
            raise SourceError(finding_line(violation))
        for prefix, namespace in project.site.prefixes.items():
            sink.bind(prefix, namespace)
        sink += rdflib_graph(graphs.triples(), project.site)


def _path(source: InputSource) -> str | None:
    """Return the path of a source that is a file; rdflib keeps it in one of two places."""
    name = getattr(getattr(source, "file", None), "name", None) or source.getSystemId()
    return name if isinstance(name, str) and Path(name).is_file() else None


def _unnamed(source: InputSource) -> Source:
    stream = source.getByteStream()
    return Source("-", "-", content=stream.read() if stream else b"")
