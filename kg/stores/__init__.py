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

from kg.stores.address import Address, is_store, open_for_reading, open_store
from kg.stores.proof import PROOFS
from kg.stores.site_query import answer_query, graphs_of_site, site_in_store, triples_of_site
from kg.stores.store import Store
from kg.stores.sync import Sync, SyncResult, check_owner, delete_site, deletion_plan, sync_of

__all__ = [
    "PROOFS",
    "Address",
    "Store",
    "Sync",
    "SyncResult",
    "answer_query",
    "check_owner",
    "delete_site",
    "deletion_plan",
    "graphs_of_site",
    "is_store",
    "open_for_reading",
    "open_store",
    "site_in_store",
    "sync_of",
    "triples_of_site",
]
