"""A simple first script: `naive.py FOLDER OUTPUT`, with python-frontmatter and rdflib.

The core of kg's mapping by hand: works, records, providers, topics, images. Without positions,
checks, cleaned URLs, a source's digest, and metadata.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import frontmatter  # type: ignore[import-not-found] # in the peers' environment only
from rdflib import DCTERMS, RDF, SDO, SKOS, XSD, Graph, Literal, Namespace, URIRef

BASE = Namespace("https://example.org/kg/")
KG = Namespace(BASE + "vocab#")


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def work(graph: Graph, item: Mapping[str, Any]) -> URIRef:
    parts = urlsplit(item["webUrl"])
    host = parts.netloc.removeprefix("www.")
    path = parts.path.rstrip("/")
    node = BASE[f"article/{host}/{digest(f'https://{host}{path}')}"]
    graph.add((node, RDF.type, SDO.NewsArticle))
    graph.add((node, SDO.headline, Literal(item["title"])))
    graph.add((node, SDO.name, Literal(item["title"])))
    graph.add((node, SDO.description, Literal(item["excerpt"])))
    moment = item["publishedDateTime"].isoformat()
    graph.add((node, SDO.datePublished, Literal(moment, datatype=XSD.dateTime)))
    graph.add((node, SDO.url, URIRef(item["webUrl"])))
    graph.add((node, KG.quality, Literal(item["quality"])))
    if "ampWebUrl" in item:
        graph.add((node, KG.ampUrl, URIRef(item["ampWebUrl"])))
        graph.add((node, SDO.mainEntityOfPage, URIRef(item["ampWebUrl"])))
        graph.add((node, KG.ampCacheUrl, URIRef(item["cdnAmpWebUrl"])))
    graph.add((node, SDO.publisher, provider(graph, item["provider"])))
    for one in item.get("images", ()):
        graph.add((node, SDO.image, image(graph, one)))
    return node


def provider(graph: Graph, item: Mapping[str, Any]) -> URIRef:
    node = BASE[f"provider/{item['domain']}"]
    graph.add((node, RDF.type, SDO.Organization))
    graph.add((node, SDO.name, Literal(item["name"])))
    graph.add((node, SDO.identifier, Literal(item["domain"])))
    graph.add((node, SDO.url, URIRef(f"https://{item['domain']}/")))
    return node


def topic(graph: Graph, name: str) -> URIRef:
    code = name.lower().replace(" ", "-")
    node = BASE[f"topic/{code}"]
    graph.add((node, RDF.type, SDO.DefinedTerm))
    graph.add((node, RDF.type, SKOS.Concept))
    graph.add((node, SDO.name, Literal(name)))
    graph.add((node, SKOS.prefLabel, Literal(name)))
    graph.add((node, SDO.termCode, Literal(code)))
    return node


def image(graph: Graph, item: Mapping[str, Any]) -> URIRef:
    node = BASE[f"image/{digest(item['url'])}"]
    graph.add((node, RDF.type, SDO.ImageObject))
    graph.add((node, SDO.contentUrl, URIRef(item["url"])))
    for property_, number in ((SDO.width, item["width"]), (SDO.height, item["height"])):
        size = BASE[f"px/{number}"]
        graph.add((size, RDF.type, SDO.QuantitativeValue))
        graph.add((size, SDO.value, Literal(number)))
        graph.add((size, SDO.unitCode, Literal("E37")))
        graph.add((node, property_, size))
    return node


def record(graph: Graph, name: str, item: Mapping[str, Any]) -> None:
    page = BASE[f"record/{name}"]
    node = work(graph, item)
    graph.add((page, RDF.type, SDO.WebPage))
    graph.add((page, SDO.mainEntity, node))
    graph.add((node, SDO.mainEntityOfPage, page))
    status = "Published" if item["published"] else "Unpublished"
    graph.add((page, SDO.creativeWorkStatus, Literal(status)))
    for one in item.get("topics", ()):
        graph.add((node, SDO.about, topic(graph, one)))
    for one in item.get("related", ()):
        graph.add((node, DCTERMS.relation, work(graph, one)))
        graph.add((page, SDO.relatedLink, URIRef(one["webUrl"])))


def main(folder: Path, output: Path) -> None:
    graph = Graph()
    for path in sorted(folder.rglob("*.md")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        record(graph, name, frontmatter.load(path).metadata)
    graph.serialize(output, format="turtle")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
