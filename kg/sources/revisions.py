"""Files and folders as they were at a revision in git."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from kg.model.errors import KgError, SourceError
from kg.model.records import Source
from kg.sources.discovery import SETTINGS_FILES, VOCABULARY_FOLDERS, discover_sources
from kg.sources.reading import TEXT_SUFFIXES, YAML_SUFFIXES

_READ: Final = (*TEXT_SUFFIXES, *YAML_SUFFIXES)
_SETTINGS: Final = (*SETTINGS_FILES, ".ttl")
"""What the names of files end in that sources elsewhere in a repository can depend on."""
_OF_A_CALLER: Final = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE")
"""What git tells its hooks; it would take the paths of another repository for theirs."""


@contextmanager
def checkout_revision(revision: str, path: str) -> Iterator[tuple[str, list[Source]]]:
    """Give a passing copy of a file or folder as it was at a revision, and its sources.

    The sources have the names they had, so they make the IRIs they made. Messages call them as git
    does: `HEAD~1:seeds/a.md`. Raises SourceError for what git cannot give.
    """
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        (tree / ".git").mkdir(parents=True)  # as in the working tree, no site begins above it
        try:
            copy = str(tree / _fill(tree, revision, path))
            yield copy, [_held(source, tree, revision) for source in discover_sources([copy])]
        except KgError as error:
            told = str(error).replace(f"{tree}/", f"{revision}:").replace(str(tree), revision)
            error.args = (told,)
            raise


def _held(source: Source, tree: Path, revision: str) -> Source:
    """Call a source what git does; then it must hold its content."""
    file = Path(source.path)
    content = file.read_bytes() if file.is_file() else None
    return replace(source, path=f"{revision}:{file.relative_to(tree).as_posix()}", content=content)


def _fill(tree: Path, revision: str, path: str) -> str:
    """Write what a revision has at a path, and settings; return where the path is in the tree.

    An index of its own lets git write the files as it would write them into the working tree.
    """
    top, inside = _inside(path)
    index = str(tree.parent / "index")
    _git(top, "read-tree", _commit(top, revision, path), index=index)
    names = _git(top, "ls-files", "-z", index=index).split("\0")
    wanted = "\0".join(name for name in names if _wanted(name, inside))
    _git(top, "checkout-index", "-z", "--stdin", f"--prefix={tree}/", index=index, told=wanted)
    return inside


def _inside(path: str) -> tuple[str, str]:
    """Return the top folder of the repository around a path, and the path below it."""
    whole = Path(os.path.abspath(path))
    folder = next(one for one in (whole, *whole.parents) if one.is_dir())
    top = _git(str(folder), "rev-parse", "--show-toplevel").removesuffix("\n")
    prefix = _git(str(folder), "rev-parse", "--show-prefix").removesuffix("\n")
    inside = Path(prefix, whole.relative_to(folder)).as_posix()
    return top, "" if inside == "." else inside


def _commit(top: str, revision: str, path: str) -> str:
    try:
        return _git(top, "rev-parse", "--verify", f"{revision}^{{commit}}").strip()
    except SourceError as error:
        raise SourceError(f"{path}: its git repository has no revision {revision!r}") from error


def _wanted(name: str, inside: str) -> bool:
    below = not inside or name.startswith(f"{inside}/")
    read = below and name.lower().endswith(_READ)
    told = any(f"/{folder}/" in f"/{name}" for folder in VOCABULARY_FOLDERS)
    return name == inside or read or told or name.endswith(_SETTINGS)


def _git(where: str, *words: str, index: str | None = None, told: str = "") -> str:
    """Run git in a folder, and return what it says. Raises SourceError with its reason."""
    environment = {name: v for name, v in os.environ.items() if name not in _OF_A_CALLER}
    try:
        done = subprocess.run(  # noqa: S603 - no shell reads the words
            ["git", "-C", where, *words],  # noqa: S607 - it is the user's git
            env=environment | ({"GIT_INDEX_FILE": index} if index else {}),
            input=os.fsencode(told),
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise SourceError("git is not installed, so no revision can be read") from error
    if done.returncode:
        reason = os.fsdecode(done.stderr).strip().partition("\n")[0].removeprefix("fatal: ")
        raise SourceError(f"git: {reason}")
    return os.fsdecode(done.stdout)
