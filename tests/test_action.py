"""The GitHub action and the pre-commit hooks, run as GitHub and pre-commit run them."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

ROOT = Path(__file__).parents[1]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HOOKS: list[dict[str, Any]] = yaml.safe_load(
    (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
)
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
SCRIPTS = [step for step in STEPS if "run" in step]
BIN = Path(sys.executable).parent
EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")

GOOD = """---
category: news
type: article
title: Good
publishedDateTime: 2020-06-11
webUrl: https://a.example/1
provider: {name: A, domain: a.example}
---
"""
BAD = GOOD.replace("Good", "Bad\nsecured: SECRET").replace("2020-06-11", "yesterday")
ODD = "a site; $(touch pwned) `touch pwned` \" ' ${HOME}"
"""A folder that is a command to a shell that reads it as part of a script."""


class StepResult(NamedTuple):
    """The outcome of a step of the action."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """The checkout that the action runs in, with one good article."""
    (tmp_path / "workspace/site").mkdir(parents=True)
    (tmp_path / "workspace/site/a.md").write_text(GOOD)
    return tmp_path / "workspace"


@pytest.fixture
def action(tmp_path: Path, workspace: Path) -> Callable[..., StepResult]:
    """Run the step that validates as GitHub does, with inputs."""

    def run(**inputs: str) -> StepResult:
        all_inputs = {name: one.get("default", "") for name, one in ACTION["inputs"].items()}
        all_inputs |= {name.replace("_", "-"): value for name, value in inputs.items()}
        values = {f"inputs.{name}": value for name, value in all_inputs.items()}
        values["steps.install.outputs.bin"] = str(BIN)
        [step] = [step for step in STEPS if step.get("id") == "validate"]
        (tmp_path / "step.sh").write_text(step["run"], encoding="utf-8")
        (tmp_path / "temp").mkdir(exist_ok=True)
        files = {name: tmp_path / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("")
        process = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", str(tmp_path / "step.sh")],
            cwd=workspace,
            env={
                "PATH": os.environ["PATH"],
                "RUNNER_TEMP": str(tmp_path / "temp"),
                **{name: str(file) for name, file in files.items()},
                **{
                    name: EXPRESSION.sub(lambda match: values[match[1]], value)
                    for name, value in step["env"].items()
                },
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        outputs, summary = (file.read_text(encoding="utf-8") for file in files.values())
        pairs = (line.split("=", 1) for line in outputs.splitlines())
        return StepResult(process.returncode, process.stdout.decode(), dict(pairs), summary)

    return run


def part_with_commands(log: str) -> str:
    """Return the part of a log in which GitHub's runner looks for commands."""
    return re.sub(r"(?ms)^::stop-commands::(\w+)$.*?^::\1::$", "", log)


def test_the_action_is_composed_of_steps_that_github_can_run() -> None:
    assert "composite" == ACTION["runs"]["using"]
    assert {"name", "description", "inputs", "outputs", "runs"} <= set(ACTION)
    assert [] == [step for step in STEPS if ("run" in step) == ("uses" in step)]
    assert ["bash"] * len(SCRIPTS) == [step["shell"] for step in SCRIPTS]


def test_every_action_used_is_pinned_to_a_major_version() -> None:
    actions = [step["uses"] for step in STEPS if "uses" in step]
    assert actions
    assert [] == [name for name in actions if not re.fullmatch(r"[\w/-]+@v\d+", name)]


def test_no_script_contains_an_expression() -> None:
    assert [] == [step["id"] for step in SCRIPTS if "${{" in step["run"]]


def test_every_expression_names_an_input_or_an_output_of_a_step_before() -> None:
    ids = {step.get("id") for step in STEPS}
    names = {name for text in EXPRESSION.findall(json.dumps(ACTION)) for name in _names(text)}
    unknown = {
        name
        for name in names
        if not (
            (name.startswith("inputs.") and name.removeprefix("inputs.") in ACTION["inputs"])
            or (name.startswith("steps.") and name.split(".")[1] in ids)
        )
    }
    assert set() == unknown
    assert {f"inputs.{name}" for name in ACTION["inputs"]} <= names


def _names(expression: str) -> list[str]:
    return re.findall(r"\b(?:inputs|steps|github|env)\.[\w.-]+", expression)


