"""From the graph back to the field.

`locate` finds the places of findings, `explain` the reasons of statements, `accounts` the fate of
every value; `repairs` fixes values in place, with `fixes` by kind and `patches` as diffs.
`documents` has all of it as JSON and as text.
"""

from typing import TYPE_CHECKING

from kg.model import lazy_names

if TYPE_CHECKING:
    from kg.provenance.accounts import UnknownFields, field_values, summarize_fields, unknown_fields
    from kg.provenance.documents import (
        FIELD_COLUMNS,
        explanation_document,
        explanation_lines,
        fates_line,
        field_rows,
        fields_document,
        repairs_document,
        repairs_line,
    )
    from kg.provenance.explain import (
        NOT_FROM_A_FIELD,
        Explanation,
        Reason,
        explain_absence,
        explain_resource,
        find_nodes,
        is_metadata,
    )
    from kg.provenance.locate import locate_findings, locate_in_rdf
    from kg.provenance.repairs import RepairedSource, patch_of, repair_sources

__all__ = [
    "FIELD_COLUMNS",
    "NOT_FROM_A_FIELD",
    "Explanation",
    "Reason",
    "RepairedSource",
    "UnknownFields",
    "explain_absence",
    "explain_resource",
    "explanation_document",
    "explanation_lines",
    "fates_line",
    "field_rows",
    "field_values",
    "fields_document",
    "find_nodes",
    "is_metadata",
    "locate_findings",
    "locate_in_rdf",
    "patch_of",
    "repair_sources",
    "repairs_document",
    "repairs_line",
    "summarize_fields",
    "unknown_fields",
]

__getattr__ = lazy_names(
    __name__,
    {
        "accounts": ("UnknownFields", "field_values", "summarize_fields", "unknown_fields"),
        "documents": (
            "FIELD_COLUMNS",
            "explanation_document",
            "explanation_lines",
            "fates_line",
            "field_rows",
            "fields_document",
            "repairs_document",
            "repairs_line",
        ),
        "explain": (
            "Explanation",
            "NOT_FROM_A_FIELD",
            "Reason",
            "explain_absence",
            "explain_resource",
            "find_nodes",
            "is_metadata",
        ),
        "locate": ("locate_findings", "locate_in_rdf"),
        "repairs": ("RepairedSource", "patch_of", "repair_sources"),
    },
)
