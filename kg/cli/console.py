"""What goes to standard error: errors, notices, findings, progress and summaries."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final, TypeVar

import click

if TYPE_CHECKING:
    from kg.model import Finding

T = TypeVar("T")

PATIENCE: Final = 1.0
"""Seconds before progress is shown."""


COLOR: Final[ContextVar[str]] = ContextVar("color", default="auto")
"""The value of --color; errors are printed when click's context is gone."""


def color_choice() -> bool | None:
    """Return whether to color, by --color, NO_COLOR and FORCE_COLOR; None: if it is a terminal."""
    if COLOR.get() != "auto":
        return COLOR.get() == "always"
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None


def _print(message: str) -> None:
    with suppress(OSError):  # it is closed, or the disk is full: the work goes on
        click.echo(message, err=True, color=color_choice())


def print_error(message: str) -> None:
    """Print why kg failed."""
    prefix = click.style("kg: ", fg="red", bold=True)
    _print(f"{prefix}{message}")


def print_notice(message: str, *, quiet: bool = False) -> None:
    """Print a notice or a summary, unless `quiet`."""
    if not quiet:
        _print(message)


def print_findings(findings: Iterable[Finding], *, quiet: bool, verbose: bool) -> None:
    """Print findings; unless `verbose`, those of severity info as one line for each message."""
    from kg.model import Severity

    notices: Counter[str] = Counter()
    for finding in findings:
        if finding.severity is Severity.INFO and not verbose:
            notices[finding.message] += 1
        elif not quiet or finding.severity is Severity.VIOLATION:
            from kg.model import finding_line

            _print(finding_line(finding))
    for message, times in sorted(notices.items()):
        print_notice(
            f"notice: {message} ({times} times; -v lists them)"
            if times > 1
            else f"notice: {message}",
            quiet=quiet,
        )


def show_progress(items: Iterable[T], total: int, *, quiet: bool = False) -> Iterator[T]:
    """Pass items through; on a terminal, after a second, show a bar with how many have passed."""
    with progress_bar("files", total, quiet=quiet) as done:
        for item in items:
            yield item
            done(1)


@contextmanager
def progress_bar(what: str, total: int, *, quiet: bool = False) -> Iterator[Callable[[int], None]]:
    """Yield a function to call with how many more are done; it shows a bar on a terminal."""
    if quiet or not (sys.stderr and sys.stderr.isatty()):
        yield lambda _more: None
        return
    from rich.console import Console
    from rich.progress import Progress

    started = time.monotonic()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total, visible=False)

        def done(more: int) -> None:
            bar.update(task, advance=more, visible=time.monotonic() - started > PATIENCE)

        yield done
