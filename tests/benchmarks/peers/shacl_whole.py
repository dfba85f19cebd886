"""pySHACL on the whole graph: `shacl_whole.py SHAPES.ttl GRAPH.nt` prints how much it finds."""

from __future__ import annotations

import json
import sys

import pyshacl
import rdflib


def main(shapes_path: str, graph_path: str) -> None:
    rdflib.NORMALIZE_LITERALS = False
    shapes = rdflib.Graph().parse(shapes_path, format="turtle")
    graph = rdflib.Graph().parse(graph_path, format="nt")
    _, report, text = pyshacl.validate(graph, shacl_graph=shapes, advanced=True)
    if not isinstance(report, rdflib.Graph):
        sys.exit(str(text))
    print(json.dumps({"results": len(list(report.subject_objects(rdflib.SH.result)))}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
