"""Write everything that is generated: `make remake`, or `python -m tests.remake help cases`.

Read the difference before you keep it. The tests prove that everything is up to date.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tests.cli.test_help import generate_help
from tests.documents import generate_documents
from tests.golden import Files, name_of
from tests.queries.test_queries import generate_answers
from tests.schemaorg.facts import generate_facts
from tests.test_cases import generate_cases
from tests.test_seeds import generate_seeds

GENERATORS: Final[Mapping[str, Callable[[], Files]]] = {
    "help": generate_help,
    "seeds": generate_seeds,
    "answers": generate_answers,
    "cases": generate_cases,
    "documents": generate_documents,
    "facts": generate_facts,  # the last, for it stops where it needs the vocabulary
}
"""What generates files, by the name that `python -m tests.remake` takes."""


def current(path: Path) -> str | None:
    """Return the text of a file as it is, or None if there is no such file."""
    return path.read_text(encoding="utf-8") if path.exists() else None


def remake(name: str) -> None:
    """Write the files of a generator, and name those that change."""
    for path, text in GENERATORS[name]():
        if text == current(path):
            continue
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        print(f"{name_of(path)}: {'deleted' if text is None else 'written'}")


if __name__ == "__main__":
    for name in sys.argv[1:] or GENERATORS:
        remake(name)
