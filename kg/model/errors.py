"""The errors that kg raises.

KgError                     the message states what failed, where, and what to do next
├── ConfigurationError      an option or a setting of `kg.toml` is invalid
├── SourceError             a source cannot be read; has its line and column
│   └── NoFrontMatter       a text file without front matter
├── FormatError             an unknown format, or one that cannot represent the data
├── ShapesError             a shapes file cannot be used
├── QueryError              a query cannot be found, parsed or evaluated
├── CacheError              a cache is damaged; kg rebuilds it, and fails only if that fails
├── StoreError              a triple store is unreachable, rejects a request, or has foreign data
└── OutputError             a result cannot be written
InvalidValue                a value does not fit its term; always becomes a finding
"""

from __future__ import annotations


class KgError(Exception):
    """kg cannot do what was requested. The text is one sentence for the user."""


class ConfigurationError(KgError):
    """An option or a setting of a configuration file is invalid."""


class SourceError(KgError):
    """A source cannot be read. `line` and `column` count from 1; 0 if unknown."""

    def __init__(self, message: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class NoFrontMatter(SourceError):  # noqa: N818 - no error in a folder
    """A text file that does not start with `---`, `+++` or `{`, or has empty front matter."""


class FormatError(KgError):
    """No format has the name, or the format cannot represent the data."""


class ShapesError(KgError):
    """A shapes file cannot be read, or pySHACL cannot run it."""


class QueryError(KgError):
    """A query cannot be found, parsed or evaluated."""


class CacheError(KgError):
    """A file of a cache is missing or corrupt."""


class StoreError(KgError):
    """A triple store is unreachable, rejects a request, or has data that is not from kg."""


class OutputError(KgError):
    """A result cannot be written."""


class InvalidValue(Exception):  # noqa: N818 - named after the value
    """A source value does not fit the term it should become.

    The text is a predicate of the value: `not a date and time`. `culprit` is the invalid one of
    several values; None if a value is missing.
    """

    def __init__(self, message: str, culprit: object = None) -> None:
        super().__init__(message)
        self.culprit = culprit
