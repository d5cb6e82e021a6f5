"""红网百姓呼声 (Hunan): what citizens write to authorities, and what these reply."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from scrapy.http import Request, Response

from crawlers.pages import count, dig, dig_number, dig_words, read_json, rows, words
from crawlers.search import Found, SearchSpider
from crawlers.source import MISSING
from crawlers.times import parse
from data.errors import LayoutChanged, Refused
from data.model import GONE, SHANGHAI, Gone, Mention, SourceKind

STATUS = {0: "未办理", 1: "已办理", 2: "办理中", 3: "最新回应"}


class RednetBaixing(SearchSpider):
    """Targets are keywords. ``/front/msg/list`` ignores them silently: only ``index`` searches."""

    name = "rednet_baixing"
    headers: ClassVar = {"Referer": "https://people.rednet.cn/"}
    list_is_all = False
    absence_tells = False
    ages = tuple(timedelta(days=days) for days in (1, 3, 7, 14, 30))
    page_size = 10

    def search(self, keyword: str, page: int) -> Request:
        """Return the request for one page of a search."""
        return self.post(
            "/front/msg/index",
            {"search": keyword, "page": page, "page_num": self.page_size},
            self.parse_search,
            cb_kwargs={"keyword": keyword, "page": page},
        )

    def read(self, response: Response) -> Found:
        """Read the titles of a page."""
        data = _data(response)
        letters = [self._letter(response, row) for row in rows(data, "rows")]
        return Found(letters, dig_number(data, "total"))

    def fits(self, mention: Mention, keyword: str) -> bool:  # noqa: ARG002 - the hit may be below
        """Take the search at its word: the list shows titles only."""
        return True

    def follow(self, wanted: Sequence[Mention]) -> Iterator[Request]:
        """Open the letters that are new or have another status."""
        for letter in wanted:
            yield from self.revisit(letter)

    def revisit(self, mention: Mention) -> Iterator[Request]:
        """Open a letter of which the list, or an earlier reading, has told the rest."""
        yield self.ask(
            f"/front/msg/detail?id={mention.native_id}",
            self.parse_detail,
            priority=1,
            meta={"json": True, "detail": True},
            cb_kwargs={"letter": mention},
        )

    def parse_detail(self, response: Response, letter: Mention) -> Iterator[Mention | Gone]:
        """Read one letter and its replies."""
        if response.status in MISSING:
            yield from self.gone(letter.native_id, response)
            return
        data = _data(response)
        code = words(data, "is_reply")
        status = STATUS.get(int(code), "") if code.isdigit() else letter.status
        if status == GONE:  # it is back, and only its list says how far it is
            status = ""
        text = dig_words(data, "content")
        replies = [self._reply(row) for row in rows(data, "reply")]
        self.recognised(response)
        yield replace(
            letter,
            text=text,
            status=status,
            fetched_at=self.job.clock(),
            extra=dict(letter.extra) | {"steps": replies},
            capture=self.page(response),
        )

    def _letter(self, response: Response, row: dict[str, Any]) -> Mention:
        number = dig_words(row, "id")
        if not number.isdigit():
            raise LayoutChanged(f"id is no number: {number!r}")
        return Mention(
            source=self.name,
            native_id=number,
            kind=SourceKind.COMPLAINT,
            url=self.public(f"/front/msg/detail?id={number}"),
            title=words(row, "title") or "无标题",
            text="",
            author=words(row, "nickname"),
            outlet="红网百姓呼声",
            status=STATUS.get(dig_number(row, "is_reply"), ""),
            reach=count(row.get("click_num")),
            published_at=parse(dig(row, "created_at"), self.job.clock()),
            fetched_at=self.job.clock(),
            extra={"issue": words(row, "type_name")},
            capture=self.page(response),
        )

    def _reply(self, row: dict[str, Any]) -> dict[str, str]:
        at = parse(dig(row, "reply_time"), self.job.clock())
        return {
            "by": words(row, "name"),
            "what": "回复",
            "at": at.astimezone(SHANGHAI).isoformat() if at else "",
            "text": words(row, "content"),
        }


def _data(response: Response) -> Any:
    answer = read_json(response.body)
    if (status := str(dig(answer, "status"))) != "1":  # a string on this site
        raise Refused(f"the answer has status {status}")
    return dig(answer, "data")
