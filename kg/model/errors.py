"""Every failure kg raises on purpose.

KgError                     could not do it; the message says what, where, and what to do
├── ConfigurationError      an option or a `kg.toml` says something impossible
├── SourceError             a source cannot be read; knows its place
│   └── NoFrontMatter       a text file without front matter
├── FormatError             an unknown format, or one that cannot carry the data
├── ShapesError             a shapes file cannot be used
├── QueryError              a query cannot be found, read or answered
├── CacheError              a cache is damaged; kg makes it anew, and fails only if that fails
├── StoreError              a triple store cannot be reached, refuses, or holds what it must not
└── OutputError             a result cannot be written
InvalidValue                a value does not fit its term; always becomes a finding
"""

from __future__ import annotations


class KgError(Exception):
    """Could not do it. The text is one sentence for the user."""


class ConfigurationError(KgError):
    """An option or a configuration file asks for something impossible."""


class SourceError(KgError):
    """A source cannot be read. `line` and `column` count from 1; 0 when there is no such place."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class NoFrontMatter(SourceError):  # noqa: N818 - no fault where nobody expected any
    """A text file that does not start with `---`, `+++` or `{`, or whose front matter is empty."""


class FormatError(KgError):
    """A format has no such name, or cannot carry the data."""


class ShapesError(KgError):
    """A shapes file cannot be read, or pySHACL cannot run it."""


class QueryError(KgError):
    """A query cannot be found, read or answered."""


class CacheError(KgError):
    """A file of a cache is missing, or is not what was written."""


class StoreError(KgError):
    """A triple store cannot be reached, refuses a request, or holds what it must not."""


class OutputError(KgError):
    """A result cannot be written."""


class InvalidValue(Exception):  # noqa: N818 - it names the value's state, as the finding does
    """A source value does not fit the term it should become.

    The text completes the sentence "this value is ...": `not a date and time`. `culprit` is the
    value to blame where several were given; None when what is wrong is that something is missing.
    """

    def __init__(self, message: str, culprit: object = None) -> None:
        super().__init__(message)
        self.culprit = culprit
