"""An Oxigraph store on disk, opened by this process: no server needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from kg.model import StoreError, Term, Triple
from kg.queries import Answer
from kg.stores.store import DEFAULT_GRAPH, Row, terms_of

_ROCKSDB_FILE: Final = "CURRENT"
"""The file that RocksDB, which Oxigraph writes to, has in each of its folders."""
_UNFINISHED: Final = re.compile(r"LOCK|LOG(\.old\.\d+)?|IDENTITY|MANIFEST-000001|\d+\.dbtmp")
"""Files that RocksDB writes to a new folder before that one."""
_EXAMPLES: Final = 10
"""Foreign graphs to name."""


def is_embedded(path: Path) -> bool:
    """Whether a folder holds an embedded store."""
    return (path / _ROCKSDB_FILE).is_file()


class Embedded:
    """A store in a folder. RocksDB locks it, so only one process can open it."""

    connections = 1
    shared = False
    bulk = True

    def __init__(self, path: Path, *, create: bool, in_memory: bool = False) -> None:
        """Open the store in a folder; with `create`, make one in a new or empty folder.

        With `in_memory` nothing is written to disk. Raises StoreError if another process has the
        store open, or if the folder holds something else.
        """
        import pyoxigraph

        self.address = str(path)
        if not is_embedded(path):
            if not create:
                raise StoreError(f"{path}: no store there; fill one with kg load --to {path}")
            if path.exists() and not _may_become_store(path):
                raise StoreError(f"{path}: is not a store; name a new or an empty folder")
        with self._store_errors():
            self._store = pyoxigraph.Store() if in_memory else pyoxigraph.Store(path)

    def select(self, query: str) -> list[Row]:
        """Return the solutions of a SELECT query over the named graphs."""
        solutions = self._query(query, union=False)
        names = [variable.value for variable in solutions.variables]  # type: ignore[union-attr] # SELECT
        return [
            {name: str(solution[name]) for name in names if solution[name] is not None}
            for solution in solutions  # type: ignore[union-attr] # SELECT
        ]

    def construct(self, query: str) -> list[Triple]:
        """Return the triples of a CONSTRUCT query over the named graphs."""
        return terms_of(self._query(query, union=False))  # type: ignore[arg-type] # CONSTRUCT

    def answer(self, query: str) -> Answer:
        """Answer a query from the union of the named graphs."""
        return self._query(query, union=True)

    def _query(self, query: str, *, union: bool) -> Answer:
        try:
            return self._store.query(query, use_default_graph_as_union=union)
        except (OSError, RuntimeError, ValueError, SyntaxError) as error:
            raise StoreError(f"{self.address}: {error}") from error

    def update(self, text: str) -> None:
        """Run a SPARQL update."""
        with self._store_errors():
            self._store.update(text)

    def put(self, graph: Term, content: bytes) -> None:
        """Replace the content of a graph with N-Triples."""
        import pyoxigraph

        self.drop(graph)
        with self._store_errors():
            self._store.load(
                content, pyoxigraph.RdfFormat.N_TRIPLES, to_graph=pyoxigraph.NamedNode(graph[1:-1])
            )

    def drop(self, graph: Term) -> None:
        """Remove a graph if it is there."""
        import pyoxigraph

        with self._store_errors():
            self._store.remove_graph(pyoxigraph.NamedNode(graph[1:-1]))

    def get(self, graph: Term) -> bytes:
        """Return a graph as N-Triples; nothing if it is not there."""
        import pyoxigraph

        with self._store_errors():
            node = pyoxigraph.NamedNode(graph[1:-1])
            return self._store.dump(None, pyoxigraph.RdfFormat.N_TRIPLES, from_graph=node) or b""

    def add(self, content: bytes) -> None:
        """Add N-Quads."""
        import pyoxigraph

        with self._store_errors():
            self._store.bulk_load(content, pyoxigraph.RdfFormat.N_QUADS)

    def foreign_graphs(self, prefixes: tuple[str, ...]) -> list[Term]:
        """Return some graphs whose IRIs begin with none of the prefixes."""
        import pyoxigraph

        quads = self._store.quads_for_pattern(None, None, None, pyoxigraph.DefaultGraph())
        names = (str(name) for name in self._store.named_graphs())
        foreign = (name for name in names if not name[1:].startswith(prefixes))
        return [*(DEFAULT_GRAPH for _ in islice(quads, 1)), *islice(foreign, _EXAMPLES)]

    def close(self) -> None:
        """Write what is in memory to disk, and unlock the folder."""
        with self._store_errors():
            self._store.flush()
        del self._store

    @contextmanager
    def _store_errors(self) -> Iterator[None]:
        """Raise a StoreError for what Oxigraph raises."""
        try:
            yield
        except (OSError, RuntimeError, ValueError, SyntaxError) as error:
            raise StoreError(f"{self.address}: {_reason(error)}") from error


def _may_become_store(path: Path) -> bool:
    """Whether a folder is empty, or has what an interrupted creation of a store left there."""
    return path.is_dir() and all(_UNFINISHED.fullmatch(file.name) for file in path.iterdir())


def _reason(error: BaseException) -> str:
    if "lock" in str(error).lower():
        return "another process has the store open; try again when it is done"
    return f"cannot be used as a store: {error}"
