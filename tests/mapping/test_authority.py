"""The names that a site's own files give its nodes; they are the same for every file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from kg.graph.named import map_sources
from kg.mapping.authority import load_authority
from kg.mapping.language import Authority
from kg.mapping.mapper import Mapper
from kg.mapping.project import make_mapper
from kg.mapping.schema_org import MAPS, START
from kg.model.records import Record, Source
from kg.model.site import Site
from kg.sources.discovery import discover_sources
from kg.sources.reading import read_records

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Site_ = Callable[[Mapping[str, str]], Path]

BASE: Final = Site().base
MAPPER: Final = Mapper(MAPS, START, Site())


@pytest.fixture
def folder(tmp_path: Path) -> Site_:
    """Write the files of a site and return its root."""

    def write(files: Mapping[str, str]) -> Path:
        for name, text in {"kg.toml": "", **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def topics(*names: str) -> dict[str, str]:
    """Topic files, each of `name/shortname/_id`, of which any part may be missing."""
    fields = ("name", "shortname", "_id")
    return {
        f"_data/topics/{number}.yaml": "".join(
            f"{field}: {value!r}\n"
            for field, value in zip(fields, name.split("/"), strict=False)
            if value
        )
        for number, name in enumerate(names)
    }


def organization(name: str, domain: str, *others: str) -> str:
    return f"---\nname: {name}\ndomain: {domain}\notherNames: [{', '.join(others)}]\n---\n"


def read(root: Path, *below: str) -> Authority:
    sources = discover_sources([str(root / path) for path in below or ("",)])
    return load_authority(sources, MAPPER)


def topic(root: Path, name: str) -> str:
    """Return the IRI of the topic that a mention refers to, below that of topics."""
    iri = MAPPER.iri("topic", _mention(), name)
    assert iri
    return read(root).aliases.get(iri, iri).removeprefix("topic/")


def _mention() -> Record:
    (record,) = read_records(Source("-", "-", content=b"---\na: b\n---\n"))
    return record


def statements_by_file(root: Path, *below: str) -> dict[str, set[tuple[str, str, str]]]:
    """Return the triples of each file of a site, by file name."""
    sources = discover_sources([str(root / path) for path in below or ("",)])
    mapper = make_mapper(Site(), sources, include=["people"])
    return {
        mapped.source.name: {statement[:3] for statement in mapped.statements()}
        for mapped in map_sources(sources, mapper)
    }


def objects(statements: set[tuple[str, str, str]], property_: str) -> set[str]:
    iri = MAPPER.site.iri(property_)
    return {term[1:-1].removeprefix(BASE) for _, predicate, term in statements if predicate == iri}


# ---- names


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ("ai", "Artificial intelligence"),
        ("ai", "ARTIFICIAL  Intelligence"),
        ("ai", "AI"),
        ("ai", "ai"),
        ("learning", "ml"),
        ("cameras", "Cameras"),
    ],
)
def test_a_topic_is_found_by_its_name_or_short_name_in_any_case(
    folder: Site_, expected: str, name: str
) -> None:
    root = folder(topics("Artificial intelligence/AI/ai", "Machine learning/ML/learning"))
    assert expected == topic(root, name)


def test_a_name_takes_precedence_over_a_short_name(folder: Site_) -> None:
    root = folder(topics("Networks/Brain/nets", "Brain//brains"))
    assert "brains" == topic(root, "brain")


def test_a_short_name_takes_precedence_over_all_other_names(folder: Site_) -> None:
    guild = "---\nname: The Guild\nshortname: Guild\ndomain: guild.example\n---\n"
    makers = organization("Makers", "makers.example", "Guild", "The Makers")
    root = folder({"_data/organizations/a.md": guild, "_data/organizations/b.md": makers})
    aliases = read(root).aliases
    assert ("provider/guild.example", "provider/makers.example") == (
        aliases["provider/guild"],
        aliases["provider/the-makers"],
    )


def test_an_ambiguous_name_is_not_resolved(folder: Site_) -> None:
    root = folder(topics("Machine learning/ML", "Markup/ML", "Meta/Meta language", "meta//other"))
    assert "ml" == topic(root, "ML")
    assert "meta" == topic(root, "Meta")
    assert not {"topic/ml", "topic/meta"} & read(root).aliases.keys()


def test_an_ambiguous_name_is_not_resolved_by_a_short_name(folder: Site_) -> None:
    root = folder(topics("Go//game", "Go//language", "Golang/Go/golang"))
    assert "go" == topic(root, "Go")


def test_signs_distinguish_topics(folder: Site_) -> None:
    root = folder(topics("C//one", "C++//two", "C#//three"))
    assert ["one", "two", "three"] == [topic(root, name) for name in ("c", "c++", "c#")]


@pytest.mark.parametrize("name", ["人工智能", "Искусственный интеллект", "الذكاء", "🚀"])
def test_names_may_be_in_any_script(folder: Site_, name: str) -> None:
    assert "meant" == topic(folder(topics(f"{name}//meant")), f" {name} ")


def test_a_node_has_the_one_name_its_files_agree_on(folder: Site_) -> None:
    root = folder(
        topics("Artificial intelligence/AI/ai", "Artificial intelligence//ai", "A//x", "B//x")
    )
    assert {"topic/ai": "Artificial intelligence"} == read(root).labels


@pytest.mark.parametrize("odd", ["{a: b}", "[[x]]", "7", "''", "'  '"])
def test_odd_names_are_ignored(folder: Site_, odd: str) -> None:
    files = {"_data/topics/a.yaml": f"_id: a\nname: {odd}\nshortname: {odd}\n"}
    assert Authority() == read(folder(files))


def test_unreadable_files_add_no_names(folder: Site_) -> None:
    files = {
        "_data/topics/a.yaml": "name: [",
        "_data/topics/b.yaml": "- name\n",
        "_data/organizations/c": "no front matter",
        "_learning/collections/d.md": "---\nitems: [a, a\n---\n",
    }
    assert Authority() == read(folder(files))


def test_a_topic_is_kept_when_another_has_its_id_as_name(folder: Site_) -> None:
    root = folder(topics("Artificial intelligence//ai", "AWS AI/AI/aws-ai"))
    graphs_ = statements_by_file(root)
    assert {"ai"} == objects(graphs_["_data/topics/0.yaml"], "https://schema.org/identifier")
    assert BASE + "topic/ai" in {subject[1:-1] for subject, _, _ in graphs_["_data/topics/0.yaml"]}


# ---- organizations


OURS: Final = "_data/organizations"


def test_an_organization_is_found_by_any_of_its_names(folder: Site_) -> None:
    other = organization("The Guild", "guild.example", "Guild of Makers", "Makers")
    root = folder({"_data/organizations/guild.example": other})
    for name in ("the guild", "GUILD OF MAKERS", "Makers"):
        iri = MAPPER.iri("provider", _mention(), name)
        assert iri
        assert "provider/guild.example" == read(root).aliases[iri]


def test_two_organizations_that_claim_a_domain_are_one_node_without_a_chosen_name(
    folder: Site_,
) -> None:
    files = {
        "_data/organizations/a.md": organization("One", "shared.example"),
        "_data/organizations/b.md": organization("Two", "shared.example"),
        "a.md": "---\ntype: article\nprovider: {name: Three, domain: shared.example}\n---\n",
    }
    root = folder(files)
    authority = read(root)
    assert {} == authority.labels
    assert {"provider/one", "provider/two"} == authority.aliases.keys()
    for name, who in (("a.md", "Three"), (f"{OURS}/a.md", "One"), (f"{OURS}/b.md", "Two")):
        label = ("<provider/shared.example>", "<https://schema.org/name>", f'"{who}"')
        assert label in {
            (subject.replace(BASE, ""), *rest) for subject, *rest in statements_by_file(root)[name]
        }


def test_organizations_on_a_platform_are_distinguished(folder: Site_) -> None:
    files = {
        f"_data/organizations/{name}.md": organization(name, "youtube.com")
        for name in ("Ada", "Bob")
    }
    assert {
        "provider/youtube.com/ada": "Ada",
        "provider/youtube.com/bob": "Bob",
    } == read(folder(files)).labels


# ---- works that are listed


def listing(*items: str) -> str:
    return "---\ntitle: A list\nitems: [" + ", ".join(f"'{item}'" for item in items) + "]\n---\n"


LIST: Final = "_learning/collections/a.md"
WORK: Final = "---\ntitle: A work\n---\n"


def resolved(root: Path, *below: str) -> dict[str, str]:
    """Return the work that each path in the list resolves to."""
    aliases = read(root, *below).aliases
    return {alias.partition("#")[2]: work for alias, work in aliases.items() if "#" in alias}


@pytest.mark.parametrize(
    ("file", "item"),
    [
        ("_learning/collections/b.md", "b"),
        ("_learning/collections/b.md", "collections/b"),
        ("_learning/videos/x.md", "videos/x"),
        ("_learning/videos/x.md", "/videos/x/"),
        ("_learning/videos/x.md", "videos/x.md"),
        ("_learning/videos/x.md", "_learning/videos/x"),
        ("_learning/videos/x.md", "learning/videos/x"),
        ("_learning/_videos/x.md", "videos/x"),
        ("_news/x.markdown", "news/x"),
        ("_news/x.yaml", "_news/x"),
        ("_news/x", "_news/x"),
        ("x.md", "x"),
    ],
)
def test_a_path_in_a_list_resolves_to_the_existing_file(
    folder: Site_, file: str, item: str
) -> None:
    text = "title: A work\n" if file.endswith("yaml") else WORK
    root = folder({LIST: listing(item), file: text})
    stem = file.rpartition(".")[0] or file
    assert {item: f"work/{stem}"} == resolved(root)


def test_a_listed_work_has_the_iri_from_its_own_file(folder: Site_) -> None:
    files = {LIST: listing("x", "y"), "x.md": "---\nwebUrl: https://a.example/1\n---\n"}
    files["y.md"] = "---\noriginalUrl: http://www.a.example/1/\n---\n"
    assert dict.fromkeys("xy", "article/a.example/d817b80f9a5befb9") == resolved(folder(files))


def test_the_nearest_file_is_chosen(folder: Site_) -> None:
    files = {LIST: listing("x"), "_learning/x.md": WORK, "x.md": WORK}
    assert {"x": "work/_learning/x"} == resolved(folder(files))


def test_a_list_may_list_itself(folder: Site_) -> None:
    root = folder({LIST: listing("a", "collections/a")})
    assert dict.fromkeys(("a", "collections/a"), "work/_learning/collections/a") == resolved(root)


@pytest.mark.parametrize(
    "item", ["missing", "videos", "../videos/x", "videos/../videos/x", "..", "", " ", "videos/"]
)
def test_a_path_to_no_file_of_the_site_is_not_resolved(folder: Site_, item: str) -> None:
    root = folder({LIST: listing(item), "_learning/videos/x.md": WORK})
    (root.parent / "outside.md").write_text(WORK, encoding="utf-8")
    assert {} == resolved(root)


def test_each_list_is_resolved_from_its_own_folder(folder: Site_) -> None:
    files = {f"{folder_}/list.md": listing("x") for folder_ in "ab"} | {
        f"{folder_}/x.md": WORK for folder_ in "ab"
    }
    aliases = read(folder(files)).aliases
    assert ["work/a/x", "work/b/x"] == [aliases[f"listed/{folder_}/list.md#x"] for folder_ in "ab"]


def test_a_list_of_one_may_be_written_without_brackets(folder: Site_) -> None:
    assert {"x": "work/x"} == resolved(folder({LIST: "---\nitems: x\n---\n", "x.md": WORK}))


@pytest.mark.parametrize("broken", ["---\ntitle: [\n---\n", "no front matter", "---\n---\n"])
def test_a_listed_file_without_a_record_is_not_resolved(folder: Site_, broken: str) -> None:
    assert {} == resolved(folder({LIST: listing("x"), "x.md": broken}))


@pytest.mark.parametrize("items", ["[{path: x}]", "[2020]"])
def test_any_item_that_the_mapping_reads_is_looked_up(folder: Site_, items: str) -> None:
    files = {LIST: f"---\nitems: {items}\n---\n", "x.md": WORK, "2020.md": WORK}
    assert {} != resolved(folder(files))


# ---- the same for every file


SITE: Final = {
    **topics("Artificial intelligence/AI/ai"),
    "_data/organizations/guild.example": organization("The Guild", "guild.example", "Makers"),
    LIST: listing("videos/x", "missing"),
    "_learning/videos/x.md": "---\nwebUrl: https://a.example/1\n---\n",
    "_news/a.md": "---\ntype: article\ntopics: [AI]\nprovider: Makers\n---\n",
    "_people/ada.md": "---\nname: Ada\naffiliation: Makers\ntopics: [ai]\n---\n",
}


@pytest.mark.parametrize("name", sorted(SITE))
def test_a_file_alone_has_the_statements_it_has_among_all_files(folder: Site_, name: str) -> None:
    root = folder(SITE)
    assert statements_by_file(root)[name] == statements_by_file(root, name)[name] != set()


@pytest.mark.parametrize("below", ["_news", "_learning/collections", "_data"])
def test_a_folder_alone_has_the_statements_it_has_among_all_files(
    folder: Site_, below: str
) -> None:
    root = folder(SITE)
    whole = {
        name: statements
        for name, statements in statements_by_file(root).items()
        if name.startswith(f"{below}/")
    }
    assert whole == statements_by_file(root, below)


def test_the_vocabulary_is_found_from_the_root_of_the_site(folder: Site_) -> None:
    (statements,) = statements_by_file(folder(SITE), "_news").values()
    assert {"topic/ai"} == objects(statements, "https://schema.org/about")
    assert {"provider/guild.example"} == objects(statements, "https://schema.org/publisher")


def test_the_vocabulary_of_a_folder_without_settings_is_found(folder: Site_) -> None:
    root = folder(SITE)
    with_settings = read(root)
    (root / "kg.toml").unlink()
    assert with_settings == read(root)


def test_the_names_do_not_depend_on_the_order_of_files(folder: Site_) -> None:
    sources = discover_sources([str(folder(SITE | topics("A/B", "B/C", "C/A")))])
    orders = (sources, sources[::-1], sources[3:] + sources[:3])
    first, *others = [load_authority(order, MAPPER) for order in orders]
    assert [first, first] == others
    assert first.aliases


def test_a_site_without_names_has_no_authority(folder: Site_) -> None:
    assert Authority() == read(folder({"a.md": WORK}))


def test_rdf_among_the_sources_adds_no_names(folder: Site_) -> None:
    root = folder({"a.md": WORK})
    file = root / "items.ttl"
    file.write_text("<urn:a> <urn:items> 1 .\n", encoding="utf-8")
    assert Authority() == load_authority(discover_sources([str(root), str(file)]), MAPPER)


# ---- sources with their content, such as those of a revision


def sources_with_content(files: Mapping[str, str]) -> list[Source]:
    return [
        Source(f"HEAD~1:{name}", name, content=text.encode())
        for name, text in sorted(files.items())
    ]


SITE_WITH_TAXONOMY: Final = {
    name: text.replace("name:", "taxonomy: topic\nname:", 1) if "topics" in name else text
    for name, text in SITE.items()
}


def test_sources_with_content_add_names() -> None:
    authority = load_authority(sources_with_content(SITE_WITH_TAXONOMY), MAPPER)
    assert "topic/ai" == authority.aliases["topic/artificial-intelligence"]
    assert "article/a.example/d817b80f9a5befb9" == authority.aliases[f"listed/{LIST}#videos/x"]


def test_sources_with_content_are_not_read_from_disk(
    folder: Site_, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder(SITE))
    listed, news = (
        Source(name, name, content=SITE[name].encode()) for name in (LIST, "_news/a.md")
    )
    assert Authority() == load_authority([listed, news], MAPPER)


def test_vocabulary_with_content_is_recognised_by_its_folder() -> None:
    assert load_authority(sources_with_content(SITE_WITH_TAXONOMY), MAPPER) == load_authority(
        sources_with_content(SITE), MAPPER
    )
