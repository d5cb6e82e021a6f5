"""What spiders yield are Mentions; here is how a page becomes the capture they point to."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import datetime
from http import HTTPStatus
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from crawlers.conditional import CAPTURE
from crawlers.middlewares import close
from crawlers.pages import lasting
from data.errors import StoreError
from data.evidence import Page
from data.model import Capture


class Keeper:
    """Keep every answer as received: nearest to the network, before anything is decoded."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one for a crawl."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep the answer, good or bad; a store that fails ends the crawl in its own words."""
        spider: Any = self.crawler.spider
        assert self.crawler.stats is not None
        if response.status == HTTPStatus.NOT_MODIFIED:
            return response
        if self.crawler.stats.get_value("store/error"):
            raise IgnoreRequest("the store has failed")
        try:
            request.meta[CAPTURE] = spider.job.keep(page(request, response, spider.job.clock()))
        except StoreError as error:
            self.crawler.stats.set_value("store/error", str(error))
            self._closing = asyncio.ensure_future(close(self.crawler, "store_error"))
            raise IgnoreRequest(str(error)) from None
        return response


def page(request: Request, response: Response, now: datetime) -> Page:
    """Return an answer as data/evidence.py keeps it."""
    return Page(
        url=response.url,
        status=response.status,
        headers=_headers(response),
        body=response.body,
        fetched_at=now,
        asked=_headers(request),
    )


def capture(response: Response, source: str, fetched_at: datetime) -> Capture:
    """Return the capture of a page; one that came from no network is known by its hash alone."""
    kept = response.request.meta.get(CAPTURE) if response.request is not None else None
    if isinstance(kept, Capture):
        return kept
    return Capture(
        source=source,
        url=lasting(response.url),
        status=response.status,
        fetched_at=fetched_at,
        sha256=hashlib.sha256(response.body).hexdigest(),
        size=len(response.body),
    )


def _headers(message: Request | Response) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in message.headers.items()
        for value in values
    )
