"""Every folder in tests/cases is a case: a command, its input, and exactly what comes out.

A case holds `command` (what follows `kg`), input files, and the expected `stdout`, `stderr` and
`code`; the command runs inside the folder. `make remake` writes the expected files.
"""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner

from kg.cli import kg
from tests.golden import Files, golden

CASES = Path(__file__).parent / "cases"


class Outcome(NamedTuple):
    stdout: str
    stderr: str
    code: int


def run(case: Path) -> Outcome:
    command = shlex.split((case / "command").read_text(encoding="utf-8"))
    before = Path.cwd()
    os.chdir(case)
    try:
        result = CliRunner().invoke(kg, command)
    finally:
        os.chdir(before)
    return Outcome(result.stdout, result.stderr, result.exit_code)


def expected(case: Path) -> Outcome:
    stdout, stderr = (
        (case / name).read_text(encoding="utf-8") if (case / name).exists() else ""
        for name in ("stdout", "stderr")
    )
    return Outcome(stdout, stderr, int(golden(case / "code")))


@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_the_command_does_exactly_what_the_case_expects(case: Path) -> None:
    outcome = run(case)
    assert "Traceback" not in outcome.stderr
    assert "SECRET" not in outcome.stdout + outcome.stderr
    assert expected(case) == outcome, "out of date? `make remake` rewrites it"


def generate_cases() -> Files:
    """Yield the expected files of each case."""
    for case in sorted(CASES.iterdir()):
        outcome = run(case)
        yield case / "stdout", outcome.stdout or None
        yield case / "stderr", outcome.stderr or None
        yield case / "code", f"{outcome.code}\n"
