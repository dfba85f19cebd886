"""A site of five articles, edits of it, loads of it, and the contents of the store afterwards."""

from __future__ import annotations

import atexit
import random
from pathlib import Path
from typing import Final

import httpx
import pyoxigraph
from click.testing import CliRunner, Result

from kg.cli import kg

BASE: Final = "https://a.example/news/"
CLIENT: Final = httpx.Client(trust_env=False, timeout=60)
atexit.register(CLIENT.close)
ARTICLE: Final = """\
---
category: news
type: article
title: Article {name}
publishedDateTime: 2020-07-03T05:43:00Z
webUrl: https://a.example/{name}
provider: {{name: Example, domain: a.example}}
---
"""
TOPIC: Final = "taxonomy: topic\nname: {name}\nshortname: AI\n"
LIST: Final = "---\ncategory: learning\ntype: list\ntitle: All\nitems: [{name}]\n---\n"


def write_site(folder: Path) -> Path:
    """Make a site of five articles."""
    (folder / "deep").mkdir(parents=True)
    (folder / "kg.toml").write_text(f'base-iri = "{BASE}"\nurl = "https://a.example"\n')
    for name in ("a", "b", "c", "deep/d", "deep/e"):
        write_article(folder, name)
    return folder


def write_article(site: Path, name: str, title: str | None = None) -> None:
    text = ARTICLE.format(name=name)
    (site / f"{name}.md").write_text(text.replace(f"Article {name}", title or f"Article {name}"))


def edit_site(site: Path, dice: random.Random) -> None:
    """Edit the site at random, as editors would."""
    files = sorted(site.rglob("*.md"))
    one, other = dice.sample(files, 2)
    match dice.randrange(9):
        case 0:
            one.unlink()
        case 1:
            one.rename(one.with_name(f"r{dice.randrange(50)}.md"))
        case 2:
            one.write_text("---\ntitle: [\n---\n")
        case 3:
            one.write_text("no front matter\n")
        case 4:
            one.write_bytes(other.read_bytes())
        case 5:
            one.write_text(other.read_text().replace("2020", dice.choice(["2021", "20", "x"])))
        case 6:
            (site / "_data/topics").mkdir(parents=True, exist_ok=True)
            (site / "_data/topics/ai.yml").write_text(TOPIC.format(name=dice.choice("ABC")))
        case 7:
            one.write_text(LIST.format(name=other.stem))
        case _:
            write_article(site, f"n{dice.randrange(9)}", f"Title {dice.randrange(3)}")


def run(*words: str | Path, **environment: str) -> Result:
    words_ = [str(word) for word in words]
    return CliRunner().invoke(kg, words_, env={"NO_PROXY": "*", **environment})


def load(*words: str | Path) -> Result:
    result = run("load", *words)
    assert (result.exit_code, "Traceback" in result.output) == (0, False), result.output
    return result


def exported_quads(site: Path) -> set[str]:
    result = run("export", site, "-q", "-f", "nquads")
    assert result.exit_code == 0, result.output
    return set(result.stdout.splitlines())


def stored_quads(url: str) -> set[str]:
    """The quads of a store, without the manifest."""
    content = CLIENT.get(f"{url}/store", headers={"Accept": "application/n-quads"}).content
    quads = pyoxigraph.parse(content, pyoxigraph.RdfFormat.N_QUADS)
    manifest = f"<{BASE}manifest>"
    return {f"{quad} ." for quad in quads if str(quad.graph_name) != manifest}


def lose_types(url: str, name: str) -> None:
    """Delete some statements of the graph of a file, as another program might."""
    update = f"DELETE WHERE {{ GRAPH <{BASE}graph/{name}> {{ ?s a ?o }} }}"
    CLIENT.post(f"{url}/update", data={"update": update}).raise_for_status()


def dirty_graphs(url: str) -> list[str]:
    """The graphs that are marked dirty."""
    query = f"SELECT ?g {{ GRAPH ?m {{ ?g <{BASE}vocab#dirty> true }} }}"
    return [row["g"]["value"] for row in select_rows(url, query)]


def select_rows(url: str, query: str) -> list[dict[str, dict[str, str]]]:
    headers = {"Accept": "application/sparql-results+json"}
    reply = CLIENT.post(f"{url}/query", data={"query": query}, headers=headers)
    rows: list[dict[str, dict[str, str]]] = reply.json()["results"]["bindings"]
    return rows
