"""Oxigraph in this process, on disk: a store without a server."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from kg.model.errors import StoreError
from kg.model.records import Term, Triple
from kg.stores.store import DEFAULT, MARK, Answer, Row, triples_from


class Embedded:
    """A store in a folder. One process at a time: RocksDB locks it."""

    connections = 1
    shared = False
    bulk = True
    statements = 10_000

    def __init__(self, path: Path, *, new: bool, kept: bool = True) -> None:
        """Open the store in a folder; make it there if it may be `new`, and is to be `kept`.

        Raises StoreError when it is in use, or the folder holds something else.
        """
        import pyoxigraph

        self.address = str(path)
        if not (path / MARK).is_file():
            if not new:
                raise StoreError(f"{path}: no store there; fill one with kg load --to {path}")
            if path.exists() and (not path.is_dir() or any(path.iterdir())):
                raise StoreError(f"{path}: holds something else; name a new folder for the store")
        with self._explained():
            self._held = pyoxigraph.Store(path) if kept else pyoxigraph.Store()

    def select(self, query: str) -> list[Row]:
        """Return the solutions of a SELECT query over the named graphs."""
        solutions = self._asked(query, union=False)
        names = [variable.value for variable in solutions.variables]  # type: ignore[union-attr] # SELECT
        return [
            {name: str(one[name]) for name in names if one[name] is not None}
            for one in solutions  # type: ignore[union-attr] # SELECT
        ]

    def construct(self, query: str) -> list[Triple]:
        """Return the triples of a CONSTRUCT query over the named graphs."""
        return triples_from(self._asked(query, union=False))  # type: ignore[arg-type] # CONSTRUCT

    def answer(self, query: str) -> Answer:
        """Answer a query from the union of the named graphs."""
        return self._asked(query, union=True)

    def _asked(self, query: str, *, union: bool) -> Answer:
        try:
            return self._held.query(query, use_default_graph_as_union=union)
        except (OSError, RuntimeError, ValueError, SyntaxError) as error:
            raise StoreError(f"{self.address}: {error}") from error

    def update(self, text: str) -> None:
        """Run a SPARQL update."""
        with self._explained():
            self._held.update(text)

    def put(self, graph: Term, body: bytes) -> None:
        """Make N-Triples the whole content of a graph."""
        import pyoxigraph

        self.drop(graph)
        with self._explained():
            self._held.load(
                body, pyoxigraph.RdfFormat.N_TRIPLES, to_graph=pyoxigraph.NamedNode(graph[1:-1])
            )

    def drop(self, graph: Term) -> None:
        """Remove a graph."""
        import pyoxigraph

        with self._explained():
            self._held.remove_graph(pyoxigraph.NamedNode(graph[1:-1]))

    def get(self, graph: Term) -> bytes:
        """Return a graph as N-Triples."""
        import pyoxigraph

        with self._explained():
            node = pyoxigraph.NamedNode(graph[1:-1])
            return self._held.dump(None, pyoxigraph.RdfFormat.N_TRIPLES, from_graph=node) or b""

    def add(self, body: bytes) -> None:
        """Add N-Quads."""
        import pyoxigraph

        with self._explained():
            self._held.bulk_load(body, pyoxigraph.RdfFormat.N_QUADS)

    def strangers(self, ours: tuple[str, ...]) -> list[Term]:
        """Return some of the graphs whose IRIs begin with none of `ours`."""
        import pyoxigraph

        default = self._held.quads_for_pattern(None, None, None, pyoxigraph.DefaultGraph())
        names = (str(name) for name in self._held.named_graphs())
        found = (name for name in names if not name[1:].startswith(ours))
        return [*(DEFAULT for _ in islice(default, 1)), *islice(found, 10)]

    def close(self) -> None:
        """Write what is in memory to disk, and let others open the store."""
        with self._explained():
            self._held.flush()
        del self._held

    def _explained(self) -> _Explained:
        return _Explained(self.address)


class _Explained:
    """Make what goes wrong inside a StoreError."""

    def __init__(self, address: str) -> None:
        self.address = address

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, OSError | RuntimeError | ValueError | SyntaxError):
            raise StoreError(f"{self.address}: {_reason(error)}") from error


def _reason(error: BaseException) -> str:
    if "lock" in str(error).lower():
        return "another process has the store open; try again when it is done"
    return f"cannot be used as a store: {error}"
