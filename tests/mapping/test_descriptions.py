"""Descriptions of repeated items that are kept in memory."""

from __future__ import annotations

from kg.mapping.descriptions import Description, ValueFault
from kg.mapping.memo import DescriptionMemo, SeenNodes
from kg.model.findings import Severity
from kg.model.records import Term

STATEMENT = ("<x:n>", "<x:p>", '"v"', ())


def description(
    node: Term | None = "<x:n>", *, faulty: bool = False, empty: bool = False
) -> Description:
    faults = [ValueFault((), "bad", Severity.VIOLATION, None)] if faulty else []
    return Description("thing", node, [] if empty else [STATEMENT], [], [], faults)


def test_a_memo_returns_the_last_entries() -> None:
    memory = DescriptionMemo(2)
    for key in (1, 2, 3):
        memory.keep(key, description(f"<x:{key}>"))
    assert {2: description("<x:2>"), 3: description("<x:3>")} == memory.entries


def test_a_stated_description_is_kept_as_its_node() -> None:
    memory = SeenNodes(2)
    memory.keep(1, description())
    assert {1: "<x:n>"} == memory.entries


def test_a_description_with_faults_is_not_kept() -> None:
    memory = SeenNodes(2)
    memory.keep(1, description(faulty=True))
    assert 1 not in memory.entries


def test_a_description_without_statements_is_not_kept() -> None:
    memory = SeenNodes(1)
    memory.keep(1, description())
    memory.keep(2, description(empty=True))
    memory.keep(3, description(node=None))
    assert [1] == list(memory.entries)
