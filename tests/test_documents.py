"""All examples in the documents are run or generated; `make remake` regenerates them.

Console blocks and Python examples of a page run one after the other in a folder of its own; the
recipes of CONTRIBUTING.md are applied to a copy of the project, whose tests must pass afterwards.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

from kg.cli import VERBS
from tests.documents import PAGES, blocks, remake_page
from tests.golden import ROOT, assert_golden

TEXTS: Final = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in PAGES}
README: Final = TEXTS["README.md"]
_LINK: Final = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")

each_page = pytest.mark.parametrize("name", TEXTS)


@pytest.mark.process
@each_page
def test_sessions_and_tables_are_the_output_of_the_commands(name: str) -> None:
    assert_golden(ROOT / name, remake_page(TEXTS[name]))


@each_page
def test_no_session_has_an_error(name: str) -> None:
    sessions = [block.text for block in blocks(TEXTS[name]) if block.language == "console"]
    assert not re.search(r"^(kg|bash): ", "".join(sessions), re.MULTILINE)


@each_page
def test_every_link_leads_to_a_page_and_a_heading(name: str) -> None:
    broken = [
        f"{path}#{anchor}"
        for path, anchor in _LINK.findall(_prose(TEXTS[name]))
        if not _link_target_exists((ROOT / name).parent / path if path else ROOT / name, anchor)
    ]
    assert [] == broken


def _prose(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


def _link_target_exists(path: Path, anchor: str) -> bool:
    if not anchor:
        return path.exists()
    headings = re.findall(r"^#+ (.*)$", _prose(path.read_text("utf-8")), re.MULTILINE)
    return anchor in {_anchor(heading) for heading in headings}


def _anchor(heading: str) -> str:
    """Return the anchor that GitHub gives a heading.

    >>> _anchor("In CI: `kg validate`")
    'in-ci-kg-validate'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("name", [name for name in TEXTS if name.startswith("docs/")])
def test_a_page_of_docs_begins_with_a_summary(name: str) -> None:
    title, first, *_ = TEXTS[name].split("\n\n")
    assert title.startswith("# ")
    assert re.match(r"[^<|`#].*\.", first.replace("\n", " "))


@each_page
def test_every_make_target_exists(name: str) -> None:
    rules = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    targets = re.findall(r"(?:`|^)make\s+([a-z][\w-]*)", TEXTS[name], re.MULTILINE)
    assert set() == {*targets} - {*rules}


def test_every_command_is_in_the_readme() -> None:
    assert [] == [name for name in VERBS if f"| `kg {name}` |" not in README]


def test_the_readme_can_be_read_in_a_quarter_of_an_hour() -> None:
    assert len(README.splitlines()) <= 240


def test_the_python_versions_of_the_readme_are_those_of_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert f"Python {project['requires-python'].removeprefix('>=')} or later" in README
    versions = [
        name.rpartition(" ")[2]
        for name in project["classifiers"]
        if re.search(r"Python :: \d\.\d+$", name)
    ]
    assert [] == [version for version in versions if version not in README]
