"""A plan and the result of a sync as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from kg.model import format_count
from kg.stores.plan import Plan
from kg.stores.proof import Mismatch
from kg.stores.sync import SyncResult

VERSION: Final = 1
"""Version of the JSON layout; raised with every change that readers must follow."""
SHOWN: Final = 10
"""Mismatches to list."""


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield a line for each graph that changes."""
    for verb, graphs in (("add", plan.add), ("replace", plan.replace), ("delete", plan.delete)):
        yield from (f"{verb} {graph[1:-1]}" for graph in graphs)


def plan_summary(plan: Plan) -> str:
    """Return how many graphs there are of each kind.

    >>> plan_summary(Plan(add=("<a>", "<b>"), same=("<c>",)))
    '2 added, 0 replaced, 0 deleted, 1 the same'
    """
    counts = (("added", plan.add), ("replaced", plan.replace), ("deleted", plan.delete))
    changes = ", ".join(f"{len(graphs):,} {verb}" for verb, graphs in counts)
    return f"{changes}, {len(plan.same):,} the same"


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return a plan as JSON."""
    return {"version": VERSION, "plan": _graphs_by_verb(plan)}


def result_summary(result: SyncResult, proof: str | None) -> str:
    """Return what a sync did, how much the store holds of the site, and how it was proved."""
    graphs, statements = (
        format_count(result.graphs, "graph"),
        format_count(result.statements, "statement"),
    )
    proved = {"counts": ", counted", "full": ", compared", None: ""}[proof]
    ending = "" if result.mismatches else proved
    return f"{plan_summary(result.plan)}: {graphs} with {statements}{ending}"


def result_document(result: SyncResult, proof: str | None) -> dict[str, Any]:
    """Return the result of a sync as JSON."""
    return {
        "version": VERSION,
        "plan": _graphs_by_verb(result.plan),
        "statements": result.statements,
        "verified": proof,
        "wrong": [_mismatch_document(mismatch) for mismatch in result.mismatches],
    }


def mismatch_lines(mismatches: Sequence[Mismatch]) -> Iterator[str]:
    """Yield lines that name the graphs that do not match, and what to do next."""
    for mismatch in mismatches[:SHOWN]:
        graph = mismatch.graph[1:-1]
        found = format_count(mismatch.found, "statement")
        yield f"{graph}: {found} in the store, {mismatch.expected:,} expected"
        for sign, triples in (("-", mismatch.missing), ("+", mismatch.extra)):
            yield from (f"  {sign} {' '.join(triple)}" for triple in triples)
    if mismatches:
        graphs = "1 graph differs" if len(mismatches) == 1 else f"{len(mismatches):,} graphs differ"
        yield f"{graphs} from the files; the next kg load sends them again"


def skipped_lines(plan: Plan) -> Iterator[str]:
    """Yield a line for each graph that stays as it is since its source could not be read."""
    return (f"not updated, since its source has errors: {graph[1:-1]}" for graph in plan.skip)


def _graphs_by_verb(plan: Plan) -> dict[str, Any]:
    """Return the names of the graphs that change or are skipped, and the number of the others."""
    return {
        "add": _iris(plan.add),
        "replace": _iris(plan.replace),
        "delete": _iris(plan.delete),
        "kept": _iris(plan.skip),
        "same": len(plan.same),
    }


def _iris(graphs: Iterable[str]) -> list[str]:
    return [graph[1:-1] for graph in graphs]


def _mismatch_document(mismatch: Mismatch) -> dict[str, Any]:
    return {
        "graph": mismatch.graph[1:-1],
        "expected": mismatch.expected,
        "found": mismatch.found,
    }
