"""黑猫投诉 (tousu.sina.com.cn): the complaints a company received, then each one's public page."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from parsel import Selector
from scrapy.http import Request, Response

from crawlers.pages import decode, dig, dig_number, plain, read_json, rows
from crawlers.signing import signature
from crawlers.source import MISSING, Listed, SourceSpider
from crawlers.times import parse
from data.errors import LayoutChanged, Refused
from data.model import SHANGHAI, Gone, Mention, SourceKind

PAGE_SIZE = 10  # larger values have no effect
STATUS = {1: "通过审核", 3: "待分配", 4: "处理中", 6: "已回复", 7: "已完成", 8: "已关闭"}
CLOSED = ("已完成", "已关闭")
LATER_AGES = (timedelta(days=7), timedelta(days=30))
"""Ages at which a closed complaint is read again, too."""
COMPLAINANT = "消费者"
"""Stands for the complainant's handle in the steps: a handle is a person, a role is not."""
_FIRST = ("发起投诉", "发起集体投诉")
_GONE = ("投诉单不存在", "只允许本人查看", "页面不存在")
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
        return mention.status not in CLOSED or age in LATER_AGES

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
        page = Selector(text=html)
        question = page.css("div.ts-d-question")
        if not question:
            if response.status in MISSING or any(word in html for word in _GONE):
                yield from self.gone(sn, response)
                return
            raise LayoutChanged("div.ts-d-question is not on the page")
        labels = _labels(question)
        if labels.get("投诉编号") != sn:
            raise LayoutChanged(f"投诉编号 is {labels.get('投诉编号')!r} instead of {sn}")
        published = parse(_text(question, "span.u-date"), self.job.clock())
        if published is None:
            raise LayoutChanged("span.u-date holds no time")
        author = _text(question, "div.ts-q-user span.u-name")
        text, steps = _steps(page, published, author)
        self.recognised(response)
        status = labels.get("投诉进度", "")
        yield Mention(
            source=self.name,
            native_id=sn,
            kind=SourceKind.COMPLAINT,
            url=self.public(f"/complaint/view/{sn}/"),
            title=_text(question, "h1.article"),
            text=text,
            author=author,
            outlet="黑猫投诉",
            status=status,
            published_at=published,
            fetched_at=self.job.clock(),
            extra={
                "couid": _couid(question),
                "company": labels.get("投诉对象", "").split("商家只有入驻")[0].strip(),
                "issue": labels.get("投诉问题", ""),
                "appeal": labels.get("投诉要求", ""),
                "cost": labels.get("涉诉金额", "").removesuffix("元"),
                "steps": steps,
                **_group(page),
            },
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
        status=STATUS.get(dig_number(main, "status"), ""),
    )


def _labels(question: Sequence[Any]) -> dict[str, str]:
    """Read the list by its labels, never by position: 投诉问题 is missing on some pages."""
    found = {}
    for line in question[0].css("ul.ts-q-list > li"):
        label = plain(line.css("label").get("")).rstrip("：:")
        words = "".join(line.xpath(".//text()[not(ancestor::label)]").getall())
        found[label] = words.strip()
    return found


def _couid(question: Any) -> str:
    link = question.css('a[suda-uatrack="key=complaint_company"]::attr(href)').get("")
    return str(link.rpartition("couid=")[2].partition("&")[0])


def _group(page: Selector) -> dict[str, str]:
    """Return the number of the group complaint (集体投诉) that a complaint is part of, if any.

    It is written in hexadecimal: its eleven digits would be masked as those of a telephone.
    """
    link = page.css('a[data-sudaclick="relategroupts_view"]::attr(href)').get("")
    found = _GROUP.search(link)
    return {"group": f"G{int(found[0]):x}"} if found else {}


def _steps(page: Selector, begun: datetime, author: str) -> tuple[str, list[dict[str, str]]]:
    """Return the complainant's text and all steps, oldest first.

    Step dates have no year: starting from the header's, it grows when the calendar runs backwards.
    """
    text, steps, before = "", [], begun.astimezone(SHANGHAI)
    for item in reversed(page.css("div.ts-d-steplist > div.ts-d-item")):
        what = _text(item, "span.u-status")
        before = _after(before, _text(item, "span.u-date"))
        words = plain(item.css("div.ts-d-cont").get("") or item.css("div.ts-reply").get(""))
        by = _text(item, "span.u-name")
        if what in _FIRST:
            text, words = text or words, ""  # the mention's own text is not kept twice
        step = {"by": COMPLAINANT if by == author else by, "what": what, "at": before.isoformat()}
        steps.append(step | {"text": words})
    if not text:
        raise LayoutChanged("no step 发起投诉 with a text is on the page")
    return text, steps


def _after(before: datetime, clock: str) -> datetime:
    for year in (before.year, before.year + 1):
        moment = parse(f"{year}-{clock}", before)
        if moment is not None and moment >= before.replace(second=0):
            return moment.astimezone(SHANGHAI)
    raise LayoutChanged(f"a step's time cannot be read: {clock!r}")


def _text(node: Any, css: str) -> str:
    return plain(node.css(css).get(""))
