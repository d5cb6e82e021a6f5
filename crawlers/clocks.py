"""The site's clock and ours: how far apart they are, and times that cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.http import Request, Response

from data.model import Mention

TOLERANCE = timedelta(minutes=5)
"""Clocks that differ by less agree."""
AHEAD, FUTURE = "clock/ahead", "times/future"
"""Statistics: seconds that the site's clock is ahead of ours; mentions dated in our future."""


class Clocks:
    """Compare each answer's Date with our clock; it stands where only answers of the site pass."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one for a crawl."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:  # noqa: ARG002 - Scrapy's signature
        """Note the greatest difference of the run."""
        spider: Any = self.crawler.spider
        ahead = skew(response, spider.job.clock())
        stats = self.crawler.stats
        assert stats is not None
        if ahead is not None and abs(ahead) > max(
            TOLERANCE, timedelta(seconds=abs(stats.get_value(AHEAD, 0)))
        ):
            stats.set_value(AHEAD, round(ahead.total_seconds()))
        return response


def skew(response: Response, now: datetime) -> timedelta | None:
    """Return how far a server's clock is ahead of ours; None if it does not tell.

    A cache on the way says how old its answer is (Age, RFC 9111, 5.1).
    """
    said = (response.headers.get("Date") or b"").decode("latin-1")
    age = (response.headers.get("Age") or b"0").decode("latin-1")
    try:
        date = parsedate_to_datetime(said)
    except ValueError:
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return date + timedelta(seconds=int(age) if age.isdecimal() else 0) - now


def no_later_than_seen(mention: Mention) -> Mention:
    """Return a mention that was published when we saw it, at the latest, whatever its page says."""
    if mention.published_at is None or mention.published_at <= mention.fetched_at:
        return mention
    return replace(mention, published_at=mention.fetched_at)


def is_future(mention: Mention) -> bool:
    """Tell whether a page dates a mention so late that a clock or a reader must be wrong."""
    at = mention.published_at
    return at is not None and at > mention.fetched_at + TOLERANCE


def apart(seconds: int) -> str:
    """Return in words how far the clocks are apart."""
    which = "ahead of" if seconds > 0 else "behind"
    return f"the site's clock is {timedelta(seconds=abs(seconds))} {which} ours"
