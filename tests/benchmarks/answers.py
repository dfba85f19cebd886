"""The bundled queries, answered by kg: `python -m tests.benchmarks.answers GRAPH.nt`.

Prints CPU seconds, the number of rows and their digest, by query. With `--write FOLDER` it writes
the queries for Oxigraph and the shapes for pySHACL, for the peers to run.
"""

from __future__ import annotations

import argparse
import json
import time
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pyoxigraph

from kg.model.site import Site
from kg.queries.catalog import Query, bundled_queries
from kg.queries.evaluation import bind_parameters, run_query
from kg.validation.loading import bundled_shapes, load_shapes

SITE: Final = Site()
PARAMETER_VALUES: Final = {"text": "Topic 1", "iri": "https://www.provider1.com/"}
"""Values of parameters that have no default, by kind."""


class _Recorder:
    """Accepts a query like a store, and keeps its text."""

    def query(self, text: str, **_: object) -> None:
        self.text = text


def _parameters(query: Query) -> dict[str, str]:
    values = {
        one.name: PARAMETER_VALUES[one.kind] for one in query.parameters if one.default is None
    }
    return bind_parameters(query, values, SITE)


def write(folder: Path) -> None:
    """Write each query with its parameters bound and its base, and the shapes as one graph."""
    for query in bundled_queries():
        recorder = _Recorder()
        run_query(query, recorder, _parameters(query), SITE)  # type: ignore[arg-type] # all it needs
        text = f"BASE <{SITE.base}>\n{recorder.text}"
        (folder / f"{query.name}.rq").write_text(text, encoding="utf-8")
    shapes = load_shapes(bundled_shapes(), SITE)
    shapes.to_rdflib_graph().serialize(folder / "shapes.ttl", format="turtle")


def answer(query: Query, store: pyoxigraph.Store) -> dict[str, Any]:
    """Answer one query to its last row."""
    started = time.process_time()
    result: Any = run_query(query, store, _parameters(query), SITE)
    solutions = list(result) if not isinstance(result, pyoxigraph.QueryBoolean) else [result]
    seconds = time.process_time() - started
    rows = sorted(_row(row) for row in solutions)
    return {
        "seconds": seconds,
        "rows": len(rows),
        "digest": sha256("\n".join(rows).encode()).hexdigest(),
    }


def _row(row: Any) -> str:
    return "\t".join("" if term is None else getattr(term, "value", str(term)) for term in row)


def main() -> None:
    """Write for the peers, or answer."""
    arguments = argparse.ArgumentParser(prog="python -m tests.benchmarks.answers")
    arguments.add_argument("graph", type=Path, nargs="?")
    arguments.add_argument("--write", type=Path, metavar="FOLDER")
    options = arguments.parse_args()
    if options.write:
        write(options.write)
        return
    store = pyoxigraph.Store()
    store.bulk_load(path=options.graph, format=pyoxigraph.RdfFormat.N_TRIPLES)
    print(json.dumps({query.name: answer(query, store) for query in bundled_queries()}))


if __name__ == "__main__":
    main()
