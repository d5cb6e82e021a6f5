"""Articles of any site: lists, sitemaps, and what a page says of itself before what we see."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from scrapy.http import HtmlResponse, Request

from crawlers import articles
from crawlers.addresses import canonical, page_id
from crawlers.pages import decode
from crawlers.spiders import article as module
from crawlers.spiders.article import ArticleSpider
from data.errors import LayoutChanged
from data.model import Gone
from tests.crawlers.conftest import PAGES, make_job, mentions_of
from tests.crawlers.weeks import NOW

SITE = "http://127.0.0.1:1/x"
LIST = f"{SITE}/news/"
DAY = timedelta(days=1)
TITLE = "澄湖消费金融公布新的收费标准"


def spider(target: str = LIST, **job: Any) -> ArticleSpider:
    made = make_job("article", **job)
    fields = {name: getattr(made, name) for name in made.__dataclass_fields__}
    found = ArticleSpider(job=type(made)(**{**fields, "targets": (target,), "base_url": ""}))
    list(found.begin())
    return found


def page(name: str, url: str, change: Callable[[bytes], bytes] = bytes) -> HtmlResponse:
    body = change((PAGES / "article" / name).read_bytes())
    return HtmlResponse(url, body=body, request=Request(url))


def paths(found: Any) -> list[str]:
    return [request.url.removeprefix(SITE) for request in found]


def test_a_list_leads_to_the_articles_of_its_own_host() -> None:
    asked = paths(spider().parse_index(page("list.html", LIST), LIST, 1))
    assert asked == ["/news/story-1.html", "/news/story-2.html", "/news/index_2.html"]


def test_a_list_is_read_until_a_page_brings_no_news() -> None:
    ids = [page_id(f"{LIST}story-{i}.html") for i in (1, 2)]
    mark = {"newest": {LIST: "2026-11-20T00:00:00+00:00"}}
    again = spider(known=dict.fromkeys(ids, ""), watermark=mark)
    assert paths(again.parse_index(page("list.html", LIST), LIST, 1)) == []


def test_a_list_without_links_is_a_changed_layout() -> None:
    with pytest.raises(LayoutChanged, match="no link"):
        list(spider().parse_index(page("no_article.html", LIST), LIST, 1))


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_a_sitemap_leads_to_recent_articles_newest_first(packed: Any) -> None:
    url = f"{SITE}/sitemap.xml"
    asked = paths(spider(url).parse_index(page("sitemap.xml", url, packed), url, 1))
    assert asked == ["/news/undated.html", "/news/story-3.html", "/news/story-1.html"]


def test_a_sitemap_of_sitemaps_is_followed_to_the_recent_ones() -> None:
    url = f"{SITE}/sitemap_index.xml"
    asked = paths(spider(url).parse_index(page("sitemap_index.xml", url), url, 1))
    assert asked == ["/sitemap-2026-11.xml"]


def test_a_back_fill_opens_the_days_asked_for_and_what_has_none() -> None:
    url = f"{SITE}/sitemap.xml"
    made = spider(url)
    made.job = replace(made.job, window=(NOW - 5 * DAY, NOW - DAY))
    asked = paths(made.parse_index(page("sitemap.xml", url), url, 1))
    assert asked == ["/news/undated.html", "/news/story-1.html"]
    listed = spider()
    listed.job = replace(listed.job, window=(NOW - 5 * DAY, NOW - DAY))
    assert len(paths(listed.parse_index(page("list.html", LIST), LIST, 1))) == 3


def test_half_a_sitemap_is_none() -> None:
    url = f"{SITE}/sitemap.xml"
    half = page("sitemap.xml", url, lambda body: body[: len(body) * 2 // 3])
    with pytest.raises(LayoutChanged, match="cut off"):
        list(spider(url).parse_index(half, url, 1))


def test_no_more_articles_than_a_crawl_should_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 2)
    url = f"{SITE}/sitemap.xml"
    first = paths(spider(url).parse_index(page("sitemap.xml", url), url, 1))
    assert first == ["/news/undated.html", "/news/story-3.html"]
    known = {page_id(SITE + path): "" for path in first}
    rest = spider(url, known=known).parse_index(page("sitemap.xml", url), url, 1)
    assert paths(rest) == ["/news/story-1.html"]


def read(name: str) -> articles.Article:
    html = decode((PAGES / "article" / name).read_bytes())
    return articles.read(html, "https://news.example.cn/news/story-1.html", NOW)


def test_json_ld_goes_before_meta_and_both_before_looking() -> None:
    """The JSON-LD of this page has a comma too many, as many have."""
    found = read("json_ld.html")
    assert found.published_at == datetime(2026, 11, 20, 6, 22, 5, tzinfo=UTC)
    assert (found.title, found.author, found.outlet) == (TITLE, "甲记者、乙记者", "示例网")
    assert found.text.startswith("记者获悉，澄湖消费金融近日公布")  # neither title nor time again
    assert "版权所有" not in found.text


def test_meta_goes_before_looking() -> None:
    found = read("meta.html")
    assert found.published_at == datetime(2026, 11, 20, 0, 30, tzinfo=UTC)
    assert found.author == "丙记者"


def test_looking_finds_the_day_and_the_clock_beside_it() -> None:
    found = read("plain_gb18030.html")
    assert found.published_at == datetime(2026, 11, 20, 0, 15, tzinfo=UTC)
    assert found.title == TITLE


def test_a_page_without_an_article_is_a_changed_layout() -> None:
    with pytest.raises(LayoutChanged, match="no article"):
        read("no_article.html")


def test_an_article_becomes_a_mention() -> None:
    made = spider()
    url = f"{LIST}story-1.html"
    response = page("json_ld.html", url)
    (found,) = mentions_of(made.parse_article(response, url, {}))
    assert (found.native_id, found.url, found.title) == (page_id(url), url, TITLE)
    for status in (404, 410):
        (gone,) = made.parse_article(response.replace(status=status), url, {})
        assert isinstance(gone, Gone)
        assert gone.native_id == page_id(url)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.cn/1.html", "http://a.cn/1.html#top"),
        ("https://a.cn/1.html?b=2&a=1", "https://a.cn/1.html?a=1&b=2&utm_source=x&spm=1.2"),
    ],
)
def test_addresses_of_one_page(one: str, other: str) -> None:
    assert page_id(one) == page_id(other)


def test_addresses_of_two_pages() -> None:
    assert page_id("https://a.cn/1.html?id=1") != page_id("https://a.cn/1.html?id=2")
    assert canonical("https://a.cn/1.html?id=1#x") == "https://a.cn/1.html?id=1"
