"""A graph to bytes: the same bytes for the same graph.

A writer of a format takes sorted subjects, or sorted named graphs, and yields text or bytes
(`streams`). `formats` has the writer of each format and writes to a stream, `export` a collected
graph with its metadata, `shards` a folder for bulk loaders, `differences` the difference of two
graphs, and `output` replaces a file only when all of it is written. `names` are the short forms of
terms. Raises FormatError for data that a format cannot carry, OutputError for a file that cannot be
written.
"""

from typing import TYPE_CHECKING

from kg.model import lazy_names

if TYPE_CHECKING:
    from kg.writers.differences import EXACT_FORMATS, choose_difference_format, difference_lines
    from kg.writers.export import ExportDocument
    from kg.writers.formats import write_dataset
    from kg.writers.jsonld import jsonld_context
    from kg.writers.names import PrefixedNames
    from kg.writers.output import open_file
    from kg.writers.shards import write_shards

__all__ = [
    "EXACT_FORMATS",
    "ExportDocument",
    "PrefixedNames",
    "choose_difference_format",
    "difference_lines",
    "jsonld_context",
    "open_file",
    "write_dataset",
    "write_shards",
]

__getattr__ = lazy_names(
    __name__,
    {
        "differences": ("EXACT_FORMATS", "choose_difference_format", "difference_lines"),
        "export": ("ExportDocument",),
        "jsonld": ("jsonld_context",),
        "names": ("PrefixedNames",),
        "output": ("open_file",),
        "formats": ("write_dataset",),
        "shards": ("write_shards",),
    },
)
