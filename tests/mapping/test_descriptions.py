"""What is remembered of items that come again."""

from __future__ import annotations

from kg.mapping.descriptions import Description, ValueFault
from kg.mapping.memo import DescriptionMemo, SeenNodes
from kg.model.findings import Severity
from kg.model.records import Term

STATEMENT = ("<x:n>", "<x:p>", '"v"', ())


def described(
    node: Term | None = "<x:n>", *, faulty: bool = False, empty: bool = False
) -> Description:
    faults = [ValueFault((), "bad", Severity.VIOLATION, None)] if faulty else []
    return Description("thing", node, [] if empty else [STATEMENT], [], [], faults)


def test_a_memory_gives_back_what_it_was_given_last() -> None:
    memory = DescriptionMemo(2)
    for key in (1, 2, 3):
        memory.keep(key, described(f"<x:{key}>"))
    assert {2: described("<x:2>"), 3: described("<x:3>")} == memory.entries


def test_what_is_stated_is_no_more_than_a_node() -> None:
    memory = SeenNodes(2)
    memory.keep(1, described())
    assert {1: "<x:n>"} == memory.entries


def test_what_is_wrong_is_to_be_told_again() -> None:
    memory = SeenNodes(2)
    memory.keep(1, described(faulty=True))
    assert 1 not in memory.entries


def test_what_says_nothing_leaves_its_room_to_others() -> None:
    memory = SeenNodes(1)
    memory.keep(1, described())
    memory.keep(2, described(empty=True))
    memory.keep(3, described(node=None))
    assert [1] == list(memory.entries)
