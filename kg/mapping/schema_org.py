"""The mapping of front matter to schema.org, as a table: the only module that names its terms.

A triples map describes one kind of node: the classes of the node (`a`), the template of its IRI with
the references that fill it (`subject`), and its `properties`. Each row of these has a reference, a
property and an object, which is a term map, or in quotes the map whose node is the object:

    ("excerpt",   SDO.description,   text),      the value of `excerpt`, as text, is the description
    ("topics[]",  SDO.about,         "topic"),   each value of `topics` links to a node of "topic"

A `Row` has a condition or an inverse property as well, and a `Choice` selects a map by the values of
fields. `kg.mapping.language` defines references and conditions. A comment gives the reason of a row.

A file makes two nodes, the work that it is about and the site's record of that work; but a file of
the site's own vocabulary makes a topic or an organization.
"""

from __future__ import annotations

from typing import Final

from kg.mapping.identifiers import (
    PartTemplate,
    class_partition_iri,
    dataset_iri,
    embedded_iri,
    image_iri,
    lease_iri,
    list_item_iri,
    manifest_iri,
    media_iri,
    named_graph_iri,
    offer_iri,
    page_iri,
    periodical_iri,
    person_iri,
    pixels_iri,
    place_iri,
    provider_iri,
    publisher_iri,
    record_iri,
    site_iri,
    source_iri,
    topic_iri,
    topic_set_iri,
    work_iri,
)
from kg.mapping.language import (
    ANY,
    NOTHING,
    AlternativeNames,
    Choice,
    Maps,
    Row,
    SubjectMap,
    TriplesMap,
)
from kg.mapping.term_maps import (
    YesNo,
    amount,
    boolean,
    code,
    count,
    date_time,
    decimal,
    domain,
    domain_url,
    duration,
    free,
    iframe_url,
    integer,
    iri,
    language,
    page_url,
    positive_integer,
    text,
    timestamp,
    url,
)
from kg.model import DCAT, DCTERMS, KG, PROV, RDFS, SDO, SKOS, VOID, literal
from kg.sources import WITHHELD

_OPERATIONAL: Final = {
    "layout": "how the site's generator shows the page",
    "slug": "a part of the page's address, which the site's generator makes",
}

_WORK_SUBJECT: Final = SubjectMap(
    work_iri, "webUrl", "originalUrl", "canonical_url", "@path", "@document"
)

