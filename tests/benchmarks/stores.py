"""How fast is a store loaded and updated?

    python -m tests.benchmarks.stores --articles 10000

Seconds on the clock, with Oxigraph's server and its offline loader; what counts is their ratio.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks import corpus
from tests.gate import Gate, oxigraph

OXIGRAPH = str(Path(sys.executable).with_name("oxigraph"))

SETTLED = 3.0
"""Seconds after which a cache trusts the stat of a file."""


def seconds(*command: str | Path) -> float:
    """Run a command to its end; return how long it took."""
    started = time.monotonic()
    subprocess.run([str(word) for word in command], stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - started


def kg(*words: str | Path) -> float:
    return seconds(sys.executable, "-m", "kg", *words, "-q")


def edit(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("title: ", "title: Edited ", 1).replace('Edited "', '"Edited '))


def measure(folder: Path, articles: int) -> None:
    site, server = folder / "site", folder / "server"
    server.mkdir()
    corpus.generate(site, articles)
    (site / "kg.toml").write_text('base-iri = "https://site.example/"\n')
    exported = kg("export", site, "-o", folder / "all.nq")
    offline = seconds(OXIGRAPH, "load", "-l", folder / "offline", "-f", folder / "all.nq")
    with oxigraph(server, "--location", str(folder / "data")) as (url, _):
        plan = kg("load", site, "--to", url, "--dry-run")
        first = kg("load", site, "--to", url)
        again = kg("load", site, "--to", url)
        cache = ("--cache", folder / "cache")
        cached = kg("load", site, "--to", url, *cache)
        time.sleep(SETTLED)
        unchanged = kg("load", site, "--to", url, *cache)
        edited = site / "000" / "000007.md"
        edit(edited)
        with Gate(url).open() as gate:
            folder_sync = kg("load", site, "--to", gate.url)
            sent = [len(gate.sent(method)) for method in ("PUT", "POST", "DELETE")]
        edit(edited)
        file_sync = kg("load", edited, "--to", url)
        edit(edited)
        cached_sync = kg("load", site, "--to", url, *cache)
    store = ("--store", folder / "store", "-o", folder / "rows")
    first_query, second_query = (kg("query", "stubs", site, *store, *cache) for _ in range(2))
    report = (
        ("export as N-Quads", exported, ""),
        ("oxigraph load of them, offline", offline, ""),
        ("map and plan (--dry-run)", plan, ""),
        ("first load", first, f"{first / (exported + offline):.2f} of export and offline load"),
        ("  of it, sending", first - plan, f"{(first - plan) / offline:.2f} of offline load"),
        ("second load, nothing changed", again, f"{again / first:.3f} of the first"),
        ("the same, and a cache filled", cached, f"{cached / first:.3f} of the first"),
        ("the same with the cache", unchanged, f"{unchanged / first:.3f} of the first"),
        ("one file edited, folder loaded", folder_sync, f"{folder_sync / first:.3f}; {sent} sent"),
        ("one file edited, file loaded", file_sync, f"{file_sync / first:.3f} of the first"),
        ("one file edited, cache", cached_sync, f"{cached_sync / first:.3f} of the first"),
        ("query that fills a store", first_query, ""),
        ("the same again", second_query, f"{second_query / first_query:.3f} of it"),
    )
    print("| what | s | ratio |\n|---|---|---|")
    for what, took, ratio in report:
        print(f"| {what} | {took:.1f} | {ratio} |")


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.benchmarks.stores")
    arguments.add_argument("--articles", type=int, default=1000)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options.articles)


if __name__ == "__main__":
    main()
