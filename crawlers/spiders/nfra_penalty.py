"""国家金融监督管理总局 penalties: JSON lists of notices, and tables inside each notice's JSON."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

from scrapy.http import Request, Response

from crawlers.pages import dig, plain, read_json, rows
from crawlers.penalties import Penalty, penalties
from crawlers.source import Job, Listed, SourceSpider
from crawlers.times import parse
from data.errors import LayoutChanged, Refused
from data.model import Mention, SourceKind

PAGE_SIZE = 18  # what the site's own page asks for
KEEP = 300
"""Notices remembered per column: the store knows rows, only the watermark knows notices."""


class NfraPenalty(SourceSpider):
    """Targets are column ids (itemId). One notice holds many rows: one mention each."""

    name = "nfra_penalty"

    def __init__(self, job: Job, **kwargs: Any) -> None:
        super().__init__(job, **kwargs)
        self.notices: dict[str, dict[str, str]] = {}

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
        total = int(dig(data, "total"))
        notices = rows(data, "rows")
        if not notices and total > (page - 1) * PAGE_SIZE:
            raise LayoutChanged("the list is empty although it counts items")
        listed = [
            Listed(str(dig(row, "docId")), parse(dig(row, "publishDate"), self.job.clock()))
            for row in notices
        ]
        self.recognised(response)
        self.outlook(item, total - page * PAGE_SIZE)
        wanted, go_on = self.sift(item, listed)
        for line in wanted:
            yield self._detail(item, line)
        if go_on and page * PAGE_SIZE < total and self.within_pages(page):
            yield self._list(item, page + 1)

    def _detail(self, item: str, line: Listed) -> Request:
        return self.ask(
            f"/cbircweb/DocInfo/SelectByDocId?docId={line.native_id}",
            self.parse_detail,
            priority=1,
            meta={"json": True, "detail": True},
            cb_kwargs={"item": item, "doc_id": line.native_id},
        )

    def parse_detail(self, response: Response, item: str, doc_id: str) -> Iterator[Mention]:
        """Yield one mention per table row. A notice without a readable row is a LayoutChanged."""
        if response.status == HTTPStatus.NOT_FOUND:
            self.count("pages/gone")
            return
        data = _data(response)
        title = plain(str(data.get("docSubtitle") or "")) or _one_line(dig(data, "docTitle"))
        published = parse(dig(data, "publishDate"), self.job.clock())
        found = penalties(str(dig(data, "docClob")))
        if not found and data.get("attachmentInfoVOList"):
            self.count("pages/attachment_only")
        elif not found:
            raise LayoutChanged(f"notice {doc_id} holds no table with the headers we know")
        self.recognised(response)
        self._remember(item, doc_id, published)
        kind = "governmentDetail" if str(data.get("generaltype")) == "1" else "ItemDetail"
        url = self.public(f"/cn/view/pages/{kind}.html?docId={doc_id}&itemId={item}&generaltype=0")
        for penalty in found:
            yield Mention(
                source=self.name,
                native_id=native_id(doc_id, penalty),
                kind=SourceKind.REGULATOR,
                url=url,
                title=title,
                text=penalty.sentence(),
                outlet=penalty.authority or plain(str(data.get("docSource") or "")),
                published_at=published,
                fetched_at=self.job.clock(),
                extra={"doc_id": doc_id, **penalty.as_dict()},
                capture=self.page(response),
            )

    def _remember(self, item: str, doc_id: str, published: datetime | None) -> None:
        when = (published or self.job.clock()).isoformat()
        self.notices.setdefault(item, {})[doc_id] = when

    def known(self, native_ids: Sequence[str]) -> Mapping[str, str]:
        """Know notices by the watermark: the store holds rows, not notices."""
        read = self.job.watermark.get("notices", {})
        seen = {doc_id for column in read.values() for doc_id in column}
        return {doc_id: "" for doc_id in native_ids if doc_id in seen}

    def watermark(self) -> dict[str, Any]:
        """Add the newest notices of each column to how far this run came."""
        old = self.job.watermark.get("notices", {})
        notices = {}
        for item in {*old, *self.notices}:
            column = {**old.get(item, {}), **self.notices.get(item, {})}
            newest = sorted(column, key=lambda doc_id: column[doc_id], reverse=True)[:KEEP]
            notices[item] = {doc_id: column[doc_id] for doc_id in newest}
        return {**super().watermark(), "notices": notices}


def native_id(doc_id: str, penalty: Penalty) -> str:
    """Return the id of a row: its notice, and a hash of who was punished how."""
    digest = hashlib.sha256((penalty.party + penalty.penalty).encode("utf-8")).hexdigest()
    return f"{doc_id}-{digest[:8]}"


def _one_line(title: Any) -> str:
    return re.sub(r"\s+", "", plain(str(title)))


def _data(response: Response) -> Any:
    answer = read_json(response.body)
    if (code := dig(answer, "rptCode")) != HTTPStatus.OK:
        raise Refused(f"the answer has rptCode {code}")
    return dig(answer, "data")
