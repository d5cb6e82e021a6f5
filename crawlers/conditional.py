"""Ask for a page we hold only if it has changed since (RFC 9110, section 13).

The validators are those that the page came with: they stand in the archive with it. A 304 is
answered from there, with the page as it was received, so whoever parses sees what the site shows:
an unchanged list is a list that was read.
"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.http import Headers, Request, Response
from scrapy.responsetypes import responsetypes

from crawlers.pages import lasting

CAPTURE = "capture"
"""The key of a request's meta under which its answer's capture travels to the spider."""
UNCHANGED = "unchanged"
"""The flag of a response that came from the archive because the site said 304."""
WHOLE = "whole"
"""The key of a request's meta that asks for the page whatever we hold."""
_HELD = "held"
_VALIDATORS = {"etag": "If-None-Match", "last-modified": "If-Modified-Since"}


class Unchanged:
    """Send validators and read 304s; it stands just above the Keeper, which keeps no 304."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one for a crawl."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Say which version of a page we hold, if the last good run had read it."""
        for name in _VALIDATORS.values():  # a redirect copies headers
            request.headers.pop(name, None)
        request.meta.pop(_HELD, None)
        spider: Any = self.crawler.spider
        read_until = spider.job.watermark.get("read_until")
        if not read_until or self._asks_anew(request):
            return
        held = spider.job.held(request.url)
        if held is None or held[1].fetched_at > datetime.fromisoformat(read_until):
            return
        said = {name.lower(): value for name, value in held[0].headers}
        found = {ours: said[theirs] for theirs, ours in _VALIDATORS.items() if said.get(theirs)}
        for name, value in found.items():
            request.headers[name] = value
        if found:
            request.meta[_HELD] = held

    def process_response(self, request: Request, response: Response) -> Response:
        """Answer a 304 with the page as it was received; pass all else on."""
        if response.status != HTTPStatus.NOT_MODIFIED or _HELD not in request.meta:
            return response
        page, capture = request.meta[_HELD]
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value("pages/unchanged")
        request.meta[CAPTURE] = capture
        headers = Headers()
        for name, value in page.headers:
            headers.appendlist(name, value)
        kind = responsetypes.from_args(headers=headers, url=page.url, body=page.body)
        return kind(
            page.url, status=page.status, headers=headers, body=page.body, flags=[UNCHANGED]
        )

    @staticmethod
    def _asks_anew(request: Request) -> bool:
        signed = lasting(request.url) != request.url
        robots = request.url.endswith("/robots.txt")
        return request.method != "GET" or signed or robots or bool(request.meta.get(WHOLE))


def asked_anew(response: Response) -> Request | None:
    """Return the request for the whole page, if a page from the archive is what was answered."""
    if UNCHANGED not in response.flags or response.request is None:
        return None
    meta = {**response.request.meta, WHOLE: True}
    return response.request.replace(meta=meta, dont_filter=True)
