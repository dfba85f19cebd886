"""No output or message of kg has any part of a withheld value, however its file is broken."""

from __future__ import annotations

import logging
import re
import shutil
import subprocess
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote

import pytest
from click.testing import CliRunner
from rdflib import Graph

from kg.cli import VERBS, kg
from kg.model.errors import SourceError
from kg.model.formats import FORMATS
from kg.model.records import Source
from kg.sources.reading import read_records
from kg.validation.reports import RENDERERS
from kg.writers.differences import DIFFERENCE_WRITERS

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDS: Final = Path(__file__).parents[1] / "seeds"
WIDTH: Final = 12
"""The number of characters that is already too many."""


def _parts(run: str) -> set[str]:
    return {run[start : start + WIDTH] for start in range(len(run) - WIDTH + 1)}


VALUES: Final = [
    re.findall(r'^secured: "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)[0]
    for path in sorted(SEEDS.iterdir())
]
BLOB: Final = VALUES[0]
PARTS: Final = set().union(*map(_parts, VALUES))

ARTICLE: Final = """\
category: news
type: article
title: The city council votes on cameras
excerpt: The council of the city votes on cameras this week, after a long debate.
publishedDateTime: 2020-07-03T05:43:00Z
webUrl: https://example.org/{name}
provider:
  name: Example &amp; Sample
  domain: example.org
"""
AFTER: Final = "ampWebUrl: https://example.org/an article\n"
"""Like the provider's name, a value that kg fix repairs beside the withheld value."""

# Mistakes that a person or a script may make in a file. `@` is the withheld value.
VARIANTS: Final = {
    "alone": 'secured: "@"',
    "plain": "secured: @",
    "in-single-quotes": "secured: '@'",
    "as-a-block": "secured: |\n  @",
    "folded": "secured: >-\n  @",
    "with-a-quoted-key": '"secured": "@"',
    "with-an-escaped-key": '"sec\\u0075red": "@"',
    "with-a-tagged-key": '!!str secured: "@"',
    "with-an-explicit-key": '? secured\n: "@"',
    "with-an-anchored-key": '&k secured: "@"\nexcerpt: *k',
    "as-a-list": 'secured:\n  - "@"\n  - "@"',
    "as-a-mapping": 'secured: {title: "@", webUrl: "https://example.org/@"}',
    "as-a-mapping-of-keys": 'secured:\n  "@": 1\n  "@": 2',
    "twice": 'secured: "@"\nsecured: "@"',
    "in-related-items": 'related:\n  - secured: "@"\n    webUrl: https://example.org/r',
    "in-the-provider": 'provider: {name: Example, domain: example.org, secured: "@"}',
    "in-the-images": 'images:\n  - {url: "https://example.org/i", width: 9, secured: "@"}',
    "in-the-topics": 'topics:\n  - secured: "@"',
    "in-all-on-one-line": "provider: {name: Example, domain: example.org}\n"
    'related: [{webUrl: "https://example.org/r", provider: {domain: example.org}, secured: "@"}]',
    "in-all-on-one-line-after-a-line-that-is-none": 'title: "x\u2028\x85\u2029y"\n'
    'provider: {name: Example, domain: example.org, secured: "@"}',
    "beside-a-value": 'provider: {name: Example, secured: ["@",\n  "@"], domain: example.org}',
    "in-a-list-of-lists": 'related:\n  - [secured: "@"]\n  - - - secured: "@"',
    "instead-of-a-title": 'title: {secured: "@"}',
    "instead-of-a-date": 'publishedDateTime: [secured: "@"]',
    "instead-of-a-number": 'quality: {secured: "@"}\nheat: [secured: "@"]',
    "in-an-unknown-field": 'strange: {deep: [{secured: "@"}]}',
    "under-a-key-that-is-a-mapping": '? {secured: "@"}\n: x',
    "in-an-ordered-mapping": 'related: !!omap [secured: "@"]',
    "in-pairs": 'related: !!pairs [secured: "@"]',
    "merged": '<<: {secured: "@"}',
    "merged-from-itself": 'secured: &s {title: "@"}\n<<: *s',
    "merged-from-an-item": 'related:\n  - &r {secured: "@", title: x}\n  - <<: *r',
    "anchored": 'secured: &s "@"\ntitle: *s',
    "anchored-before": 'title: &s "@"\nsecured: *s',
    "anchored-inside": 'secured: [{a: &s "@"}]\nexcerpt: *s',
    "with-itself-inside": 'secured: &s [*s, "@"]',
    "with-many-aliases-inside": "secured:\n  - &a [@, @, @]\n  - &b [*a, *a, *a, *a, *a, *a, *a]\n"
    "  - &c [*b, *b, *b, *b, *b, *b, *b]\n  - &d [*c, *c, *c, *c, *c, *c, *c]\n"
    "  - &e [*d, *d, *d, *d, *d, *d, *d]\n  - &f [*e, *e, *e, *e, *e, *e, *e]\n"
    "  - &g [*f, *f, *f, *f, *f, *f, *f]\n  - &h [*g, *g, *g, *g, *g, *g, *g]\n"
    "  - &i [*h, *h, *h, *h, *h, *h, *h]\n  - [*i, *i, *i, *i, *i, *i, *i]",
    "with-a-key-that-is-a-list": 'secured: {? [a] : "@"}',
    "as-an-anchor": "secured: &@ x\ntitle: *@",
    "as-a-legal-anchor": "secured: &§ x\ntopics: [&§ y, *§]",
    "as-an-alias": "secured: *§",
    "as-a-tag": "secured: !@ x",
    "as-a-verbatim-tag": "secured: !<@> x",
    "as-a-tag-with-handle": "secured: !a!§ x",
    "tagged-as-a-number": 'secured: !!int "@"',
    "tagged-as-bytes": 'secured: !!binary "@"',
    "tagged-as-python": 'secured: !!python/object:os.system "@"',
    "as-a-directive": "secured: %@",
    "as-a-reserved-word": "secured: `@",
    "bad-yaml-after": 'secured: "@"\n  x: [',
    "bad-yaml-right-after": 'secured: "@" @',
    "bad-escape-inside": 'secured: "\\q@"',
    "unterminated": 'secured: "@',
    "unterminated-single": "secured: '@",
    "unterminated-then-quotes": 'secured: "@\nexcerpt: "x"',
    "quote-in-the-middle": 'secured: "@"@"',
    "two-colons": 'secured: @: "@"',
    "open-list": 'secured: ["@"\ntitle: x',
    "open-mapping": 'secured: {a: "@"\ntitle: x',
    "tab-before-the-value": 'secured:\t"@"',
    "tab-before-the-key": '\tsecured: "@"',
    "tab-inside": 'secured: "@\t@"\nexcerpt: x',
    "tab-in-a-block": "secured: |\n\t@",
    "in-a-comment": '# secured: "@"',
    "in-a-comment-beside-a-value": 'title: x  # secured: "@"',
    "control-character": 'secured: "@\x01@"',
    "without-a-colon": 'secured "@"',
    "without-a-blank": 'secured:"@"',
    "on-the-next-line": 'secured:\n"@"',
    "on-the-next-line-as-a-key": 'secured:\n"@": 1\n"@": 2',
    "on-the-next-line-as-a-lone-key": 'secured:\n"@": 1',
    "swallowed-by-a-title": "title: 'It's\nsecured: \"@\"\nexcerpt: It's here'",
    "swallowed-by-single-quotes": "title: 'It is\nsecured: \"@\"\nexcerpt: long'",
    "swallowed-by-double-quotes": "title: \"It is\nsecured: '@'\nexcerpt: long\"",
    "swallowed-by-a-url": "webUrl: 'https://example.org/\nsecured: \"@\"\nexcerpt: x'",
    "swallowed-by-a-date": "publishedDateTime: '2020-07-03\nsecured: \"@\"\nexcerpt: x'",
    "swallowed-by-a-domain": "provider:\n  name: x\n  domain: 'x\nsecured: \"@\"\nexcerpt: x'",
    "swallowed-by-a-key": '? "x\nsecured: @\ny": 1\n: 2',
    "swallowed-by-an-unknown-field": "strange: 'x\nsecured: \"@\"\ny'",
    "swallowed-by-a-block": 'excerpt: |\n  text\n  secured: "@"',
    "swallowed-by-a-folded-block": 'excerpt: >\n  text\n  secured: "@"',
    "swallowed-by-a-plain-title": 'title: x\n  secured:"@"',
    "swallowed-by-a-plain-domain": 'provider:\n  domain: example.org\n   secured:"@"',
    "swallowed-as-a-list": 'excerpt: |\n  text\n  secured: ["@"]',
    "swallowed-as-a-block-list": 'excerpt: |\n  text\n  secured:\n    - "@"',
    "swallowed-as-a-mapping": 'excerpt: |\n  text\n  secured: {a: "@"}',
    "swallowed-as-a-block-mapping": 'excerpt: |\n  text\n  secured:\n    a: "@"',
    "swallowed-as-a-block-scalar": "excerpt: |\n  text\n  secured: |\n    @",
    "swallowed-with-a-tag": 'excerpt: |\n  text\n  secured: !!str "@"',
    "swallowed-with-an-anchor": 'excerpt: |\n  text\n  secured: &s "@"',
    "swallowed-with-an-explicit-key": 'excerpt: |\n  text\n  ? secured\n  : "@"',
}


def front_matter(variant: str, name: str) -> str:
    """A front-matter file with the broken lines last and what they replace left out."""
    lines = variant.replace("@", BLOB).replace("§", re.sub(r"\W", "", BLOB))
    replaced = set(re.findall(r"^(\w+):", lines, re.MULTILINE))
    blocks = re.split(r"^(?=\w)", ARTICLE.format(name=name), flags=re.MULTILINE)
    other_blocks = "".join(block for block in blocks if block.partition(":")[0] not in replaced)
    return f"---\n{other_blocks}{lines}\n{AFTER}---\n"


def leaks(text: str) -> set[str]:
    """Every part of a withheld value in a text, unchanged or percent-encoded."""
    runs = re.findall(rf"[A-Za-z0-9+/=;]{{{WIDTH},}}", f"{text}\n{unquote(text)}")
    return {part for run in runs for part in _parts(run) if part in PARTS}


@pytest.fixture(scope="session")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a sound article for each seed's value, and every variant."""
    folder = tmp_path_factory.mktemp("secrets")
    for number, value in enumerate(VALUES):
        text = f'---\nsecured: "{value}"\n{AFTER}strange: x\n{ARTICLE.format(name=number)}---\n'
        (folder / f"sound-{number}.md").write_text(text, encoding="utf-8")
    for name, variant in VARIANTS.items():
        text = front_matter(variant, name)
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    return folder


def run_kg(*command: str, stdin: bytes = b"") -> str:
    """Return the output and the messages of a command."""
    result = CliRunner().invoke(kg, command, input=stdin)
    crash = isinstance(result.exception, Exception)
    assert not crash, traceback.format_exception(result.exception)
    return result.stdout + result.stderr


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No log has a withheld value either, at any level."""
    with caplog.at_level(logging.NOTSET):
        yield
    assert set() == leaks(caplog.text)


def test_a_leak_is_detected() -> None:
    assert {BLOB[7:19], BLOB[8:20]} == leaks(f"'{BLOB[7:20]}'")
    assert {BLOB[:12]} == leaks(f"https://example.org/?{quote(BLOB[:12], safe='')}&x")


RDF: Final = [known.name for known in FORMATS]
EVERYTHING: Final = b"SELECT * { ?s ?p ?o }"
COMMANDS: Final = (
    *(f"export -f {name}" for name in RDF),
    "export --no-metadata",
    "fields",
    "fields --json",
    "fields --unknown",
    "fields -f markdown",
    *(f"validate -f {name}" for name in (*RENDERERS, "turtle")),
    *(f"query - -f {name}" for name in ("table", "markdown", "csv", "tsv", "json", "xml")),
    "explain provider/example.org",
    "explain provider/example.org --json",
    "explain provider/example.org --missing logo",
    "fix",
    "fix --json",
    "load --to {folder}/../store --json --verify full",
    "load --to {folder}/../none --dry-run",
    *(f"diff {{folder}}/sound-0.md -f {name} --all" for name in DIFFERENCE_WRITERS),
)
WITHOUT_SOURCES: Final = {"mapping", "queries", "shapes"}


SLOW: Final = [
    pytest.param(f"validate -f {name}", marks=pytest.mark.slow) for name in RDF if name != "turtle"
]


def test_every_verb_that_reads_sources_is_tested_here() -> None:
    assert set(VERBS) - WITHOUT_SOURCES == {command.split()[0] for command in COMMANDS}


@pytest.mark.parametrize("command", [*COMMANDS, *SLOW])
def test_no_verb_shows_any_part_of_a_withheld_value(command: str, broken: Path) -> None:
    text = run_kg(*command.format(folder=broken).split(), "-v", str(broken), stdin=EVERYTHING)
    assert "provider" in text or "strange" in text
    assert set() == leaks(text)


@pytest.mark.parametrize("form", RDF)
def test_the_seeds_in_no_format_show_any_part_of_a_withheld_value(form: str) -> None:
    assert set() == leaks(run_kg("export", "-v", "-f", form, str(SEEDS)))


@pytest.mark.parametrize("name", VARIANTS)
def test_a_broken_file_does_not_leak_its_withheld_value(name: str, broken: Path) -> None:
    path = str(broken / f"{name}.md")
    text = run_kg("export", "-v", "-f", "ntriples", path)
    text += run_kg("export", "--strict", path)
    text += run_kg("fields", "--json", path)
    text += run_kg("fix", "-v", path)
    text += run_kg("fix", "--json", path)
    for node in (f"record/{name}", f"https://example.org/{name}", "provider/example.org"):
        text += run_kg("explain", node, path)
        text += run_kg("explain", "--json", node, path)
    assert set() == leaks(text)


@pytest.mark.parametrize("suffix", sorted(suffix for known in FORMATS for suffix in known.suffixes))
@pytest.mark.parametrize("name", ["alone", "plain", "unterminated", "as-a-mapping"])
def test_a_file_with_the_wrong_suffix_does_not_leak_its_withheld_value(
    name: str, suffix: str, broken: Path, tmp_path: Path
) -> None:
    text = ""
    content = (broken / f"{name}.md").read_text(encoding="utf-8")
    for start in ("---", "category", "secured"):
        path = tmp_path / f"{name}{suffix}"
        path.write_text(content[content.index(start) :], encoding="utf-8")
        text += run_kg("export", "-v", str(path))
        text += run_kg("query", str(path), str(broken / "sound-0.md"))
        text += run_kg("export", "--topics", str(path), str(broken / "sound-0.md"))
    assert set() == leaks(text)


@pytest.mark.parametrize("name", ["alone", "plain", "on-the-next-line-as-a-key", "unterminated"])
def test_a_file_given_as_shapes_does_not_leak_its_withheld_value(name: str, broken: Path) -> None:
    sound = str(broken / "sound-0.md")
    assert set() == leaks(run_kg("validate", "--shapes", str(broken / f"{name}.md"), sound))


@pytest.mark.parametrize("name", VARIANTS)
def test_a_site_configuration_does_not_leak_a_withheld_value(name: str, tmp_path: Path) -> None:
    settings = front_matter(VARIANTS[name], "x").replace("---\n", "")
    (tmp_path / "_config.yml").write_text(f"url: https://example.org\n{settings}", encoding="utf-8")
    (tmp_path / "sound.md").write_text(f"---\n{ARTICLE.format(name='x')}---\n", encoding="utf-8")
    assert set() == leaks(run_kg("export", "-v", str(tmp_path)))


@pytest.mark.slow
def test_a_withheld_value_of_another_revision_is_not_shown(broken: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(broken, site)
    git = ("git", "-C", str(site), "-c", "user.name=x", "-c", "user.email=x@example.org")
    for command in (["init"], ["add", "."], ["commit", "-m", "x"]):
        subprocess.run([*git, *command], check=True, capture_output=True)
    for number, path in enumerate(sorted(site.glob("*.md"))):
        path.write_text(path.read_text(encoding="utf-8").replace(BLOB, VALUES[number % 5]))
    for form in DIFFERENCE_WRITERS:
        assert set() == leaks(run_kg("diff", "--git", "HEAD", str(site), "-f", form, "--all", "-v"))


def test_a_baseline_does_not_contain_a_withheld_value(broken: Path, tmp_path: Path) -> None:
    baseline = tmp_path / "known.json"
    run_kg("validate", "--baseline", str(baseline), "--update-baseline", str(broken))
    assert set() == leaks(baseline.read_text(encoding="utf-8"))


def test_fixing_a_file_keeps_its_withheld_value(broken: Path, tmp_path: Path) -> None:
    path = tmp_path / "sound-0.md"
    shutil.copy(broken / path.name, path)
    assert "2 repairs in 1 file written" in run_kg("fix", "--write", str(path))
    assert f'secured: "{VALUES[0]}"\n' in path.read_text(encoding="utf-8")


def test_a_withheld_value_on_standard_input_is_not_shown() -> None:
    for path in sorted(SEEDS.iterdir()):
        assert set() == leaks(run_kg("export", "-v", "-", stdin=path.read_bytes()))


@pytest.mark.parametrize("name", VARIANTS)
def test_no_record_and_no_error_contains_a_withheld_value(name: str, broken: Path) -> None:
    try:
        text = repr(read_records(Source(str(broken / f"{name}.md"), name)))
    except SourceError as error:
        text = "".join(traceback.format_exception(error))
    assert set() == leaks(text)


def test_the_representation_of_standard_input_does_not_contain_its_content() -> None:
    assert set() == leaks(repr(Source("-", "-", content=BLOB.encode())))


@pytest.mark.parametrize("name", VARIANTS)
def test_rdflib_users_do_not_see_a_withheld_value(name: str, broken: Path) -> None:
    graph = Graph()
    try:
        graph.parse(broken / f"{name}.md", format="kg")
        text = graph.serialize(format="ntriples")
    except SourceError as error:
        text = "".join(traceback.format_exception(error))
    assert set() == leaks(text)


@pytest.mark.parametrize("form", ["text", "json", "turtle"])
def test_a_withheld_value_in_rdf_is_reported_and_not_repeated(form: str, tmp_path: Path) -> None:
    data = f'<https://example.org/a> <https://example.org/b> "{BLOB}" .'
    (tmp_path / "leak.ttl").write_text(data, encoding="utf-8")
    text = run_kg("validate", "-v", "-f", form, str(tmp_path / "leak.ttl"))
    assert "has an encrypted text" in text
    assert set() == leaks(text)
