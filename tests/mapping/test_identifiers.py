from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from kg.mapping.identifiers import (
    PLATFORMS,
    NameTemplate,
    PartTemplate,
    class_partition_iri,
    embedded_iri,
    graph_iri,
    image_iri,
    list_item_iri,
    media_iri,
    offer_iri,
    page_iri,
    periodical_iri,
    person_iri,
    pixels_iri,
    place_iri,
    provider_iri,
    publisher_iri,
    record_iri,
    slug,
    source_iri,
    topic_iri,
    work_iri,
)
from kg.model.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Callable

    from kg.model.site import Site


@pytest.mark.parametrize(
    ("expected", "name"),
    [
        ("ai", "AI"),
        ("aws-ai", "AWS AI"),
        ("natural-language-processing", "  Natural   Language\tProcessing "),
        ("c", "C"),
        ("cplusplus", "C++"),
        ("csharp", "C#"),
        ("net", ".NET"),
        ("r-d", "R&D"),
        ("ünïcode", "Ünïcode"),
        ("人工智能", "人工智能"),
        ("искусственный-интеллект", "Искусственный интеллект"),
        ("ai", "\uff21\uff29"),
        ("🚀", "🚀"),
        ("!", " ! "),
    ],
)
def test_a_slug_is_short_and_distinguishes_names(expected: str, name: str) -> None:
    assert expected == slug(name)


WIRED = "https://www.wired.com/story/bill-congress-limit-uses-facial-recognition/"


def test_a_work_is_named_by_host_and_hash_of_its_url_key(site: Site) -> None:
    iri = work_iri(site, WIRED, None, None, None)
    assert "article/wired.com/69c35270f6ece272" == iri


@pytest.mark.parametrize(
    "spelling",
    [WIRED.removesuffix("/"), WIRED.replace("https", "http"), f"{WIRED}?amp", f" {WIRED} "],
)
def test_spellings_of_one_url_name_one_work(site: Site, spelling: str) -> None:
    spellings = {work_iri(site, url, None, None, None) for url in (WIRED, spelling)}
    assert 1 == len(spellings)


def test_the_original_url_names_a_work_without_a_url(site: Site) -> None:
    expected = work_iri(site, WIRED, None, None, None)
    assert expected == work_iri(site, None, WIRED, None, None)
    assert expected == work_iri(site, "javascript:open()", WIRED, None, None)


def test_a_work_without_a_url_is_named_by_its_file_and_document(site: Site) -> None:
    iris = [work_iri(site, None, "  ", "posts/a b.md", number) for number in (0, 1)]
    assert ["work/posts/a%20b", "work/posts/a%20b#2"] == iris


def test_the_host_of_a_work_has_no_query(site: Site) -> None:
    iri = work_iri(site, "https://example.com/?p=123", None, None, None)
    assert iri.startswith("article/example.com/")


def test_a_record_is_named_by_its_path_without_suffix(site: Site) -> None:
    iris = [record_iri(site, path, 0) for path in ("a.md", "d.x/é", ".hidden", "a.b.txt")]
    assert ["record/a", "record/d.x/%C3%A9", "record/.hidden", "record/a.b"] == iris


def test_each_document_of_a_file_has_its_own_record(site: Site) -> None:
    iris = [record_iri(site, "a.yml", number) for number in range(3)]
    assert ["record/a", "record/a#2", "record/a#3"] == iris


def test_a_source_and_its_graph_are_named_by_its_whole_path(site: Site) -> None:
    iris = (source_iri(site, "a b/c?.md"), graph_iri("a b/c?.md"))
    assert ("source/a%20b/c%3F.md", "graph/a%20b/c%3F.md") == iris


def test_a_provider_is_named_by_its_domain_in_lower_case(site: Site) -> None:
    assert "provider/cnn.com" == provider_iri(site, " CNN.com ", "CNN")


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_providers_on_a_platform_are_distinguished_by_name(site: Site, platform: str) -> None:
    iris = {provider_iri(site, platform, name) for name in ("Ada L.", "Bob", None)}
    assert {f"provider/{platform}{who}" for who in ("/ada-l", "/bob", "")} == iris


