"""黑猫投诉 (tousu.sina.com.cn): the complaints a company received, then each one's public page."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar

from parsel import Selector
from scrapy.http import Request, Response

from crawlers import tousu
from crawlers.pages import decode, dig, dig_number, read_json, rows
from crawlers.signing import signature
from crawlers.source import MISSING, Listed, SourceSpider
from crawlers.times import parse
from data.errors import LayoutChanged, Refused
from data.model import Gone, Mention, SourceKind

PAGE_SIZE = 10  # larger values have no effect
LATER_AGES = (timedelta(days=7), timedelta(days=30))
"""Ages at which a closed complaint is read again, too."""
_GROUP = re.compile(r"(?<=/grp_comp/view/G)\d{1,15}")
_CHARACTERS = string.digits + string.ascii_letters


class HeimaoPublic(SourceSpider):
    """Targets are company ids (couid)."""

    name = "heimao_public"
    headers: ClassVar = {"X-Requested-With": "XMLHttpRequest"}

    ages = tuple(timedelta(days=days) for days in (1, 3, 7, 14, 30))

    def begin(self) -> Iterator[Request]:
        """Start at the first page of each company."""
        for couid in self.job.targets:
            yield self._list(couid, 1)

    def visited_at(self, mention: Mention, age: timedelta) -> bool:
        """Visit open complaints at every age, closed ones seldom: some are opened again."""
        return mention.status not in tousu.CLOSED or age in LATER_AGES

    def revisit(self, mention: Mention) -> Iterator[Request]:
        """Read a complaint again: replies come late, and lists show no steps."""
        yield self._detail(mention.native_id)

    def _list(self, couid: str, page: int) -> Request:
        ts = str(int(self.job.clock().timestamp() * 1000))
        rs = "".join(random.choices(_CHARACTERS, k=16))  # noqa: S311 - a nonce, not a secret
        signed = signature(self.job.signing_key, ts, rs, (couid, "1", str(PAGE_SIZE), str(page)))
        return self.ask(
            f"/api/company/received_complaints?couid={couid}&type=1&page_size={PAGE_SIZE}"
            f"&page={page}&ts={ts}&rs={rs}&signature={signed}",
            self.parse_list,
            headers={"Referer": self.public("/")},
            meta={"json": True},
            cb_kwargs={"couid": couid, "page": page},
        )

    def parse_list(self, response: Response, couid: str, page: int) -> Iterator[Request]:
        """Follow the complaints that are new or have another status, newest first."""
        self.here(response)
        result = dig(read_json(response.body), "result")
        if (code := dig(result, "status", "code")) != 0:
            raise Refused(f"the list answers with code {code}; is the signing_key right?")
        data = dig(result, "data")
        complaints = rows(data, "complaints")
        pager = dig(data, "pager")
        last = dig_number(pager, "page_amount")
        if not complaints and page <= last and dig_number(pager, "item_count") > 0:
            raise LayoutChanged("the list is empty although it counts items")
        listed = [_listed(row, self.job.clock()) for row in complaints]
        self.recognised(response)
        self.outlook(couid, (last - page) * PAGE_SIZE)
        wanted, go_on = self.sift(couid, listed)
        for line in wanted:
            yield self._detail(line.native_id)
        if go_on and page < last and self.within_pages(page):
            yield self._list(couid, page + 1)

    def _detail(self, sn: str) -> Request:
        return self.ask(
            f"/complaint/view/{sn}/",
            self.parse_detail,
            priority=1,  # read what a page lists before the next page: memory stays flat
            meta={"detail": True, "genuine": "ts-d-question"},
            cb_kwargs={"sn": sn},
        )

    def parse_detail(self, response: Response, sn: str) -> Iterator[Mention | Gone]:
        """Read one complaint; one that was taken down is no error."""
        html = decode(response.body)
        page = Selector(text=html, type="html")
        question = page.css(tousu.QUESTION)
        if not question:
            if response.status in MISSING or tousu.says_gone(html):
                yield from self.gone(sn, response)
                return
            raise LayoutChanged(f"{tousu.QUESTION} is not on the page")
        labels = tousu.labels(question)
        if labels.get("投诉编号") != sn:
            raise LayoutChanged(f"投诉编号 is {labels.get('投诉编号')!r} instead of {sn}")
        published = tousu.published(question, self.job.clock())
        author = tousu.text(question, "div.ts-q-user span.u-name")
        text, steps = tousu.steps(page, published, author)
        self.recognised(response)
        yield Mention(
            source=self.name,
            native_id=sn,
            kind=SourceKind.COMPLAINT,
            url=self.public(f"/complaint/view/{sn}/"),
            title=tousu.text(question, "h1.article"),
            text=text,
            author=author,
            outlet="黑猫投诉",
            status=labels.get("投诉进度", ""),
            published_at=published,
            fetched_at=self.job.clock(),
            extra={**tousu.facts(question, labels), "steps": steps, **_group(page)},
            capture=self.page(response),
        )


def _listed(row: dict[str, Any], base: datetime) -> Listed:
    main = dig(row, "main")
    sn = str(dig(main, "sn"))
    if not sn.isdigit():
        raise LayoutChanged(f"main.sn is no number: {sn!r}")
    return Listed(
        native_id=sn,
        published_at=parse(dig(main, "timestamp"), base),
        status=tousu.STATUS.get(dig_number(main, "status"), ""),
    )


def _group(page: Selector) -> dict[str, str]:
    """Return the number of the group complaint (集体投诉) that a complaint is part of, if any.

    It is written in hexadecimal: its eleven digits would be masked as those of a telephone.
    """
    link = page.css('a[data-sudaclick="relategroupts_view"]::attr(href)').get("")
    found = _GROUP.search(link)
    return {"group": f"G{int(found[0]):x}"} if found else {}
