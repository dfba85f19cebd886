"""Export a site of Markdown files with front matter as a schema.org knowledge graph.

>>> import kg
>>> graph = kg.KnowledgeGraph("seeds")
>>> graph.validate(engine="auto").conforms
True

`KnowledgeGraph` is the door: everything else is what its methods take, return and raise.
"""

from typing import TYPE_CHECKING

from kg.model import VERSION, lazy_names

if TYPE_CHECKING:
    from kg.api import KnowledgeGraph, PlacedStatement
    from kg.model import (
        CacheError,
        ConfigurationError,
        Finding,
        FormatError,
        KgError,
        OutputError,
        Place,
        QueryError,
        Severity,
        ShapesError,
        Site,
        SourceError,
        StoreError,
    )
    from kg.provenance import Explanation, Reason
    from kg.validation import Report

__version__ = VERSION
__all__ = [
    "CacheError",
    "ConfigurationError",
    "Explanation",
    "Finding",
    "FormatError",
    "KgError",
    "KnowledgeGraph",
    "OutputError",
    "Place",
    "PlacedStatement",
    "QueryError",
    "Reason",
    "Report",
    "Severity",
    "ShapesError",
    "Site",
    "SourceError",
    "StoreError",
]

__getattr__ = lazy_names(
    __name__,
    {
        "api": ("KnowledgeGraph", "PlacedStatement"),
        "model": (
            "CacheError",
            "ConfigurationError",
            "Finding",
            "FormatError",
            "KgError",
            "OutputError",
            "Place",
            "QueryError",
            "Severity",
            "ShapesError",
            "Site",
            "SourceError",
            "StoreError",
        ),
        "provenance": ("Explanation", "Reason"),
        "validation": ("Report",),
    },
)
