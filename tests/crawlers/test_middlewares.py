"""What counts as a wall, and what a log may say."""

from __future__ import annotations

import gc
import logging
from typing import Any

import pytest
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawlers import settings
from crawlers.extensions import DiscreetLog, Settled
from crawlers.middlewares import DenyAll, sort_of_wall
from tests.crawlers.weeks import NOW, complaint

WAF = '<!doctype html><textarea id="renderData">{"_waf_1":1}</textarea>'
LOGIN = "<!DOCTYPE html><html><title>用户登录</title></html>"
LINKS = '<html><title>详情</title><a href="/login">登录</a><p>验证码是多少</p></html>'


@pytest.mark.parametrize(
    ("status", "body", "meta", "wall"),
    [
        (456, "", {}, "http_456"),
        (429, "{}", {"json": True}, "http_429"),
        (403, WAF, {}, "http_403"),
        (404, "", {}, ""),
        (200, WAF, {"json": True}, "waf"),
        (200, WAF, {"genuine": "article_list"}, "waf"),
        (200, LOGIN, {}, "login"),
        (200, "\ufeff  " + LOGIN, {}, "login"),
        (200, '<html><input type="password"></html>', {}, "login"),
        (200, '<html><script>location.href="/user/login"</script></html>', {}, "login"),
        (200, "<html><title>百度安全验证</title></html>", {}, "captcha"),
        (200, "<html>nothing known</html>", {"json": True}, "html_for_json"),
        (200, "<html>nothing known</html>", {}, ""),
        (200, LINKS, {}, ""),
        (200, '{"msg": "请登录后安全验证"}', {"json": True}, ""),
        (200, f"<html>article_list {LOGIN} {WAF}</html>", {"genuine": "article_list"}, ""),
    ],
)
def test_walls(status: int, body: str, meta: dict[str, Any], wall: str) -> None:
    response = Response("http://127.0.0.1/", status=status, body=body.encode())
    assert sort_of_wall(meta, response) == wall


def test_deny_all() -> None:
    assert DenyAll().allowed("/", "x") is False
    assert DenyAll().crawl_delay("x") is None


@pytest.mark.parametrize("event", ["scraped", "item_error"])
def test_a_log_names_items_and_quotes_nothing(event: str) -> None:
    item = complaint(1, NOW).mention
    rest = (None, _Spider()) if event == "scraped" else (ValueError("x"), None, None)
    told = getattr(DiscreetLog(), event)(item, *rest)
    line = told["msg"] % told["args"]
    assert item.native_id in line
    assert item.text[:8] not in line
    assert item.author not in line
    assert told["level"] in {logging.DEBUG, logging.ERROR}


class _Spider:
    """Stands for a spider in a log line."""


def test_what_was_imported_is_walked_by_no_collection() -> None:
    assert f"{Settled.__module__}.{Settled.__name__}" in settings.EXTENSIONS
    crawler = Crawler(Spider)
    settled, before = Settled.from_crawler(crawler), gc.get_freeze_count()
    try:
        crawler.signals.send_catch_log(signals.spider_opened)
        assert isinstance(settled, Settled)  # whose signals hold it weakly
        assert gc.get_freeze_count() > before
    finally:
        gc.unfreeze()
