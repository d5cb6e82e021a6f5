"""What the pages of 黑猫投诉 (tousu.sina.com.cn) share: labels, steps, masked company names."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from parsel import Selector

from crawlers.pages import plain
from crawlers.times import parse
from data.errors import LayoutChanged
from data.fold import fold
from data.model import SHANGHAI

STATUS = {1: "通过审核", 3: "待分配", 4: "处理中", 6: "已回复", 7: "已完成", 8: "已关闭"}
CLOSED = ("已完成", "已关闭")
QUESTION = "div.ts-d-question"
COMPLAINANT = "消费者"
"""Stands for the handle of a complainant in the steps: a handle is a person, a role is not."""
JOINED = "参与集体投诉"
FIRST = ("发起投诉", "发起集体投诉")
_PERSONS_DO = (*FIRST, JOINED, "补充投诉", "确认完成", "评价")
"""Steps that complainants take, whatever their handles."""
_GONE = ("投诉单不存在", "只允许本人查看", "页面不存在")


def says_gone(html: str) -> bool:
    """Tell whether a page without a complaint says that it was taken down or is private."""
    return any(word in html for word in _GONE)


def text(node: Any, css: str) -> str:
    """Return the plain words of the first element that fits."""
    return plain(node.css(css).get(""))


def labels(question: Sequence[Any]) -> dict[str, str]:
    """Read the list by its labels, never by position: 投诉问题 is missing on some pages."""
    found = {}
    for line in question[0].css("ul.ts-q-list > li"):
        label = plain(line.css("label").get("")).rstrip("：:")
        words = "".join(line.xpath(".//text()[not(ancestor::label)]").getall())
        found[label] = words.strip()
    return found


def facts(question: Any, said: dict[str, str]) -> dict[str, str]:
    """Return company, its number, issue, appeal and sum as a mention's ``extra`` holds them."""
    link = question.css('a[suda-uatrack="key=complaint_company"]::attr(href)').get("")
    return {
        "couid": str(link.rpartition("couid=")[2].partition("&")[0]),
        "company": said.get("投诉对象", "").split("商家只有入驻")[0].strip(),
        "issue": said.get("投诉问题", ""),
        "appeal": said.get("投诉要求", ""),
        "cost": said.get("涉诉金额", "").removesuffix("元"),
    }


def published(question: Any, base: datetime) -> datetime:
    """Return when a complaint was made. Raises LayoutChanged."""
    moment = parse(text(question, "span.u-date"), base)
    if moment is None:
        raise LayoutChanged("span.u-date holds no time")
    return moment


def steps(page: Selector, begun: datetime, author: str) -> tuple[str, list[dict[str, str]]]:
    """Return the complainant's text and all steps, oldest first. Raises LayoutChanged.

    Step dates have no year: starting from the header's, it grows when the calendar runs backwards.
    """
    told, found, before = "", [], begun.astimezone(SHANGHAI)
    for item in reversed(page.css("div.ts-d-steplist > div.ts-d-item")):
        what = text(item, "span.u-status")
        before = _after(before, text(item, "span.u-date"))
        words = plain(item.css("div.ts-d-cont").get("") or item.css("div.ts-reply").get(""))
        by = text(item, "span.u-name")
        if what in FIRST:
            told, words = told or words, ""  # the mention's own text is not kept twice
        person = by == author or what in _PERSONS_DO
        step = {"by": COMPLAINANT if person else by, "what": what, "at": before.isoformat()}
        found.append(step | {"text": words})
    if not told:
        raise LayoutChanged("no step 发起投诉 with a text is on the page")
    return told, found


def _after(before: datetime, clock: str) -> datetime:
    for year in (before.year, before.year + 1):
        moment = parse(f"{year}-{clock}", before)
        if moment is not None and moment >= before.replace(second=0):
            return moment.astimezone(SHANGHAI)
    raise LayoutChanged(f"a step's time cannot be read: {clock!r}")


def names(words: str, name: str) -> bool:
    """Tell whether words hold a name; ``*`` in them stands for any one character (某*飞)."""
    said, sought = fold(words), fold(name)
    if sought in said:
        return True
    if "*" not in said:
        return False
    spans = (said[at : at + len(sought)] for at in range(len(said) - len(sought) + 1))
    return any(
        span.count("*") * 2 < len(sought)
        and all(a in {"*", b} for a, b in zip(span, sought, strict=True))
        for span in spans
    )
