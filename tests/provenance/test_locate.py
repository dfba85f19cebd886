"""Every finding has the place of the field that caused it, with line and column as in an editor."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from kg.graph.convert import rdflib_graph
from kg.graph.named import map_sources, merge_triples
from kg.mapping.descriptions import MappedRecord
from kg.mapping.memo import DescriptionMemo
from kg.mapping.project import make_mapper
from kg.model.findings import Finding, Place, Severity
from kg.model.namespaces import SDO, SH
from kg.model.records import Source
from kg.model.site import Site
from kg.model.terms import unquote
from kg.provenance.locate import Located, LocatedStatements, locate_findings
from kg.sources import locations
from kg.sources.discovery import discover_sources
from kg.sources.locations import PositionCache
from kg.validation.checking import validate_graph
from kg.validation.loading import bundled_shapes, load_shapes
from kg.writers.formats import merge_dataset

if TYPE_CHECKING:
    from kg.mapping.mapper import Mapper
    from kg.validation.shapes_graph import ShapesGraph
    from tests.conftest import Dataset

SEEDS: Final = sorted((Path(__file__).parents[2] / "seeds").iterdir())


class Edit(NamedTuple):
    """An edit of a line of a seed: replace its value, or remove lines from it on."""

    seed: int
    line: int
    value: str = ""
    removed: int = 0


class Expected(NamedTuple):
    """A finding: the rule or the message, and `seed:line:column: field` of its first place."""

    what: str
    where: str


# Lines are removed below the other edits of a file, so only the lines after them move.
EDITS: Final = {
    Edit(0, 3, "[One, Two]"): Expected(
        "a list of 2, where one value is expected", "0:3:8: title"
    ),
    Edit(0, 5, "2020-07-03T25:43:00Z"): Expected(
        "not a day or time of the calendar", "0:5:20: publishedDateTime"
    ),
    Edit(0, 20, removed=6): Expected("article-image", "0:2:1: images"),
    Edit(1, 5, "yesterday"): Expected("not a date and time", "1:5:20: publishedDateTime"),
    Edit(1, 40, "-3"): Expected(
        "not a whole number of pixels above 0", "1:40:16: related[0].images[0].width"
    ),
    Edit(1, 152, "wide"): Expected(
        "not a whole number of pixels above 0", "1:152:16: related[7].images[0].width"
    ),
    Edit(2, 16, "buzz feed"): Expected(
        "not a domain such as example.org", "2:16:11: provider.domain"
    ),
    Edit(2, 23, "[Computer Vision]"): Expected(
        "a list of 1, where one value is expected", "2:23:5: topics[0]"
    ),
    Edit(2, 50, '"  "'): Expected("article-headline", "2:50:12: related[1].title"),
    Edit(3, 4, "Short."): Expected("excerpt-short", "3:4:10: excerpt"),
    Edit(3, 33, "https://www.businessinsider.com/aclu?utm_source=feed"): Expected(
        "tracking-params", "3:33:13: related[0].webUrl"
    ),
    Edit(3, 42, "no-url"): Expected(
        "not an absolute http(s) URL, and no site URL is known for it",
        "3:42:14: related[0].images[0].url",
    ),
    Edit(3, 53, removed=3): Expected("article-publisher", "3:46:5: related[1].provider"),
    Edit(4, 10, "high"): Expected("not a whole number", "4:10:10: quality"),
    Edit(4, 39, "www.geekwire.example"): Expected("provider-host", "4:33:13: related[0].webUrl"),
    Edit(4, 48, "2020-06-13T15:00:00"): Expected(
        "date-without-zone", "4:48:24: related[1].publishedDateTime"
    ),
    Edit(4, 77, removed=1): Expected("article-description", "4:76:5: related[3].excerpt"),
}  # fmt: skip

ENDINGS: Final = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}


def edit_seed(edits: list[Edit], seed: int) -> str:
    lines: list[str] = SEEDS[seed].read_text(encoding="utf-8").split("\n")
    for _, line, value, removed in sorted(edits, reverse=True):
        if removed:
            del lines[line - 1 : line - 1 + removed]
        else:
            lines[line - 1] = re.sub(
                r"^(\s*(?:- )?(?:\w+: )?).*", rf"\g<1>{value}", lines[line - 1]
            )
    return "\n".join(lines)


@pytest.fixture(scope="session")
def shapes() -> ShapesGraph:
    """Return the bundled shapes for works and providers."""
    names = {"works", "providers"}
    return load_shapes((p for p in bundled_shapes() if p.stem in names), Site())


Look = Callable[[Path], list[Finding]]


@pytest.fixture(scope="session")
def look(shapes: ShapesGraph) -> Look:
    """Return a function that maps and validates a folder, and locates the findings."""

    def locate_in(folder: Path) -> list[Finding]:
        site = Site()
        sources = discover_sources([str(folder)])
        mapper = make_mapper(site)
        graphs = list(map_sources(sources, mapper))
        mapping_findings = [finding for graph in graphs for finding in graph.findings]
        data = rdflib_graph(merge_triples(graphs), site)
        mapped_records = [one for graph in graphs for one in graph.records]
        return locate_findings(
            [*mapping_findings, *validate_graph(data, shapes)], mapped_records, mapper
        )

    return locate_in


def map_records(sources: Iterable[Source], using: Mapper) -> list[MappedRecord]:
    """Return the mapped records of sources, mapped again; equal items are shared."""
    graphs = map_sources(sources, using, DescriptionMemo(1000))
    return [one for graph in graphs for one in graph.records]


def about_nodes(sources: Iterable[Source], using: Mapper, findings: list[Finding]) -> list[Located]:
    """Return the statements about the focus nodes of findings, with their places."""
    statements = LocatedStatements(map_records(sources, using), findings)
    nodes = dict.fromkeys(finding.focus for finding in findings)
    return [located for node in nodes for located in statements.about(node)]


Findings = dict[str, list[Finding]]


@pytest.fixture(scope="session")
def findings(look: Look, tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """Return the findings of the edited seeds, by line ending."""
    found = {}
    for name, ending in ENDINGS.items():
        folder = tmp_path_factory.mktemp(name)
        for number in range(len(SEEDS)):
            text = edit_seed([edit for edit in EDITS if edit.seed == number], number)
            (folder / f"{number}.txt").write_bytes(text.replace("\n", ending).encode())
        found[name] = look(folder)
    return found


def spell_place(place: Place) -> str:
    return f"{Path(place.source.path).stem}:{place.line}:{place.column}: {place.name}"


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("expected", EDITS.values(), ids=lambda expected: expected.where)
def test_a_finding_has_the_place_of_the_edit_that_caused_it(
    expected: Expected, ending: str, findings: Findings
) -> None:
    found = [
        (finding.rule or finding.message, spell_place(finding.places[0]))
        for finding in findings[ending]
    ]
    assert expected in found


def test_line_endings_change_no_place(findings: Findings) -> None:
    places = [[[spell_place(p) for p in f.places] for f in found] for found in findings.values()]
    assert places[0] == places[1] == places[2]


def test_every_finding_about_front_matter_has_its_places(findings: Findings) -> None:
    places = [finding.places for finding in findings["lf"]]
    assert all(places)
    assert all(place.line and place.column for one in places for place in one)


def write_files(where: Path, **files: str) -> Path:
    for name, text in files.items():
        (where / f"{name}.md").write_text(f"---\n{text}---\n", encoding="utf-8")
    return where


WORK: Final = """\
category: news
type: article
title: {title}
excerpt: {excerpt}
publishedDateTime: {date}
webUrl: https://example.org/{path}
provider: {{name: {name}, domain: example.org}}
"""
GOOD: Final = {
    "title": "Cameras",
    "excerpt": "The council of the city votes on cameras this week.",
    "date": "2020-07-03",
    "path": "1",
    "name": "Example",
}


def work(**fields: str) -> str:
    return WORK.format(**GOOD | fields)


def only(rule: str, found: list[Finding]) -> Finding:
    (one,) = (finding for finding in found if rule == finding.rule)
    return one


@pytest.mark.parametrize(
    ("rule", "field", "column", "values"),
    [
        ("conflicting-headline", "title", 8, ("Cameras", "Lenses")),
        ("conflicting-date", "publishedDateTime", 20, ("2020-07-03", "2020-07-04")),
        ("provider-names", "provider.name", 18, ("Example", "Sample")),
    ],
)
def test_a_disagreement_names_each_place_with_its_value(  # noqa: PLR0913, PLR0917
    rule: str, field: str, column: int, values: tuple[str, str], look: Look, tmp_path: Path
) -> None:
    first = work()
    second = work(title="Lenses", date="2020-07-04", name="Sample")
    line = next(n for n, one in enumerate(first.splitlines(), 2) if one.startswith(field[:8]))
    places = only(rule, look(write_files(tmp_path, a=first, b=second))).places
    assert [
        (f"a:{line}:{column}: {field}", values[0]),
        (f"b:{line}:{column}: {field}", values[1]),
    ] == [(spell_place(place), place.value) for place in places]


def test_all_files_with_a_value_of_a_disagreement_are_named(look: Look, tmp_path: Path) -> None:
    found = look(write_files(tmp_path, a=work(), b=work(title="Lenses"), c=work(title="Lenses")))
    places = only("conflicting-headline", found).places
    assert ["Cameras", "Lenses", "Lenses"] == [place.value for place in places]


def test_only_the_file_with_the_wrong_value_is_named(look: Look, tmp_path: Path) -> None:
    found = look(write_files(tmp_path, a=work(), b=work(excerpt="Short.")))
    places = only("excerpt-short", found).places
    assert ["b:5:10: excerpt"] == [spell_place(place) for place in places]


def test_the_same_value_in_several_files_has_a_place_in_each(look: Look, tmp_path: Path) -> None:
    found = look(write_files(tmp_path, a=work(excerpt="Short."), b=work(excerpt="Short.")))
    places = only("excerpt-short", found).places
    assert ["a:5:10: excerpt", "b:5:10: excerpt"] == [spell_place(place) for place in places]


def test_a_value_in_no_file_is_missing_in_each_that_could_have_it(
    look: Look, tmp_path: Path
) -> None:
    without_excerpt = work().replace(f"excerpt: {GOOD['excerpt']}\n", "")
    related = f"{work(path='2')}related:\n  - title: x\n    webUrl: https://example.org/1\n"
    places = only(
        "article-description", look(write_files(tmp_path, a=without_excerpt, b=related))
    ).places
    assert ["a:2:1: excerpt", "b:10:5: related[0].excerpt"] == [
        spell_place(place) for place in places
    ]


SHORT: Final = work(excerpt="Short.")
SHARED: Final = work().replace(f"excerpt: {GOOD['excerpt']}\n", "")

# The place of the excerpt for each way to write it.
SPELLINGS: Final = {
    "plain": ("5:10", SHORT),
    "quoted": ("5:10", work(excerpt='"Short."')),
    "block": ("5:10", work(excerpt="|\n  Short.")),
    "folded": ("5:10", work(excerpt=">-\n  Short.\n\n  Shorter.")),
    "next-line": ("6:3", work(excerpt="\n  Short.")),
    "commented": ("5:10", work(excerpt="Short.  # a comment")),
    "tagged": ("5:10", work(excerpt="!!str Short.")),
    "quoted-key": ("5:12", SHORT.replace("excerpt:", '"excerpt":')),
    "blank-before-colon": ("5:12", SHORT.replace("excerpt:", "excerpt  :")),
    "explicit-key": ("6:3", SHORT.replace("excerpt: ", "? excerpt\n: ")),
    "after-a-comment": ("6:10", work(title="Schön 🎥\n# é", excerpt="Short.")),
    "after-a-line-that-is-none": ("5:10", work(title='"\u2028\x85\u2029"', excerpt="Short.")),
    # The anchor of an alias has the text to fix.
    "alias": ("2:7", f"note: &short Short.\n{SHARED}excerpt: *short\n"),
    "merged": ("3:12", f"base: &base\n  excerpt: Short.\n{SHARED}<<: *base\n"),
    "merged-first": (
        "3:18",
        f"bases:\n  - &b {{excerpt: Short.}}\n  - &c {{excerpt: x}}\n{SHARED}<<: [*b, *c]\n",
    ),
    "merged-over": (
        "10:10",
        f"base: &base {{excerpt: x}}\n{SHARED}<<: *base\nexcerpt: Short.\n",
    ),
}


@pytest.fixture(scope="session")
def spellings(look: Look, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Place]:
    """Return the place of the finding that the excerpt is short, for each spelling."""
    texts = {
        name: text.replace("example.org/1", f"example.org/{name}")
        for name, (_, text) in SPELLINGS.items()
    }
    folder = write_files(tmp_path_factory.mktemp("spellings"), **texts)
    found = (finding.places[0] for finding in look(folder) if finding.rule == "excerpt-short")
    return {Path(place.source.path).stem: place for place in found}


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_value_has_the_place_where_it_is_written(name: str, spellings: dict[str, Place]) -> None:
    assert f"{name}:{SPELLINGS[name][0]}: excerpt" == spell_place(spellings[name])


def test_columns_count_characters_not_bytes(look: Look, tmp_path: Path) -> None:
    text = work(name="É🎥é").replace("example.org}", "no domain}")
    (found,) = (
        finding for finding in look(write_files(tmp_path, a=text)) if finding.value == "no domain"
    )
    assert "a:8:31: provider.domain" == spell_place(found.places[0])


def test_a_finding_in_a_later_document_has_its_place_in_that_document(
    look: Look, tmp_path: Path
) -> None:
    text = f"{work()}---\n{work(path='2', date='soon')}---\n{work(path='3', excerpt='Short.')}"
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    found = look(tmp_path)
    (soon,) = (finding for finding in found if finding.value == "soon")
    assert "a:13:20: publishedDateTime" == spell_place(soon.places[0])
    assert "a:20:10: excerpt" == spell_place(only("excerpt-short", found).places[0])


def test_a_file_with_a_byte_order_mark_counts_from_its_first_character(
    look: Look, tmp_path: Path
) -> None:
    (tmp_path / "a.md").write_text(f"\ufeff---\n{work(excerpt='Short.')}---\n", encoding="utf-8")
    assert "a:5:10: excerpt" == spell_place(only("excerpt-short", look(tmp_path)).places[0])


def test_a_statement_only_in_rdf_has_no_place(tmp_path: Path) -> None:
    name = tmp_path / "a.ttl"
    name.write_text(f'<x> a <{SDO.NewsArticle}> ; <{SDO.description}> "Short." .')
    site = Site()
    using, sources = make_mapper(site), discover_sources([str(name)])
    finding = Finding(Severity.WARNING, "Short.", focus=site.iri("x"))
    assert [()] == [
        one.places for one in locate_findings([finding], map_records(sources, using), using)
    ]


@pytest.mark.parametrize(
    ("places", "path", "component"),
    [
        (["a.md:3:9", "b.md:3:9"], f"^<{SDO.url}>", SH.MaxCountConstraintComponent),
        ([], f"^<{SDO.image}>", SH.MaxCountConstraintComponent),
        (["a.md:3:9", "b.md:3:9"], None, SH.PatternConstraintComponent),
    ],
)
def test_a_finding_about_a_value_has_the_places_of_that_value(
    places: list[str], path: str | None, component: str, site: Site
) -> None:
    text = b"---\ntitle: %c\nwebUrl: https://example.com/\n---\n"
    sources = [Source(f"{one}.md", f"{one}.md", content=text % one.encode()) for one in "ab"]
    using = make_mapper(site)
    focus, component = "<https://example.com/>", f"<{component}>"
    finding = Finding(Severity.INFO, "", focus=focus, path=path, component=component)
    (located,) = locate_findings([finding], map_records(sources, using), using)
    assert places == [str(place) for place in located.places]


def test_too_many_values_only_in_rdf_have_no_place(site: Site) -> None:
    text = b"---\ntitle: A\nwebUrl: https://example.com/a/\nprovider: {domain: a.org}\n---\n"
    using, sources = make_mapper(site), [Source("a.md", "a.md", content=text)]
    (record,) = map_records(sources, using)
    (provider,) = (o for _, p, o, _ in record.statements() if p == f"<{SDO.publisher}>")
    component = f"<{SH.MaxCountConstraintComponent}>"
    finding = Finding(
        Severity.WARNING, "", focus=provider, path=f"<{SDO.logo}>", component=component
    )
    assert [finding] == locate_findings([finding], [record], using)


def test_a_deleted_file_keeps_the_place_without_a_line(tmp_path: Path) -> None:
    deleted_place = Place(Source(str(tmp_path / "gone.md"), "gone.md"), ("title",))
    finding = Finding(Severity.WARNING, "x", (deleted_place,))
    assert [finding] == locate_findings([finding], [], make_mapper(Site()))


def test_a_statement_is_found_in_each_record_that_shares_an_item(site: Site) -> None:
    text = b"---\ntitle: %c\nwebUrl: https://example.com/%c/\nprovider: {domain: a.org}\n---\n"
    sources = [Source(f"{one}.md", f"{one}.md", content=text % (one, one)) for one in (97, 98)]
    using = make_mapper(site)
    records = map_records(sources, using)
    (provider,) = {
        one.object
        for each in records
        for one in each.statements()
        if one.predicate == f"<{SDO.publisher}>"
    }
    finding = Finding(Severity.INFO, "", focus=provider, path=f"<{SDO.logo}>")
    (located,) = locate_findings([finding], records, using)
    assert ["97.md:4:11", "98.md:4:11"] == [str(place) for place in located.places]


@pytest.mark.process
def test_several_processes_find_the_same_places_as_one(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locations, "_BATCH", 2)
    sources = discover_sources([str(SEEDS[0].parent)])
    using = make_mapper(site)
    path = f"<{SDO.headline}>"
    findings = [
        Finding(Severity.INFO, "", focus=statement.subject, path=path)
        for one in map_records(sources, using)
        for statement in one.statements()
        if statement.predicate == path
    ]
    located = locate_findings(findings, map_records(sources, using), using, jobs=2)
    assert locate_findings(findings, map_records(sources, using), using) == located
    assert all(place.line for finding in located for place in finding.places)


def test_every_statement_of_the_seeds_has_a_place_that_exists(seeds: Dataset, site: Site) -> None:
    sources = discover_sources([str(SEEDS[0].parent)])
    triples = set(merge_dataset(seeds))
    findings = [Finding(Severity.INFO, "", focus=s, path=p) for s, p, _ in triples]
    located = about_nodes(sources, make_mapper(site), findings)
    assert triples == {statement[:3] for statement, _ in located}
    lookup = PositionCache()
    assert all(lookup.locate(place).line for _, place in located)


@pytest.mark.parametrize("predicate", [SDO.headline, SDO.name, SDO.datePublished, SDO.url])
def test_the_place_of_a_statement_has_its_value(predicate: str, seeds: Dataset, site: Site) -> None:
    sources = discover_sources([str(SEEDS[0].parent)])
    lines = {path.name: path.read_text(encoding="utf-8").splitlines() for path in SEEDS}
    path = f"<{predicate}>"
    findings = [Finding(Severity.INFO, "", focus=one[0], path=path) for one in merge_dataset(seeds)]
    located = about_nodes(sources, make_mapper(site), findings)
    lookup = PositionCache()
    differing = []
    for statement, where in located:
        if statement.predicate != path or not where.field or where.name.endswith("domain"):
            continue
        place = lookup.locate(where)
        source_text = lines[place.source.name][place.line - 1][place.column - 1 :].strip('"')
        value = (
            statement.object[1:-1] if statement.object[0] == "<" else unquote(statement.object)[0]
        )
        if source_text.replace('\\"', '"') != value:
            differing.append((str(place), source_text, value))
    assert [] == differing
