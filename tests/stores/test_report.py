"""Plans and results as text and JSON."""

from __future__ import annotations

from typing import Final

from kg.stores import SyncResult
from kg.stores.plan import Plan
from kg.stores.proof import Mismatch
from kg.stores.report import (
    mismatch_lines,
    plan_document,
    plan_lines,
    plan_summary,
    result_document,
    result_summary,
    skipped_lines,
)
from tests.stores.graphs import TRIPLES, A, B, C, D

PLAN: Final = Plan(add=(A,), replace=(B,), same=(C,), skip=(D,), graphs_in_store=3)
NAMES: Final = {"add": [A[1:-1]], "replace": [B[1:-1]], "delete": [], "kept": [D[1:-1]], "same": 1}


def test_a_plan_has_a_line_for_each_change_and_a_summary() -> None:
    assert [f"add {A[1:-1]}", f"replace {B[1:-1]}"] == list(plan_lines(PLAN))
    assert plan_summary(PLAN) == "1 added, 1 replaced, 0 deleted, 1 the same"
    assert {"version": 1, "plan": NAMES} == plan_document(PLAN)
    (line,) = skipped_lines(PLAN)
    assert line.endswith(D[1:-1])


def test_a_result_names_its_proof_unless_something_differs() -> None:
    result = SyncResult(PLAN, graphs=2, statements=1000)
    start = f"{plan_summary(PLAN)}: 2 graphs with 1,000 statements"
    summaries = {proof: result_summary(result, proof) for proof in ("counts", "full", None)}
    assert {"counts": f"{start}, counted", "full": f"{start}, compared", None: start} == summaries
    different = SyncResult(PLAN, (Mismatch(A, 2, 1),), 2, 1000)
    assert start == result_summary(different, "counts")
    assert {
        "version": 1,
        "plan": NAMES,
        "statements": 1000,
        "verified": "counts",
        "wrong": [{"graph": A[1:-1], "expected": 2, "found": 1}],
    } == result_document(different, "counts")


def test_mismatches_name_their_statements_and_the_cure() -> None:
    mismatch = Mismatch(A, 3, 1_002, missing=(TRIPLES[0],), extra=(TRIPLES[1],))
    assert [
        f"{A[1:-1]}: 1,002 statements in the store, 3 expected",
        f"  - {' '.join(TRIPLES[0])}",
        f"  + {' '.join(TRIPLES[1])}",
        "1 graph differs from the files; the next kg load sends them again",
    ] == list(mismatch_lines([mismatch]))
    many = list(mismatch_lines([Mismatch(A, 1, 0)] * 12))
    assert (11, "12 graphs differ from") == (len(many), many[-1][:21])
    assert [] == list(mismatch_lines([]))