# fmt: off
_WORK: Final = (
    # reference                 property                object
    (("title", "name"),         SDO.headline,           text),
    (("title", "name"),         SDO.name,               text),           # the label that generic tools show
    ("excerpt",                 SDO.description,        text),
    ("publishedDateTime",       SDO.datePublished,      date_time),
    (("webUrl", "originalUrl"), SDO.url,                url),
    Row("originalUrl",          KG.originalUrl,         url, unless=("webUrl", "originalUrl")),
    ("ampWebUrl",               KG.ampUrl,              url),
    ("ampWebUrl",               SDO.mainEntityOfPage,   url),            # the AMP page is about the work
    ("cdnAmpWebUrl",            KG.ampCacheUrl,         url),
    ("quality",                 KG.quality,             integer),        # the site's score; no known scale
    ("heat",                    KG.heat,                count),          # -1 stands for unknown
    ("provider",                SDO.publisher,          "provider"),
    ("provider.authors[]",      SDO.author,             "author"),
    ("topics[]",                SDO.about,              "topic"),
    ("images[]",                SDO.image,              "image"),
    ("related[]",               DCTERMS.relation,       "work"),
)
_EMBEDDED_MEDIA: Final = (
    ("featuredContent",         SDO.associatedMedia,    "embedded"),     # only the media that the HTML embeds
)
_LEARNING: Final = (
    ("price",                   SDO.isAccessibleForFree, free),
    ("price",                   SDO.offers,             "offer"),
    ("levels[]",                SDO.educationalLevel,   text),
    ("ratings",                 SDO.aggregateRating,    "rating"),
)
_LENGTH: Final = (
    ("length",                  SDO.timeRequired,       duration),       # schema:duration is for media only
)
# The fields that Jekyll, Hugo and Eleventy define.
_GENERATOR_FIELDS: Final = (
    ("description",             SDO.description,        text),
    Row(("date", "@date"),      SDO.datePublished,      timestamp, without="publishedDateTime"),
    ("lastmod",                 SDO.dateModified,       timestamp),
    (("canonical_url", "permalink"), SDO.url,           page_url),
    ("tags[]",                  SDO.keywords,           "topic"),        # a weaker claim than schema:about
    ("categories[]",            SDO.keywords,           "topic"),
    ("author[]",                SDO.author,             "author"),
    ("authors[]",               SDO.author,             "author"),
    ("image[]",                 SDO.image,              "image"),
)
_SITE_PUBLISHER: Final = (
    Row("@site",                SDO.publisher,          "publisher", without="provider"),  # the site wrote it itself
)
_RECORD_SUBJECT: Final = SubjectMap(record_iri, "@path", "@document")
_RECORD: Final = (
    ("published",               SDO.creativeWorkStatus, YesNo("Published", "Unpublished")),
    ("draft",                   SDO.creativeWorkStatus, YesNo("Draft", None)),
    ("removed",                 SDO.creativeWorkStatus, YesNo("Obsolete", None)),
    ("related[]",               SDO.relatedLink,        "page"),
    ("@site",                   SDO.isPartOf,           "site"),
    ("@site.locale",            SDO.inLanguage,         language),       # the language of the page; the work may have another
    (".",                       PROV.wasDerivedFrom,    "source"),
    ("@line",                   KG.sourceLine,          integer),
)
_PROVIDER: Final = (
    Row("name",                 SDO.name,               text, preferred=True),
    Row("name",                 SDO.alternateName,      text, unless=("@label", "name")),
    (("domain", "_id"),         SDO.identifier,         domain),
    (("domain", "_id"),         SDO.url,                domain_url),
    ("images[]",                SDO.logo,               "image"),
)
_TOPIC: Final = (
    Row("name",                 SDO.name,               text, preferred=True),
    Row("name",                 SKOS.prefLabel,         text, preferred=True),
    ("@iri",                    SDO.termCode,           code),
)

