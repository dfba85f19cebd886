"""Rows as a table for a terminal, or in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kg.model import markdown_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


def draw_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table with a line under the columns; on a terminal it fits the width.

    Elsewhere no cell is wrapped or cut.
    """
    import sys
    from io import StringIO

    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(Text(column), overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    out = StringIO()
    width = None if sys.stdout.isatty() else 1_000_000
    Console(file=out, width=width, no_color=True).print(table)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    return "".join(f"{line}\n" for line in lines if line)


TABLES: Final[Mapping[str, Callable[[Sequence[str], Iterable[Sequence[str]]], str]]] = {
    "table": draw_table,
    "markdown": markdown_table,
}
"""What writes columns and rows, for each format of a table."""
