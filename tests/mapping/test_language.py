"""The language of the mapping: its references and conditions."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from kg.mapping.language import (
    ANY,
    NOTHING,
    VARIABLES,
    AlternativeNames,
    Choice,
    Maps,
    Row,
    SubjectMap,
    TriplesMap,
    alternatives,
    map_reaches,
    parse_path,
    parse_reference,
)
from kg.mapping.term_maps import text

if TYPE_CHECKING:
    from kg.model.records import FieldPath
    from kg.model.site import Site


def template(_site: Site, name: object) -> str:
    return f"x:{name}"


@pytest.mark.parametrize(
    ("expected", "reference"),
    [
        ((0, "", ("title",), ""), "title"),
        ((0, "", ("twitter", "url"), ""), "twitter.url"),
        ((0, "", ("topics",), "[]"), "topics[]"),
        ((0, "", ("provider", "authors"), "[]"), "provider.authors[]"),
        ((0, "", ("hashtags",), "[ ]"), "hashtags[ ]"),
        ((0, "", ("services",), ".*"), "services.*"),
        ((0, "", (), ""), "."),
        ((1, "", ("title",), ""), "../title"),
        ((2, "", ("tags",), "[]"), "../../tags[]"),
        ((1, "", ("provider", "domain"), ""), "../provider.domain"),
        ((0, "@path", (), ""), "@path"),
        ((0, "@site", ("locale",), ""), "@site.locale"),
        ((2, "@path", (), ""), "../../@path"),
        ((0, "", ("@context",), ""), "@context"),
    ],
)
def test_a_reference_is_read(
    expected: tuple[int, str, tuple[str, ...], str], reference: str
) -> None:
    path = parse_path(reference)
    assert expected == (path.up, path.variable, path.keys, path.each)


@pytest.mark.parametrize("reference", ["title", "topics[]", "hashtags[ ]", "services.*"])
def test_a_field_of_the_item_itself_is_plain(reference: str) -> None:
    assert parse_path(reference).plain


@pytest.mark.parametrize(
    "reference", [".", "twitter.url", "../title", "@path", "@site.locale", "../@iri"]
)
def test_no_other_reference_is_plain(reference: str) -> None:
    assert not parse_path(reference).plain


def test_a_reference_has_alternatives_the_first_one_first() -> None:
    assert ("title",) == alternatives("title")
    assert ("title", "name") == alternatives(("title", "name"))
    assert (parse_path("title"), parse_path("@path")) == parse_reference(("title", "@path"))


@pytest.mark.parametrize("variable", sorted(VARIABLES))
def test_a_variable_is_not_a_field(variable: str) -> None:
    path = parse_path(variable)
    assert (variable, None) == (path.variable, path.below(()))


@pytest.mark.parametrize(
    ("expected", "reference"),
    [
        (("related", 0, "title"), "title"),
        (("related", 0, "twitter", "url"), "twitter.url"),
        (("related", 0, "topics"), "topics[]"),
        (None, "../title"),
        (None, "."),
        (None, "@site.locale"),
    ],
)
def test_a_field_is_below_its_item(expected: FieldPath | None, reference: str) -> None:
    assert expected == parse_path(reference).below(("related", 0))


def test_a_subject_takes_its_references_one_by_one() -> None:
    subject = SubjectMap(template, "a", ("b", "c"), alias_only=True)
    assert (template, ("a", ("b", "c")), True) == (
        subject.template,
        subject.references,
        subject.alias_only,
    )
    assert not SubjectMap(template, "a").alias_only
    assert subject == pickle.loads(pickle.dumps(subject))  # noqa: S301 - pickled on this very line


@pytest.mark.parametrize(
    ("expected", "a"), [((), ()), (("x:A",), "x:A"), (("x:A", "x:B"), ("x:A", "x:B"))]
)
def test_a_node_has_any_number_of_classes(expected: tuple[str, ...], a: str) -> None:
    assert expected == TriplesMap(SubjectMap(template), a=a).classes


def test_a_plain_tuple_is_a_row_without_options() -> None:
    triples_map = TriplesMap(SubjectMap(template), properties=(("title", "x:title", text),))
    assert (Row("title", "x:title", text),) == triples_map.rows


def test_alternative_names_belong_to_their_map() -> None:
    names = AlternativeNames("topic", name="name", short_name="shortname")
    assert names == TriplesMap(SubjectMap(template), names=names).names


CHOICE = Choice(
    (
        ({"@collection": "_news"}, "news"),
        ({"type": "a", "tag": ANY}, "tagged"),
        ({"type": NOTHING, "date": ANY, "draft": NOTHING}, "post"),
        ({"kind": "a"}, "kind"),
    ),
    otherwise="other",
)


def test_the_keys_of_a_choice_are_those_of_its_conditions() -> None:
    assert ("@collection", "type", "tag", "date", "draft", "kind") == CHOICE.keys


def test_the_kinds_of_a_choice_are_the_keys_with_a_fixed_text() -> None:
    assert ("type", "kind") == CHOICE.kinds


# ---- what a map can see


@pytest.mark.parametrize(
    ("expected", "reference"),
    [
        (0, "title"),
        (0, "@site.title"),
        (0, "@label"),
        (1, "../title"),
        (1, "../@iri"),
        (2, ("title", "../../@path")),
        (1, "@position"),
    ],
)
def test_a_map_reaches_as_far_as_its_rows_read(
    expected: int, reference: str | tuple[str, ...]
) -> None:
    rows = {
        "row": Row(reference, "x:p", text),
        "unless": Row("a", "x:p", text, unless=reference),
        "without": Row("a", "x:p", text, without=reference),
    }
    table = {
        name: TriplesMap(SubjectMap(template, "a"), properties=(row,)) for name, row in rows.items()
    }
    table["subject"] = TriplesMap(SubjectMap(template, reference))
    assert dict.fromkeys(table, expected) == map_reaches(table)


def test_a_map_reaches_as_far_as_the_maps_it_links_to() -> None:
    far = TriplesMap(SubjectMap(template, "../../name"))
    table: Maps = {
        "far": far,
        "near": TriplesMap(SubjectMap(template, "name"), properties=(("in", "x:in", "far"),)),
        "same": TriplesMap(SubjectMap(template, "name"), properties=((".", "x:is", "far"),)),
        "top": TriplesMap(SubjectMap(template, "name"), properties=(("in", "x:in", "near"),)),
        "any": Choice((({"type": "a"}, "near"), ({"../type": "a"}, "same")), otherwise="top"),
        "round": TriplesMap(SubjectMap(template, "name"), properties=(("in[]", "x:in", "round"),)),
    }
    expected = {"far": 2, "near": 1, "same": 2, "top": 0, "any": 2, "round": 0}
    assert expected == map_reaches(table)


def test_a_link_to_a_missing_map_is_an_error_of_the_table() -> None:
    table = {"a": TriplesMap(SubjectMap(template), properties=(("b", "x:b", "nothing"),))}
    with pytest.raises(TypeError, match="no map is named 'nothing'"):
        map_reaches(table)
