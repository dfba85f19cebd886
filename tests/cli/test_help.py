"""`kg --help` and the help of every verb, 80 columns wide, as last read.

`python tests/test_cli_help.py` remakes tests/help: read the difference before you keep it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest
from click.testing import CliRunner

from kg.cli import VERBS, kg

HELP: Final = Path(__file__).parent / "help"


def help_of(verb: str) -> str:
    """What `kg VERB --help` prints 80 columns wide; `kg` is the group itself."""
    words = () if verb == "kg" else (verb,)
    return CliRunner(env={"COLUMNS": "80"}).invoke(kg, [*words, "--help"]).stdout


HELPED: Final = ("kg", *VERBS)


@pytest.mark.parametrize("verb", HELPED)
def test_help_is_as_it_was_last_read(verb: str) -> None:
    assert (HELP / f"{verb}.txt").read_text(encoding="utf-8") == help_of(verb)


def test_there_is_no_help_for_what_is_gone() -> None:
    assert sorted(HELPED) == sorted(path.stem for path in HELP.iterdir())


@pytest.mark.parametrize("verb", HELPED)
def test_help_fits_80_columns(verb: str) -> None:
    assert max(map(len, help_of(verb).splitlines())) <= 80


def remake_help() -> None:
    """Write the help texts anew."""
    shutil.rmtree(HELP, ignore_errors=True)
    HELP.mkdir()
    for verb in HELPED:
        (HELP / f"{verb}.txt").write_text(help_of(verb), encoding="utf-8")


if __name__ == "__main__":
    remake_help()
