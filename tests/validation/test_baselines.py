"""Known findings are left out, new ones are not; the file that says so can be read in review."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kg.cli import kg
from kg.model.errors import SourceError
from kg.model.findings import Finding, Place, Severity
from kg.model.records import FieldPath, Source
from kg.validation.baselines import (
    BaselineComparison,
    baseline_of,
    baseline_text,
    compare_with_baseline,
    read_baseline,
)
from kg.validation.reports.report import fingerprint

NODE = "<https://example.org/kg/article/a.example/1>"
SHAPE = "<https://example.org/kg/shapes#article-image>"


def unusable(
    value: str = "yesterday", *, field: FieldPath = ("date",), file: str = "a.md", line: int = 4
) -> Finding:
    place = Place(Source(f"site/{file}", file), field, line=line, column=7)
    return Finding(Severity.VIOLATION, "not a date", (place,), value)


def broken(**said: str) -> Finding:
    place = Place(Source("site/a.md", "a.md"), ("related", 3, "images"), line=9, column=3)
    finding = Finding(
        Severity.WARNING,
        "There is no image.",
        (place,),
        shape=SHAPE,
        focus=NODE,
        path="<https://schema.org/image>",
    )
    return replace(finding, **said)  # type: ignore[arg-type]  # only strings are given


@pytest.mark.parametrize("finding", [unusable(), broken()])
def test_a_known_finding_is_not_new(finding: Finding) -> None:
    assert BaselineComparison((), 1, ()) == compare_with_baseline([finding], baseline_of([finding]))


def test_a_finding_that_is_not_in_the_baseline_is_new() -> None:
    compared = compare_with_baseline([unusable(), broken()], baseline_of([broken()]))
    assert BaselineComparison((unusable(),), 1, ()) == compared


def test_of_two_equal_findings_with_one_known_one_is_new() -> None:
    twice = [unusable(), unusable(line=20)]
    compared = compare_with_baseline(twice, baseline_of(twice[:1]))
    assert BaselineComparison((twice[1],), 1, ()) == compared


def test_a_known_finding_that_nothing_shows_any_more_is_gone() -> None:
    known = baseline_of([unusable(), unusable(), broken()])
    [entry] = baseline_of([unusable()])
    assert BaselineComparison((), 2, (entry,)) == compare_with_baseline(
        [unusable(), broken()], known
    )


def test_an_entry_that_a_merge_doubled_counts_twice() -> None:
    known = baseline_of([unusable()])
    twice = [unusable(), unusable()]
    assert BaselineComparison((), 2, ()) == compare_with_baseline(twice, known + known)


@pytest.mark.parametrize(
    ("finding", "moved"),
    [
        (unusable(), unusable(line=400)),
        (unusable(field=("related", 1, "date")), unusable(field=("related", 2, "date"))),
        (broken(), replace(broken(), places=unusable(file="b.md").places)),
        (broken(), broken(message="Give the image that the article shows.")),
    ],
    ids=["lines", "list items", "files of one node", "wording"],
)
def test_a_finding_that_only_moved_keeps_its_fingerprint(finding: Finding, moved: Finding) -> None:
    assert fingerprint(finding) == fingerprint(moved)


@pytest.mark.parametrize(
    ("finding", "other"),
    [
        (unusable(), unusable("tomorrow")),
        (unusable(), unusable(file="b.md")),
        (unusable(), unusable(field=("related", 1, "date"))),
        (unusable(), replace(unusable(), message="not a number", value=None)),
        (broken(), broken(shape=SHAPE.replace("image", "date"))),
        (broken(), broken(focus=NODE.replace("1>", "2>"))),
        (broken(), broken(path="<https://schema.org/logo>")),
        (broken(), broken(value="a.png")),
    ],
    ids=["value", "file", "field", "message", "rule", "node", "path", "value of a shape"],
)
def test_another_finding_has_another_fingerprint(finding: Finding, other: Finding) -> None:
    assert fingerprint(finding) != fingerprint(other)


def test_fingerprints_stay_what_they_are_in_the_baselines_of_users() -> None:
    expected = ["ffed711a94640f0b9ab0828673a8d345", "f3eea07667980104a68931c911445f66"]
    assert expected == [fingerprint(unusable()), fingerprint(broken())]


def test_the_order_of_findings_does_not_change_the_baseline() -> None:
    found = [unusable(file=f"{n % 5}.md", value=str(n % 7)) for n in range(40)]
    found += [replace(broken(), places=one.places) for one in found]
    shuffled = random.Random(1).sample(found, len(found))  # noqa: S311 - no secret
    assert baseline_of(found) == baseline_of(shuffled)


def test_findings_that_are_one_but_for_their_files_are_listed_under_the_first() -> None:
    found = [replace(broken(), places=unusable(file=file).places) for file in ("b.md", "a.md")]
    assert [("a.md", 2)] == [(entry.file, entry.count) for entry in baseline_of(found)]


def test_a_baseline_is_json_with_an_entry_on_a_line() -> None:
    odd = unusable(file="é 😀.md", field=("a", '"b"\n'))
    text = baseline_text(baseline_of([broken(), odd, odd]))
    assert (
        f"""{{
  "version": 1,
  "findings": [
    {{"file": "a.md", "field": "related[].images", "rule": "article-image", \
"fingerprint": "{fingerprint(broken())}", "count": 1}},
    {{"file": "é 😀.md", "field": "a.\\"b\\"\\n", "rule": "source", \
"fingerprint": "{fingerprint(odd)}", "count": 2}}
  ]
}}
"""
        == text
    )


def test_a_baseline_of_nothing_is_empty() -> None:
    assert {"version": 1, "findings": []} == json.loads(baseline_text([]))


def test_a_baseline_holds_no_value_and_no_line() -> None:
    text = baseline_text(baseline_of([unusable("the value", line=4711), broken(value="a.png")]))
    assert [] == [word for word in ("the value", "4711", "a.png", NODE) if word in text]


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    entries = baseline_of([broken(), unusable(), unusable(), unusable(file="é 😀.md")])
    path = tmp_path / "known.json"
    path.write_text(baseline_text(entries), encoding="utf-8")
    assert entries == read_baseline(path)


ENTRY = '{"file": "a", "field": "", "rule": "r", "fingerprint": "f", "count": 1}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1:1: not a baseline: Expecting value"),
        ('{\n"version": 1,\n<<<<<<< HEAD', ":3:1: not a baseline: Expecting property name"),
        ("[]", ": not a baseline: it has no list of findings"),
        ('{"version": 1}', ": not a baseline: it has no list of findings"),
        ('{"version": 2, "findings": []}', ": a baseline of version 2, not 1"),
        ('{"findings": []}', ": a baseline of version None, not 1"),
        (
            f'{{"version": 1, "findings": [{ENTRY}, "x"]}}',
            ": not a baseline: finding 2 needs file, field, rule, fingerprint, count",
        ),
        (
            f'{{"version": 1, "findings": [{ENTRY.replace("rule", "role")}]}}',
            ": not a baseline: finding 1 needs file, field, rule, fingerprint, count",
        ),
        (
            f'{{"version": 1, "findings": [{ENTRY.replace("1", "0")}]}}',
            ": not a baseline: finding 1: count: 0",
        ),
        (
            f'{{"version": 1, "findings": [{ENTRY.replace("1", "null")}]}}',
            ": not a baseline: finding 1: count: None",
        ),
        ("\udcff", ": not a baseline: not UTF-8"),
    ],
)
def test_a_damaged_baseline_is_named_with_what_is_wrong(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "known.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(SourceError) as caught:
        read_baseline(path)
    assert str(caught.value).startswith(f"{path}{message}")


def test_a_folder_is_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        read_baseline(tmp_path)


@pytest.fixture
def validate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run `kg validate` with options in a folder with the site of the next fixture."""
    monkeypatch.chdir(tmp_path)

    def run(*options: str) -> Result:
        return CliRunner().invoke(kg, ["validate", "site", "--no-bundled", *options])

    return run


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site with two dates that are none."""
    folder = tmp_path / "site"
    folder.mkdir()
    for name, value in (("a", "yesterday"), ("b", "tomorrow")):
        (folder / f"{name}.md").write_text(
            "---\ncategory: news\ntype: article\ntitle: A\n"
            f"webUrl: https://a.example/{name}\npublishedDateTime: {value}\n"
            'secured: "SECRET"\n---\n'
        )
    return folder


KNOWN = ("--baseline", "known.json")


@pytest.mark.usefixtures("site")
def test_updating_writes_what_is_found_and_passes(validate: Callable[..., Result]) -> None:
    updated = validate(*KNOWN, "--update-baseline")
    assert (0, "") == (updated.exit_code, updated.stdout)
    assert updated.stderr.endswith("conforms: 0 violations, 0 warnings, 0 infos; 2 known\n")
    assert ["a.md", "b.md"] == [entry.file for entry in read_baseline(Path("known.json"))]


def test_only_a_new_finding_fails(validate: Callable[..., Result], site: Path) -> None:
    validate(*KNOWN, "--update-baseline")
    assert 0 == validate(*KNOWN).exit_code
    text = (site / "a.md").read_text()
    (site / "c.md").write_text(text.replace("yesterday", "never").replace("/a", "/c"))
    failed = validate(*KNOWN, "-q")
    assert 1 == failed.exit_code
    assert ["site/c.md:6:20: publishedDateTime: not a date and time: 'never'"] == (
        failed.stdout.splitlines()
    )


def test_a_finding_stays_known_when_it_moves_down(
    validate: Callable[..., Result], site: Path
) -> None:
    validate(*KNOWN, "--update-baseline")
    file = site / "a.md"
    file.write_text(
        file.read_text().replace("title: A\n", "title: A\nexcerpt: |\n  Two\n  lines\n")
    )
    assert 0 == validate(*KNOWN).exit_code


def test_what_was_fixed_is_no_longer_found(validate: Callable[..., Result], site: Path) -> None:
    validate(*KNOWN, "--update-baseline")
    file = site / "a.md"
    file.write_text(file.read_text().replace("yesterday", "2020-06-11"))
    fixed = validate(*KNOWN, "-v")
    assert 0 == fixed.exit_code
    assert "no longer found: a.md: publishedDateTime [source]\n" in fixed.stderr
    assert "1 known finding no longer found: update the baseline\n" in fixed.stderr
    validate(*KNOWN, "--update-baseline")
    assert "no longer found" not in validate(*KNOWN, "-v").stderr


def test_equal_findings_that_were_fixed_are_counted_each(
    validate: Callable[..., Result], site: Path
) -> None:
    bad = "- {title: T, webUrl: https://a.example/t, publishedDateTime: once}\n"
    file = site / "a.md"
    text = file.read_text().replace("yesterday\n", f"2020-06-11\nrelated:\n{bad}{bad}")
    file.write_text(text)
    validate(*KNOWN, "--update-baseline")
    file.write_text(text.replace("once", "2020-06-11"))
    assert "2 known findings no longer found: " in validate(*KNOWN).stderr


@pytest.mark.usefixtures("site")
def test_updating_twice_changes_no_byte(validate: Callable[..., Result]) -> None:
    validate(*KNOWN, "--update-baseline")
    before = Path("known.json").read_bytes()
    validate(*KNOWN, "--update-baseline")
    assert before == Path("known.json").read_bytes()


@pytest.mark.usefixtures("site")
def test_a_missing_baseline_is_wrong_usage_with_advice(validate: Callable[..., Result]) -> None:
    result = validate(*KNOWN)
    message = "kg: known.json: no such baseline; write it with --update-baseline\n"
    assert (2, "", message) == (result.exit_code, result.stdout, result.stderr)


@pytest.mark.usefixtures("site")
def test_a_damaged_baseline_is_a_failure_that_updating_mends(
    validate: Callable[..., Result],
) -> None:
    Path("known.json").write_text("<<<<<<< HEAD\n")
    result = validate(*KNOWN)
    message = "kg: known.json:1:1: not a baseline: Expecting value\n"
    assert (3, "", message) == (result.exit_code, result.stdout, result.stderr)
    assert 0 == validate(*KNOWN, "--update-baseline").exit_code
    assert 0 == validate(*KNOWN).exit_code


@pytest.mark.usefixtures("site")
def test_updating_needs_a_file_to_write(validate: Callable[..., Result]) -> None:
    result = validate("--update-baseline")
    assert 2 == result.exit_code
    assert "--update-baseline needs --baseline FILE" in result.stderr


@pytest.mark.usefixtures("site")
def test_a_report_says_how_many_are_known(validate: Callable[..., Result]) -> None:
    validate(*KNOWN, "--update-baseline")
    report = json.loads(validate(*KNOWN, "-f", "json").stdout)
    assert (True, 2, []) == (report["conforms"], report["known"], report["findings"])


@pytest.mark.usefixtures("site")
def test_nothing_withheld_is_in_a_baseline(validate: Callable[..., Result]) -> None:
    validate(*KNOWN, "--update-baseline")
    assert "SECRET" not in Path("known.json").read_text()
