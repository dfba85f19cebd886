"""Known findings are left out and new ones are reported; the baseline is readable in a review."""

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


def invalid_date(
    value: str = "yesterday", *, field: FieldPath = ("date",), file: str = "a.md", line: int = 4
) -> Finding:
    place = Place(Source(f"site/{file}", file), field, line=line, column=7)
    return Finding(Severity.VIOLATION, "not a date", (place,), value)


def missing_image(**changes: str) -> Finding:
    place = Place(Source("site/a.md", "a.md"), ("related", 3, "images"), line=9, column=3)
    finding = Finding(
        Severity.WARNING,
        "There is no image.",
        (place,),
        shape=SHAPE,
        focus=NODE,
        path="<https://schema.org/image>",
    )
    return replace(finding, **changes)  # type: ignore[arg-type]  # only strings are given


@pytest.mark.parametrize("finding", [invalid_date(), missing_image()])
def test_a_known_finding_is_not_new(finding: Finding) -> None:
    assert BaselineComparison((), 1, ()) == compare_with_baseline([finding], baseline_of([finding]))


def test_a_finding_that_is_not_in_the_baseline_is_new() -> None:
    comparison = compare_with_baseline(
        [invalid_date(), missing_image()], baseline_of([missing_image()])
    )
    assert BaselineComparison((invalid_date(),), 1, ()) == comparison


def test_of_two_equal_findings_with_one_known_one_is_new() -> None:
    findings = [invalid_date(), invalid_date(line=20)]
    comparison = compare_with_baseline(findings, baseline_of(findings[:1]))
    assert BaselineComparison((findings[1],), 1, ()) == comparison


def test_a_known_finding_that_no_longer_occurs_is_gone() -> None:
    baseline = baseline_of([invalid_date(), invalid_date(), missing_image()])
    [entry] = baseline_of([invalid_date()])
    assert BaselineComparison((), 2, (entry,)) == compare_with_baseline(
        [invalid_date(), missing_image()], baseline
    )


def test_an_entry_duplicated_by_a_merge_counts_twice() -> None:
    baseline = baseline_of([invalid_date()])
    findings = [invalid_date(), invalid_date()]
    assert BaselineComparison((), 2, ()) == compare_with_baseline(findings, baseline + baseline)


@pytest.mark.parametrize(
    ("finding", "moved"),
    [
        (invalid_date(), invalid_date(line=400)),
        (invalid_date(field=("related", 1, "date")), invalid_date(field=("related", 2, "date"))),
        (missing_image(), replace(missing_image(), places=invalid_date(file="b.md").places)),
        (missing_image(), missing_image(message="Give the image that the article shows.")),
    ],
    ids=["lines", "list items", "files of one node", "wording"],
)
def test_a_finding_that_only_moved_keeps_its_fingerprint(finding: Finding, moved: Finding) -> None:
    assert fingerprint(finding) == fingerprint(moved)


@pytest.mark.parametrize(
    ("finding", "other"),
    [
        (invalid_date(), invalid_date("tomorrow")),
        (invalid_date(), invalid_date(file="b.md")),
        (invalid_date(), invalid_date(field=("related", 1, "date"))),
        (invalid_date(), replace(invalid_date(), message="not a number", value=None)),
        (missing_image(), missing_image(shape=SHAPE.replace("image", "date"))),
        (missing_image(), missing_image(focus=NODE.replace("1>", "2>"))),
        (missing_image(), missing_image(path="<https://schema.org/logo>")),
        (missing_image(), missing_image(value="a.png")),
    ],
    ids=["value", "file", "field", "message", "rule", "node", "path", "value of a shape"],
)
def test_another_finding_has_another_fingerprint(finding: Finding, other: Finding) -> None:
    assert fingerprint(finding) != fingerprint(other)


def test_fingerprints_in_the_baselines_of_users_stay_valid() -> None:
    expected = ["ffed711a94640f0b9ab0828673a8d345", "f3eea07667980104a68931c911445f66"]
    assert expected == [fingerprint(invalid_date()), fingerprint(missing_image())]


def test_the_order_of_findings_does_not_change_the_baseline() -> None:
    findings = [invalid_date(file=f"{n % 5}.md", value=str(n % 7)) for n in range(40)]
    findings += [replace(missing_image(), places=one.places) for one in findings]
    shuffled = random.Random(1).sample(findings, len(findings))  # noqa: S311 - no secret
    assert baseline_of(findings) == baseline_of(shuffled)


def test_findings_that_differ_only_in_their_files_are_listed_under_the_first() -> None:
    findings = [
        replace(missing_image(), places=invalid_date(file=file).places) for file in ("b.md", "a.md")
    ]
    assert [("a.md", 2)] == [(entry.file, entry.count) for entry in baseline_of(findings)]


def test_a_baseline_is_json_with_an_entry_on_a_line() -> None:
    odd = invalid_date(file="é 😀.md", field=("a", '"b"\n'))
    text = baseline_text(baseline_of([missing_image(), odd, odd]))
    assert (
        f"""{{
  "version": 1,
  "findings": [
    {{"file": "a.md", "field": "related[].images", "rule": "article-image", \
"fingerprint": "{fingerprint(missing_image())}", "count": 1}},
    {{"file": "é 😀.md", "field": "a.\\"b\\"\\n", "rule": "source", \
"fingerprint": "{fingerprint(odd)}", "count": 2}}
  ]
}}
"""
        == text
    )


def test_a_baseline_without_findings_is_empty() -> None:
    assert {"version": 1, "findings": []} == json.loads(baseline_text([]))


def test_a_baseline_contains_no_value_and_no_line() -> None:
    text = baseline_text(
        baseline_of([invalid_date("the value", line=4711), missing_image(value="a.png")])
    )
    assert [] == [word for word in ("the value", "4711", "a.png", NODE) if word in text]


