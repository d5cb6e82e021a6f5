"""Feeds: saved ones, replayed; entities, charsets, wrapped links, placeholders, halves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from crawlers.feeds import entries_of
from crawlers.spiders.bing_news_rss import BingNewsRss
from crawlers.spiders.gnews_rss import GnewsRss
from crawlers.spiders.rss_feed import RssFeed
from data.errors import LayoutChanged, Refused
from tests.crawlers.conftest import PAGES, saved_page

Make = Callable[..., Any]
NAME = "澄湖消费金融"


def parsed(made: Any, page: str, target: str = NAME) -> list[Any]:
    return list(made.parse_feed(saved_page(str(made.name), page), target))


def test_google_hangs_the_publisher_on_the_title(spider: Make) -> None:
    (found,) = parsed(spider(GnewsRss), "search.xml")  # the placeholder and the crabs are dropped
    assert (found.title, found.outlet, found.text) == (f"{NAME}回应投诉 - 核查中", "示例媒体", "")
    assert found.url == "https://news.google.com/rss/articles/CBMexample1?oc=5"  # never resolved
    assert found.published_at == datetime(2026, 11, 20, 6, 22, 1, tzinfo=UTC)


def test_google_with_a_placeholder_alone_is_a_refusal(spider: Make) -> None:
    with pytest.raises(Refused, match="not available"):
        parsed(spider(GnewsRss), "unavailable.xml")


def test_google_is_asked_as_far_back_as_was_not_read(spider: Make) -> None:
    def words(**job: Any) -> str:
        return str(parse_qs(urlsplit(spider(GnewsRss, **job).feed(NAME)).query)["q"][0])

    assert words() == NAME
    assert words(watermark={"newest": {NAME: "2026-11-20T03:00:00+00:00"}}) == f"{NAME} when:3d"


def test_bing_links_are_unwrapped_and_loose_matches_dropped(spider: Make) -> None:
    (found,) = parsed(spider(BingNewsRss), "search.xml")
    assert found.url == "https://news.example.cn/a/1.html?id=7&p=2"
    assert (found.title, found.outlet) == (f"{NAME}公布收费标准", "示例财经")
    assert found.text == f"据示例消息，{NAME}……"


def test_atom_with_its_whole_text(spider: Make) -> None:
    (found,) = parsed(spider(RssFeed), "atom.xml", "/x")
    assert found.title == "消费金融观察：收费透明"
    assert found.text == "第一段。\n第二段 <引用>。"
    assert (found.author, found.url) == ("示例作者", "https://blog.example.cn/1")
    assert found.published_at == datetime(2026, 11, 20, 6, 22, 5, tzinfo=UTC)


def test_rss_in_gb2312_without_a_zone_and_without_a_time(spider: Make) -> None:
    first, second = parsed(spider(RssFeed), "rss_gb2312.xml", "/x")  # a wordless entry is none
    assert first.title == "没有时区的时间"
    assert first.published_at == datetime(2026, 11, 20, 6, 22, 5, tzinfo=UTC)  # Shanghai's
    assert (second.published_at, second.outlet) == (None, "news.example.cn")


def test_a_feed_anywhere_is_asked_at_its_own_address(spider: Make) -> None:
    request = spider(RssFeed)
    made = RssFeed(job=_with_targets(request.job, ("https://feeds.example.cn/a.xml", "/route")))
    assert [r.url for r in made.begin()] == [
        "https://feeds.example.cn/a.xml",
        "http://127.0.0.1:1/x/route",
    ]
    assert made.allowed_domains == ["127.0.0.1", "feeds.example.cn"]


def _with_targets(job: Any, targets: tuple[str, ...]) -> Any:
    fields = {name: getattr(job, name) for name in job.__dataclass_fields__}
    return type(job)(**{**fields, "targets": targets})


def test_an_edited_entry_comes_again_within_the_overlap_only(spider: Make) -> None:
    (found,) = parsed(spider(RssFeed), "atom.xml", "/x")
    known = {found.native_id: ""}
    recent = {"newest": {"/x": "2026-11-21T00:00:00+00:00"}}
    old = {"newest": {"/x": "2026-11-25T00:00:00+00:00"}}
    assert len(parsed(spider(RssFeed, known=known, watermark=recent), "atom.xml", "/x")) == 1
    assert parsed(spider(RssFeed, known=known, watermark=old), "atom.xml", "/x") == []


FEEDS = sorted([*PAGES.glob("*_rss/*.xml"), *PAGES.glob("rss_feed/*.xml")])


@pytest.mark.parametrize("file", FEEDS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_half_a_feed_is_none(file: Any) -> None:
    body = file.read_bytes()
    assert isinstance(entries_of(body), list)
    with pytest.raises(LayoutChanged, match=r"cut off|no RSS"):
        entries_of(body[: len(body) * 2 // 3])


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"<html><body>x</body></html>", b"<?xml version='1.0'?><a/>"]
)
def test_what_is_no_feed(body: bytes) -> None:
    with pytest.raises(LayoutChanged, match="no RSS or Atom"):
        entries_of(body)


def test_an_entity_bomb_does_not_go_off() -> None:
    bomb = b"""<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">
    <!ENTITY x SYSTEM "file:///etc/passwd">]>
    <rss version="2.0"><channel><item><title>t &b; &x;</title></item></channel></rss>"""
    (entry,) = entries_of(bomb)
    assert "aaaa" not in entry.title
    assert "root:" not in entry.title
