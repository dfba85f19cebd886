"""The interpreter is tried with small maps of its own; what the bundled mapping says, with that."""

from __future__ import annotations

from typing import Any, Final

import pytest

from kg import graphs, terms
from kg.errors import InvalidValue
from kg.findings import Finding, Severity
from kg.mapper import Either, Fate, Mapped, Mapper, Maps, Row, Subject, TriplesMap
from kg.namespaces import Site
from kg.records import Origin, Record, Source, Statement, spell

ORIGIN: Final = Origin(Source("a.md", "a.md"), "0123", "text/markdown", line=2, document=1)


def named(_site: Site, name: object) -> str:
    if not isinstance(name, str):
        raise InvalidValue("no name", culprit=name)
    return f"x:{name}"


def only_a_mint(_site: Site) -> str:
    return "x:only"


NAMED: Final = Subject(named, "name")


def mapped(maps: Maps, fields: dict[str, Any]) -> Mapped:
    return Mapper(maps, next(iter(maps)), Site()).map(Record(fields, ORIGIN))


def said(maps: Maps, **fields: Any) -> list[tuple[str, str]]:
    """What a record says: each statement, and the field that says it."""
    statements = mapped(maps, {"name": "n", **fields}).statements
    return [(" ".join(one[:3]), spell(one.field)) for one in statements]


def found(maps: Maps, **fields: Any) -> list[tuple[str, str, str | None]]:
    """What is wrong with a record: message, field and value."""
    findings = mapped(maps, {"name": "n", **fields}).findings
    return [(one.message, one.places[0].name, one.value) for one in findings]


def rows(*properties: Row | tuple[Any, str, Any], **more: Any) -> Maps:
    """A single map of these rows."""
    return {"thing": TriplesMap(subject=NAMED, properties=properties, **more)}


TAG: Final = TriplesMap(
    subject=NAMED, properties=(("name", "x:label", terms.text),), shorthand="name"
)


def test_a_node_has_its_classes_and_constants() -> None:
    maps = rows(a=("x:A", "x:B"), constants=(("x:unit", '"px"'),))
    type_ = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    expected = [f"<x:n> {type_} <x:A>", f"<x:n> {type_} <x:B>", '<x:n> <x:unit> "px"']
    assert [(statement, "") for statement in expected] == said(maps)


def test_a_row_states_what_a_field_holds() -> None:
    maps = rows(("title", "x:title", terms.text))
    assert [('<x:n> <x:title> "T"', "title")] == said(maps, title="T")


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_a_field_that_holds_nothing_says_nothing(nothing: object) -> None:
    maps = rows(("tags[]", "x:tag", terms.text), ("title", "x:title", terms.text))
    assert ([], []) == (said(maps, title=nothing), found(maps, tags=[nothing]))


def test_zero_and_false_are_something() -> None:
    maps = rows(("heat", "x:heat", terms.text), ("seen", "x:seen", terms.text))
    expected = [('<x:n> <x:heat> "0"', "heat"), ('<x:n> <x:seen> "false"', "seen")]
    assert expected == said(maps, heat=0, seen=False)


def test_a_list_says_each_of_its_values() -> None:
    maps = rows(("tags[]", "x:tag", terms.text))
    expected = [('<x:n> <x:tag> "a"', "tags[0]"), ('<x:n> <x:tag> "b"', "tags[2]")]
    assert expected == said(maps, tags=["a", None, "b"])


def test_a_list_of_one_may_be_written_without_its_brackets() -> None:
    maps = rows(("tags[]", "x:tag", terms.text))
    assert [('<x:n> <x:tag> "a"', "tags")] == said(maps, tags="a")


def test_a_list_does_not_fit_where_one_value_is_expected() -> None:
    maps = rows(("title", "x:title", terms.text))
    expected = [("a list of 2, where one value is expected", "title", None)]
    assert expected == found(maps, title=["a", "b"])


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        ('<x:n> <x:url> "a"', {"web": "a", "original": "b"}),
        ('<x:n> <x:url> "b"', {"web": "", "original": "b"}),
    ],
)
def test_of_alternatives_the_first_that_holds_anything_is_read(
    expected: str, fields: dict[str, str]
) -> None:
    maps = rows((("web", "original"), "x:url", terms.text))
    assert [expected] == [statement for statement, _ in said(maps, **fields)]


def test_an_inverse_is_stated_from_the_object_back() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=(Row("of", "x:of", "tag", inverse="x:has"),)),
        "tag": TriplesMap(NAMED, shorthand="name"),
    }
    expected = [("<x:n> <x:of> <x:t>", "of"), ("<x:t> <x:has> <x:n>", "of")]
    assert expected == said(maps, of="t")


def test_a_row_keeps_silent_when_the_value_is_said_elsewhere() -> None:
    maps = rows(Row("caption", "x:caption", terms.text, unless="title"))
    assert [] == said(maps, title="T", caption="T")
    assert [('<x:n> <x:caption> "C"', "caption")] == said(maps, title="T", caption="C")


