"""A triple store in step with the graph. Only this room opens connections, and only to a URL given.

address     opens the store at a URL or in a folder
store       the operations of every store: `embedded` in a folder; `remote` over HTTP (`connection`,
            `credentials`), with the differences between servers in `profiles`
manifest    a graph of the store that records what is in it
plan        digests of the files x manifest: what to add, replace and delete
lease       one load at a time
loading     applies a plan: marks, statements, marks
proof       counts, or statement by statement
sync        all of that: keeps a store in step with sources
site_query  queries about the graphs of one site
report      a plan and a result as text and as JSON
"""

from typing import TYPE_CHECKING

from kg.model import lazy_names

if TYPE_CHECKING:
    from kg.stores.address import Address, is_store, open_for_reading, open_store
    from kg.stores.plan import Plan
    from kg.stores.profiles import PROFILES
    from kg.stores.proof import PROOFS
    from kg.stores.report import (
        mismatch_lines,
        plan_document,
        plan_lines,
        plan_summary,
        result_document,
        result_summary,
        skipped_lines,
    )
    from kg.stores.site_query import answer_query, site_in_store, triples_of_site
    from kg.stores.store import Store
    from kg.stores.sync import Sync, SyncResult, check_owner, delete_site, deletion_plan, sync_of

__all__ = [
    "PROFILES",
    "PROOFS",
    "Address",
    "Plan",
    "Store",
    "Sync",
    "SyncResult",
    "answer_query",
    "check_owner",
    "delete_site",
    "deletion_plan",
    "is_store",
    "mismatch_lines",
    "open_for_reading",
    "open_store",
    "plan_document",
    "plan_lines",
    "plan_summary",
    "result_document",
    "result_summary",
    "site_in_store",
    "skipped_lines",
    "sync_of",
    "triples_of_site",
]

__getattr__ = lazy_names(
    __name__,
    {
        "address": ("Address", "is_store", "open_for_reading", "open_store"),
        "plan": ("Plan",),
        "profiles": ("PROFILES",),
        "proof": ("PROOFS",),
        "report": (
            "mismatch_lines",
            "plan_document",
            "plan_lines",
            "plan_summary",
            "result_document",
            "result_summary",
            "skipped_lines",
        ),
        "site_query": ("answer_query", "site_in_store", "triples_of_site"),
        "store": ("Store",),
        "sync": ("Sync", "SyncResult", "check_owner", "delete_site", "deletion_plan", "sync_of"),
    },
)