def test_a_topic_is_named_by_the_slug_of_its_name(site: Site) -> None:
    iris = [topic_iri(site, name) for name in ("C++", "人工智能", 42)]
    assert ["topic/cplusplus", "topic/%E4%BA%BA%E5%B7%A5%E6%99%BA%E8%83%BD", "topic/42"] == iris


def test_an_image_is_named_by_the_hash_of_its_cleaned_url(site: Site) -> None:
    iris = {
        image_iri(site, url)
        for url in ("https://a.org/i.png?w=1&h=2", " https://a.org/i.png?w=1&amp;h=2 ")
    }
    assert 1 == len(iris)
    assert re.fullmatch(r"image/[0-9a-f]{16}", iris.pop())


def test_a_number_of_pixels_is_one_node_however_it_is_spelled(site: Site) -> None:
    assert {"px/860"} == {pixels_iri(site, number) for number in (860, "860")}


@pytest.mark.parametrize("number", [0, -1, "012", "860px", 860.5, True, "12345678901"])
def test_pixels_are_whole_and_above_zero(site: Site, number: object) -> None:
    with pytest.raises(InvalidValue, match="not a whole number of pixels above 0") as error:
        pixels_iri(site, number)
    assert number is error.value.culprit


@pytest.mark.parametrize(
    ("template", "message"),
    [
        (page_iri, "no URL, so it cannot be identified; give it a webUrl"),
        (image_iri, "no URL, so it cannot be identified; give it a url"),
        (topic_iri, "no name, so it cannot be identified; give it one"),
    ],
)
@pytest.mark.parametrize("empty", [None, "", "  ", [], {}])
def test_a_node_without_a_value_cannot_be_identified(
    site: Site, template: Callable[..., str], message: str, empty: object
) -> None:
    with pytest.raises(InvalidValue, match=re.escape(message)) as error:
        template(site, empty)
    assert error.value.culprit is None


def test_a_name_that_is_not_unicode_identifies_nothing(site: Site) -> None:
    with pytest.raises(InvalidValue, match="not Unicode text: it contains a lone surrogate"):
        topic_iri(site, "\ud83d")


def test_a_provider_without_a_domain_is_named_by_the_slug_of_its_name(site: Site) -> None:
    assert "provider/the-guild-co" == provider_iri(site, None, " The Guild & Co. ")


def test_a_name_that_looks_like_a_domain_names_no_domain(site: Site) -> None:
    named = provider_iri(site, None, "cnn.com")
    assert named != provider_iri(site, "cnn.com", "CNN")


@pytest.mark.parametrize("empty", [None, "", "  ", [], {}])
def test_a_provider_without_a_domain_and_a_name_cannot_be_identified(
    site: Site, empty: object
) -> None:
    with pytest.raises(InvalidValue, match="no domain, so it cannot be identified; give it one"):
        provider_iri(site, empty, empty)


def test_a_url_that_is_not_http_is_the_culprit(site: Site) -> None:
    with pytest.raises(InvalidValue, match=r"not an absolute http\(s\) URL") as error:
        work_iri(site, "javascript:open()", None, None, None)
    assert "javascript:open()" == error.value.culprit


def test_a_class_partition_is_named_by_prefix_and_name(site: Site) -> None:
    iri = class_partition_iri(site, "https://schema.org/Person")
    assert "dataset/schema-Person" == iri


def test_classes_of_one_name_are_two_partitions(site: Site) -> None:
    classes = ("https://schema.org/Person", "http://xmlns.com/foaf/0.1/Person", "urn:Person")
    assert 3 == len({class_partition_iri(site, iri) for iri in classes})


# ---- the other kinds of a site


