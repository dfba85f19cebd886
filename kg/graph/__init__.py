"""What all sources state as one graph, in bounded memory.

`named` maps one source. `in_memory` holds all of them, for questions; `collect` merges them into a
`union` on disk, for exports, and `incremental` does so with a `cache`. `sorted_runs`,
`counted_union` and `shared_index` are what these stand on. `statistics` describes the dataset,
`payloads` are named graphs for a store, `differences` compares two graphs, and `convert` makes
graphs of other libraries.
"""

from typing import TYPE_CHECKING

from kg.model import lazy_names

if TYPE_CHECKING:
    from kg.graph.cache import Cache, open_cache
    from kg.graph.collect import CollectedGraph, CollectOptions, Keep, collect_graph
    from kg.graph.convert import (
        from_rdflib,
        oxigraph_store,
        rdflib_dataset,
        rdflib_graph,
        to_rdflib,
    )
    from kg.graph.differences import TYPE, Difference, Side, comparable_triples, compare_graphs
    from kg.graph.in_memory import Inspect, LoadedGraphs, load_graphs, refuse_violations
    from kg.graph.incremental import collect_with_cache
    from kg.graph.named import graph_name, map_sources
    from kg.graph.payloads import Payload, Payloads, payload_of, to_nquads
    from kg.graph.statistics import METADATA_GRAPH, VoidStatistics
    from kg.graph.union import SubjectLines, lines_by_subject, to_ntriples

__all__ = [
    "METADATA_GRAPH",
    "TYPE",
    "Cache",
    "CollectOptions",
    "CollectedGraph",
    "Difference",
    "Inspect",
    "Keep",
    "LoadedGraphs",
    "Payload",
    "Payloads",
    "Side",
    "SubjectLines",
    "VoidStatistics",
    "collect_graph",
    "collect_with_cache",
    "comparable_triples",
    "compare_graphs",
    "from_rdflib",
    "graph_name",
    "lines_by_subject",
    "load_graphs",
    "map_sources",
    "open_cache",
    "oxigraph_store",
    "payload_of",
    "rdflib_dataset",
    "rdflib_graph",
    "refuse_violations",
    "to_nquads",
    "to_ntriples",
    "to_rdflib",
]

__getattr__ = lazy_names(
    __name__,
    {
        "cache": ("Cache", "open_cache"),
        "collect": ("CollectOptions", "CollectedGraph", "Keep", "collect_graph"),
        "convert": ("from_rdflib", "oxigraph_store", "rdflib_dataset", "rdflib_graph", "to_rdflib"),
        "differences": ("Difference", "Side", "TYPE", "comparable_triples", "compare_graphs"),
        "in_memory": ("Inspect", "LoadedGraphs", "load_graphs", "refuse_violations"),
        "incremental": ("collect_with_cache",),
        "named": ("graph_name", "map_sources"),
        "payloads": ("Payload", "Payloads", "payload_of", "to_nquads"),
        "statistics": ("METADATA_GRAPH", "VoidStatistics"),
        "union": ("SubjectLines", "lines_by_subject", "to_ntriples"),
    },
)
