"""The report as a SHACL validation report (SHACL 3.6)."""

from __future__ import annotations

from collections.abc import Iterable

from kg.model import RDF, SH, XSD, Finding, Site, Triple, literal
from kg.validation.reports.report import Report


def shacl_report(report: Report, site: Site) -> list[Triple]:
    """Return the triples of a validation report, whose nodes have IRIs below the base.

    It has the results of shapes only, not the findings of queries and of the mapping.
    """
    node = site.iri("report")
    conforms = literal("true" if report.conforms else "false") + f"^^<{XSD.boolean}>"
    triples = [
        (node, site.iri(RDF.type), site.iri(SH.ValidationReport)),
        (node, site.iri(SH.conforms), conforms),
    ]
    results = [finding for finding in report.findings if finding.component]
    for number, finding in enumerate(results, 1):
        result = site.iri(f"report/{number}")
        triples.append((node, site.iri(SH.result), result))
        triples += ((result, site.iri(name), term) for name, term in _result(finding, result, site))
        if finding.path and finding.path.startswith("^"):
            triples.append((_path_node(result), site.iri(SH.inversePath), finding.path[1:]))
    return triples


def _result(finding: Finding, result: str, site: Site) -> Iterable[tuple[str, str]]:
    path = finding.path and (_path_node(result) if finding.path.startswith("^") else finding.path)
    terms = {
        RDF.type: site.iri(SH.ValidationResult),
        SH.focusNode: finding.focus,
        SH.resultPath: path,
        SH.value: finding.term,
        SH.resultMessage: literal(finding.message),
        SH.resultSeverity: site.iri(SH[finding.severity.value.capitalize()]),
        SH.sourceShape: finding.shape,
        SH.sourceConstraintComponent: finding.component,
    }
    return ((name, term) for name, term in terms.items() if term)


def _path_node(result: str) -> str:
    return f"{result[:-1]}/path>"
