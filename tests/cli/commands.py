"""Commands of kg, run in this process or in one of their own, and an article for them to read."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from click.testing import CliRunner, Result

from kg.cli import kg

ROOT: Final = Path(__file__).parents[2]
SEEDS: Final = str(ROOT / "seeds")
LISTING: Final = ("mapping", "queries", "shapes")
"""Commands that list what is bundled."""

ARTICLE: Final = """\
---
category: news
type: article
title: {title}
excerpt: The council of the city votes on cameras this week, after a long debate.
publishedDateTime: {date}
webUrl: https://example.org/{path}
topics: [AI]
provider:
  name: Example
  domain: example.org
---
"""
DATE: Final = "2020-07-03T05:43:00Z"
EMPTY: Final[Mapping[str, str]] = {}


def run(*command: str, stdin: bytes = b"", env: Mapping[str, str] = EMPTY) -> Result:
    """Run kg in this process. An exception that kg does not catch is raised."""
    result = CliRunner(env=env).invoke(kg, command, input=stdin)
    if isinstance(result.exception, Exception):
        raise result.exception
    return result


def start(*command: str, **options: Any) -> subprocess.Popen[str]:
    """Start kg in its own process."""
    words = [sys.executable, "-m", "kg", *command]
    return subprocess.Popen(words, text=True, stderr=subprocess.PIPE, **options)


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """The exit code of a process, and what it wrote to standard error."""
    _, stderr = process.communicate(timeout=60)
    return process.returncode, stderr
