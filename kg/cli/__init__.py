"""The command line: it parses, calls, prints.

Exit codes: 0 clean, 1 the data has findings, 2 usage error, 3 failed, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TextIO

import click

from kg.cli.console import print_error
from kg.model import VERSION, ConfigurationError, FormatError, KgError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

USAGE, FAILED, INTERRUPTED = 2, 3, 130
VERBS: Final = (
    *("diff", "explain", "export", "fields", "fix", "load"),
    *("mapping", "queries", "query", "shapes", "validate"),
)
"""The commands; each is a function of the module with its name."""


class BrokenOutput(Exception):  # noqa: N818 - not a failure of kg
    """The reader of standard output has closed it."""


class KgGroup(click.Group):
    """The one place where errors become messages and exit codes.

    A command is imported when it is called: importing all of them is slower than a small export.
    """

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(VERBS)

    def get_command(self, _ctx: click.Context, name: str) -> click.Command | None:
        """Return a command; None if there is none of that name."""
        if name not in VERBS:
            return None
        command: click.Command = getattr(import_module(f"kg.cli.{name}"), name)
        return command

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run a command and exit with its code."""
        extra["standalone_mode"] = False
        code = _exit_code(lambda: super(KgGroup, self).main(*args, **extra))
        _flush(sys.stdout)
        _flush(sys.stderr)
        sys.exit(code)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Parse the arguments; `--help` prints here."""
        with _broken_pipe():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _broken_pipe():
            return super().invoke(ctx)


@contextmanager
def _broken_pipe() -> Iterator[None]:
    """Raise BrokenOutput for a closed pipe, which click would turn into exit code 1."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError as error:
        raise BrokenOutput from error


def _exit_code(command: Callable[[], Any]) -> int:  # noqa: PLR0911 - one return for each end
    try:
        if sys.stdout is None:
            raise OutputError("standard output is closed")
        code = command()
    except click.ClickException as error:
        with suppress(OSError):  # standard error is closed or full
            error.show()
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        print_error("interrupted")
        return INTERRUPTED
    except BrokenOutput:
        return 0
    except (ConfigurationError, FormatError) as error:
        print_error(str(error))
        return USAGE
    except KgError as error:
        print_error(str(error))
        return FAILED
    except OSError as error:
        print_error(f"cannot write: {error.strerror or error}")
        return FAILED
    return code if isinstance(code, int) else 0


def _flush(stream: TextIO | None) -> None:
    """Flush a stream; if it fails, redirect it to nothing, or Python would report it again."""
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@click.group(
    cls=KgGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 clean, 1 the data has findings, 2 usage error, 3 failed.",
)
@click.version_option(VERSION, "-V", "--version", prog_name="kg")
def kg() -> None:
    """Export a site of Markdown files with YAML front matter as a schema.org knowledge graph.

    SOURCES are files with front matter, YAML files, folders, RDF files, or - for standard input
    [default: the current folder].
    """


def main() -> None:
    """Run the command line."""
    kg.main()
