"""What a site adds to the mapping in its kg.toml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kg import KnowledgeGraph
from kg.mapping.extensions import extend_table
from kg.mapping.language import TriplesMap
from kg.mapping.schema_org import MAPS
from kg.model.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

RECIPE = """\
[map.recipe]
a = "schema:Recipe"
like = "creative work"
when = { type = "recipe" }
properties = [["cookTime", "schema:cookTime", "duration"], ["tools[]", "schema:tool", "tool"]]

[map.tool]
a = "schema:HowToTool"
key = "name"
properties = [["name", "schema:name", "text"]]
"""
SOUP = "---\ntitle: Soup\ntype: recipe\ncookTime: PT75M\ntools: [Pot, {name: Knife}]\n---\n"


def mapped_statements(folder: Path, settings: str, text: str) -> set[tuple[str, ...]]:
    """Return the statements of a file of a site with these settings, without the namespaces."""
    (folder / "kg.toml").write_text('base-iri = "https://example.org/"\n' + settings)
    (folder / "a.md").write_text(text)
    return {
        tuple(term.strip("<>").rpartition("/")[2] for term in statement[:3])
        for statement in KnowledgeGraph(folder).statements()
    }


def test_a_kind_is_added_without_a_line_of_python(tmp_path: Path) -> None:
    statements = mapped_statements(tmp_path, RECIPE, SOUP)
    assert {
        ("a", "22-rdf-syntax-ns#type", "Recipe"),
        ("a", "headline", '"Soup"'),
        ("a", "cookTime", "XMLSchema#duration"),
        ("a", "tool", "pot"),
        ("knife", "22-rdf-syntax-ns#type", "HowToTool"),
        ("knife", "name", '"Knife"'),
    } <= statements


def test_a_kind_of_the_site_takes_precedence_over_a_bundled_one(tmp_path: Path) -> None:
    statements = mapped_statements(
        tmp_path,
        RECIPE.replace('type = "recipe"', 'type = "article"'),
        SOUP.replace("recipe", "article"),
    )
    assert ("a", "22-rdf-syntax-ns#type", "Recipe") in statements


def test_a_field_can_have_another_name(tmp_path: Path) -> None:
    text = "---\ntype: article\ntitle: A\nsummary: Short\nsubjects: [AI]\n---\n"
    statements = mapped_statements(
        tmp_path, '[fields]\nsummary = "excerpt"\nsubjects = "topics"\n', text
    )
    assert {("a", "description", '"Short"'), ("a", "about", "ai")} <= statements


def test_a_field_with_its_own_name_takes_precedence(tmp_path: Path) -> None:
    text = "---\ntype: article\ntitle: A\nsummary: Short\nexcerpt: Long\n---\n"
    statements = mapped_statements(tmp_path, '[fields]\nsummary = "excerpt"\n', text)
    assert {'"Long"'} == {term for _, property_, term in statements if property_ == "description"}


def test_a_kind_can_be_chosen_by_a_field_with_another_name(tmp_path: Path) -> None:
    statements = mapped_statements(
        tmp_path, '[fields]\nkind = "type"\n', "---\nkind: course\ntitle: A\n---\n"
    )
    assert ("a", "22-rdf-syntax-ns#type", "Course") in statements


def test_rows_can_be_added_to_a_map(tmp_path: Path) -> None:
    settings = '[map.course]\nproperties = [["credits", "schema:numberOfCredits", "integer"]]\n'
    statements = mapped_statements(
        tmp_path, settings, "---\ntype: course\ntitle: A\ncredits: 5\n---\n"
    )
    assert ("a", "numberOfCredits", "XMLSchema#integer") in statements


@pytest.mark.parametrize(
    ("message", "settings"),
    [
        (
            "there is no term of schema.org 'cookTimes'; did you mean cookTime",
            {"properties": [["a", "schema:cookTimes", "text"]]},
        ),
        ("there is no term of schema.org 'Recipee'; did you mean Recipe", {"a": "schema:Recipee"}),
        ("there is no prefix 'scheme'; did you mean schema", {"a": "scheme:Recipe"}),
        (
            "there is no kind of object 'texts'; did you mean text",
            {"properties": [["a", "schema:name", "texts"]]},
        ),
        (
            "there is no map 'creative works'; did you mean creative work",
            {"like": "creative works"},
        ),
        ("there is no word 'propertys'; did you mean properties", {"propertys": []}),
        ("a: expected a text or a list, not 7", {"a": 7}),
        (
            "a row is a list of field, property, kind of object, not ['a', 'b']",
            {"properties": [["a", "b"]]},
        ),
        ("when: expected fields with texts", {"when": {"type": 3}}),
    ],
)
def test_the_error_for_a_mistake_has_a_suggestion(
    message: str, settings: dict[str, object]
) -> None:
    words = {"like": "creative work", **settings}
    with pytest.raises(ConfigurationError) as error:
        extend_table(MAPS, {}, {"recipe": words})
    assert message in str(error.value)
    assert str(error.value).startswith("[map.recipe]: ")


def test_a_map_of_its_own_needs_a_key() -> None:
    with pytest.raises(ConfigurationError, match="set `like` to a map to start from, or `key`"):
        extend_table(MAPS, {}, {"recipe": {"a": "schema:Recipe"}})


def test_a_map_that_is_not_a_table_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="expected a table of words, not 'Recipe'"):
        extend_table(MAPS, {}, {"recipe": "Recipe"})


def test_a_term_may_be_written_in_full() -> None:
    table = extend_table(MAPS, {}, {"work of art": {"a": "https://example.org/Art", "key": "name"}})
    entry = table["work of art"]
    assert isinstance(entry, TriplesMap)
    assert ("https://example.org/Art",) == entry.classes


def test_without_additions_the_table_is_the_bundled_one() -> None:
    assert MAPS == extend_table(MAPS, {}, {})


def test_another_name_for_a_missing_field_is_refused() -> None:
    with pytest.raises(ConfigurationError) as error:
        extend_table(MAPS, {"summary": "exerpt"}, {})
    message = "[fields]: summary: no map reads a field 'exerpt'; did you mean excerpt?"
    assert message == str(error.value)
