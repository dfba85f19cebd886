"""A graph, shapes and expected results to findings; reports and baselines of them.

`loading` reads shapes files, `checking` runs the shapes with an engine, `findings` adds the places
and what queries expect, `baselines` has the known findings, and `reports` writes the others.
Raises ShapesError for shapes that cannot be read or run.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from kg.validation.baselines import baseline_of, baseline_text, read_baseline
    from kg.validation.engines import choose_engine
    from kg.validation.findings import findings_of, make_report
    from kg.validation.loading import bundled_shapes, load_shapes, rules_of, shapes_files
    from kg.validation.reports.report import KnownFinding, Report

__all__ = [
    "KnownFinding",
    "Report",
    "baseline_of",
    "baseline_text",
    "bundled_shapes",
    "choose_engine",
    "findings_of",
    "load_shapes",
    "make_report",
    "read_baseline",
    "rules_of",
    "shapes_files",
]

_MODULES: Final = {
    "baselines": ("baseline_of", "baseline_text", "read_baseline"),
    "engines": ("choose_engine",),
    "findings": ("findings_of", "make_report"),
    "loading": ("bundled_shapes", "load_shapes", "rules_of", "shapes_files"),
    "reports.report": ("KnownFinding", "Report"),
}


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used: the help of `kg validate` needs reports only."""
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
