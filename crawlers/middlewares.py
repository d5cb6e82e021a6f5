"""Strict robots.txt, the stop at the first block, and what a spider's own refusal means."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, NoReturn, Self
from urllib.parse import urljoin, urlsplit

from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from crawlers.conditional import asked_anew
from crawlers.robots import HTML, REFUSING, closed
from data.errors import LayoutChanged, Refused

_WALLS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("waf", re.compile("_waf_|renderData|X-WEB|访问被拒绝|Access Denied|创宇盾")),
    ("captcha", re.compile("安全验证|滑动验证|人机验证|输入验证码|wappass\\.baidu\\.com")),
    (
        "login",
        re.compile(
            r"<title>[^<]*登录|type=[\"']?password|请先?登录|登录后(?:查看|继续|访问)"
            r"|location(?:\.href)?\s*=\s*[\"'][^\"']*(?:passport|login|signin)"
        ),
    ),
)
"""What a page says that stands in our way. A mere link to a sign-in page proves nothing."""


_REDIRECT = 3  # hundred and more


class DenyAll:
    """A robots.txt that forbids everything."""

    def allowed(self, _url: str | bytes, _user_agent: str | bytes) -> bool:
        """Allow nothing."""
        return False

    def crawl_delay(self, _user_agent: str | bytes) -> float | None:
        """Ask for no pace: there is nothing to pace."""
        return None


class StrictRobots(RobotsTxtMiddleware):
    """Robots.txt as RFC 9309 reads it: unreachable, broken or walled means no, absent means yes.

    Scrapy's own middleware takes a server error, a login page and a dead connection for a yes.
    Two of its private methods are overridden, so Scrapy is pinned and tests/crawlers hold it.
    """

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        status = response.status
        if closed(status, response.body):
            self._deny(netloc, str(status))
            return
        if status >= HTTPStatus.BAD_REQUEST:  # there is none: everything is allowed
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self._deny(netloc, type(exc).__name__)

    def _deny(self, netloc: str, why: str) -> None:
        self._stats.inc_value(f"robotstxt/denied/{why}")
        waiting: Any = self._parsers[netloc]
        parser: Any = DenyAll()
        self._parsers[netloc] = parser
        waiting.callback(parser)


class BlockSentinel:
    """Notice that the site says no, by status or by the page it sends instead, and stop at once.

    A request's meta says what a genuine answer holds: ``json`` (anything but HTML) or ``genuine``
    (a piece of text that every real page has). So a complaint about a captcha is not taken for one.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.tripped = ""
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one for a crawl."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:  # noqa: ARG002 - Scrapy's signature
        """Let nothing out after a block."""
        if self.tripped:
            raise IgnoreRequest(self.tripped)

    def process_response(self, request: Request, response: Response) -> Response:
        """Pass a genuine answer on; stop the crawl at any other."""
        if request.url.endswith("/robots.txt"):
            return response
        if wall := sort_of_wall(request.meta, response):
            self._note_pause(response)
            self._trip(wall)
        return response

    def _note_pause(self, response: Response) -> None:
        """Note for how long the site wants to be left alone."""
        asked = retry_after(response, getattr(self.crawler.spider, "job", None))
        if asked and self.crawler.stats is not None:
            self.crawler.stats.max_value("retry/after", asked)

    def _trip(self, wall: str) -> NoReturn:
        assert self.crawler.stats is not None
        self.crawler.stats.inc_value(f"blocked/{wall}")
        self.tripped = wall
        if self._closing is None:
            self._closing = asyncio.ensure_future(close(self.crawler, f"blocked_{wall}"))
        raise IgnoreRequest(f"blocked: {wall}")


class Away(BlockSentinel):
    """Stop when the site sends us to another host: there are sign-ins and walls, no pages of ours.

    It stands nearer to the network than the middleware that would follow.
    """

    def process_response(self, request: Request, response: Response) -> Response:
        """Pass all but a redirect to a host that is not the source's."""
        if response.status // 100 != _REDIRECT:
            return response
        target = urljoin(request.url, (response.headers.get("Location") or b"").decode("latin-1"))
        host = urlsplit(target).hostname or ""
        allowed = getattr(self.crawler.spider, "allowed_domains", None) or [host]
        ours = any(host == name or host.endswith(f".{name}") for name in allowed)
        if not ours and not request.url.endswith("/robots.txt"):
            self._trip("sent to another host")
        return response


def sort_of_wall(meta: dict[str, Any], response: Response) -> str:
    """Return what keeps us out (``http_456``, ``login``, ``waf`` …), "" for a genuine answer."""
    # whoever says when to come back does not want to be asked again at once
    later = response.status == HTTPStatus.SERVICE_UNAVAILABLE and "Retry-After" in response.headers
    if response.status in REFUSING or later:
        return f"http_{response.status}"
    if response.status != HTTPStatus.OK:
        return ""
    genuine = meta.get("genuine")
    if genuine and genuine.encode() in response.body:
        return ""
    is_html = HTML.match(response.body) is not None
    if not is_html:
        return ""
    head = response.body[:20_000].decode("utf-8", errors="replace")
    for wall, pattern in _WALLS:
        if pattern.search(head):
            return wall
    return "html_for_json" if meta.get("json") else ""


def retry_after(response: Response, job: Any) -> int:
    """Return the seconds after which a server wants to be asked again, 0 if it does not say.

    Retry-After is a number of seconds or a date (RFC 9110, 10.2.3).
    """
    said = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if said.isdecimal():
        return int(said)
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return 0
    now = job.clock() if job is not None else moment
    return max(0, round((moment - now).total_seconds())) if moment.tzinfo else 0


class Verdicts:
    """Turn a parser's LayoutChanged and Refused into statistics, and stop where it is pointless."""

    ENOUGH = 5
    """This many unreadable detail pages, more than readable ones, end the crawl."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._closing: asyncio.Task[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make one for a crawl."""
        return cls(crawler)

    def process_spider_exception(
        self, response: Response, exception: Exception
    ) -> Iterable[Any] | None:
        """Count what the parser said; leave bugs to travel on with their traceback.

        A page from our archive that says nothing (any more) is asked for again, whole.
        """
        anew = asked_anew(response) if isinstance(exception, LayoutChanged | Refused) else None
        if anew is not None:
            return [anew]
        if isinstance(exception, Refused):
            self._end("blocked/said_no", f"{urlsplit(response.url).path}: {exception}")
        elif isinstance(exception, LayoutChanged) and response.meta.get("detail"):
            self._unread(f"{urlsplit(response.url).path}: {exception}")
        elif isinstance(exception, LayoutChanged):
            self._end("pages/changed", f"{urlsplit(response.url).path}: {exception}")
        else:
            return None
        return []

    def _unread(self, why: str) -> None:
        stats = self.crawler.stats
        assert stats is not None
        unread = stats.get_value("pages/unread", 0) + 1
        if unread >= self.ENOUGH and unread > stats.get_value("pages/read", 0):
            self._end("pages/unread", why)
        else:
            self._note("pages/unread", why)

    def _end(self, key: str, why: str) -> None:
        self._note(key, why)
        if self._closing is None:
            self._closing = asyncio.ensure_future(close(self.crawler, key.replace("/", "_")))

    def _note(self, key: str, why: str) -> None:
        stats = self.crawler.stats
        assert stats is not None
        stats.inc_value(key)
        if not stats.get_value("verdict/why"):
            stats.set_value("verdict/why", why)


async def close(crawler: Crawler, reason: str) -> None:
    """Close the spider of a crawl that still runs."""
    if crawler.engine is not None:
        await crawler.engine.close_spider_async(reason=reason)
