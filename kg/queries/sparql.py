"""What can be told of a SPARQL query without parsing it: its tokens, and whom it would ask."""

from __future__ import annotations

import re
from typing import Final

SPARQL_TOKEN: Final = re.compile(
    r"""<[^<>"{}|^`\\\s]*>|\"{3}.*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'"""
    r"|\#[^\n]*|[?$](?P<variable>\w+)|(?P<other>[\w\-]*:[\w.\-]*|\w+|\S)",
    re.DOTALL,
)
"""SPARQL's tokens, as far as needed to tell a variable from text, an IRI, a name and a comment."""


def calls_service(query: str) -> bool:
    """Whether a query asks another server, by SERVICE (SPARQL 1.1 Federated Query, section 2).

    >>> asks_elsewhere("ASK { SERVICE <x:y> {} }"), asks_elsewhere("ASK { ?service a :Service }")
    (True, False)
    """
    return any(str(match["other"]).upper() == "SERVICE" for match in SPARQL_TOKEN.finditer(query))
