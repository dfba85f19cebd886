"""What can be seen in a SPARQL query without parsing it: its tokens, and calls of other servers."""

from __future__ import annotations

import re
from typing import Final

SPARQL_TOKEN: Final = re.compile(
    r"""<[^<>"{}|^`\\\s]*>|\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"""
    r"|\#[^\n]*|[?$](?P<variable>\w+)|(?P<other>[\w\-]*:[\w.\-]*|\w+|\S)",
    re.DOTALL,
)
"""SPARQL's tokens, as far as needed to tell variables from text, IRIs, names and comments."""


def calls_service(query: str) -> bool:
    """Return whether a query calls another server (SPARQL 1.1 Federated Query, section 2).

    >>> calls_service("ASK { SERVICE <x:y> {} }"), calls_service("ASK { ?service a :Service }")
    (True, False)
    """
    return any(str(match["other"]).upper() == "SERVICE" for match in SPARQL_TOKEN.finditer(query))