@pytest.mark.process
@pytest.mark.parametrize("step", SCRIPTS, ids=lambda step: step["id"])
def test_every_script_is_bash(step: dict[str, Any]) -> None:
    subprocess.run(["bash", "-n"], input=step["run"].encode(), check=True)


def test_the_files_of_the_install_step_exist() -> None:
    [step] = [step for step in SCRIPTS if step["id"] == "install"]
    files = re.findall(r'\$GITHUB_ACTION_PATH/([^"]+)', step["run"])
    assert files
    assert [] == [name for name in [*files, "pyproject.toml"] if not (ROOT / name).is_file()]


@pytest.mark.process
def test_a_site_that_conforms_passes_with_its_counts(action: Callable[..., StepResult]) -> None:
    result = action(sources="site")
    assert (0, "true", "0") == (
        result.code,
        result.outputs["conforms"],
        result.outputs["violations"],
    )
    assert result.summary.startswith("# Validation\n\nThe graph conforms: 0 violations, ")


@pytest.mark.process
def test_a_violation_fails_after_every_report_is_written(
    action: Callable[..., StepResult], workspace: Path
) -> None:
    (workspace / "site/a.md").write_text(BAD)
    result = action(sources="site", base_iri="https://kg.test/")
    assert 1 == result.code
    sarif = Path(result.outputs["sarif"])
    report = json.loads(sarif.with_suffix(".json").read_text(encoding="utf-8"))
    counts = {f"{name}s": str(count) for name, count in report["counts"].items()}
    assert {"conforms": "false", "sarif": str(sarif), **counts} == result.outputs
    assert "2.1.0" == json.loads(sarif.read_text(encoding="utf-8"))["version"]
    assert "| `site/a.md:6:20` | `publishedDateTime` |" in result.summary
    assert "site/a.md:6:20: publishedDateTime: not a date and time: 'yesterday'" in result.log
    assert "https://kg.test/" in json.dumps(report)


@pytest.mark.process
def test_the_outputs_of_the_action_are_those_of_its_step(action: Callable[..., StepResult]) -> None:
    values = {name: one["value"] for name, one in ACTION["outputs"].items()}
    assert {name: f"${{{{ steps.validate.outputs.{name} }}}}" for name in values} == values
    assert set(values) == set(action(sources="site").outputs)


@pytest.mark.process
def test_annotations_are_printed_if_code_scanning_adds_none(
    action: Callable[..., StepResult], workspace: Path
) -> None:
    (workspace / "site/a.md").write_text(BAD)
    assert "::error file=site/a.md,line=6,col=20," in part_with_commands(action(upload="false").log)
    assert "" == part_with_commands(action(upload="true").log).strip()


@pytest.mark.process
def test_the_shapes_queries_and_baseline_named_are_used(
    action: Callable[..., StepResult], workspace: Path
) -> None:
    (workspace / "many.rq").write_text("#+ expect: rows >= 999\nSELECT * { ?s ?p ?o }\n")
    (workspace / "own.ttl").write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix schema: <https://schema.org/> .\n"
        "<shapes#genre> a sh:PropertyShape ; sh:targetClass schema:NewsArticle ;\n"
        '    sh:path schema:genre ; sh:minCount 1 ; sh:message "No genre." .\n'
    )
    own = {"shapes": "own.ttl", "queries": "many.rq", "baseline": "known.json"}
    assert {"2"} == {action(sources="site", **own | {"baseline": ""}).outputs["violations"]}
    words = [f"--{name}={value}" for name, value in own.items()]
    command = [str(BIN / "kg"), "validate", "site", "-q", "--update-baseline", *words]
    subprocess.run(command, cwd=workspace, check=True)
    result_with_baseline = action(sources="site", **own)
    assert (0, "0") == (result_with_baseline.code, result_with_baseline.outputs["violations"])


@pytest.mark.process
def test_inputs_are_text_and_never_commands(
    action: Callable[..., StepResult], workspace: Path
) -> None:
    (workspace / ODD).mkdir()
    (workspace / ODD / "b.md").write_text(BAD.replace("/1", "/2"))
    (workspace / f"{ODD}.rq").write_text("#+ expect: rows >= 999\nSELECT * { ?s ?p ?o }\n")
    result = action(sources=f"site\n\n{ODD}\n", queries=f"{ODD}.rq")
    assert 1 == result.code
    assert f"{ODD}/b.md:6:20: publishedDateTime: " in result.log
    assert f"{ODD}.rq:1:4: violation: expect: " in result.log
    assert [] == list(workspace.glob("**/pwned"))


