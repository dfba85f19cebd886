"""rdflib's SPARQL engine: `sparql.py GRAPH.nt QUERIES` answers each query of a folder.

Prints seconds of CPU, the number of rows and their digest, by query. A query that takes longer
than LIMIT is stopped and gets that many seconds and no rows.
"""

from __future__ import annotations

import json
import signal
import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import Any

import rdflib

LIMIT = 20
"""Seconds of CPU."""


def answer(graph: rdflib.Graph, text: str) -> dict[str, Any]:
    started = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT)
    try:
        answered = list(graph.query(text))
    except TimeoutError:
        return {"seconds": LIMIT, "rows": None, "digest": None}
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    seconds = time.process_time() - started
    rows = sorted(map(spelled, answered))
    digest = sha256("\n".join(rows).encode()).hexdigest()
    return {"seconds": seconds, "rows": len(rows), "digest": digest}


def spelled(row: Any) -> str:
    terms = row if isinstance(row, tuple) else (row,)
    return "\t".join("" if term is None else str(term) for term in terms)


def stop(*_: object) -> None:
    raise TimeoutError


def main(graph_path: str, folder: Path) -> None:
    signal.signal(signal.SIGVTALRM, stop)
    rdflib.NORMALIZE_LITERALS = False
    graph = rdflib.Graph().parse(graph_path, format="nt")
    texts = {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.rq"))}
    print(json.dumps({name: answer(graph, text) for name, text in texts.items()}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
