"""Articles of any site: title, text, author and time out of a page nobody described to us.

What a page says of itself for machines (JSON-LD, https://schema.org/Article; OpenGraph) goes
before what is found by looking at it: the first states a time, the second only a day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from parsel import Selector
from scrapy.http import Request, Response

from crawlers.addresses import page_id
from crawlers.pages import clean, decode, plain, whole
from crawlers.source import MISSING, Listed, SourceSpider
from crawlers.times import parse
from data.errors import LayoutChanged
from data.model import Gone, Mention, SourceKind

_ARTICLES = ("Article", "NewsArticle", "BlogPosting", "Report", "WebPage")
_NEAR = 500  # characters below the title
_DATE = re.compile(
    r"20\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}(?!\d)\s*日?"
    r"(?:\s*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?"
)
_DATELINE = re.compile(r"20\d\d\s*[-/.年][\d\s/.:：月日-]+(?:来源.{0,20})?$")
_STATED = (
    'meta[property="article:published_time"]',
    'meta[property="og:release_date"]',
    'meta[itemprop="datePublished"]',
    'meta[name="publishdate"]',
    'meta[name="pubdate"]',
)


@dataclass(frozen=True, slots=True)
class Article:
    """What was found on a page; "" and None where nothing was."""

    title: str
    text: str
    author: str = ""
    outlet: str = ""
    published_at: datetime | None = None


def read(html: str, url: str, base: datetime) -> Article:
    """Return the article of a page that was fetched at ``base``. Raises LayoutChanged."""
    import trafilatura  # half a second that only crawls of articles should pay

    html = clean(html)  # a control character breaks the reader
    found: Any = trafilatura.bare_extraction(html, url=url, with_metadata=True)
    if found is None or not (found.text or "").strip():
        raise LayoutChanged("no article is on the page")
    said = next(_stated(html, url), {})
    title = _words(said.get("headline")) or clean(found.title or "").strip()
    return Article(
        title=title,
        text=_below(title, clean(found.text), base),
        author=_name(said.get("author")) or clean(found.author or "") or _meta_author(html),
        outlet=_name(said.get("publisher")) or clean(found.sitename or ""),
        published_at=_published(said, title, html, url, base),
    )


def _below(title: str, text: str, base: datetime) -> str:
    """Return a text without its title and the line of its time, which are kept elsewhere."""
    lines = [line.strip() for line in text.strip().split("\n")]
    while len(lines) > 1 and (lines[0] == title or _is_dateline(lines[0], base)):
        lines.pop(0)
    return "\n".join(lines)


def _is_dateline(line: str, base: datetime) -> bool:
    return _DATELINE.match(line) is not None and parse(line, base) is not None


def _stated(html: str, url: str) -> Iterator[dict[str, Any]]:
    """Yield what JSON-LD says of articles on the page; JSON-LD that is none says nothing."""
    from extruct.jsonld import JsonLdExtractor

    try:
        found = JsonLdExtractor().extract(html, base_url=url)
    except ValueError:
        return
    for thing in found:
        for node in thing.get("@graph", [thing]) if isinstance(thing, dict) else ():
            kinds = node.get("@type", ()) if isinstance(node, dict) else ()
            if any(kind in _ARTICLES for kind in ([kinds] if isinstance(kinds, str) else kinds)):
                yield node


def _published(
    said: dict[str, Any], title: str, html: str, url: str, base: datetime
) -> datetime | None:
    import htmldate

    page = Selector(text=html)
    stated = (page.css(f"{css}::attr(content)").get() for css in _STATED)
    for words in (said.get("datePublished"), *stated, _line_of_time(title, page)):
        if moment := parse(words if isinstance(words, str) else None, base):
            return moment
    # its wider search takes "2026年11月20日" for the first of January
    return parse(
        htmldate.find_date(html, url=url, original_date=True, extensive_search=False), base
    )


def _line_of_time(title: str, page: Selector) -> str | None:
    """Return the first date below the title, with the time of day beside it."""
    words = plain(page.css("body").get(""))
    at = words.find(title) if title else -1
    found = _DATE.search(words, at, at + _NEAR) if at >= 0 else None
    return found[0] if found else None


def _meta_author(html: str) -> str:
    return _words(Selector(text=html).css('meta[name="author"]::attr(content)').get(""))


def _words(value: Any) -> str:
    return clean(value).strip() if isinstance(value, str) else ""


def _name(value: Any) -> str:
    """Return the name of a person or an organisation, or the names of several."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "、".join(filter(None, map(_name, value)))
    return _words(value.get("name") if isinstance(value, dict) else value)


class ReadsArticles(SourceSpider):
    """What sources share whose lists tell addresses, and no more: each article is opened."""

    ages: ClassVar = tuple(timedelta(hours=hours) for hours in (6, 24, 72))

    def sift(
        self, scope: str, listed: Sequence[Listed], *, by_time: bool = False
    ) -> tuple[list[Listed], bool]:
        """Return the lines to read; without times, a list is read until a page brings no news.

        A back-fill opens what has no day as well: only the article can tell.
        """
        if self.job.window is not None:
            return self._sift_undated(self.job.window, listed)
        wanted, go_on = super().sift(scope, listed, by_time=by_time)
        self.newest.setdefault(scope, self.job.clock())
        return wanted, go_on

    def _sift_undated(
        self, window: tuple[datetime, datetime], listed: Sequence[Listed]
    ) -> tuple[list[Listed], bool]:
        since, until = window
        known = self.known([line.native_id for line in listed])
        wanted = [
            line
            for line in listed
            if line.native_id not in known and line.native_id not in self.seen
            if line.published_at is None or since <= line.published_at < until
        ]
        self.seen.update(line.native_id for line in wanted)
        self.found += len(wanted)
        return wanted, bool(listed)

    def revisit(self, mention: Mention) -> Iterator[Request]:
        """Open an article again: corrected ones are corrected where they stand."""
        yield self.article(mention.url)

    def article(self, url: str, **fields: Any) -> Request:
        """Return the request for an article; ``fields`` are what the list told about it."""
        return self.ask(
            url,
            self.parse_article,
            priority=1,
            meta={"detail": True},
            cb_kwargs={"url": url, "fields": fields},
        )

    def parse_article(
        self, response: Response, url: str, fields: dict[str, Any]
    ) -> Iterator[Mention | Gone]:
        """Read one article; one that was taken down is no error."""
        if response.status in MISSING:
            yield from self.gone(page_id(url), response)
            return
        found = self.read_article(whole(decode(response.body)), url, self.at(response))
        self.recognised(response)
        told = {
            "title": found.title,
            "outlet": found.outlet,
            "published_at": found.published_at,
        } | {name: value for name, value in fields.items() if value}
        yield Mention(
            source=self.name,
            native_id=page_id(url),
            kind=SourceKind.NEWS,
            url=url,
            text=found.text,
            author=found.author,
            fetched_at=self.job.clock(),
            capture=self.page(response),
            **told,
        )

    def read_article(self, html: str, url: str, at: datetime) -> Article:
        """Return the article of a page fetched at a moment. Raises LayoutChanged."""
        return read(html, url, at)
