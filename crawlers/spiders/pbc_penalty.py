"""中国人民银行 penalties: HTML lists of decision numbers, and a table behind each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

from parsel import Selector
from scrapy.http import Request, Response

from crawlers.notices import Notice, NoticeSpider
from crawlers.pages import decode, next_page, plain, whole
from crawlers.penalties import penalties
from crawlers.source import MISSING, Listed
from crawlers.times import parse
from data.errors import LayoutChanged
from data.model import SHANGHAI, Gone, Mention

_TITLE_LENGTH = 12
"""A shorter title without a number is a link to a column."""
_LINES = "ul.txtlist li, td[height='22']"
_DATE = re.compile(r"20\d\d-\d\d-\d\d")


class PbcPenalty(NoticeSpider):
    """Targets are folders of columns. Titles are decision numbers, so every notice is opened."""

    name = "pbc_penalty"

    def begin(self) -> Iterator[Request]:
        """Start at the first page of each column."""
        for column in self.job.targets:
            yield self._list(column, f"{column.rstrip('/')}/index.html", 1)

    def _list(self, column: str, path: str, page: int) -> Request:
        return self.ask(
            path,
            self.parse_list,
            meta={"genuine": "txtlist"},
            cb_kwargs={"column": column, "page": page},
        )

    def parse_list(self, response: Response, column: str, page: int) -> Iterator[Request]:
        """Follow the notices not read before, newest first, and the link to the next page."""
        self.here(response)
        html = Selector(text=whole(decode(response.body)))
        lines = {doc_id(path): (path, *rest) for path, *rest in _lines(html, column)}
        if not lines:
            raise LayoutChanged("no notice is on the list")
        listed = [
            Listed(notice, parse(day, self.job.clock())) for notice, (_, _, day) in lines.items()
        ]
        self.recognised(response)
        wanted, go_on = self.sift(column, listed)
        for line in wanted:
            path, title, day = lines[line.native_id]
            yield self._detail(column, path, title, day)
        following = next_page(html)
        if go_on and following and self.within_pages(page):
            yield self._list(column, _path(column, following), page + 1)

    def revisit(self, mention: Mention) -> Iterator[Request]:
        """Read the notice of a stored row again."""
        path = urlsplit(mention.url).path
        day = mention.published_at
        stated = f"{day.astimezone(SHANGHAI):%Y-%m-%d}" if day else ""
        yield self._detail(path.rsplit("/", 2)[0], path, mention.title, stated)

    def _detail(self, column: str, path: str, title: str, day: str) -> Request:
        return self.ask(
            path,
            self.parse_detail,
            priority=1,
            meta={"detail": True, "genuine": "<table"},
            cb_kwargs={"column": column, "path": path, "title": title, "day": day},
        )

    def parse_detail(
        self, response: Response, column: str, path: str, title: str, day: str
    ) -> Iterator[Mention | Gone]:
        """Yield one mention per table row. A notice without a readable row is a LayoutChanged."""
        if response.status in MISSING:
            yield from self.gone(doc_id(path), response, family=True)
            return
        found = penalties(whole(decode(response.body)))
        if not found:
            raise LayoutChanged(f"notice {title} holds no table with the headers we know")
        self.recognised(response)
        published = parse(day, self.job.clock())
        notice = Notice(doc_id(path), self.public(path), title, "中国人民银行", published)
        self.remember(column, notice.doc_id, published)
        yield from self.mentions(response, notice, found)


def doc_id(path: str) -> str:
    """Return the id of a notice: the folder its page stands in."""
    return path.rstrip("/").split("/")[-2]


def _lines(html: Selector, column: str) -> Iterator[tuple[str, str, str]]:
    """Yield path, title and day of each notice on a list; links of navigation are left out."""
    folder = column.rstrip("/") + "/"
    for line in html.css(_LINES):
        for link in line.css("a[href]"):
            path = _path(column, str(link.attrib["href"]))
            title = plain(link.attrib.get("title") or link.get())
            day = _DATE.search(plain(line.get())) or _DATE.search(_beside(line))
            if _is_notice(path, folder, title) and day:
                yield path, title, day[0]


def _path(column: str, link: str) -> str:
    """Return the path of a link on a list of the column, be it whole or relative."""
    return urlsplit(urljoin(f"{column.rstrip('/')}/", link)).path


def _is_notice(path: str, folder: str, title: str) -> bool:
    deeper = path.startswith(folder) and "/" in path.removeprefix(folder).rstrip("/")
    telling = len(title) >= _TITLE_LENGTH or any(letter.isdigit() for letter in title)
    return deeper and telling


def _beside(line: Any) -> str:
    """Return what stands beside a cell: in news columns the day has a cell of its own."""
    return plain("".join(line.xpath("./following-sibling::*").getall()))
