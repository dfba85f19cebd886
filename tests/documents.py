"""The documents: README.md, CONTRIBUTING.md, CHANGELOG.md and docs/, and how their parts are made.

A page is Markdown with parts that this module makes:

- A `console` block: its commands run, and their output follows them.
- A `pycon` block: its examples run, and their output follows them.
- A block after `<!-- file: NAME -->` is written to that file first.
- `<!-- generated: kg … -->` … `<!-- end -->` holds what a command prints, and
  `<!-- generated: NAME -->` what a function of GENERATORS returns.

A page runs in a temporary folder of its own, which has the seeds and a small site, or in the folder
below it that `<!-- folder: NAME -->` names. `python -m tests.remake documents` remakes all.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

from tests.document_parts import GENERATORS
from tests.golden import ROOT, Files

PAGES: Final = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
)
_BLOCK: Final = re.compile(r"(?:<!-- file: (\S+) -->\n)?```(\w+)\n(.*?)```\n", re.DOTALL)
_GENERATED: Final = re.compile(r"(<!-- generated: (.*?) -->\n).*?(<!-- end -->)", re.DOTALL)
_FOLDER: Final = re.compile(r"<!-- folder: (\S+) -->")


class Block(NamedTuple):
    """A code block of a page; `file` is where it is written to, if anywhere."""

    file: str | None
    language: str
    text: str


def blocks(text: str) -> list[Block]:
    """Return the code blocks of a page."""
    return [Block(*match.groups()) for match in _BLOCK.finditer(text)]


@contextmanager
def sample_folder(text: str) -> Iterator[Path]:
    """Make the folder that a page runs in."""
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(ROOT / "seeds", Path(name, "seeds"))
        shutil.copytree(ROOT / "tests/site", Path(name, "site"))
        match = _FOLDER.search(text)
        yield Path(name, match[1]) if match else Path(name)


def remake_page(text: str) -> str:
    """Return a page with every part made again."""
    with sample_folder(text) as folder:
        names: dict[str, object] = {}

        def block(match: re.Match[str]) -> str:
            file, language, body = match.groups()
            if file:
                write_file(folder / file, body)
            if language == "console":
                return match[0].replace(body, run_session(body, folder))
            if language == "pycon":
                return match[0].replace(body, run_examples(body, names, folder))
            return match[0]

        text = _BLOCK.sub(block, text)
        return _GENERATED.sub(lambda m: f"{m[1]}\n{_generate(m[2], folder)}\n{m[3]}", text)


def write_file(path: Path, text: str) -> None:
    """Write a file and the folders it is in."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def run_session(block: str, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run the commands of a console block and return the block with their output."""
    commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    return "".join(
        f"$ {command}\n{run_command(command, folder, environment)}" for command in commands
    )


def run_command(command: str, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run a command of a page and return its messages and its output, in that order."""
    variables = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "80",
        "NO_COLOR": "1",
        **(environment or {}),
    }
    process = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=variables, capture_output=True, check=False
    )
    return (process.stderr + process.stdout).decode().replace("\r\n", "\n")  # CSV has CRLF


def run_examples(block: str, names: dict[str, Any], folder: Path) -> str:
    """Run the examples of an interactive Python block and return it with their output."""
    lines = []
    with contextlib.chdir(folder):
        for part in doctest.DocTestParser().parse(block):
            if isinstance(part, doctest.Example):
                first, *rest = part.source.splitlines()
                lines += [f">>> {first}", *(f"... {line}" for line in rest)]
                lines += _output_of(part.source, names).splitlines()
            else:
                lines += part.splitlines()
    return "".join(f"{line}\n" for line in lines)


def _output_of(source: str, names: dict[str, Any]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as output:
        exec(compile(source, "<example>", "single"), names)  # noqa: S102 - a page of ours
    return output.getvalue()


def _generate(what: str, folder: Path) -> str:
    if not what.startswith("kg "):
        return GENERATORS[what]()
    text = run_command(what, folder)
    return text if text.startswith("|") else f"```text\n{text}```\n"


def generate_documents() -> Files:
    """Yield every page with every part made again."""
    for path in PAGES:
        yield path, remake_page(path.read_text(encoding="utf-8"))