def test_a_part_is_named_below_its_whole(site: Site) -> None:
    rating, item = PartTemplate("rating"), PartTemplate()
    assert "article/a.org/1#rating" == rating(site, "article/a.org/1")
    assert "work/list#3" == item(site, "work/list", 3)
    assert "work/many#2-3" == item(site, "work/many#2", 3)


def test_no_two_parts_have_one_name(site: Site) -> None:
    templates = (PartTemplate("rating"), PartTemplate("members"), offer_iri)
    named = {template(site, "work/a", *[9] * (template is offer_iri)) for template in templates}
    assert {"work/a#rating", "work/a#members", "work/a#offer"} == named


@pytest.mark.parametrize("price", ["Free", " free ", "FREE", 0, "0", "0.00", 0.0])
def test_a_free_item_has_no_offer(site: Site, price: object) -> None:
    assert None is offer_iri(site, "work/a", price)


@pytest.mark.parametrize("price", [19.5, "19.50", "$49", "00"])
def test_an_item_with_a_price_has_an_offer(site: Site, price: object) -> None:
    assert "work/a#offer" == offer_iri(site, "work/a", price)


def test_a_person_is_named_by_the_name_below_the_domain_of_a_publisher(site: Site) -> None:
    assert "person/ada-l" == person_iri(site, "Ada L.")
    assert "person/a.org/ada-l" == person_iri(site, " Ada L. ", " A.org ")
    assert person_iri(site, "艾达") != person_iri(site, "阿达")


@pytest.mark.parametrize("empty", [None, "", "  ", [], {}])
def test_a_person_without_a_name_cannot_be_identified(site: Site, empty: object) -> None:
    with pytest.raises(InvalidValue, match="no name, so it cannot be identified; give it one"):
        person_iri(site, empty, "a.org")


def test_a_place_is_named_by_the_slug_of_its_name(site: Site) -> None:
    assert "place/broken-arrow-ok" == place_iri(site, "Broken Arrow, OK")


def test_a_download_is_named_by_the_hash_of_its_cleaned_url(site: Site) -> None:
    spelled = ("https://a.org/a.zip?b=1&c=2", " https://a.org/a.zip?b=1&amp;c=2")
    (named,) = {media_iri(site, url) for url in spelled}
    assert re.fullmatch(r"media/[0-9a-f]{16}", named)
    with pytest.raises(InvalidValue, match="no URL, so it cannot be identified; give it a url"):
        media_iri(site, " ")


def test_an_embedded_frame_is_named_by_its_address_only(site: Site) -> None:
    url = "https://a.org/embed/1"
    embedded = {
        embedded_iri(site, f"<iframe src='{url}' width=8>"),
        embedded_iri(site, f'<p>SECRET</p><IFRAME SRC="{url}"></iframe>'),
    }
    assert {media_iri(site, url)} == embedded
    assert None is embedded_iri(site, "<p>SECRET</p>")


def test_only_a_site_with_a_title_publishes(site: Site) -> None:
    templates = (publisher_iri, periodical_iri)
    assert ["publisher", "newsletters"] == [template(site, "A site") for template in templates]
    assert [None, None] == [template(site, None) for template in templates]


def test_a_path_in_a_list_is_an_alias_of_its_own(site: Site) -> None:
    assert "listed/_learning/a.md#videos/x" == list_item_iri(site, " videos/x", "_learning/a.md")


def test_a_kind_that_a_site_adds_has_its_own_folder(site: Site) -> None:
    tool = NameTemplate("Kitchen tool")
    assert "kitchen-tool/whisk-2" == tool(site, " Whisk  2 ")
    with pytest.raises(InvalidValue, match="no name, so it cannot be identified; give it one"):
        tool(site, None)


def test_a_work_is_named_by_its_first_valid_address(site: Site) -> None:
    urls = (None, "nonsense", WIRED, "https://b.org/")
    assert work_iri(site, *urls, "a.md", 0) == work_iri(site, WIRED, "a.md", 0)
    assert "work/a" == work_iri(site, None, "nonsense", "a.md", 0)
