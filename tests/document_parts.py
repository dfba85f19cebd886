"""Parts of the documents that are made from the code: lists of commands, shapes, queries, rooms."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import click
from click.testing import CliRunner

from kg.cli import VERBS, kg
from kg.mapping.term_maps import TERM_MAPS
from kg.model.findings import Severity
from kg.resources import bundled_files
from tests.test_floors import FLOORS, PACKAGE

DOCS: Final = Path(__file__).parents[1] / "docs"


def command_table() -> str:
    """Return a table of the commands, each with the first sentence of its help."""
    rows = [(f"`kg {name}`", _first_sentence(help_)) for name, help_ in _helps()]
    return _table(("command", "what it does"), rows)


def command_helps() -> str:
    """Return the help of every command, each below a heading."""
    texts = []
    for name in VERBS:
        command = _command(name)
        # A command caches its help option, so its names must be those that the group gives.
        context = click.Context(
            command, info_name=f"kg {name}", terminal_width=100, help_option_names=["-h", "--help"]
        )
        texts.append(f"## kg {name}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(texts)


def _command(name: str) -> click.Command:
    command = kg.get_command(click.Context(kg), name)
    assert command is not None
    return command


def _helps() -> Iterator[tuple[str, str]]:
    for name in VERBS:
        yield name, _command(name).help or ""


def _first_sentence(text: str) -> str:
    """Return the first sentence of a text, on one line.

    >>> _first_sentence("Print it, e.g. a\\nlist. More.")
    'Print it, e.g. a list.'
    """
    line = _first_paragraph(text)
    match = re.match(r".*?\.(?= [A-Z]|$)", line)
    return match[0] if match else line


def _first_paragraph(text: str) -> str:
    return " ".join(text.split("\n\n", maxsplit=1)[0].split())


def shapes() -> str:
    """Return every bundled shape with its message and description, the gravest first."""
    records = _json("shapes")
    parts = []
    for severity in sorted(Severity, key=lambda severity: severity.rank):
        parts.append(f"## {severity.value.capitalize()}s\n")
        parts += [
            f"### {record['name']}\n\n{record['message']}\n{record['description']}\n"
            for record in records
            if record["severity"] == severity.value
        ]
    return "\n".join(parts)


def queries() -> str:
    """Return every bundled query: its question, and its text as it is bundled."""
    texts = {path.stem: path.read_text("utf-8") for path in bundled_files("queries", ".rq")}
    return "\n".join(
        f"### {record['name']}\n\n{record['summary']}\n\n```sparql\n{texts[record['name']]}```\n"
        for record in _json("queries")
    )


def _json(verb: str) -> list[dict[str, str]]:
    """Return what `kg shapes` or `kg queries` lists."""
    records: list[dict[str, str]] = json.loads(CliRunner().invoke(kg, [verb, "--json"]).stdout)
    return records


def kinds_of_objects() -> str:
    """Return the term maps that a row may name, each with what it makes of a value."""
    rows = [
        (f"`{name}`", re.sub(r" \(see [^)]*\)", "", _first_sentence(make.__doc__ or "")))
        for name, make in TERM_MAPS.items()
    ]
    return _table(("kind", "object"), rows)


def pages() -> str:
    """Return a list of the pages in docs/, each with its first sentence."""
    rows = []
    for path in sorted(DOCS.glob("*.md")):
        if path.name != "README.md":
            title, text = path.read_text(encoding="utf-8").split("\n\n")[:2]
            sentence = _first_sentence(text).removeprefix("This page ")
            sentence = sentence[0].upper() + sentence[1:]
            rows.append((f"[{title.removeprefix('# ')}]({path.name})", sentence))
    return _table(("page", "what it answers"), rows)


def rooms() -> str:
    """Return the rooms of the package from the lowest floor up, each with its contract."""
    rows = [
        (str(number), f"`{name}`", _first_paragraph(_docstring(name)))
        for number, floor in enumerate(FLOORS, 1)
        for name in sorted(floor)
    ]
    return _table(("floor", "room", "contract"), rows)


def _docstring(room: str) -> str:
    path = PACKAGE / room / "__init__.py"
    module = path if path.exists() else PACKAGE / f"{room}.py"
    return ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


GENERATORS: Final[Mapping[str, Callable[[], str]]] = {
    "table of commands": command_table,
    "help of commands": command_helps,
    "shapes": shapes,
    "queries": queries,
    "kinds of objects": kinds_of_objects,
    "pages": pages,
    "rooms": rooms,
}
"""The generator of each `<!-- generated: NAME -->`."""
