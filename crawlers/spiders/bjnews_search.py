"""新京报: a search that tells addresses, titles and sometimes times, and the articles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from parsel import Selector
from scrapy.http import Request, Response

from crawlers.addresses import page_id
from crawlers.articles import Article, ReadsArticles
from crawlers.pages import dig, dig_words, plain, read_json, rows, words
from crawlers.search import Found, SearchSpider
from crawlers.source import Job
from crawlers.times import parse
from data.errors import LayoutChanged, Refused
from data.model import Mention

_SITE = "bjnews.com.cn"


class BjnewsSearch(ReadsArticles, SearchSpider):
    """Targets are keywords. The list is not filtered: it shows titles, the hit may be below."""

    name = "bjnews_search"
    list_is_all = False
    absence_tells = False
    page_size = 1  # how many make a page is unknown: an empty one is the end

    def __init__(self, job: Job, **kwargs: Any) -> None:
        super().__init__(job, **kwargs)
        self._live = urlsplit(job.base_url).hostname == job.fact.host
        if self._live:
            self.allowed_domains = [_SITE]  # articles stand on another host than the search

    def search(self, keyword: str, page: int) -> Request:
        """Return the request for one page of a search."""
        asked = urlencode({"from": "bw", "page": page, "orderby": 1, "bwsk": keyword, "ft": 1})
        return self.ask(
            f"/bjnews/getlist?{asked}",
            self.parse_search,
            meta={"json": True},
            cb_kwargs={"keyword": keyword, "page": page},
        )

    def read(self, response: Response) -> Found:
        """Read the addresses and titles of a page."""
        answer = read_json(response.body)
        if dig(answer, "status") is not True:
            raise Refused("the search answers that it failed")
        return Found([self._line(response, row) for row in rows(answer, "data", "data")])

    def fits(self, mention: Mention, keyword: str) -> bool:  # noqa: ARG002 - see the class
        """Take the search at its word."""
        return True

    def follow(self, wanted: Sequence[Mention]) -> Iterator[Request]:
        """Open the articles."""
        for mention in wanted:
            yield from self.revisit(mention)

    def revisit(self, mention: Mention) -> Iterator[Request]:
        """Open an article again; its outlet and time are what was read before."""
        yield self.article(mention.url, outlet=mention.outlet, published_at=mention.published_at)

    def ask(self, path: str, *rest: Any, **options: Any) -> Request:
        """Return a request; what stands in for the search stands in for the articles as well."""
        if not self._live and urlsplit(path).hostname:
            path = urlsplit(path).path
        return super().ask(path, *rest, **options)

    def read_article(self, html: str, url: str, at: datetime) -> Article:
        """Return the article, with the text from where this site keeps it."""
        body = Selector(text=html).css("#contentStr").get()
        if body is None:
            raise LayoutChanged("#contentStr is not on the page")
        return replace(super().read_article(html, url, at), text=plain(body))

    def _line(self, response: Response, row: dict[str, Any]) -> Mention:
        url = dig_words(row, "_source", "detail_url", "pc_url")
        if not f".{urlsplit(url).hostname}".endswith(f".{_SITE}"):
            raise LayoutChanged(f"pc_url leads elsewhere: {url!r}")
        marked = row.get("highlight")
        titles = marked.get("title") if isinstance(marked, dict) else None
        title = words({"title": titles[0]}, "title") if isinstance(titles, list) and titles else ""
        title = title or words(row, "_source", "title") or url
        at = parse(words(row, "_source", "publish_time"), self.job.clock())
        return self.news(
            response,
            native_id=page_id(url),
            url=url,
            title=title,
            text="",
            published_at=at,
            outlet="新京报",
        )
