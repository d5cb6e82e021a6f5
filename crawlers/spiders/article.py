"""Articles of any site the operator may read: from a sitemap or a list page to title and text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.etree import XMLSyntaxError
from parsel import Selector
from scrapy.http import Request, Response
from scrapy.utils.gz import gunzip, gzip_magic_number
from scrapy.utils.sitemap import Sitemap

from crawlers.addresses import canonical, hosts, is_address, page_id
from crawlers.articles import ReadsArticles
from crawlers.pages import decode, next_page, plain, whole
from crawlers.source import Job, Listed
from crawlers.times import parse
from data.errors import LayoutChanged
from data.model import Mention

MOST = 200
"""Articles opened per list or sitemap and crawl; the next crawl opens the rest."""
_REACH = timedelta(days=90)
"""What a sitemap dates further back than this is history, and not opened."""
_LARGEST = 50_000_000  # bytes, https://www.sitemaps.org/protocol.html
_SITEMAP = re.compile(rb"[^<]*(?:<(?:\?|!--)[^>]*>\s*)*<(?:\w+:)?(?:urlset|sitemapindex)\b")
_SITEMAP_END = re.compile(rb"</(?:\w+:)?(?:urlset|sitemapindex)\s*>\s*$")
_TITLE_LENGTH = 8
"""Links with shorter words lead to columns, not to articles."""


class ArticleSpider(ReadsArticles):
    """Targets are addresses of sitemaps and list pages. Only their hosts are read, no other."""

    name = "article"

    def __init__(self, job: Job, **kwargs: Any) -> None:
        super().__init__(job, **kwargs)
        self._hosts = hosts(*job.targets)

    def begin(self) -> Iterator[Request]:
        """Start at each sitemap and list page."""
        for target in self.job.targets:
            yield self._index(target, target, 1)

    def visited_at(self, mention: Mention, age: timedelta) -> bool:  # noqa: ARG002 - see base
        """Visit only what stands on a host that is still a target's."""
        return self._ours(mention.url)

    def _index(self, target: str, url: str, page: int) -> Request:
        return self.ask(url, self.parse_index, cb_kwargs={"target": target, "page": page})

    def parse_index(self, response: Response, target: str, page: int) -> Iterator[Request]:
        """Follow what is new on a sitemap or list page, and the pages after it."""
        self.here(response)
        if (sitemap := _sitemap(response)) is None:
            yield from self._follow_list(response, target, page)
            return
        sort, entries = sitemap
        self.recognised(response)
        if sort == "sitemapindex":
            for entry in entries:
                if self._recent(entry.get("lastmod")) and self._ours(entry["loc"]):
                    yield self._index(target, entry["loc"], page)
        else:
            yield from self._follow_sitemap(entries, target)

    def _follow_list(self, response: Response, target: str, page: int) -> Iterator[Request]:
        html = Selector(text=whole(decode(response.body)))
        urls = [url for url in _links(html, response.url) if self._ours(url)]
        if not urls:
            raise LayoutChanged("no link to an article is on the list")
        self.recognised(response)
        wanted, go_on = self._new(target, dict.fromkeys(urls))
        yield from map(self.article, wanted)
        following = next_page(html)
        address = urljoin(response.url, following)
        if following and go_on and self._ours(address) and self.within_pages(page):
            yield self._index(target, address, page + 1)

    def _follow_sitemap(self, entries: list[dict[str, Any]], target: str) -> Iterator[Request]:
        dated = {e["loc"]: e.get("lastmod") for e in entries if self._ours(e["loc"])}
        recent = {url: mod for url, mod in dated.items() if self._recent(mod)}
        wanted, _ = self._new(target, recent)
        yield from map(self.article, wanted)

    def _new(self, target: str, dated: dict[str, str | None]) -> tuple[list[str], bool]:
        """Return the addresses not read before, newest first, no more than MOST."""
        by_id = {page_id(url): canonical(url) for url in dated}
        times = {page_id(url): parse(mod, self.job.clock()) for url, mod in dated.items()}
        fresh = self.job.clock()
        order = sorted(by_id, key=lambda i: times[i] or fresh, reverse=True)
        known = self.known(order)
        unread = [i for i in order if i not in known]
        most = MOST if self.job.window is None else len(unread)
        if len(unread) > most:
            self.count("pages/cap_reached")
        chosen = set(unread[:most])
        lines = [Listed(i, times[i]) for i in order if i in chosen or i in known]
        wanted, go_on = self.sift(target, lines)
        return [by_id[line.native_id] for line in wanted], go_on

    def _recent(self, lastmod: str | None) -> bool:
        moment = parse(lastmod, self.job.clock())
        since = self.job.window[0] if self.job.window else self.job.clock() - _REACH
        return moment is None or moment >= since

    def _ours(self, url: str) -> bool:
        return is_address(url) and (urlsplit(url).hostname or "") in self._hosts


def _sitemap(response: Response) -> tuple[str, list[dict[str, Any]]] | None:
    """Return sort and entries of a sitemap, None for any other page. Raises LayoutChanged."""
    body = response.body
    if gzip_magic_number(response):
        body = gunzip(body, max_size=_LARGEST)
    if not _SITEMAP.match(body):
        return None
    if not _SITEMAP_END.search(body[-200:]):
        raise LayoutChanged("the sitemap is cut off")
    try:
        sitemap = Sitemap(body)
        return sitemap.type, list(sitemap)
    except (StopIteration, UnicodeDecodeError, XMLSyntaxError) as error:
        raise LayoutChanged(f"the sitemap cannot be read: {error}") from None


def _links(html: Selector, base: str) -> Iterator[str]:
    """Yield the links whose words are long enough to be a title, as they stand on the page."""
    for link in html.css("a[href]"):
        words = plain(link.attrib.get("title") or link.get())
        url = urljoin(base, str(link.attrib["href"])).partition("#")[0]
        if len(words) >= _TITLE_LENGTH and urlsplit(url).path.strip("/") and url != base:
            yield url