MAPS: Final[Maps] = {
    # The map of every record: that of the first line whose conditions are all met.
    "entry": Choice((
            ({"@collection": "_data/topics"},           "declared topic"),
            ({"@collection": "_data/organizations"},    "organization"),
            ({"@collection": "_people"},                "profile"),
            ({"type": "profile"},                       "profile"),
            ({"taxonomy": "topic"},                     "declared topic"),
            ({"taxonomy": "organization"},              "organization"),
        ),
        otherwise="record",
        with_notice=False,
    ),
    # The site's own page about a work: the file, the state and the links are those of the page.
    "record": TriplesMap(
        a=SDO.WebPage,
        subject=_RECORD_SUBJECT,
        properties=(
            Row(".",            SDO.mainEntity,         "work", inverse=SDO.mainEntityOfPage),
            *_RECORD,
        ),
        withheld=WITHHELD,
    ),
    "profile": TriplesMap(
        a=SDO.WebPage,
        subject=_RECORD_SUBJECT,
        properties=(
            Row(".",            SDO.mainEntity,         "person", inverse=SDO.mainEntityOfPage),
            *_RECORD,
        ),
        withheld=WITHHELD,
        optional="people",                                               # personal data
    ),
    "source": TriplesMap(
        a=(PROV.Entity, SDO.MediaObject),
        subject=SubjectMap(source_iri, "@path"),
        properties=(
            ("@path",           SDO.name,               text),
            ("@sha256",         SDO.sha256,             text),
            ("@mediaType",      SDO.encodingFormat,     text),
        ),
    ),
    "site": TriplesMap(
        a=SDO.WebSite,
        subject=SubjectMap(site_iri),
        properties=(
            ("title",           SDO.name,               text),
            ("url",             SDO.url,                url),
            ("locale",          SDO.inLanguage,         language),
        ),
    ),
    # A related item has no category of its own, so that of its record decides.
    "work": Choice((
            ({"@collection": "_learning/videos"},       "video"),
            ({"@collection": "_learning/courses"},      "course"),
            ({"@collection": "_learning/collections"},  "collection"),
            ({"@collection": "_samples"},               "sample"),
            ({"@collection": "_communities"},           "community"),
            ({"@collection": "_newsletters"},           "newsletter"),
            ({"@collection": "_deals"},                 "deal"),
            ({"@collection": "_posts"},                 "post"),
            ({"type": "video"},                         "video"),
            ({"type": "course"},                        "course"),
            ({"type": "collection"},                    "collection"),
            ({"type": "book"},                          "book"),
            ({"type": "download"},                      "sample"),
            ({"type": "forum"},                         "community"),
            ({"type": "newsletter"},                    "newsletter"),
            ({"type": "deal"},                          "deal"),
            ({"type": "post"},                          "post"),
            ({"type": "profile"},                       "person"),
            ({"type": "article", "category": "news"},   "news article"),
            ({"type": "article", "@collection": "_news"}, "news article"),
            ({"type": "article"},                       "article"),
            ({"type": NOTHING, "category": "news"},     "news article"),
            ({"type": NOTHING, "@collection": "_news"}, "news article"),
            ({"type": NOTHING, "date": ANY},            "post"),
        ),
        otherwise="creative work",
        inherited=("category",),
    ),
    "news article": TriplesMap(a=SDO.NewsArticle, subject=_WORK_SUBJECT, properties=(*_WORK, *_EMBEDDED_MEDIA)),
    "article": TriplesMap(a=SDO.Article, subject=_WORK_SUBJECT, properties=(*_WORK, *_EMBEDDED_MEDIA)),
    "video": TriplesMap(
        a=SDO.VideoObject,
        subject=_WORK_SUBJECT,
        properties=(
            *_WORK,
            *_LEARNING,
            ("publishedDateTime", SDO.uploadDate,       date_time),
            ("images[]",        SDO.thumbnailUrl,       "address"),
            ("featuredContent", SDO.embedUrl,           iframe_url),
            ("length",          SDO.duration,           duration),
        ),
    ),
    "course": TriplesMap(
        a=SDO.Course,
        subject=_WORK_SUBJECT,
        properties=(
            *_WORK, *_EMBEDDED_MEDIA, *_LEARNING, *_LENGTH,
            ("provider",        SDO.provider,           "provider"),     # who teaches the course publishes it, too
        ),
    ),
    "collection": TriplesMap(
        a=(SDO.ItemList, SDO.LearningResource),
        subject=_WORK_SUBJECT,
        properties=(
            *_WORK, *_EMBEDDED_MEDIA, *_LEARNING, *_LENGTH,
            ("items[]",         SDO.itemListElement,    "list item"),
            ("items[]",         SDO.hasPart,            "listed work"),
        ),
    ),
    "book": TriplesMap(a=SDO.Book, subject=_WORK_SUBJECT, properties=(*_WORK, *_EMBEDDED_MEDIA, *_LEARNING, *_LENGTH, *_GENERATOR_FIELDS)),
    "sample": TriplesMap(
        a=SDO.SoftwareSourceCode,
        subject=_WORK_SUBJECT,
        properties=(
            *_WORK, *_EMBEDDED_MEDIA, *_LEARNING,
            ("actions[]",       SDO.encoding,           "download"),
        ),
    ),
    "community": TriplesMap(
        a=SDO.WebSite,
        subject=_WORK_SUBJECT,
        properties=(
            *_WORK, *_EMBEDDED_MEDIA,
            ("members",         SDO.interactionStatistic, "members"),
        ),
    ),
    "newsletter": TriplesMap(
        a=SDO.Article,
        subject=_WORK_SUBJECT,
        properties=(
            *_WORK, *_EMBEDDED_MEDIA, *_SITE_PUBLISHER,
            ("@site",           SDO.isPartOf,           "periodical"),
        ),
    ),
    "deal": TriplesMap(
        a=SDO.Offer,
        subject=_WORK_SUBJECT,
        properties=(
            (("title", "name"), SDO.name,               text),
            ("excerpt",         SDO.description,        text),
            (("webUrl", "originalUrl"), SDO.url,        url),
            ("price",           SDO.price,              amount),
            ("currency",        SDO.priceCurrency,      text),
            ("provider",        SDO.seller,             "provider"),
            ("topics[]",        SDO.category,           "topic"),
            ("images[]",        SDO.image,              "image"),
            (".",               SDO.itemOffered,        "product"),
        ),
        ignored={"heat": "the site's score, which is of works"},
    ),
    "product": TriplesMap(
        a=SDO.Product,
        subject=SubjectMap(PartTemplate("product"), "@iri"),
        properties=(
            (("title", "name"), SDO.name,               text),
            ("images[]",        SDO.image,              "image"),
        ),
    ),
    "post": TriplesMap(
        a=SDO.BlogPosting, subject=_WORK_SUBJECT, properties=(*_WORK, *_EMBEDDED_MEDIA, *_GENERATOR_FIELDS, *_SITE_PUBLISHER), ignored=_OPERATIONAL,
    ),
    "creative work": TriplesMap(
        a=SDO.CreativeWork, subject=_WORK_SUBJECT, properties=(*_WORK, *_EMBEDDED_MEDIA, *_GENERATOR_FIELDS), ignored=_OPERATIONAL,
    ),
    # A web page or a file whose IRI is its URL.
    "page": TriplesMap(subject=SubjectMap(page_iri, "webUrl", "originalUrl")),
    "address": TriplesMap(subject=SubjectMap(page_iri, "url"), shorthand="url"),
    # A work of the site itself that a collection lists by the path of its file.
    "listed work": TriplesMap(subject=SubjectMap(list_item_iri, "path", ("../@path", "../../@path"), alias_only=True), shorthand="path"),
    "list item": TriplesMap(
        a=SDO.ListItem,
        subject=SubjectMap(PartTemplate(), "../@iri", "@position"),
        properties=(
            ("@position",       SDO.position,           integer),
            ("path",            SDO.item,               "listed work"),
        ),
        shorthand="path",
    ),
    "provider": TriplesMap(
        a=SDO.Organization,
        subject=SubjectMap(provider_iri, ("domain", "_id"), "name"),
        properties=_PROVIDER,
        shorthand="name",
        ignored={"authors": "read where the work is"},
    ),
    "organization": TriplesMap(
        a=SDO.Organization,
        subject=SubjectMap(provider_iri, ("domain", "_id"), "name"),
        names=AlternativeNames("provider", name="name", short_name="shortname", other_names="otherNames[]"),
        properties=(
            *_PROVIDER,
            Row("_id",          SDO.identifier,         domain, unless=("domain", "_id")),
            Row("shortname",    SDO.alternateName,      text, unless="name"),
            Row("otherNames[]", SDO.alternateName,      text, unless="name"),
            ("description",     SDO.description,        text),
            (".",               PROV.wasDerivedFrom,    "source"),
        ),
        withheld=WITHHELD,
    ),
    # The site as the publisher of its own works, and its newsletters as a series.
    "publisher": TriplesMap(
        a=SDO.Organization,
        subject=SubjectMap(publisher_iri, "title"),
        properties=(
            ("title",           SDO.name,               text),
            ("url",             SDO.url,                url),
        ),
    ),
    "periodical": TriplesMap(
        a=SDO.Periodical,
        subject=SubjectMap(periodical_iri, "title"),
        properties=(("title",   SDO.name,               text),),
    ),
    "author": TriplesMap(
        a=SDO.Person,
        subject=SubjectMap(person_iri, "name", "../provider.domain"),
        properties=(
            ("name",            SDO.name,               text),
            ("url",             SDO.url,                url),
        ),
        shorthand="name",
    ),
    "person": TriplesMap(
        a=SDO.Person,
        subject=SubjectMap(person_iri, ("name", "title")),
        properties=(
            (("name", "title"), SDO.name,               text),
            (("bio", "excerpt"), SDO.description,       text),
            ("location",        SDO.homeLocation,       "place"),
            ("website",         SDO.url,                url),
            ("affiliation",     SDO.affiliation,        "provider"),
            ("twitter.url",     SDO.sameAs,             url),
            ("twitter.username", SDO.alternateName,     text),
            ("twitter.followers", SDO.interactionStatistic, "followers"),
            ("linkedin.url",    SDO.sameAs,             url),
            ("topics[]",        SDO.knowsAbout,         "topic"),
            ("images[]",        SDO.image,              "image"),
        ),
        ignored={"heat": "the site's score, which is of works"},
        optional="people",
    ),
    "place": TriplesMap(
        a=SDO.Place,
        subject=SubjectMap(place_iri, "name"),
        properties=(("name",    SDO.name,               text),),
        shorthand="name",
    ),
    "followers": TriplesMap(
        a=SDO.InteractionCounter,
        subject=SubjectMap(PartTemplate("followers"), "../@iri"),
        properties=(("count",   SDO.userInteractionCount, count),),
        constants=((SDO.interactionType, SDO.FollowAction),),
        shorthand="count",
    ),
    "members": TriplesMap(
        a=SDO.InteractionCounter,
        subject=SubjectMap(PartTemplate("members"), "../@iri"),
        properties=(("count",   SDO.userInteractionCount, count),),
        constants=((SDO.interactionType, SDO.JoinAction),),
        shorthand="count",
    ),
    # A topic that a work mentions. Only a file about the topic makes it a member of the topic set.
    "topic": TriplesMap(
        a=(SDO.DefinedTerm, SKOS.Concept),
        subject=SubjectMap(topic_iri, ("_id", "name")),
        properties=_TOPIC,
        shorthand="name",
    ),
    "declared topic": TriplesMap(
        a=(SDO.DefinedTerm, SKOS.Concept),
        subject=SubjectMap(topic_iri, ("_id", "name")),
        names=AlternativeNames("topic", name="name", short_name="shortname"),
        properties=(
            *_TOPIC,
            ("_id",             SDO.identifier,         text),
            Row("shortname",    SDO.alternateName,      text, unless="name"),
            Row("shortname",    SKOS.altLabel,          text, unless="name"),
            ("description",     SDO.description,        text),
            ("description",     SKOS.definition,        text),
            Row("keywords[]",   SKOS.hiddenLabel,       text, unless="name"),
            Row("hashtags[ ]",  SKOS.hiddenLabel,       text, unless="name"),
            ("parent",          SKOS.broader,           "topic"),
            ("services.*",      RDFS.seeAlso,           url),
            ("images[]",        SDO.image,              "image"),
            Row(".",            SDO.inDefinedTermSet,   "topic set", inverse=SDO.hasDefinedTerm),
            Row(".",            SKOS.inScheme,          "topic set"),
            Row(".",            SKOS.topConceptOf,      "topic set", inverse=SKOS.hasTopConcept, without="parent"),
            (".",               PROV.wasDerivedFrom,    "source"),
        ),
        withheld=WITHHELD,
    ),
    "topic set": TriplesMap(
        a=(SDO.DefinedTermSet, SKOS.ConceptScheme),
        subject=SubjectMap(topic_set_iri),
        constants=((SDO.name, literal("Topics")),),
    ),
    "image": TriplesMap(
        a=SDO.ImageObject,
        subject=SubjectMap(image_iri, ("url", "path", "src")),
        properties=(
            (("url", "path", "src"), SDO.contentUrl,    url),
            ("width",           SDO.width,              "pixels"),
            ("height",          SDO.height,             "pixels"),
            Row("title",        SDO.caption,            text, unless=("../title", "../name")),
            ("alt",             SDO.description,        text),
        ),
        shorthand="url",
        ignored={"isCached": "the site's cache flag; always true"},
    ),
    # The range of schema:width is a quantity, not a number; E37 is UN/CEFACT's code for a pixel.
    "pixels": TriplesMap(
        a=SDO.QuantitativeValue,
        subject=SubjectMap(pixels_iri, "value"),
        properties=(("value",   SDO.value,              positive_integer),),
        constants=((SDO.unitCode, literal("E37")),),
        shorthand="value",
    ),
    "embedded": TriplesMap(
        a=SDO.MediaObject,
        subject=SubjectMap(embedded_iri, "html"),
        properties=(("html",    SDO.embedUrl,           iframe_url),),
        shorthand="html",
    ),
    "download": TriplesMap(
        a=SDO.MediaObject,
        subject=SubjectMap(media_iri, "url"),
        properties=(
            ("url",             SDO.contentUrl,         url),
            ("title",           SDO.name,               text),
            ("attribution",     SDO.creditText,         text),
        ),
        shorthand="url",
        ignored={"type": "what a button does; always a download"},
    ),
    "rating": TriplesMap(
        a=SDO.AggregateRating,
        subject=SubjectMap(PartTemplate("rating"), "../@iri"),
        properties=(
            ("count",           SDO.ratingCount,        count),
            ("average",         SDO.ratingValue,        decimal),
        ),
    ),
    # The price of a work that is not free.
    "offer": TriplesMap(
        a=SDO.Offer,
        subject=SubjectMap(offer_iri, "../@iri", "price"),
        properties=(("price",   SDO.price,              amount),),
        shorthand="price",
    ),
}
"""The map of each kind of node that a source can make, by its name."""