def test_a_dot_is_the_item_itself_and_two_the_one_around_it() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=((".", "x:same", "other"), ("tag", "x:tag", "tag"))),
        "other": TriplesMap(Subject(only_a_mint), properties=(("@path", "x:path", terms.text),)),
        "tag": TriplesMap(NAMED, properties=(("../name", "x:of", terms.text),)),
    }
    expected = ['<x:only> <x:path> "a.md"', "<x:n> <x:same> <x:only>", '<x:t> <x:of> "n"']
    assert expected == [statement for statement, _ in said(maps, tag={"name": "t"})][:3]


def test_a_record_without_fields_is_an_item_too() -> None:
    maps: Maps = {
        "thing": TriplesMap(Subject(only_a_mint), properties=((".", "x:same", "other"),)),
        "other": TriplesMap(Subject(only_a_mint), a="x:Other"),
    }
    assert 2 == len(mapped(maps, {}).statements)


def test_the_origin_of_a_record_can_be_said() -> None:
    references = ("@path", "@document", "@line", "@sha256", "@mediaType")
    maps = rows(*((reference, "x:is", terms.text) for reference in references))
    expected = ['"a.md"', '"1"', '"2"', '"0123"', '"text/markdown"']
    assert expected == [statement.split()[2] for statement, _ in said(maps)]


def test_only_a_record_has_an_origin() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=(("tag", "x:tag", "tag"),)),
        "tag": TriplesMap(NAMED, properties=(("@path", "x:path", terms.text),)),
    }
    assert [("<x:n> <x:tag> <x:t>", "tag")] == said(maps, tag={"name": "t"})


def test_a_link_describes_its_node_below_the_field() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=(("tags[]", "x:tag", "tag"),)),
        "tag": TAG,
    }
    expected = [('<x:t> <x:label> "t"', "tags[1].name"), ("<x:n> <x:tag> <x:t>", "tags[1]")]
    assert expected == said(maps, tags=[None, {"name": "t"}])


def test_a_bare_value_stands_for_one_field_where_the_map_says_so() -> None:
    maps: Maps = {"thing": TriplesMap(NAMED, properties=(("tags[]", "x:tag", "tag"),)), "tag": TAG}
    expected = [('<x:t> <x:label> "t"', "tags[0]"), ("<x:n> <x:tag> <x:t>", "tags[0]")]
    assert expected == said(maps, tags=["t"])


def test_what_is_wrong_with_a_bare_value_stands_where_it_stands() -> None:
    maps: Maps = {"thing": TriplesMap(NAMED, properties=(("tags[]", "x:tag", "tag"),)), "tag": TAG}
    assert [("no name", "tags[0]", "7")] == found(maps, tags=[7])


def test_a_bare_value_does_not_fit_where_fields_are_expected() -> None:
    maps: Maps = {
        "thing": TriplesMap(NAMED, properties=(("tag", "x:tag", "tag"),)),
        "tag": TriplesMap(NAMED),
    }
    assert [("one value, where a mapping of fields is expected", "tag", "t")] == found(
        maps, tag="t"
    )
    expected = [("a list of 1, where a mapping of fields is expected", "tag", None)]
    assert expected == found(maps, tag=["t"])


def test_a_bare_value_is_one_value() -> None:
    maps: Maps = {"thing": TriplesMap(NAMED, properties=(("tags[]", "x:tag", "tag"),)), "tag": TAG}
    expected = [("a list of 1, where one value is expected", "tags[0]", None)]
    assert expected == found(maps, tags=[["t"]])


def test_a_node_that_cannot_be_identified_is_left_out_with_its_link() -> None:
    maps: Maps = {
        "thing": TriplesMap(
            NAMED, properties=(("tag", "x:tag", "tag"), ("title", "x:title", terms.text))
        ),
        "tag": TAG,
    }
    assert [('<x:n> <x:title> "T"', "title")] == said(maps, tag={"label": "t"}, title="T")
    assert [("no name", "tag", None)] == found(maps, tag={"label": "t"})


def test_equal_findings_come_once() -> None:
    maps = rows(("day", "x:from", terms.date_time), ("day", "x:to", terms.date_time))
    assert [("not a date and time", "day", "soon")] == found(maps, day="soon")


def test_a_finding_shows_no_more_than_one_value() -> None:
    maps = rows(("title", "x:title", terms.text))
    for several in ({"a": "SECRET"}, ["SECRET"], {"SECRET"}, ("SECRET",), b"SECRET"):
        assert [None] == [value for _, _, value in found(maps, title=several)]


CHOICE: Final[Maps] = {
    "thing": Either(
        ("kind", "type"), {("news", "a"): "news", (None, "a"): "any"}, "other", ("kind",)
    ),
    "news": TriplesMap(NAMED, a="x:News", properties=(("in[]", "x:in", "thing"),)),
    "any": TriplesMap(NAMED, a="x:Any"),
    "other": TriplesMap(NAMED, a="x:Other", properties=(("in[]", "x:in", "thing"),)),
}


