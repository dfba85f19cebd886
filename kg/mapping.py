"""The mapping: what each field of a source means in schema.org. The only module that says so.

A file makes two nodes: the work it is about, and the site's record of that work. Read a row as
"the work's `title` is its schema:headline, as text"; a quoted object is a link to the node of the
map of that name. Where a row needs a reason, it stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kg import identifiers
from kg.mapper import Either, Maps, Row, Subject, TriplesMap
from kg.namespaces import DCAT, DCTERMS, KG, PROV, RDFS, SDO, SKOS, VOID, Site
from kg.terms import (
    Choice,
    TermMap,
    boolean,
    count,
    date_time,
    domain,
    domain_url,
    integer,
    iri,
    literal,
    positive_integer,
    slug,
    text,
    url,
)

WITHHELD: Final = {"secured": "encrypted body; never leaves the source"}

_WORK_SUBJECT: Final = Subject(identifiers.work, "webUrl", "originalUrl", "@path", "@document")

# fmt: off
_WORK: Final = (
    # reference                 property                object
    ("title",                   SDO.headline,           text),
    ("title",                   SDO.name,               text),           # what generic tools label with
    ("excerpt",                 SDO.description,        text),
    ("publishedDateTime",       SDO.datePublished,      date_time),
    (("webUrl", "originalUrl"), SDO.url,                url),
    Row("originalUrl",          KG.originalUrl,         url, unless=("webUrl", "originalUrl")),
    ("ampWebUrl",               KG.ampUrl,              url),
    ("ampWebUrl",               SDO.mainEntityOfPage,   url),            # the AMP page is about the work
    ("cdnAmpWebUrl",            KG.ampCacheUrl,         url),
    ("quality",                 KG.quality,             integer),        # the site's score; no known scale
    ("heat",                    KG.heat,                count),          # -1 is unknown
    ("provider",                SDO.publisher,          "provider"),
    ("topics[]",                SDO.about,              "topic"),
    ("images[]",                SDO.image,              "image"),
    ("related[]",               DCTERMS.relation,       "work"),
)

MAPS: Final[Maps] = {
    # The site's own page about a work: where its file, its state and its links belong.
    "record": TriplesMap(
        a=SDO.WebPage,
        subject=Subject(identifiers.record, "@path", "@document"),
        properties=(
            Row(".",            SDO.mainEntity,         "work", inverse=SDO.mainEntityOfPage),
            ("published",       SDO.creativeWorkStatus, Choice("Published", "Unpublished")),
            ("related[]",       SDO.relatedLink,        "page"),
            (".",               PROV.wasDerivedFrom,    "source"),
            ("@line",           KG.sourceLine,          integer),
        ),
        withheld=WITHHELD,
    ),
    "source": TriplesMap(
        a=(PROV.Entity, SDO.MediaObject),
        subject=Subject(identifiers.source, "@path"),
        properties=(
            ("@path",           SDO.name,               text),
            ("@sha256",         SDO.sha256,             text),
            ("@mediaType",      SDO.encodingFormat,     text),
        ),
    ),
    # A related item has no category of its own: it has its record's.
    "work": Either(
        ("category", "type"),
        {
            ("news", "article"): "news article",
            (None, "article"): "article",
        },
        otherwise="creative work",
        inherited=("category",),
    ),
    "news article": TriplesMap(a=SDO.NewsArticle, subject=_WORK_SUBJECT, properties=_WORK),
    "article": TriplesMap(a=SDO.Article, subject=_WORK_SUBJECT, properties=_WORK),
    "creative work": TriplesMap(a=SDO.CreativeWork, subject=_WORK_SUBJECT, properties=_WORK),
    # A web page that is named by its own URL.
    "page": TriplesMap(subject=Subject(identifiers.page, "webUrl", "originalUrl")),
    "provider": TriplesMap(
        a=SDO.Organization,
        subject=Subject(identifiers.provider, "domain", "name"),
        properties=(
            ("name",            SDO.name,               text),
            ("domain",          SDO.identifier,         domain),
            ("domain",          SDO.url,                domain_url),
            ("images[]",        SDO.logo,               "image"),
        ),
    ),
    # A topic that a work names. Only the site's topic set can say that it belongs to the set.
    "topic": TriplesMap(
        a=(SDO.DefinedTerm, SKOS.Concept),
        subject=Subject(identifiers.topic, "name"),
        properties=(
            ("name",            SDO.name,               text),
            ("name",            SKOS.prefLabel,         text),
            ("name",            SDO.termCode,           slug),
        ),
        shorthand="name",
    ),
    "image": TriplesMap(
        a=SDO.ImageObject,
        subject=Subject(identifiers.image, "url"),
        properties=(
            ("url",             SDO.contentUrl,         url),
            ("width",           SDO.width,              "pixels"),
            ("height",          SDO.height,             "pixels"),
            Row("title",        SDO.caption,            text, unless="../title"),
        ),
        shorthand="url",
        ignored={"isCached": "the site's cache flag; always true"},
    ),
    # schema:width wants a quantity, not a number; E37 is UN/CEFACT's code for a pixel.
    "pixels": TriplesMap(
        a=SDO.QuantitativeValue,
        subject=Subject(identifiers.pixels, "value"),
        properties=(("value",   SDO.value,              positive_integer),),
        constants=((SDO.unitCode, literal("E37")),),
        shorthand="value",
    ),
}
"""Every kind of node a source can make, by name."""

START: Final = "record"
"""The map every record starts with."""

METADATA: Final[Maps] = {
    "dataset": TriplesMap(
        a=(VOID.Dataset, DCAT.Dataset, SDO.Dataset),
        subject=Subject(identifiers.dataset),
        properties=(
            ("title",           DCTERMS.title,          text),
            ("title",           SDO.name,               text),
            ("license",         DCTERMS.license,        url),
            ("license",         SDO.license,            url),
            ("coverage",        SDO.temporalCoverage,   text),
            ("base",            VOID.uriSpace,          text),
            ("triples",         VOID.triples,           integer),
            ("entities",        VOID.entities,          integer),
            ("subjects",        VOID.distinctSubjects,  integer),
            ("properties",      VOID.properties,        integer),
            ("vocabularies[]",  VOID.vocabulary,        iri),
            ("topics[]",        DCAT.theme,             iri),
            ("example",         VOID.exampleResource,   iri),
            ("classes[]",       VOID.classPartition,    "class partition"),
            ("keyVersion",      KG.keyVersion,          integer),
        ),
    ),
    "class partition": TriplesMap(
        a=VOID.Dataset,
        subject=Subject(identifiers.class_partition, "class"),
        properties=(
            ("class",           VOID["class"],          iri),
            ("entities",        VOID.entities,          integer),
        ),
    ),
}
"""What an export says about itself, from the counts that `datasets` makes of it."""

MANIFEST: Final[Maps] = {
    # The title and the class are the same below any base: one query finds every manifest of a store.
    "manifest": TriplesMap(
        a=VOID.DatasetDescription,
        subject=Subject(identifiers.manifest),
        properties=(
            ("base",            VOID.uriSpace,          text),
            ("schema",          VOID.vocabulary,        iri),
            ("url",             DCTERMS.source,         url),
            ("title",           RDFS.label,             text),
        ),
        constants=((DCTERMS.title, literal("kg manifest")),),
    ),
    "graph": TriplesMap(
        a=VOID.Dataset,
        subject=Subject(identifiers.named_graph, "name"),
        properties=(
            ("digest",          KG.digest,              text),
            ("triples",         VOID.triples,           integer),
            ("exporter",        KG.exporter,            text),
            ("dirty",           KG.dirty,               boolean),
        ),
    ),
    "lease": TriplesMap(
        subject=Subject(identifiers.lease, "token"),
        properties=(
            ("holder",          KG.holder,              text),
            ("heartbeat",       KG.heartbeat,           integer),
        ),
    ),
}
"""What a store knows about the graphs that were loaded into it."""
# fmt: on

DATED: Final = SDO.datePublished
"""The property whose range is the time an export covers."""
THEME: Final = SKOS.Concept
"""The class whose members are the themes of an export."""


def rows(site: Site) -> Iterator[tuple[str, str, str, str]]:
    """Yield the table as a person reads it: node, field, property, object."""
    told: list[tuple[object, ...]] = []
    for name, one in MAPS.items():
        if isinstance(one, Either):
            yield from _choices(name, one)
            continue
        for class_ in one.classes:
            yield name, "", "rdf:type", site.compact(class_)
        alike = [other for other, map_ in MAPS.items() if _properties(map_) == one.properties]
        for row in one.rows if one.properties not in told else ():
            fields = (row.reference,) if isinstance(row.reference, str) else row.reference
            meaning = row.object if isinstance(row.object, str) else _kind(row.object)
            yield ", ".join(alike), " or ".join(fields), site.compact(row.property), meaning
        told.append(one.properties)
        for property_, term in one.constants:
            yield name, "", site.compact(property_), term
        for field, reason in (*one.withheld.items(), *one.ignored.items()):
            yield name, field, "", reason


def _choices(name: str, either: Either) -> Iterator[tuple[str, str, str, str]]:
    for values, chosen in either.choices.items():
        pairs = zip(either.keys, values, strict=True)
        said = ", ".join(f"{key}: {value}" if value else f"no {key}" for key, value in pairs)
        yield name, said, "", chosen
    yield name, "anything else", "", either.otherwise


def _properties(one: TriplesMap | Either) -> object:
    return one.properties if isinstance(one, TriplesMap) else None


def _kind(term: TermMap) -> str:
    return str(term) if isinstance(term, Choice) else term.__name__.replace("_", " ")
