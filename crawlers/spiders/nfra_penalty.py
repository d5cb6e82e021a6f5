"""国家金融监督管理总局 penalties: JSON lists of notices, and tables inside each notice's JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

from scrapy.http import Request, Response

from crawlers.notices import Notice, NoticeSpider
from crawlers.pages import dig, dig_number, dig_words, plain, read_json, rows, words
from crawlers.penalties import penalties
from crawlers.source import MISSING, Listed
from crawlers.times import parse
from data.errors import LayoutChanged, Refused
from data.model import Gone, Mention

PAGE_SIZE = 18  # what the site's own page asks for


class NfraPenalty(NoticeSpider):
    """Targets are column ids (itemId)."""

    name = "nfra_penalty"

    def begin(self) -> Iterator[Request]:
        """Start at the first page of each column."""
        for item in self.job.targets:
            yield self._list(item, 1)

    def _list(self, item: str, page: int) -> Request:
        return self.ask(
            "/cbircweb/DocInfo/SelectDocByItemIdAndChild"
            f"?itemId={item}&pageSize={PAGE_SIZE}&pageIndex={page}",
            self.parse_list,
            meta={"json": True},
            cb_kwargs={"item": item, "page": page},
        )

    def parse_list(self, response: Response, item: str, page: int) -> Iterator[Request]:
        """Follow the notices not read before."""
        self.here(response)
        data = _data(response)
        total = dig_number(data, "total")
        notices = rows(data, "rows")
        if not notices and total > (page - 1) * PAGE_SIZE:
            raise LayoutChanged("the list is empty although it counts items")
        listed = [
            Listed(dig_words(row, "docId"), parse(dig(row, "publishDate"), self.job.clock()))
            for row in notices
        ]
        self.recognised(response)
        self.outlook(item, total - page * PAGE_SIZE)
        wanted, go_on = self.sift(item, listed)
        for line in wanted:
            yield self._detail(item, line.native_id)
        if go_on and page * PAGE_SIZE < total and self.within_pages(page):
            yield self._list(item, page + 1)

    def revisit(self, mention: Mention) -> Iterator[Request]:
        """Read the notice of a stored row again."""
        item = parse_qs(urlsplit(mention.url).query)["itemId"][0]
        yield self._detail(item, str(mention.extra["doc_id"]), known=True)

    def _detail(self, item: str, doc_id: str, *, known: bool = False) -> Request:
        return self.ask(
            f"/cbircweb/DocInfo/SelectByDocId?docId={doc_id}",
            self.parse_detail,
            priority=1,
            meta={"json": True, "detail": True},
            cb_kwargs={"item": item, "doc_id": doc_id, "known": known},
        )

    def parse_detail(
        self, response: Response, item: str, doc_id: str, *, known: bool = False
    ) -> Iterator[Mention | Gone]:
        """Yield one mention per table row. A notice without a readable row is a LayoutChanged.

        ``known``: it was read before, so an answer without a notice says that it is gone.
        """
        if response.status in MISSING or (known and _holds_nothing(response)):
            yield from self.gone(doc_id, response, family=True)
            return
        data = _data(response)
        title = words(data, "docSubtitle") or _one_line(dig(data, "docTitle"))
        published = parse(dig(data, "publishDate"), self.job.clock())
        found = penalties(_html(data))
        if not found and data.get("attachmentInfoVOList"):
            self.count("pages/attachment_only")
        elif not found:
            raise LayoutChanged(f"notice {doc_id} holds no table with the headers we know")
        self.recognised(response)
        self.remember(item, doc_id, published)
        kind = "governmentDetail" if str(data.get("generaltype")) == "1" else "ItemDetail"
        url = self.public(f"/cn/view/pages/{kind}.html?docId={doc_id}&itemId={item}&generaltype=0")
        outlet = words(data, "docSource")
        notice = Notice(doc_id, url, title, outlet, published)
        yield from self.mentions(response, notice, found)


def _html(data: dict[str, Any]) -> str:
    clob = dig(data, "docClob")
    return clob if isinstance(clob, str) else ""


def _one_line(title: Any) -> str:
    return re.sub(r"\s+", "", plain(str(title)))


def _holds_nothing(response: Response) -> bool:
    answer = read_json(response.body)
    return dig(answer, "rptCode") != HTTPStatus.OK and answer.get("data") is None


def _data(response: Response) -> Any:
    answer = read_json(response.body)
    if (code := dig(answer, "rptCode")) != HTTPStatus.OK:
        raise Refused(f"the answer has rptCode {code}")
    data = dig(answer, "data")
    if not isinstance(data, dict):
        raise LayoutChanged("data is no object")
    return data
