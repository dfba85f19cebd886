"""What the README shows is run or generated. `python tests/test_readme.py` remakes it.

Console blocks run in a folder with the seeds and a whole site, one after the other; blocks below a
`file:` comment are written there first; Python blocks are run; the diff is applied to a copy of the
package.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
BLOCK = re.compile(r"(?:<!-- file: (\S+) -->\n)?```(\w+)\n(.*?)```\n", re.DOTALL)
GENERATED = re.compile(r"(<!-- generated: (.*?) -->\n).*?(<!-- end -->)", re.DOTALL)


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        shutil.copytree(ROOT / "seeds", Path(name, "seeds"))
        shutil.copytree(ROOT / "tests/site", Path(name, "site"))
        yield Path(name)


def output(command: str, where: Path) -> str:
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "COLUMNS": "80",
        "NO_COLOR": "1",
    }
    ran = subprocess.run(
        ["bash", "-c", command], cwd=where, env=environment, capture_output=True, check=False
    )
    return (ran.stderr + ran.stdout).decode().replace("\r\n", "\n")  # CSV ends lines so


def session(block: str, where: Path) -> str:
    """Run the commands of a console block, and write it as it should be."""
    commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"$ {command}\n{output(command, where)}" for command in commands)


def generated(command: str, where: Path) -> str:
    text = output(command, where)
    return text if text.startswith("|") else f"```text\n{text}```\n"


def remade(text: str) -> str:
    with folder() as where:

        def block(match: re.Match[str]) -> str:
            name, language, body = match.groups()
            if name:
                (where / name).parent.mkdir(exist_ok=True)
                (where / name).write_text(body, encoding="utf-8")
            if language == "console":
                return match[0].replace(body, session(body, where))
            return match[0]

        text = BLOCK.sub(block, text)
        return GENERATED.sub(lambda m: f"{m[1]}\n{generated(m[2], where)}\n{m[3]}", text)


def blocks(language: str) -> list[str]:
    return [m[3] for m in BLOCK.finditer(README.read_text(encoding="utf-8")) if m[2] == language]


def test_sessions_and_tables_are_what_the_commands_print() -> None:
    text = README.read_text(encoding="utf-8")
    assert remade(text) == text


@pytest.mark.parametrize("code", blocks("python"))
def test_python_runs(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    names: dict[str, object] = {}
    exec(code, names)  # noqa: S102 - it is the README's
    assert len(names["headlines"]) == 49  # type: ignore[arg-type]
    assert names["first"]


@pytest.mark.parametrize("diff", blocks("diff"))
def test_adding_a_type_is_the_change_shown(diff: str, tmp_path: Path) -> None:
    for name in ("kg", "shapes", "queries"):
        shutil.copytree(ROOT / name, tmp_path / name)
    apply(diff, tmp_path)
    (tmp_path / "site").mkdir()
    (tmp_path / "site/a.md").write_text(
        "---\ncategory: news\ntype: podcast\ntitle: Hear\nwebUrl: https://a.example/1\n---\n"
    )
    command = [sys.executable, "-m", "kg", "export", "site", "-q"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "a schema:PodcastEpisode" in ran.stdout


def apply(diff: str, where: Path) -> None:
    """Apply a diff whose hunks have no line numbers: readers need none."""
    path = where / "kg/mapping/schema_org.py"
    text = path.read_text(encoding="utf-8")
    for hunk in diff.split("@@\n")[1:]:
        lines = hunk.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] != "+")
        after = "".join(line[1:] for line in lines if line[0] != "-")
        assert text.count(before) == 1, f"not in {path.name}, or twice:\n{before}"
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")


def test_no_session_ends_in_an_error() -> None:
    assert not re.search(r"^(kg|bash): ", README.read_text(encoding="utf-8"), re.MULTILINE)


def test_every_command_is_shown() -> None:
    from kg.cli import VERBS

    text = README.read_text(encoding="utf-8")
    assert [] == [name for name in VERBS if f"  {name} " not in text]


if __name__ == "__main__":
    README.write_text(remade(README.read_text(encoding="utf-8")), encoding="utf-8")
