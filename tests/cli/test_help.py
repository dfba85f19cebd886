"""`kg --help` and the help of every verb, 80 columns wide, as last reviewed.

`make remake` writes tests/cli/help.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from kg.cli import VERBS, kg
from tests.golden import Files, assert_golden

HELP: Final = Path(__file__).parent / "help"


def help_of(verb: str) -> str:
    """The output of `kg VERB --help`, 80 columns wide; `kg` is the group itself."""
    words = () if verb == "kg" else (verb,)
    return CliRunner(env={"COLUMNS": "80"}).invoke(kg, [*words, "--help"]).stdout


COMMANDS: Final = ("kg", *VERBS)


@pytest.mark.parametrize("verb", COMMANDS)
def test_help_is_as_last_reviewed(verb: str) -> None:
    assert_golden(HELP / f"{verb}.txt", help_of(verb))


def test_removed_commands_have_no_help() -> None:
    assert {path.stem for path in HELP.iterdir()} <= set(COMMANDS), "`make remake` deletes it"


@pytest.mark.parametrize("verb", COMMANDS)
def test_help_fits_80_columns(verb: str) -> None:
    assert max(map(len, help_of(verb).splitlines())) <= 80


def generate_help() -> Files:
    """Yield the help texts, and delete those of commands that are gone."""
    yield from ((path, None) for path in sorted(HELP.iterdir()) if path.stem not in COMMANDS)
    for verb in COMMANDS:
        yield HELP / f"{verb}.txt", help_of(verb)
