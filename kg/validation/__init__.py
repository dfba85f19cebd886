"""A graph, shapes and expected results to findings; reports and baselines of them.

`loading` reads shapes files, `checking` runs the shapes with an engine, `findings` adds the places
and what queries expect, `baselines` has the known findings, and `reports` writes the others.
Raises ShapesError for shapes that cannot be read or run.
"""

from typing import TYPE_CHECKING

from kg.model import lazy_names

if TYPE_CHECKING:
    from kg.validation.baselines import baseline_of, baseline_text, read_baseline
    from kg.validation.engines import choose_engine
    from kg.validation.findings import findings_of, make_report
    from kg.validation.loading import bundled_shapes, load_shapes, rules_of, shapes_files
    from kg.validation.reports import RENDERERS, pair_formats, summary, write_report
    from kg.validation.reports.report import KnownFinding, Report

__all__ = [
    "RENDERERS",
    "KnownFinding",
    "Report",
    "baseline_of",
    "baseline_text",
    "bundled_shapes",
    "choose_engine",
    "findings_of",
    "load_shapes",
    "make_report",
    "pair_formats",
    "read_baseline",
    "rules_of",
    "shapes_files",
    "summary",
    "write_report",
]

__getattr__ = lazy_names(
    __name__,
    {
        "baselines": ("baseline_of", "baseline_text", "read_baseline"),
        "engines": ("choose_engine",),
        "findings": ("findings_of", "make_report"),
        "loading": ("bundled_shapes", "load_shapes", "rules_of", "shapes_files"),
        "reports": ("RENDERERS", "pair_formats", "summary", "write_report"),
        "reports.report": ("KnownFinding", "Report"),
    },
)
