"""Files and folders at a revision in git."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from kg.model import KgError, Source, SourceError
from kg.sources.discovery import SETTINGS_FILES, VOCABULARY_FOLDERS, discover_sources
from kg.sources.reading import TEXT_SUFFIXES, YAML_SUFFIXES

_READ_SUFFIXES: Final = (*TEXT_SUFFIXES, *YAML_SUFFIXES)
_SETTINGS_SUFFIXES: Final = (*SETTINGS_FILES, ".ttl")
"""Ends of names of files elsewhere in a repository that the mapping of sources can depend on."""
_HOOK_VARIABLES: Final = ("GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_WORK_TREE")
"""What git sets for its hooks; it would resolve paths in the repository of the hook."""


@contextmanager
def checkout_revision(revision: str, path: str) -> Iterator[tuple[str, list[Source]]]:
    """Give a temporary copy of a file or folder at a revision, and its sources.

    The sources have the names they had, so they are mapped to the same IRIs. Messages name them as
    git does: `HEAD~1:seeds/a.md`. Raises SourceError if git cannot give the revision or the path.
    """
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, "tree")
        (tree / ".git").mkdir(parents=True)  # a site's root is not looked for above it
        try:
            copy = str(tree / _check_out(tree, revision, path))
            yield copy, [_at_revision(s, tree, revision) for s in discover_sources([copy])]
        except KgError as error:
            message = str(error).replace(f"{tree}/", f"{revision}:").replace(str(tree), revision)
            error.args = (message,)
            raise


def _at_revision(source: Source, tree: Path, revision: str) -> Source:
    """Return a source with the path that git gives it, and with its content: no file has it."""
    file = Path(source.path)
    content = file.read_bytes() if file.is_file() else None
    return replace(source, path=f"{revision}:{file.relative_to(tree).as_posix()}", content=content)


def _check_out(tree: Path, revision: str, path: str) -> str:
    """Write the path and settings at a revision; return the path below the tree.

    With an index of its own, git writes the files as it would into the working tree.
    """
    top, inside = _split_at_top(path)
    index = str(tree.parent / "index")
    _git(top, "read-tree", _commit_of(top, revision, path), index=index)
    names = _git(top, "ls-files", "-z", index=index).split("\0")
    needed = "\0".join(name for name in names if _is_needed(name, inside))
    _git(top, "checkout-index", "-z", "--stdin", f"--prefix={tree}/", index=index, stdin=needed)
    return inside


def _split_at_top(path: str) -> tuple[str, str]:
    """Return the top folder of the repository that contains a path, and the path below it."""
    absolute = Path(os.path.abspath(path))
    folder = next(parent for parent in (absolute, *absolute.parents) if parent.is_dir())
    top = _git(str(folder), "rev-parse", "--show-toplevel").removesuffix("\n")
    prefix = _git(str(folder), "rev-parse", "--show-prefix").removesuffix("\n")
    inside = Path(prefix, absolute.relative_to(folder)).as_posix()
    return top, "" if inside == "." else inside


def _commit_of(top: str, revision: str, path: str) -> str:
    try:
        return _git(top, "rev-parse", "--verify", f"{revision}^{{commit}}").strip()
    except SourceError as error:
        raise SourceError(f"{path}: its git repository has no revision {revision!r}") from error


def _is_needed(name: str, inside: str) -> bool:
    """Return whether a file is a source at the path, or one that its mapping can depend on."""
    is_below = not inside or name.startswith(f"{inside}/")
    is_read = is_below and name.lower().endswith(_READ_SUFFIXES)
    in_vocabulary = any(f"/{folder}/" in f"/{name}" for folder in VOCABULARY_FOLDERS)
    return name == inside or is_read or in_vocabulary or name.endswith(_SETTINGS_SUFFIXES)


def _git(folder: str, *arguments: str, index: str | None = None, stdin: str = "") -> str:
    """Run git in a folder and return its output. Raises SourceError with the reason it gives."""
    environment = {name: v for name, v in os.environ.items() if name not in _HOOK_VARIABLES}
    try:
        process = subprocess.run(  # noqa: S603 - no shell parses the arguments
            ["git", "-C", folder, *arguments],  # noqa: S607 - the user's git, from the PATH
            env=environment | ({"GIT_INDEX_FILE": index} if index else {}),
            input=os.fsencode(stdin),
            capture_output=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise SourceError("git is not installed, so no revision can be read") from error
    if process.returncode:
        reason = os.fsdecode(process.stderr).strip().partition("\n")[0].removeprefix("fatal: ")
        raise SourceError(f"git: {reason}")
    return os.fsdecode(process.stdout)
