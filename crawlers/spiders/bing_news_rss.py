"""Bing News as a feed: a keyword's newest, links unwrapped."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from scrapy.http import Response

from crawlers.feeds import FeedSpider
from crawlers.pages import plain


class BingNewsRss(FeedSpider):
    """Targets are keywords. A cold session matches loosely: what lacks the word is dropped."""

    name = "bing_news_rss"

    def feed(self, target: str) -> str:
        """Return the feed of a keyword."""
        asked = {"q": target, "format": "rss", "mkt": "zh-CN", "setlang": "zh-hans"}
        return f"/news/search?{urlencode(asked)}"

    def link(self, entry: Any) -> str:
        """Return the address that Bing's own counts clicks on the way to."""
        link = super().link(entry)
        parts = urlsplit(link)
        wrapped = parse_qs(parts.query).get("url") if "apiclick" in parts.path else None
        return wrapped[0] if wrapped else link

    def outlet(self, response: Response, entry: Any) -> str:
        """Return the medium that Bing names."""
        return plain(entry.get("news_source", "")) or super().outlet(response, entry)
