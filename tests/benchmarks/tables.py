"""The tables that Morph-KGC and maplib read: kg's graph, one table for each kind of node.

`python -m tests.benchmarks.tables GRAPH FOLDER` pivots what kg writes. N-Quads, a named graph for
each file, give a row for each node that a file describes, as flattening file by file does;
N-Triples give one for each node at all. A property is a column, or a table of two columns for a
property that holds several values. Beside them it writes the mapping back, as RML for Morph-KGC and
as OTTR templates for maplib. So the peers make exactly kg's triples, whatever its mapping says.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final, TextIO

from kg.model.namespaces import RDF, XSD
from kg.model.terms import unquote

NODE: Final = "node"
"""The first column; `subject` is a name that Morph-KGC keeps for itself."""
IRI: Final = "IRI"
_TYPE: Final = f"<{RDF.type}>"
_PREFIXES: Final = {
    "rr": "http://www.w3.org/ns/r2rml#",
    "rml": "http://semweb.mmlab.be/ns/rml#",
    "ql": "http://semweb.mmlab.be/ns/ql#",
    "ottr": "http://ns.ottr.xyz/0.4/",
    "rdf": RDF,
    "xsd": XSD,
    "": "urn:tables:",
}

Node = dict[str, dict[str, None]]
"""The statements about one subject: objects by predicate, each once, both as N-Triples terms."""


@dataclass(frozen=True, slots=True)
class Column:
    """One property; `kind` is IRI or the datatype of its literals."""

    name: str
    predicate: str
    kind: str


@dataclass(slots=True)
class Table:
    """The nodes of the same classes; `links` are columns that have a table of their own."""

    name: str
    classes: tuple[str, ...]
    columns: list[Column] = field(default_factory=list)
    links: list[Column] = field(default_factory=list)


def nodes(graph: Path) -> Iterator[tuple[str, Node]]:
    """Yield each subject with the statements about it: of one named graph of N-Quads, or all."""
    split = _quad if graph.suffix == ".nq" else _triple
    with graph.open(encoding="utf-8") as lines:
        parts = (split(line.rstrip(" .\n")) for line in lines)
        for (_, subject), group in groupby(parts, key=lambda part: part[:2]):
            node: Node = {}
            for _, _, predicate, term in group:
                node.setdefault(predicate, {})[term] = None
            yield subject, node


def _triple(line: str) -> tuple[str, str, str, str]:
    subject, predicate, term = line.split(" ", 2)
    return "", subject, predicate, term


def _quad(line: str) -> tuple[str, str, str, str]:
    triple, name = line.rsplit(" ", 1)
    return (name, *_triple(triple)[1:])


def layout(graph: Path) -> list[Table]:
    """Return the tables that hold a graph."""
    most: dict[tuple[str, ...], dict[tuple[str, str], int]] = {}
    for _, node in nodes(graph):
        columns = most.setdefault(tuple(node[_TYPE]), {})
        for predicate, terms in node.items():
            kinds = [(predicate, kind(term)) for term in terms]
            for one in kinds if predicate != _TYPE else ():
                columns[one] = max(columns.get(one, 0), kinds.count(one))
    return [_table(classes, columns) for classes, columns in sorted(most.items())]


def kind(term: str) -> str:
    """Return IRI, or the datatype of a literal."""
    if term.startswith("<"):
        return IRI
    return unquote(term)[1][3:-1] or XSD.string


def _table(classes: tuple[str, ...], columns: dict[tuple[str, str], int]) -> Table:
    table = Table("_".join(map(_local, classes)), classes)
    for number, ((predicate, what), values) in enumerate(sorted(columns.items())):
        column = Column(f"{_local(predicate)}_{number}", predicate, what)
        (table.columns if values == 1 else table.links).append(column)
    return table


def _local(iri: str) -> str:
    return re.split(r"[/#]", iri.strip("<>"))[-1]


def write_rows(graph: Path, tables: list[Table], folder: Path) -> None:
    """Write a graph's tables as CSV; a cell holds an IRI or a literal's text, or nothing."""
    by_classes = {table.classes: table for table in tables}
    files: dict[str, TextIO] = {}
    rows: dict[str, Any] = {}
    for name, columns in _files(tables):
        files[name] = (folder / f"{name}.csv").open("w", encoding="utf-8", newline="")
        rows[name] = csv.writer(files[name])
        rows[name].writerow([NODE, *(column.name for column in columns)])
    for subject, node in nodes(graph):
        table = by_classes[tuple(node[_TYPE])]
        cells = (next(_cells(node, column), "") for column in table.columns)
        rows[table.name].writerow([subject[1:-1], *cells])
        for column in table.links:
            for cell in _cells(node, column):
                rows[_link(table, column)].writerow([subject[1:-1], cell])
    for file in files.values():
        file.close()


def _files(tables: Iterable[Table]) -> Iterator[tuple[str, list[Column]]]:
    for table in tables:
        yield table.name, table.columns
        yield from ((_link(table, column), [column]) for column in table.links)


def _link(table: Table, column: Column) -> str:
    return f"{table.name}_{column.name}"


def _cells(node: Node, column: Column) -> Iterator[str]:
    for term in node.get(column.predicate, ()):
        if kind(term) == column.kind:
            yield term[1:-1] if column.kind == IRI else unquote(term)[0]


def rml(tables: list[Table], folder: Path) -> str:
    """Return the mapping of the tables as RML, in Turtle."""
    classes = {table.name: table.classes for table in tables}
    maps = (_triples_map(*file, classes, folder) for file in _files(tables))
    return _header() + "\n".join(maps)


def _triples_map(
    name: str, columns: list[Column], classes: dict[str, tuple[str, ...]], folder: Path
) -> str:
    classes_ = "".join(f" rr:class {one} ;" for one in classes.get(name, ()))
    lines = [
        f":{name} rml:logicalSource [",
        f'  rml:source "{folder / name}.csv" ; rml:referenceFormulation ql:CSV ] ;',
        f'  rr:subjectMap [ rml:reference "{NODE}" ; rr:termType rr:IRI ;{classes_} ]',
    ]
    for column in columns:
        typed = "rr:termType rr:IRI" if column.kind == IRI else f"rr:datatype <{column.kind}>"
        typed = "rr:termType rr:Literal" if column.kind == XSD.string else typed
        lines.append(
            f"  ; rr:predicateObjectMap [ rr:predicate {column.predicate} ;\n"
            f'      rr:objectMap [ rml:reference "{column.name}" ; {typed} ] ]'
        )
    return "\n".join(lines) + " .\n"


def ottr(tables: list[Table]) -> str:
    """Return the mapping of the tables as OTTR templates, one for each table."""
    classes = {table.name: table.classes for table in tables}
    return _header() + "\n".join(_template(*file, classes) for file in _files(tables))


def _template(name: str, columns: list[Column], classes: dict[str, tuple[str, ...]]) -> str:
    types = (("ottr:IRI" if one.kind == IRI else f"<{one.kind}>", one.name) for one in columns)
    parameters = [f"ottr:IRI ?{NODE}", *(f"? {what} ?{column}" for what, column in types)]
    triples = [
        *(f"ottr:Triple(?{NODE}, rdf:type, {one})" for one in classes.get(name, ())),
        *(f"ottr:Triple(?{NODE}, {one.predicate}, ?{one.name})" for one in columns),
    ]
    return f":{name} [ {', '.join(parameters)} ] :: {{\n  " + ",\n  ".join(triples) + "\n} .\n"


def _header() -> str:
    return "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in _PREFIXES.items())


def main(graph: Path, folder: Path) -> None:
    """Write the tables of a graph, both mappings, and what kind each column holds."""
    tables = layout(graph)
    write_rows(graph, tables, folder)
    (folder / "mapping.rml.ttl").write_text(rml(tables, folder), encoding="utf-8")
    (folder / "templates.stottr").write_text(ottr(tables), encoding="utf-8")
    kinds = {name: {one.name: one.kind for one in columns} for name, columns in _files(tables)}
    (folder / "tables.json").write_text(json.dumps(kinds, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
