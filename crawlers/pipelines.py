"""Mentions go into the store in batches, one transaction each."""

from __future__ import annotations

import asyncio
import time
from typing import Self

from scrapy.crawler import Crawler

from crawlers import clocks
from crawlers.middlewares import close
from crawlers.source import SourceSpider
from data.errors import StoreError
from data.model import Gone, Mention


class StorePipeline:
    """Collect mentions and save them; a kill loses at most what the next run reads again."""

    BATCH = 100
    SECONDS = 5.0

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._batch: list[Mention] = []
        self._gone: list[Gone] = []
        self._done = 0
        self._since = time.monotonic()
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one for a crawl."""
        return cls(crawler)

    def process_item(self, item: Mention | Gone) -> Mention | Gone:
        """Keep a mention, or the news that one is gone, for the next transaction."""
        if isinstance(item, Gone):
            self._gone.append(item)
        else:
            self._take(item)
        waiting = len(self._batch) + len(self._gone)
        if waiting >= self.BATCH or time.monotonic() - self._since >= self.SECONDS:
            self._flush()
        return item

    def _take(self, item: Mention) -> None:
        spider = self.crawler.spider
        assert isinstance(spider, SourceSpider)
        spider.observer.item(item)
        if clocks.is_future(item):
            spider.count(clocks.FUTURE)
        self._batch.append(clocks.no_later_than_seen(item))

    def close_spider(self) -> None:
        """Save what is left."""
        self._flush()

    def _flush(self) -> None:
        batch, self._batch = self._batch, []
        gone, self._gone = self._gone, []
        self._since = time.monotonic()
        stats, spider = self.crawler.stats, self.crawler.spider
        assert stats is not None
        assert isinstance(spider, SourceSpider)
        if not (batch or gone) or stats.get_value("store/error"):
            return
        try:
            saved = spider.job.save(batch)  # first: a row that was rewritten is not gone
            lost = spider.job.lose(gone) if gone else 0
        except StoreError as error:  # the run fails with this sentence; its items come again
            stats.set_value("store/error", str(error))
            self._closing = asyncio.ensure_future(close(self.crawler, "store_error"))
            return
        self._done += len(batch)
        spider.job.tell(self._done, max(self._done, spider.expected))
        for name in ("new", "changed", "same"):
            stats.inc_value(f"mentions/{name}", getattr(saved, name))
        stats.inc_value("mentions/changed", lost)
        stats.inc_value("mentions/gone", lost)