def _classes(**fields: Any) -> list[str]:
    return [statement for statement, _ in said(CHOICE, **fields) if "#type" in statement]


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
def test_the_map_is_chosen_by_what_the_keys_hold(expected: str, fields: dict[str, object]) -> None:
    assert [expected] == [statement.split()[2] for statement in _classes(**fields)]


def test_an_item_inherits_the_keys_it_lacks_from_its_record() -> None:
    classes = _classes(kind="news", type="a", **{"in": [{"name": "m", "type": "a"}]})
    assert ["<x:News>", "<x:News>"] == [statement.split()[2] for statement in classes]


def test_only_named_keys_are_inherited() -> None:
    classes = _classes(kind="news", type="a", **{"in": [{"name": "m"}]})
    assert ["<x:News>", "<x:Other>"] == [statement.split()[2] for statement in classes]


def test_a_key_of_its_own_goes_before_the_records() -> None:
    classes = _classes(kind="news", type="a", **{"in": [{"name": "m", "kind": 7, "type": "a"}]})
    assert ["<x:News>", "<x:Any>"] == [statement.split()[2] for statement in classes]


def test_a_bare_value_chooses_no_map() -> None:
    expected = [("one value, where a mapping of fields is expected", "in[0]", "m")]
    assert expected == found(CHOICE, kind="news", type="a", **{"in": ["m"]})


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        ("no map for kind: news, type: b; mapped as other", {"kind": "news", "type": "b"}),
        ("no map for a record without kind or type; mapped as other", {}),
    ],
)
def test_a_choice_nobody_made_is_noticed(message: str, fields: dict[str, str]) -> None:
    findings = mapped(CHOICE, {"name": "n", **fields}).findings
    assert [(Severity.INFO, message, "type")] == [
        (one.severity, one.message, one.places[0].name) for one in findings
    ]


def test_a_field_that_says_nothing_of_its_own_is_noted_with_its_fate() -> None:
    maps: Maps = {
        "thing": Either(("type",), {("a",): "any"}, otherwise="any"),
        "any": TriplesMap(
            NAMED,
            properties=(
                ("heat", "x:heat", terms.count),
                Row("caption", "x:caption", terms.text, unless="title"),
            ),
        ),
    }
    fields = {"name": "n", "type": "a", "heat": -1, "title": "T", "caption": "T"}
    notes = {spell(note.field): note for note in mapped(maps, fields).notes}
    assert {"type": Fate.MAPPED, "heat": Fate.IGNORED, "caption": Fate.DERIVED} == {
        field: note.fate for field, note in notes.items()
    }
    assert ["says nothing, as count", "the same as title"] == [
        notes[field].reason for field in ("heat", "caption")
    ]


def test_the_maps_used_are_told_with_their_places() -> None:
    fields = {"name": "n", "kind": "news", "type": "a", "in": [{"name": "m", "type": "a"}]}
    assert [((), "news"), (("in", 0), "news")] == mapped(CHOICE, fields).described


def test_what_is_known_of_a_node_is_said_with_it() -> None:
    facts = {"<x:n>": (("<x:same>", "<x:m>"),), "<x:other>": (("<x:same>", "<x:o>"),)}
    mapper = Mapper(rows(), "thing", Site(), facts)
    expected = [Statement("<x:n>", "<x:same>", "<x:m>")]
    assert expected == mapper.map(Record({"name": "n"}, ORIGIN)).statements


def test_a_link_to_no_map_is_a_mistake_of_the_table() -> None:
    with pytest.raises(TypeError, match="no map is named 'tag'"):
        said(rows(("tag", "x:tag", "tag")), tag={"name": "t"})


# ---- the bundled mapping

PAGE: Final = "https://a.org/1"


def _findings(fields: dict[str, Any]) -> list[Finding]:
    record = Record({"category": "news", "type": "article", **fields}, ORIGIN)
    return graphs.mapper(Site()).map(record).findings


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
            {"provider": {"name": "CNN"}},
        ),
        (
            "not a domain such as example.org",
            "provider.domain",
            "https://cnn.com/",
            {"provider": {"domain": "https://cnn.com/"}},
        ),
        (
            "one value, where a mapping of fields is expected",
            "provider",
            "CNN",
            {"provider": "CNN"},
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
def test_what_is_wrong_is_found_once_with_its_field_and_value(
    message: str, field: str, value: str | None, fields: dict[str, Any]
) -> None:
    findings = _findings({"webUrl": PAGE, **fields})
    assert [(message, field, value)] == [(f.message, f.places[0].name, f.value) for f in findings]


def test_a_finding_knows_its_file_and_document() -> None:
    (finding,) = _findings({"webUrl": PAGE, "quality": "good"})
    (place,) = finding.places
    assert (ORIGIN.source, 1) == (place.source, place.document)


def test_what_is_wrong_with_a_value_leaves_out_nothing_else() -> None:
    record = Record({"type": "article", "webUrl": PAGE, "title": "T", "quality": "good"}, ORIGIN)
    statements = graphs.mapper(Site()).map(record).statements
    fields = {spell(one.field) for one in statements}
    assert {"", "webUrl", "title"} == fields
