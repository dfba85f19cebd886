"""Payloads: the sorted N-Triples of a graph, with their digest."""

from __future__ import annotations

from kg.graph.payloads import payload_lines, payload_of, to_nquads
from tests.stores.graphs import TRIPLES, A, nodes_of


def test_a_payload_is_sorted_distinct_lines() -> None:
    payload = payload_of(nodes_of([*reversed(TRIPLES), *TRIPLES]))
    lines = [f"{' '.join(triple)} ." for triple in TRIPLES]
    assert lines == payload.read().decode().splitlines()
    quads = [f"{' '.join(triple)} {A} ." for triple in TRIPLES]
    assert quads == to_nquads(payload.read(), A).decode().splitlines()
    assert (3, 1) == (payload.triples, payload_of(nodes_of(TRIPLES[:1])).triples)


def test_oxigraph_reads_the_quads_even_if_a_text_looks_like_the_end_of_a_line() -> None:
    payload = payload_of(nodes_of([("<http://s>", "<http://p>", '"a .\\n b ."')]))
    quads = to_nquads(payload.read(), A).decode().splitlines()
    assert [f'<http://s> <http://p> "a .\\n b ." {A} .'] == quads


def test_equal_graphs_have_equal_digests_in_any_order() -> None:
    one, same, other = (
        payload_of(nodes_of(triples)) for triples in (TRIPLES, TRIPLES[::-1], TRIPLES[1:])
    )
    assert one.digest == same.digest != other.digest


def test_foreign_rdf_is_sent_in_the_form_that_a_store_returns() -> None:
    number = '"{}"^^<http://www.w3.org/2001/XMLSchema#integer>'
    triples = [("<http://s>", "<http://p>", number.format(one)) for one in ("01", "1")]
    expected = nodes_of([("<http://s>", "<http://p>", number.format("1"))])
    assert payload_lines(expected) == payload_lines(nodes_of(triples), foreign=True)