START: Final = "entry"
"""The map of every record."""

METADATA: Final[Maps] = {
    "dataset": TriplesMap(
        a=(VOID.Dataset, DCAT.Dataset, SDO.Dataset),
        subject=SubjectMap(dataset_iri),
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
        subject=SubjectMap(class_partition_iri, "class"),
        properties=(
            ("class",           VOID["class"],          iri),
            ("entities",        VOID.entities,          integer),
        ),
    ),
}
"""The maps of an export's description of itself, from its statistics."""

MANIFEST: Final[Maps] = {
    # The title and the class do not depend on the base: one query finds every manifest of a store.
    "manifest": TriplesMap(
        a=VOID.DatasetDescription,
        subject=SubjectMap(manifest_iri),
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
        subject=SubjectMap(named_graph_iri, "name"),
        properties=(
            ("digest",          KG.digest,              text),
            ("triples",         VOID.triples,           integer),
            ("exporter",        KG.exporter,            text),
            ("dirty",           KG.dirty,               boolean),
        ),
    ),
    "lease": TriplesMap(
        subject=SubjectMap(lease_iri, "token"),
        properties=(
            ("holder",          KG.holder,              text),
            ("heartbeat",       KG.heartbeat,           integer),
        ),
    ),
}
"""The maps of a store's list of the graphs that were loaded into it."""

PUBLICATION_DATE: Final = SDO.datePublished
"""The property whose values give the period that an export covers."""
THEME: Final = SKOS.Concept
"""The class whose instances are the themes of an export."""
LISTED_WORKS: Final = ("items[]", "listed work")
"""The reference to a list of works by the paths of their files, and the map of such a path."""
WORK: Final = "work"
"""The map of the work that a file is about."""
RECORD: Final = "record"
"""The map of the site's own page about a work."""
MAIN_ENTITY: Final = SDO.mainEntity
"""The property that links such a page to its work."""
RELATED: Final = DCTERMS.relation
"""A property that only works have."""