@pytest.mark.process
@pytest.mark.parametrize("name", ["fail-on", "base-iri", "baseline", "shapes", "queries"])
def test_a_wrong_input_stops_the_action_and_is_not_executed(
    action: Callable[..., StepResult], workspace: Path, name: str
) -> None:
    result = action(sources="site", **{name: "--$(touch pwned);touch pwned"})
    assert (True, {}, "") == (result.code in {2, 3}, result.outputs, result.summary)
    assert [] == list(workspace.glob("**/pwned"))


@pytest.mark.process
def test_a_source_that_looks_like_an_option_is_a_source(
    action: Callable[..., StepResult], workspace: Path
) -> None:
    (workspace / "site").rename(workspace / "--help")
    assert "true" == action(sources="--help").outputs["conforms"]


@pytest.mark.process
def test_a_value_of_the_site_is_not_a_command_to_the_runner(
    action: Callable[..., StepResult], workspace: Path
) -> None:
    value = '"##[set-output name=conforms;]true\\n::add-mask::x"'
    (workspace / "site/a.md").write_text(BAD.replace("yesterday", value))
    log = action(sources="site", upload="false").log
    assert "##[set-output" in log
    lines = [line for line in part_with_commands(log).split("\n") if line]
    assert lines
    assert [] == [line for line in lines if not re.match("::(error|warning|notice) ", line)]


@pytest.mark.process
def test_nothing_withheld_is_in_the_log_or_the_reports(
    action: Callable[..., StepResult], workspace: Path, tmp_path: Path
) -> None:
    (workspace / "site/a.md").write_text(BAD)
    result = action(sources="site", upload="false")
    reports = {path: path.read_text("utf-8") for path in (tmp_path / "temp").glob("*/*")}
    assert 4 == len(reports)
    assert "SECRET" not in "".join((result.log, result.summary, *reports.values()))


@pytest.mark.process
def test_a_summary_too_long_for_github_is_cut(
    action: Callable[..., StepResult], workspace: Path
) -> None:
    related = "".join(f"- title: T{n}\n  webUrl: nowhere {n}\n" for n in range(600))
    text = GOOD.replace("provider:", f"related:\n{related}provider:")
    (workspace / "site/a.md").write_text(text)
    assert 1000 == len(action(sources="site").summary.splitlines())


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_has_the_keys_that_pre_commit_needs(hook: dict[str, Any]) -> None:
    assert {"id", "name", "description", "entry", "language"} <= set(hook)
    assert "python" == hook["language"]


def commit(hook: str, *args: str, where: Path) -> subprocess.CompletedProcess[str]:
    """Run a hook as pre-commit does: its entry, the user's args, and file names if it takes any."""
    [one] = [one for one in HOOKS if one["id"] == hook]
    command = [*shlex.split(one["entry"]), *(args or one.get("args", ()))]
    command += ["site/a.md"] if one.get("pass_filenames", True) else []
    environment = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(
        command, cwd=where, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.process
def test_the_hook_validates_the_whole_site_regardless_of_changes(workspace: Path) -> None:
    assert 0 == commit("kg-validate", where=workspace).returncode
    (workspace / "site/b.md").write_text(BAD)
    process = commit("kg-validate", where=workspace)
    assert 1 == process.returncode
    assert "site/b.md:6:20: publishedDateTime: " in process.stdout


@pytest.mark.process
def test_the_hook_detects_an_outdated_export(workspace: Path) -> None:
    command = [str(BIN / "kg"), "export", "site", "-q", "-o", "site.ttl"]
    subprocess.run(command, cwd=workspace, check=True)
    assert 0 == commit("kg-export-check", "site.ttl", "site", where=workspace).returncode
    (workspace / "site/a.md").write_text(GOOD.replace("Good", "Better"))
    process = commit("kg-export-check", "site.ttl", "site", where=workspace)
    assert 1 == process.returncode
    assert "site.ttl is out of date" in process.stderr