def test_a_written_baseline_is_read_unchanged(tmp_path: Path) -> None:
    entries = baseline_of(
        [missing_image(), invalid_date(), invalid_date(), invalid_date(file="é 😀.md")]
    )
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
def test_a_damaged_baseline_is_named_with_its_error(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "known.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(SourceError) as error:
        read_baseline(path)
    assert str(error.value).startswith(f"{path}{message}")


def test_a_folder_is_not_a_baseline(tmp_path: Path) -> None:
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
    """A site with two invalid dates."""
    folder = tmp_path / "site"
    folder.mkdir()
    for name, value in (("a", "yesterday"), ("b", "tomorrow")):
        (folder / f"{name}.md").write_text(
            "---\ncategory: news\ntype: article\ntitle: A\n"
            f"webUrl: https://a.example/{name}\npublishedDateTime: {value}\n"
            'secured: "SECRET"\n---\n'
        )
    return folder


BASELINE = ("--baseline", "known.json")


@pytest.mark.usefixtures("site")
def test_updating_writes_all_findings_and_passes(validate: Callable[..., Result]) -> None:
    result = validate(*BASELINE, "--update-baseline")
    assert (0, "") == (result.exit_code, result.stdout)
    assert result.stderr.endswith("conforms: 0 violations, 0 warnings, 0 infos; 2 known\n")
    assert ["a.md", "b.md"] == [entry.file for entry in read_baseline(Path("known.json"))]


def test_only_a_new_finding_fails(validate: Callable[..., Result], site: Path) -> None:
    validate(*BASELINE, "--update-baseline")
    assert 0 == validate(*BASELINE).exit_code
    text = (site / "a.md").read_text()
    (site / "c.md").write_text(text.replace("yesterday", "never").replace("/a", "/c"))
    result = validate(*BASELINE, "-q")
    assert 1 == result.exit_code
    assert ["site/c.md:6:20: publishedDateTime: not a date and time: 'never'"] == (
        result.stdout.splitlines()
    )


def test_a_finding_stays_known_when_it_moves_down(
    validate: Callable[..., Result], site: Path
) -> None:
    validate(*BASELINE, "--update-baseline")
    file = site / "a.md"
    file.write_text(
        file.read_text().replace("title: A\n", "title: A\nexcerpt: |\n  Two\n  lines\n")
    )
    assert 0 == validate(*BASELINE).exit_code


def test_a_fixed_finding_is_no_longer_found(validate: Callable[..., Result], site: Path) -> None:
    validate(*BASELINE, "--update-baseline")
    file = site / "a.md"
    file.write_text(file.read_text().replace("yesterday", "2020-06-11"))
    result = validate(*BASELINE, "-v")
    assert 0 == result.exit_code
    assert "no longer found: a.md: publishedDateTime [source]\n" in result.stderr
    assert "1 known finding no longer found: update the baseline\n" in result.stderr
    validate(*BASELINE, "--update-baseline")
    assert "no longer found" not in validate(*BASELINE, "-v").stderr


def test_equal_findings_that_were_fixed_are_counted_each(
    validate: Callable[..., Result], site: Path
) -> None:
    bad = "- {title: T, webUrl: https://a.example/t, publishedDateTime: once}\n"
    file = site / "a.md"
    text = file.read_text().replace("yesterday\n", f"2020-06-11\nrelated:\n{bad}{bad}")
    file.write_text(text)
    validate(*BASELINE, "--update-baseline")
    file.write_text(text.replace("once", "2020-06-11"))
    assert "2 known findings no longer found: " in validate(*BASELINE).stderr


@pytest.mark.usefixtures("site")
def test_updating_twice_does_not_change_the_file(validate: Callable[..., Result]) -> None:
    validate(*BASELINE, "--update-baseline")
    before = Path("known.json").read_bytes()
    validate(*BASELINE, "--update-baseline")
    assert before == Path("known.json").read_bytes()


@pytest.mark.usefixtures("site")
def test_a_missing_baseline_is_wrong_usage_with_advice(validate: Callable[..., Result]) -> None:
    result = validate(*BASELINE)
    message = "kg: known.json: no such baseline; write it with --update-baseline\n"
    assert (2, "", message) == (result.exit_code, result.stdout, result.stderr)


@pytest.mark.usefixtures("site")
def test_a_damaged_baseline_is_an_error_that_updating_repairs(
    validate: Callable[..., Result],
) -> None:
    Path("known.json").write_text("<<<<<<< HEAD\n")
    result = validate(*BASELINE)
    message = "kg: known.json:1:1: not a baseline: Expecting value\n"
    assert (3, "", message) == (result.exit_code, result.stdout, result.stderr)
    assert 0 == validate(*BASELINE, "--update-baseline").exit_code
    assert 0 == validate(*BASELINE).exit_code


@pytest.mark.usefixtures("site")
def test_updating_needs_a_file_to_write(validate: Callable[..., Result]) -> None:
    result = validate("--update-baseline")
    assert 2 == result.exit_code
    assert "--update-baseline needs --baseline FILE" in result.stderr


@pytest.mark.usefixtures("site")
def test_a_report_has_the_number_of_known_findings(validate: Callable[..., Result]) -> None:
    validate(*BASELINE, "--update-baseline")
    report = json.loads(validate(*BASELINE, "-f", "json").stdout)
    assert (True, 2, []) == (report["conforms"], report["known"], report["findings"])


@pytest.mark.usefixtures("site")
def test_nothing_withheld_is_in_a_baseline(validate: Callable[..., Result]) -> None:
    validate(*BASELINE, "--update-baseline")
    assert "SECRET" not in Path("known.json").read_text()
