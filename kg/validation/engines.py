"""The engine that runs shapes: pySHACL. Its findings come in no order, and have no places."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.errors import ShapesError
from kg.findings import Finding
from kg.namespaces import SH
from kg.validation import results
from kg.validation.core import asks_elsewhere

if TYPE_CHECKING:
    from rdflib import Graph


def pyshacl(data: Graph, shapes: Graph, against: Graph, *, advanced: bool = True) -> list[Finding]:
    """Return what pySHACL finds with `shapes`, which were copied or cut out of `against`.

    It adds triples of its own to them. Without `advanced` it knows SHACL Core only, and does not
    copy the data. Raises ShapesError when pySHACL cannot run the shapes.
    """
    import pyshacl
    from rdflib import Graph

    _refuse_services(shapes)
    logging.getLogger("pyshacl-validate").disabled = True  # it prints what it also raises
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", pyshacl.errors.ShapeRecursionWarning)
            _, report, text = pyshacl.validate(data, shacl_graph=shapes, advanced=advanced)
    except Exception as error:
        raise ShapesError(f"the shapes cannot be run: {_first_line(error)}") from error
    if not isinstance(report, Graph):
        raise ShapesError(f"the shapes cannot be run: {_first_line(report or text)}")
    return list(_reported(report, against))


def _refuse_services(shapes: Graph) -> None:
    from rdflib import URIRef

    for asked in (SH.select, SH.ask, SH.construct):
        for _, query in shapes.subject_objects(URIRef(asked)):
            if asks_elsewhere(str(query)):
                raise ShapesError("the shapes cannot be run: a query asks another server (SERVICE)")


def _first_line(error: object) -> str:
    message = getattr(error, "message", None) or str(error)
    return next((line for line in str(message).splitlines() if line.strip()), type(error).__name__)


def _reported(report: Graph, against: Graph) -> Iterator[Finding]:
    from rdflib import Namespace

    sh = Namespace(str(SH))
    for result in report.objects(None, sh.result):  # not those in the details of another
        one = results.Result(
            focus=report.value(result, sh.focusNode),
            shape=report.value(result, sh.sourceShape),
            component=report.value(result, sh.sourceConstraintComponent),
            value=report.value(result, sh.value),
            path=results.path(report, report.value(result, sh.resultPath)),
            severity=results.severity(report.value(result, sh.resultSeverity)),
            message=results.message(report.objects(result, sh.resultMessage)),
        )
        yield results.finding(one, against)
