"""Obey Crawl-delay, which Scrapy only reads; never outlive the parent; settle; log no texts."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import NotConfigured
from scrapy.http import Request
from scrapy.logformatter import LogFormatter
from scrapy.robotstxt import RobotParser

from crawlers.middlewares import close


class CrawlDelay:
    """Raise the pause between two requests to what robots.txt asks; never lower it."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        crawler.signals.connect(self.on_robots, signal=signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one for a crawl."""
        return cls(crawler)

    def on_robots(self, robotparser: RobotParser, request: Request) -> None:
        """Set the pace of the slot that the request belongs to."""
        asked = robotparser.crawl_delay(self.crawler.settings["USER_AGENT"])
        engine = self.crawler.engine
        if not asked or engine is None:
            return
        seconds = max(float(asked), self.crawler.settings.getfloat("DOWNLOAD_DELAY"))
        key = engine.downloader.get_slot_key(request)
        engine.downloader.per_slot_settings.setdefault(key, {})["delay"] = seconds
        if key in engine.downloader.slots:
            slot = engine.downloader.slots[key]
            slot.delay = max(slot.delay, seconds)
        assert self.crawler.stats is not None
        self.crawler.stats.set_value("robotstxt/crawl_delay", seconds)


class ParentWatch:
    """End the crawl when the process that started it is gone: nobody waits for it any more."""

    EVERY = 2.0
    PATIENCE = 10.0
    """Seconds to close in; a crawl that is only just opening may never finish closing."""

    def __init__(self, crawler: Crawler) -> None:
        self._parent = crawler.settings.getint("PARENT_WATCH")
        if not self._parent:
            raise NotConfigured
        self.crawler = crawler
        self._task: asyncio.Task[None] | None = None
        crawler.signals.connect(self.opened, signal=signals.spider_opened)
        crawler.signals.connect(self.closed, signal=signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one for a crawl that a parent watches (its process id is PARENT_WATCH)."""
        return cls(crawler)

    def opened(self) -> None:
        """Begin to look."""
        self._task = asyncio.ensure_future(self._look())

    def closed(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()

    async def _look(self) -> None:
        while os.getppid() == self._parent:  # noqa: ASYNC110 - the kernel sends no event
            await asyncio.sleep(self.EVERY)
        last = threading.Timer(self.PATIENCE, os._exit, (1,))
        last.daemon = True
        last.start()
        await close(self.crawler, "orphaned")


class Settled:
    """Take what was imported out of the collector's sight: one full walk of it takes 75 ms."""

    def __init__(self, crawler: Crawler) -> None:
        crawler.signals.connect(self.opened, signal=signals.spider_opened)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one for a crawl, which has a process of its own."""
        return cls(crawler)

    def opened(self) -> None:
        """Keep for good what is there before the first request."""
        gc.freeze()


class DiscreetLog(LogFormatter):
    """Name items by their id: their texts hold personal data, and a log is kept unmasked."""

    def scraped(self, item: Any, *rest: Any, **named: Any) -> Any:
        """Tell of an item that was read."""
        return super().scraped(_name(item), *rest, **named)

    def dropped(self, item: Any, *rest: Any, **named: Any) -> Any:
        """Tell of an item that was dropped."""
        return super().dropped(_name(item), *rest, **named)

    def item_error(self, item: Any, *rest: Any, **named: Any) -> Any:
        """Tell of an item on which a pipeline failed."""
        return super().item_error(_name(item), *rest, **named)


def _name(item: Any) -> str:
    return f"{getattr(item, 'source', '?')} {getattr(item, 'native_id', '?')}"
