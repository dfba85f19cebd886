from __future__ import annotations

import pytest

from kg.mapping.urls import clean_url, url_host, url_key
from kg.model.errors import InvalidValue

SITE = "https://example.org/blog"


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("?w=1&h=2", "?w=1&amp;h=2"),
        ("?w=1&h=2", "?w=1&#038;h=2"),
        ("?w=1&h=2", "?w=1&#x26;h=2"),
        ("?w=1&h=2", "?w=1&amp;amp;h=2"),
        ("?w=it's", "?w=it&apos;s"),
        ("?a=1&copy=2&reg=3", "?a=1&copy=2&reg=3"),
        ("?a=1&copy;=2", "?a=1&copy;=2"),
        ("?amp&amp&amp&amp", "?amp&amp&amp&amp"),
    ],
)
def test_xml_entities_are_decoded_even_when_escaped_repeatedly(expected: str, text: str) -> None:
    assert f"https://a.org/{expected}" == clean_url(f"https://a.org/{text}", None)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.mercurynews.com/2018/08/SJM.jpg?w=1024&h=768",
        "https://mondrian.mashable.com/2020%252F06%252F11.jpg?signature=pC2qMYmF=",
        "https://example.org//double//slash/",
        "https://example.org/?amp&amp&amp&amp",
        "https://example.org/a;b,c:d@e!$'()*+~_.-",
        "https://example.org#",
        "https://user:word@example.org:8080/",
        "http://[2001:db8::1]:80/a",
    ],
)
def test_a_legal_url_stays_as_it_is(url: str) -> None:
    assert url == clean_url(url, None)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("https://a.org/x", " \n https://a.org/x\t"),
        ("https://a.org/x%20y", "https://a.org/x y"),
        ("https://a.org/%7Bid%7D", "https://a.org/{id}"),
        ("https://a.org/%5B1%5D?b%5B%5D=2", "https://a.org/[1]?b[]=2"),
        ("https://a.org/%25zz%20%252F", "https://a.org/%zz%20%252F"),
        ("https://a.org/100%25", "https://a.org/100%"),
        ("https://a.org/caf%C3%A9", "https://a.org/café"),
        ("https://caf%C3%A9.org/", "https://café.org/"),
        ("https://a.org/%22%3C%3E%5C%5E%60%7C", 'https://a.org/"<>\\^`|'),
        ("https://a.org/x%0Ay", "https://a.org/x\ny"),
        ("https://a.org/#a%23b", "https://a.org/#a#b"),
        ("https://Example.org/A", "HTTPS://Example.org/A"),
        ("https://a%20b:c@[::1]/", "https://a b:c@[::1]/"),
    ],
)
def test_illegal_characters_in_a_url_are_percent_encoded(expected: str, text: str) -> None:
    assert expected == clean_url(text, None)


@pytest.mark.parametrize("site", [SITE, f"{SITE}/"])
@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("https://example.org/blog/assets/a.png", "/assets/a.png"),
        ("https://example.org/blog/assets/a.png", "assets/a.png"),
        ("https://example.org/blog/?p=1", "?p=1"),
        ("https://cdn.example.org/a.png", "//cdn.example.org/a.png"),
        ("https://other.org/", "https://other.org/"),
    ],
)
def test_a_relative_url_is_below_the_site(expected: str, text: str, site: str) -> None:
    assert expected == clean_url(text, site)


@pytest.mark.parametrize("site", [None, SITE])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "javascript:alert(1)",
        "mailto:a@b.org",
        "ftp://a.org/",
        "http:/a.org/",
        "https://",
        "https:///path",
        "https://a:b/",
        "https://a@b@c/",
        "https://[1]/",
        "https://[::1/",
        "https://[v1.a]/",
        "https://a.org/\ud800",
        "https://\ud800@[::1]/",
    ],
)
def test_a_text_that_cannot_become_an_absolute_http_url_is_refused(
    text: str, site: str | None
) -> None:
    with pytest.raises(InvalidValue, match=r"not an absolute http\(s\) URL|not Unicode"):
        clean_url(text, site)


def test_a_relative_url_without_a_site_is_refused_with_the_reason() -> None:
    with pytest.raises(InvalidValue, match="no site URL is known for it"):
        clean_url("/assets/a.png", None)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/story",
        "http://example.org/story",
        "https://www.example.org/story/",
        "https://EXAMPLE.org:443/story",
        "http://example.org:80/story/",
        "https://example.org/story#comments",
        "https://example.org/story?",
        "https://example.org/story?utm_source=a&utm_medium=b&fbclid=c",
        "https://example.org/story?amp",
        "https://example.org/story?amp=1&outputType=amp",
        "https://example.org/story/?amp&amp&amp&amp",
    ],
)
def test_spellings_of_one_page_have_one_key(url: str) -> None:
    assert "https://example.org/story" == url_key(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org:8080/story",
        "https://amp.example.org/story",
        "https://mywww.org/story",
        "https://example.www.org/story",
        "https://example.org/Story",
        "https://example.org/story/amp",
        "https://example.org/story?v=amp",
        "https://example.org/story?id=1&p=2",
        "https://example.org/story?ref=rss",
        "https://example.org/story?outputType=ampere",
        "https://example.org/story#!/deep",
        "https://example.org/story#/deep",
        "https://example.org/a%2Fb",
    ],
)
def test_parts_that_may_select_another_page_stay_in_the_key(url: str) -> None:
    assert url == url_key(url)


def test_escapes_differ_in_nothing_but_case() -> None:
    assert url_key("https://example.org/a%2fb") == url_key("https://example.org/a%2Fb")


def test_parameters_keep_their_order() -> None:
    assert "https://a.org?b=2&a=1" == url_key("https://a.org/?b=2&utm_id=9&a=1")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "https://www.Example.org:8080/a/b",
        "https://user:word@example.org/",
        "https://example.org/?p=1",
        "https://example.org?p=a/b",
        "https://example.org/#/deep",
    ],
)
def test_the_host_of_a_page_is_that_of_its_key(url: str) -> None:
    assert ("example.org", "example.org") == (url_host(url), url_host(url_key(url)))


@pytest.mark.parametrize("host", ["mywww.org", "example.www.org"])
def test_only_a_leading_www_is_left_out_of_the_host(host: str) -> None:
    assert host == url_host(f"https://www.{host}/")


def test_the_host_may_be_an_address() -> None:
    assert "[2001:db8::1]" == url_host("https://[2001:DB8::1]:80/a")
