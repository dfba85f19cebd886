"""How alike are two graphs? `python -m tests.benchmarks.sameness A B` counts their triples.

Dates are compared by value as far as `Z` and `+00:00` are one; every other term by its spelling.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from hashlib import blake2b

import pyoxigraph


def triples(path: str) -> Iterator[bytes]:
    """Yield a digest of each triple."""
    for quad in pyoxigraph.parse(path=path):
        spelled = str(quad.triple).replace('+00:00"^^', 'Z"^^')
        yield blake2b(spelled.encode(), digest_size=16).digest()


def main(one: str, other: str) -> None:
    """Print how many triples there are in the first, in the second, and in both."""
    ours, theirs = set(triples(one)), set(triples(other))
    counts = {"ours": len(ours), "theirs": len(theirs), "both": len(ours & theirs)}
    print(json.dumps(counts))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
