"""The interpreter is tested with small maps, and the bundled mapping with the interpreter."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kg.mapping.descriptions import Fate, MappingResult
from kg.mapping.language import (
    ANY,
    NOTHING,
    AlternativeNames,
    Authority,
    Choice,
    Maps,
    Row,
    SubjectMap,
    TriplesMap,
)
from kg.mapping.mapper import Mapper
from kg.mapping.project import make_mapper
from kg.mapping.term_maps import count, date_time, integer, text
from kg.model.errors import InvalidValue
from kg.model.findings import Finding, Severity
from kg.model.records import Origin, Record, Source, Statement, field_name
from kg.model.site import Site

ORIGIN: Final = Origin(Source("a.md", "a.md"), "0123", "text/markdown", line=2, document=1)


def named(_site: Site, name: object) -> str:
    if not isinstance(name, str):
        raise InvalidValue("no name", culprit=name)
    return f"x:{name}"


def only_the_site(_site: Site) -> str:
    return "x:only"


NAMED: Final = SubjectMap(named, "name")


def mapped(maps: Maps, fields: dict[str, Any]) -> MappingResult:
    return Mapper(maps, next(iter(maps)), Site()).map(Record(fields, ORIGIN))


def statements_of(maps: Maps, **fields: Any) -> list[tuple[str, str]]:
    """Return each statement of a record as text, with its field."""
    statements = mapped(maps, {"name": "n", **fields}).statements
    return [(" ".join(statement[:3]), field_name(statement.field)) for statement in statements]


def faults_of(maps: Maps, **fields: Any) -> list[tuple[str, str, str | None]]:
    """Return message, field and value of each finding in a record."""
    findings = mapped(maps, {"name": "n", **fields}).findings
    return [(finding.message, finding.places[0].name, finding.value) for finding in findings]


def rows(*properties: Row | tuple[Any, str, Any], **more: Any) -> Maps:
    """A single map of these rows."""
    return {"thing": TriplesMap(subject=NAMED, properties=properties, **more)}


TAG: Final = TriplesMap(subject=NAMED, properties=(("name", "x:label", text),), shorthand="name")


def test_a_node_has_its_classes_and_constants() -> None:
    maps = rows(a=("x:A", "x:B"), constants=(("x:unit", '"px"'),))
    type_ = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    expected = [f"<x:n> {type_} <x:A>", f"<x:n> {type_} <x:B>", '<x:n> <x:unit> "px"']
    assert [(statement, "") for statement in expected] == statements_of(maps)


def test_a_row_states_the_value_of_a_field() -> None:
    maps = rows(("title", "x:title", text))
    assert [('<x:n> <x:title> "T"', "title")] == statements_of(maps, title="T")


@pytest.mark.parametrize("empty", [None, "", [], {}])
def test_an_empty_field_makes_no_statement(empty: object) -> None:
    maps = rows(("tags[]", "x:tag", text), ("title", "x:title", text))
    assert ([], []) == (statements_of(maps, title=empty), faults_of(maps, tags=[empty]))


def test_zero_and_false_are_values() -> None:
    maps = rows(("heat", "x:heat", text), ("seen", "x:seen", text))
    expected = [('<x:n> <x:heat> "0"', "heat"), ('<x:n> <x:seen> "false"', "seen")]
    assert expected == statements_of(maps, heat=0, seen=False)


def test_each_value_of_a_list_is_stated() -> None:
    maps = rows(("tags[]", "x:tag", text))
    expected = [('<x:n> <x:tag> "a"', "tags[0]"), ('<x:n> <x:tag> "b"', "tags[2]")]
    assert expected == statements_of(maps, tags=["a", None, "b"])


def test_a_list_of_one_may_be_written_without_brackets() -> None:
    maps = rows(("tags[]", "x:tag", text))
    assert [('<x:n> <x:tag> "a"', "tags")] == statements_of(maps, tags="a")


def test_a_list_does_not_fit_where_one_value_is_expected() -> None:
    maps = rows(("title", "x:title", text))
    expected = [("a list of 2, where one value is expected", "title", None)]
    assert expected == faults_of(maps, title=["a", "b"])


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        ('<x:n> <x:url> "a"', {"web": "a", "original": "b"}),
        ('<x:n> <x:url> "b"', {"web": "", "original": "b"}),
    ],
)
def test_the_first_alternative_with_a_value_is_read(expected: str, fields: dict[str, str]) -> None:
    maps = rows((("web", "original"), "x:url", text))
    assert [expected] == [statement for statement, _ in statements_of(maps, **fields)]


def test_an_inverse_is_stated_from_object_to_subject() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=(Row("of", "x:of", "tag", inverse="x:has"),)),
        "tag": TriplesMap(NAMED, shorthand="name"),
    }
    expected = [("<x:n> <x:of> <x:t>", "of"), ("<x:t> <x:has> <x:n>", "of")]
    assert expected == statements_of(maps, of="t")


def test_a_row_does_not_repeat_a_value_of_another_field() -> None:
    maps = rows(Row("caption", "x:caption", text, unless="title"))
    assert [] == statements_of(maps, title="T", caption="T")
    assert [('<x:n> <x:caption> "C"', "caption")] == statements_of(maps, title="T", caption="C")


def test_a_dot_is_the_item_itself_and_two_the_one_around_it() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=((".", "x:same", "other"), ("tag", "x:tag", "tag"))),
        "other": TriplesMap(SubjectMap(only_the_site), properties=(("@path", "x:path", text),)),
        "tag": TriplesMap(NAMED, properties=(("../name", "x:of", text),)),
    }
    expected = ['<x:only> <x:path> "a.md"', '<x:t> <x:of> "n"', "<x:n> <x:same> <x:only>"]
    assert expected == [statement for statement, _ in statements_of(maps, tag={"name": "t"})][:3]


def test_a_record_without_fields_is_an_item_too() -> None:
    maps: Maps = {
        "thing": TriplesMap(SubjectMap(only_the_site), properties=((".", "x:same", "other"),)),
        "other": TriplesMap(SubjectMap(only_the_site), a="x:Other"),
    }
    assert 2 == len(mapped(maps, {}).statements)


def test_the_origin_of_a_record_can_be_stated() -> None:
    references = ("@path", "@document", "@line", "@sha256", "@mediaType")
    maps = rows(*((reference, "x:is", text) for reference in references))
    expected = ['"a.md"', '"1"', '"2"', '"0123"', '"text/markdown"']
    assert expected == [statement.split()[2] for statement, _ in statements_of(maps)]


def test_only_a_record_has_an_origin() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=(("tag", "x:tag", "tag"),)),
        "tag": TriplesMap(NAMED, properties=(("@path", "x:path", text),)),
    }
    assert [("<x:n> <x:tag> <x:t>", "tag")] == statements_of(maps, tag={"name": "t"})


def test_a_link_describes_its_node_below_the_field() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=(("tags[]", "x:tag", "tag"),)),
        "tag": TAG,
    }
    expected = [('<x:t> <x:label> "t"', "tags[1].name"), ("<x:n> <x:tag> <x:t>", "tags[1]")]
    assert expected == statements_of(maps, tags=[None, {"name": "t"}])


def test_a_bare_value_is_the_value_of_the_shorthand_field() -> None:
    maps: Maps = {"thing": TriplesMap(NAMED, properties=(("tags[]", "x:tag", "tag"),)), "tag": TAG}
    expected = [('<x:t> <x:label> "t"', "tags[0]"), ("<x:n> <x:tag> <x:t>", "tags[0]")]
    assert expected == statements_of(maps, tags=["t"])


def test_a_finding_about_a_bare_value_has_the_place_of_that_value() -> None:
    maps: Maps = {"thing": TriplesMap(NAMED, properties=(("tags[]", "x:tag", "tag"),)), "tag": TAG}
    assert [("no name", "tags[0]", "7")] == faults_of(maps, tags=[7])


def test_a_bare_value_does_not_fit_where_fields_are_expected() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=(("tag", "x:tag", "tag"),)),
        "tag": TriplesMap(NAMED),
    }
    assert [("one value, where a mapping of fields is expected", "tag", "t")] == faults_of(
        maps, tag="t"
    )
    expected = [("a list of 1, where a mapping of fields is expected", "tag", None)]
    assert expected == faults_of(maps, tag=["t"])


def test_a_bare_value_is_one_value() -> None:
    maps: Maps = {"thing": TriplesMap(NAMED, properties=(("tags[]", "x:tag", "tag"),)), "tag": TAG}
    expected = [("a list of 1, where one value is expected", "tags[0]", None)]
    assert expected == faults_of(maps, tags=[["t"]])


def test_a_node_that_cannot_be_identified_is_left_out_with_its_link() -> None:
    maps: Maps = {
        "thing": TriplesMap(
            NAMED, properties=(("tag", "x:tag", "tag"), ("title", "x:title", text))
        ),
        "tag": TAG,
    }
    assert [('<x:n> <x:title> "T"', "title")] == statements_of(maps, tag={"label": "t"}, title="T")
    assert [("no name", "tag", None)] == faults_of(maps, tag={"label": "t"})


def test_equal_findings_are_reported_once() -> None:
    maps = rows(("day", "x:from", date_time), ("day", "x:to", date_time))
    assert [("not a date and time", "day", "soon")] == faults_of(maps, day="soon")


def test_a_finding_shows_no_more_than_one_value() -> None:
    maps = rows(("title", "x:title", text))
    for several in ({"a": "SECRET"}, ["SECRET"], {"SECRET"}, ("SECRET",), b"SECRET"):
        assert [None] == [value for _, _, value in faults_of(maps, title=several)]


CHOICE: Final[Maps] = {
    "thing": Choice(
        (({"kind": "news", "type": "a"}, "news"), ({"kind": NOTHING, "type": "a"}, "any")),
        otherwise="other",
        inherited=("kind",),
    ),
    "news": TriplesMap(NAMED, a="x:News", properties=(("in[]", "x:in", "thing"),)),
    "any": TriplesMap(NAMED, a="x:Any"),
    "other": TriplesMap(NAMED, a="x:Other", properties=(("in[]", "x:in", "thing"),)),
}


def _classes(**fields: Any) -> list[str]:
    return [statement for statement, _ in statements_of(CHOICE, **fields) if "#type" in statement]


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        ("<x:News>", {"kind": "news", "type": "a"}),
        ("<x:Any>", {"type": "a"}),
        ("<x:Other>", {"kind": "news", "type": "b"}),
        ("<x:Other>", {"kind": ["news"], "type": 1}),
        ("<x:Other>", {}),
    ],
)
def test_the_map_is_chosen_by_the_values_of_the_keys(
    expected: str, fields: dict[str, object]
) -> None:
    assert [expected] == [statement.split()[2] for statement in _classes(**fields)]


def test_an_item_inherits_the_keys_it_lacks_from_its_record() -> None:
    classes = _classes(kind="news", type="a", **{"in": [{"name": "m", "type": "a"}]})
    assert ["<x:News>", "<x:News>"] == [statement.split()[2] for statement in classes]


def test_only_named_keys_are_inherited() -> None:
    classes = _classes(kind="news", type="a", **{"in": [{"name": "m"}]})
    assert ["<x:Other>", "<x:News>"] == [statement.split()[2] for statement in classes]


def test_a_key_of_the_item_takes_precedence_over_that_of_the_record() -> None:
    classes = _classes(kind="news", type="a", **{"in": [{"name": "m", "kind": 7, "type": "a"}]})
    assert ["<x:Other>", "<x:News>"] == [statement.split()[2] for statement in classes]


def test_a_bare_value_chooses_no_map() -> None:
    expected = [("one value, where a mapping of fields is expected", "in[0]", "m")]
    assert expected == faults_of(CHOICE, kind="news", type="a", **{"in": ["m"]})


@pytest.mark.parametrize(
    ("message", "field", "fields"),
    [
        (
            "no map for kind: news, type: b; exported as x:Other",
            "kind",
            {"kind": "news", "type": "b"},
        ),
        ("no map for type: b; exported as x:Other", "type", {"type": "b"}),
        ("no kind or type; exported as x:Other", "kind", {}),
    ],
)
def test_a_default_choice_is_reported_at_the_first_key_with_a_value(
    message: str, field: str, fields: dict[str, str]
) -> None:
    findings = mapped(CHOICE, {"name": "n", **fields}).findings
    assert [(Severity.INFO, message, field)] == [
        (finding.severity, finding.message, finding.places[0].name) for finding in findings
    ]


CONDITIONS: Final[Maps] = {
    "thing": Choice(
        (
            ({"@collection": "_posts"}, "post"),
            ({"type": "a", "tag": ANY}, "tagged"),
            ({"type": NOTHING, "tag": ANY}, "untyped"),
            ({"type": "a"}, "plain"),
        ),
        otherwise="other",
        with_notice=False,
    ),
    **{name: TriplesMap(NAMED) for name in ("post", "tagged", "untyped", "plain", "other")},
}


def _mapped_in(name: str, maps: Maps, fields: dict[str, Any], **more: Any) -> MappingResult:
    """Return the result of mapping a record in a file with this name."""
    origin = Origin(Source(name, name), "0123", "text/markdown")
    return Mapper(maps, next(iter(maps)), Site(), **more).map(
        Record({"name": "n"} | fields, origin)
    )


@pytest.mark.parametrize(
    ("expected", "name", "fields"),
    [
        ("tagged", "a.md", {"type": "a", "tag": "x"}),
        ("tagged", "a.md", {"type": "a", "tag": 0}),
        ("plain", "a.md", {"type": "a", "tag": ""}),
        ("plain", "a.md", {"type": "a"}),
        ("untyped", "a.md", {"tag": "x"}),
        ("untyped", "a.md", {"type": None, "tag": "x"}),
        ("other", "a.md", {"type": "b", "tag": "x"}),
        ("other", "a.md", {}),
        ("post", "_posts/a.md", {"type": "a", "tag": "x"}),
        ("post", "_posts/2020/06/a.md", {}),
        ("other", "_posts.md", {}),
        ("other", "_postscripts/a.md", {}),
        ("other", "old/_posts/a.md", {}),
    ],
)
def test_the_first_choice_with_all_conditions_met_is_taken(
    expected: str, name: str, fields: dict[str, object]
) -> None:
    assert [((), expected)] == _mapped_in(name, CONDITIONS, fields).described


def test_a_list_counts_as_a_value_in_a_condition() -> None:
    assert [((), "untyped")] == _mapped_in("a.md", CONDITIONS, {"tag": ["x"]}).described


def test_a_choice_may_have_no_notice() -> None:
    assert [] == _mapped_in("a.md", CONDITIONS, {"type": "b"}).findings


def test_an_item_listed_in_a_record_is_in_no_folder() -> None:
    maps: Maps = {
        "list": TriplesMap(NAMED, properties=(("in[]", "x:in", "thing"),)),
        **CONDITIONS,
    }
    described = _mapped_in("_posts/a.md", maps, {"in": [{"name": "m"}]}).described
    assert [((), "list"), (("in", 0), "other")] == described


def test_a_field_without_a_statement_of_its_own_is_noted_with_its_fate() -> None:
    maps: Maps = {
        "thing": Choice((({"type": "a"}, "any"),), otherwise="any"),
        "any": TriplesMap(
            NAMED,
            properties=(
                ("heat", "x:heat", count),
                Row("caption", "x:caption", text, unless="title"),
            ),
        ),
    }
    fields = {"name": "n", "type": "a", "heat": -1, "title": "T", "caption": "T"}
    notes = {field_name(note.field): note for note in mapped(maps, fields).notes}
    assert {"type": Fate.MAPPED, "heat": Fate.IGNORED, "caption": Fate.DERIVED} == {
        field: note.fate for field, note in notes.items()
    }
    assert ["makes no statement as count", "the same as title"] == [
        notes[field].reason for field in ("heat", "caption")
    ]


def test_the_maps_used_are_listed_with_their_places() -> None:
    fields = {"name": "n", "kind": "news", "type": "a", "in": [{"name": "m", "type": "a"}]}
    assert [((), "news"), (("in", 0), "news")] == mapped(CHOICE, fields).described


def test_facts_about_a_node_are_stated_with_it() -> None:
    facts = {"<x:n>": (("<x:same>", "<x:m>"),), "<x:other>": (("<x:same>", "<x:o>"),)}
    mapper = Mapper(rows(), "thing", Site(), facts)
    expected = [Statement("<x:n>", "<x:same>", "<x:m>")]
    assert expected == mapper.map(Record({"name": "n"}, ORIGIN)).statements


# ---- what a reference reads


def test_a_reference_follows_a_path_of_fields() -> None:
    maps = rows(("twitter.url", "x:same", text))
    assert [('<x:n> <x:same> "u"', "twitter.url")] == statements_of(maps, twitter={"url": "u"})
    assert [[], [], []] == [statements_of(maps, twitter=odd) for odd in ("u", {"uri": "u"}, ["u"])]


def test_each_word_of_each_value_of_a_list_is_read() -> None:
    maps = rows(("tags[ ]", "x:tag", text))
    expected = [
        ('<x:n> <x:tag> "#a"', "tags[0]"),
        ('<x:n> <x:tag> "#b"', "tags[0]"),
        ('<x:n> <x:tag> "#c"', "tags[2]"),
        ('<x:n> <x:tag> "7"', "tags[3]"),
    ]
    assert expected == statements_of(maps, tags=[" #a  #b ", None, "#c", 7])


def test_a_single_text_is_read_word_by_word_too() -> None:
    maps = rows(("tags[ ]", "x:tag", text))
    assert ['<x:n> <x:tag> "a"', '<x:n> <x:tag> "b"'] == [
        statement for statement, _ in statements_of(maps, tags="a b")
    ]
    assert [] == statements_of(maps, tags=None)


def test_a_value_without_words_is_reported() -> None:
    maps = rows(("tags[ ]", "x:tag", text))
    expected = [
        ("a list of 1, where one value is expected", "tags[0]", None),
        ("a mapping, where one value is expected", "tags[1]", None),
    ]
    assert expected == faults_of(maps, tags=[["a"], {"a": "b"}])


def test_each_value_of_a_mapping_is_read() -> None:
    maps = rows(("services.*", "x:see", text))
    expected = [('<x:n> <x:see> "1"', "services.a"), ('<x:n> <x:see> "2"', "services.c")]
    assert expected == statements_of(maps, services={"a": 1, "b": "", "c": 2})


def test_a_reference_can_go_two_items_up() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=(("tag", "x:tag", "tag"),)),
        "tag": TriplesMap(NAMED, properties=(("tag", "x:tag", "tip"),)),
        "tip": TriplesMap(
            NAMED,
            properties=(
                ("../../name", "x:in", text),
                ("../../@path", "x:of", text),
                ("../../../name", "x:never", text),
            ),
        ),
    }
    statements = statements_of(maps, tag={"name": "t", "tag": {"name": "u"}})
    assert ['<x:u> <x:in> "n"', '<x:u> <x:of> "a.md"'] == [
        statement for statement, _ in statements[:2]
    ]
    assert not [statement for statement, _ in statements if "never" in statement]


def _whole(_site: Site, whole: object, number: object = None) -> str:
    return f"{whole}#{number}"


def test_an_item_of_a_list_has_its_position_and_its_whole() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=(("items[]", "x:item", "item"),)),
        "item": TriplesMap(
            SubjectMap(_whole, "../@iri", "@position"),
            properties=(("@position", "x:place", integer), ("name", "x:label", text)),
            shorthand="name",
        ),
    }
    type_ = "^^<http://www.w3.org/2001/XMLSchema#integer>"
    expected = [
        (f'<x:n#1> <x:place> "1"{type_}', "items[0]"),
        ('<x:n#1> <x:label> "a"', "items[0]"),
        (f'<x:n#3> <x:place> "3"{type_}', "items[2]"),
        ('<x:n#3> <x:label> "c"', "items[2].name"),
        ("<x:n> <x:item> <x:n#1>", "items[0]"),
        ("<x:n> <x:item> <x:n#3>", "items[2]"),
    ]
    assert expected == statements_of(maps, items=["a", None, {"name": "c"}])
    single = statements_of(maps, items="a")
    assert ("<x:n> <x:item> <x:n#1>", "items") == single[-1]


def test_an_item_has_its_iri_only_while_it_is_described() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=((".", "x:same", "other"), ("@iri", "x:me", text))),
        "other": TriplesMap(SubjectMap(only_the_site), properties=(("@iri", "x:me", text),)),
    }
    expected = ['<x:only> <x:me> "x:only"', "<x:n> <x:same> <x:only>", '<x:n> <x:me> "x:n"']
    assert expected == [statement for statement, _ in statements_of(maps)]


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ("2020-06-11", "2020-06-11-a.md"),
        ("2020-06-11", "_posts/2020-06-11-a.md"),
        (None, "2020-06-11.md"),
        (None, "2020-06-11-a/b.md"),
        (None, "x2020-06-11-a.md"),
        (None, "a-2020-06-11-b.md"),
    ],
)
def test_the_day_in_the_name_of_a_file_can_be_stated(expected: str | None, name: str) -> None:
    maps = rows(("@date", "x:day", text))
    assert [f'"{expected}"'] * bool(expected) == [
        statement.object for statement in _mapped_in(name, maps, {}).statements
    ]


def test_the_folder_of_a_file_can_be_stated() -> None:
    maps = rows(("@collection", "x:in", text))
    assert ['"_posts/old"'] == [
        statement.object for statement in _mapped_in("_posts/old/a.md", maps, {}).statements
    ]
    assert [] == _mapped_in("a.md", maps, {}).statements


def test_the_settings_of_the_site_can_be_stated() -> None:
    maps: Maps = {
        "thing": TriplesMap(
            NAMED, properties=(("@site", "x:in", "site"), ("@site.locale", "x:in", text))
        ),
        "site": TriplesMap(SubjectMap(only_the_site), properties=(("title", "x:title", text),)),
    }
    mapper = Mapper(maps, "thing", Site(title="A site", locale="en-us"))
    expected = ['<x:only> <x:title> "A site"', "<x:n> <x:in> <x:only>", '<x:n> <x:in> "en-us"']
    record = Record({"name": "n"}, ORIGIN)
    assert expected == [" ".join(statement[:3]) for statement in mapper.map(record).statements]
    assert [] == Mapper(maps, "thing", Site()).map(record).statements


# ---- when a row makes no statement


def test_a_row_is_stated_only_without_another_field() -> None:
    maps = rows(Row("date", "x:date", text, without=("published", "issued")))
    assert [('<x:n> <x:date> "d"', "date")] == statements_of(
        maps, date="d", published="", issued=[]
    )
    assert [] == statements_of(maps, date="d", issued="i")


def test_a_row_may_compare_with_the_first_of_alternatives() -> None:
    maps = rows(Row("original", "x:original", text, unless=("web", "original")))
    assert [] == statements_of(maps, original="a")
    assert [] == statements_of(maps, web="a", original="a")
    assert [('<x:n> <x:original> "b"', "original")] == statements_of(maps, web="a", original="b")


def test_each_value_of_a_list_is_compared() -> None:
    maps = rows(Row("others[]", "x:other", text, unless="name"))
    assert [('<x:n> <x:other> "m"', "others[1]")] == statements_of(maps, others=["n", "m"])


# ---- nodes that are left out


OPTIONAL: Final[Maps] = {
    "thing": TriplesMap(NAMED, properties=(("who", "x:who", "person"),)),
    "person": TriplesMap(
        NAMED, a="x:Person", properties=(("age", "x:age", integer),), optional="people"
    ),
}


def test_an_optional_node_is_left_out_with_its_link_and_its_errors() -> None:
    fields = {"name": "n", "who": {"name": "SECRET", "age": "SECRET"}}
    result = mapped(OPTIONAL, fields)
    assert [] == result.statements
    assert [
        ("people are left out; add --include people to export them", "who", None, Severity.INFO)
    ] == [
        (finding.message, finding.places[0].name, finding.value, finding.severity)
        for finding in result.findings
    ]
    assert [("who", Fate.WITHHELD)] == [
        (field_name(note.field), note.fate) for note in result.notes
    ]
    assert "SECRET" not in str(result)


def test_an_optional_node_is_described_when_it_is_included() -> None:
    mapper = Mapper(OPTIONAL, "thing", Site(), include=["people"])
    result = mapper.map(Record({"name": "n", "who": {"name": "m", "age": 3}}, ORIGIN))
    assert ("<x:n>", "<x:who>", "<x:m>", ("who",)) == result.statements[-1]
    assert [] == result.findings
    other_mapper = Mapper(OPTIONAL, "thing", Site(), include=["places"])
    assert [] == other_mapper.map(Record({"name": "n", "who": {"name": "m"}}, ORIGIN)).statements


def _maybe(_site: Site, name: object) -> str | None:
    return None if name == "nobody" else named(_site, name)


def test_a_template_may_return_no_node_for_a_value() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=(("who", "x:who", "tag"),)),
        "tag": TriplesMap(SubjectMap(_maybe, "name"), shorthand="name"),
    }
    result = mapped(maps, {"name": "n", "who": "nobody"})
    assert ([], []) == (result.statements, result.findings)
    expected = [("who", Fate.IGNORED, "holds no tag")]
    assert expected == [(field_name(note.field), note.fate, note.reason) for note in result.notes]


# ---- equal items


def test_equal_items_have_the_same_statements_each_in_its_place() -> None:
    maps: Maps = {"thing": TriplesMap(NAMED, properties=(("tags[]", "x:tag", "tag"),)), "tag": TAG}
    mapper = Mapper(maps, "thing", Site())
    fields = {"name": "n", "tags": ["t", {"name": "t"}, "t", {"name": 7}, {"name": 7}]}
    first, again = (mapper.map(Record(fields, ORIGIN)) for _ in range(2))
    assert first == again
    places = [
        field_name(statement.field)
        for statement in first.statements
        if statement.predicate == "<x:label>"
    ]
    assert ["tags[0]", "tags[1].name", "tags[2]"] == places
    expected = [("no name", f"tags[{index}].name") for index in (3, 4)]
    assert expected == [(finding.message, finding.places[0].name) for finding in first.findings]


def test_values_that_look_alike_are_distinguished() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=(("in[]", "x:in", "part"),)),
        "part": TriplesMap(
            SubjectMap(only_the_site), properties=(("v", "x:v", text),), shorthand="v"
        ),
    }
    values = [1, "1", True, "true", 1.5, "1.5", {"v": 1}, {"v": "1"}, "v"]
    objects = [
        statement.object for statement in mapped(maps, {"name": "n", "in": values}).statements
    ]
    expected = ["1", "1", "true", "true", "1.5", "1.5", "1", "1", "v"]
    assert [f'"{value}"' for value in expected] == objects[: len(values)]


def test_equal_items_may_inherit_different_kinds() -> None:
    mapper = Mapper(CHOICE, "thing", Site())
    records = [
        Record({"name": "n", "kind": kind, "type": "a", "in": [{"name": "m", "type": "a"}]}, ORIGIN)
        for kind in ("news", "other", "news")
    ]
    kinds = [mapper.map(record).described[-1][1] for record in records]
    assert ["news", "other", "news"] == kinds


def test_equal_items_in_different_places_may_differ_in_statements() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=(("in[]", "x:in", "part"),)),
        "part": TriplesMap(NAMED, properties=(("../title", "x:of", text),)),
    }
    mapper = Mapper(maps, "thing", Site())
    titles = [
        mapper.map(Record({"name": "n", "title": title, "in": [{"name": "m"}]}, ORIGIN)).statements
        for title in ("A", "B")
    ]
    assert ['"A"', '"B"'] == [statement[0].object for statement in titles]


# ---- names from the site's own files


def _with_authority(maps: Maps, authority: Authority, **fields: Any) -> MappingResult:
    mapper = Mapper(maps, next(iter(maps)), Site(), authority=authority)
    return mapper.map(Record({"name": "n", **fields}, ORIGIN))


def test_a_mention_is_resolved_to_its_node() -> None:
    maps: Maps = {"thing": TriplesMap(NAMED, properties=(("tags[]", "x:tag", "tag"),)), "tag": TAG}
    result = _with_authority(maps, Authority({"x:short": "x:long"}), tags=["short", "other"])
    tags = [statement.object for statement in result.statements if statement.predicate == "<x:tag>"]
    assert ["<x:long>", "<x:other>"] == tags


def test_the_name_from_the_site_takes_precedence_over_that_of_a_mention() -> None:
    tag = TriplesMap(
        NAMED,
        properties=(
            Row("name", "x:label", text, preferred=True),
            Row("name", "x:alias", text, unless=("@label", "name")),
        ),
        shorthand="name",
    )
    maps: Maps = {"thing": TriplesMap(NAMED, properties=(("tags[]", "x:tag", "tag"),)), "tag": tag}
    authority = Authority({"x:short": "x:long"}, {"x:long": "Long"})
    expected = [
        ("<x:long>", "<x:label>", '"Long"'),
        ("<x:long>", "<x:alias>", '"short"'),
        ("<x:other>", "<x:label>", '"other"'),
    ]
    result = _with_authority(maps, authority, tags=["short", "other"])
    assert expected == [
        statement[:3] for statement in result.statements if statement.predicate != "<x:tag>"
    ]


def test_a_label_is_stated_only_of_nodes_that_the_site_names() -> None:
    maps = rows(("@label", "x:label", text))
    assert [] == _with_authority(maps, Authority(labels={"x:m": "M"})).statements
    result = _with_authority(maps, Authority(labels={"x:n": "N"}))
    assert ['"N"'] == [statement.object for statement in result.statements]


def test_an_item_that_must_have_a_file_is_its_node_or_is_reported() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=(("items[]", "x:item", "item"),)),
        "item": TriplesMap(SubjectMap(named, "name", alias_only=True), shorthand="name"),
    }
    result = _with_authority(maps, Authority({"x:there": "x:it"}), items=["there", "missing"])
    assert [("<x:n>", "<x:item>", "<x:it>", ("items", 0))] == result.statements
    message = "no such file in this site; correct the path or remove it from the list"
    assert [(Severity.VIOLATION, message, "items[1]", "missing")] == [
        (finding.severity, finding.message, finding.places[0].name, finding.value)
        for finding in result.findings
    ]


def test_the_iri_of_a_record_or_of_a_bare_value_is_available() -> None:
    maps: Maps = {
        "thing": Choice((({"kind": "tag"}, "tag"),), otherwise="other"),
        "tag": TAG,
        "other": TriplesMap(NAMED, names=AlternativeNames("tag", "name")),
    }
    record = Record({"name": "n", "kind": "tag"}, ORIGIN)
    mapper = Mapper(maps, "thing", Site(), authority=Authority({"x:n": "x:m"}))
    assert "tag" == mapper.map_name(record)
    assert ("x:n", "x:m") == (mapper.iri("thing", record), mapper.iri("tag", record, "m"))
    assert None is mapper.iri("tag", record, 7)


def test_a_link_to_a_missing_map_is_an_error_of_the_table() -> None:
    with pytest.raises(TypeError, match="no map is named 'tag'"):
        statements_of(rows(("tag", "x:tag", "tag")), tag={"name": "t"})


# ---- the bundled mapping


PAGE: Final = "https://a.org/1"


def _findings(fields: dict[str, Any]) -> list[Finding]:
    record = Record({"category": "news", "type": "article", **fields}, ORIGIN)
    return make_mapper(Site()).map(record).findings


@pytest.mark.parametrize(
    ("message", "field", "value", "fields"),
    [
        ("a list of 1, where one value is expected", "title", None, {"title": ["T"]}),
        ("not a date and time", "publishedDateTime", "soon", {"publishedDateTime": "soon"}),
        ("not a whole number", "quality", "good", {"quality": "good"}),
        ("neither true nor false", "published", "2", {"published": 2}),
        (
            "not a whole number of pixels above 0",
            "images[0].width",
            "-860",
            {"images": [{"url": "https://a.org/i.png", "width": -860}]},
        ),
        (
            "not an absolute http(s) URL, and no site URL is known for it",
            "images[0]",
            "/i.png",
            {"images": ["/i.png"]},
        ),
        (
            "not an absolute http(s) URL, and no site URL is known for it",
            "images[0].url",
            "/i.png",
            {"images": [{"url": "/i.png"}]},
        ),
        (
            "no domain, so it cannot be identified; give it one",
            "provider",
            None,
            {"provider": {"title": "CNN"}},
        ),
        (
            "not a domain such as example.org",
            "provider.domain",
            "https://cnn.com/",
            {"provider": {"domain": "https://cnn.com/"}},
        ),
        (
            "one value, where a mapping of fields is expected",
            "related[0]",
            "CNN",
            {"related": ["CNN"]},
        ),
        (
            "no name, so it cannot be identified; give it one",
            "topics[1]",
            None,
            {"topics": ["AI", " "]},
        ),
        (
            "no URL, so it cannot be identified; give it a webUrl",
            "related[0]",
            None,
            {"related": [{"title": "T", "type": "article"}]},
        ),
        (
            "not an absolute http(s) URL, and no site URL is known for it",
            "related[0].webUrl",
            "a.org",
            {"related": [{"webUrl": "a.org", "type": "article"}]},
        ),
    ],
)
def test_a_wrong_value_is_reported_once_with_its_field(
    message: str, field: str, value: str | None, fields: dict[str, Any]
) -> None:
    findings = _findings({"webUrl": PAGE, **fields})
    assert [(message, field, value)] == [(f.message, f.places[0].name, f.value) for f in findings]


def test_a_finding_has_its_file_and_document() -> None:
    (finding,) = _findings({"webUrl": PAGE, "quality": "good"})
    (place,) = finding.places
    assert (ORIGIN.source, 1) == (place.source, place.document)


def test_a_wrong_value_leaves_out_no_other_field() -> None:
    record = Record({"type": "article", "webUrl": PAGE, "title": "T", "quality": "good"}, ORIGIN)
    statements = make_mapper(Site()).map(record).statements
    fields = {field_name(statement.field) for statement in statements}
    assert {"", "webUrl", "title"} == fields


def test_values_with_equal_hashes_are_not_confused() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=(("sizes[]", "x:size", "size"),)),
        "size": TriplesMap(NAMED, properties=(("n", "x:n", count),), shorthand="name"),
    }
    assert hash(-1) == hash(-2)
    expected = [("no name", "sizes[0]", "-1"), ("no name", "sizes[1]", "-2")]
    assert expected == faults_of(maps, sizes=[-1, -2])
