"""黑猫投诉, 集体投诉: the list of all companies' group complaints, then each one's public page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, ClassVar

from parsel import Selector
from scrapy.http import Request, Response

from crawlers import tousu
from crawlers.pages import decode, dig, dig_number, dig_words, read_json, rows
from crawlers.source import MISSING, Job, SourceSpider
from data.errors import LayoutChanged, Refused
from data.model import GONE, Gone, Mention, SourceKind

PAGE_SIZE = 10
REMEMBERED = 2_000
"""Groups, ours or not, whose pages are not opened again because a list shows them."""
_NUMBER = re.compile(r"/grp_comp/view/G(\d{1,15})(?:[/?#]|$)")


class HeimaoGroups(SourceSpider):
    """Targets are names: the list tells addresses only, so each page is opened once to see whom.

    Reading goes on until a whole page was known after the last good run.
    """

    name = "heimao_groups"
    headers: ClassVar = {"X-Requested-With": "XMLHttpRequest"}
    ages = tuple(timedelta(days=days) for days in (1, 3, 7, 14, 30))

    def __init__(self, job: Job, **kwargs: Any) -> None:
        super().__init__(job, **kwargs)
        self._before = dict.fromkeys(job.watermark.get("groups", ()))
        self._now: dict[str, None] = {}

    def begin(self) -> Iterator[Request]:
        """Start at the newest groups."""
        yield self._list(1)

    def revisit(self, mention: Mention) -> Iterator[Request]:
        """Read a group again: others join, companies answer."""
        yield self._detail(int(mention.native_id[1:], 16))

    def _list(self, page: int) -> Request:
        return self.ask(
            f"/api/grp_comp/feed?type=2&page_size={PAGE_SIZE}&page={page}",
            self.parse_list,
            headers={"Referer": self.public("/grp_comp/")},
            meta={"json": True},
            cb_kwargs={"page": page},
        )

    def parse_list(self, response: Response, page: int) -> Iterator[Request]:
        """Open the groups that nobody has opened yet."""
        self.here(response)
        result = dig(read_json(response.body), "result")
        if (code := dig(result, "status", "code")) != 0:
            raise Refused(f"the list of groups answers with code {code}")
        groups = rows(dig(result, "data"), "list")
        pager = dig(result, "data", "pager")
        last = dig_number(pager, "page_amount")
        if not groups and page <= last and dig_number(pager, "item_count") > 0:
            raise LayoutChanged("the list is empty although it counts items")
        numbers = {native_id(number): number for number in map(_number, groups)}
        self.recognised(response)
        self.observer.lines(len(numbers))
        known = self.known(list(numbers))
        for key, number in numbers.items():
            if key not in self.seen and self._unread(key, known.get(key)):
                self.seen.add(key)
                self.found += 1
                yield self._detail(number)
            elif key in known:
                self._now[key] = None
        new = any(key not in self._before for key in numbers)
        if (new or self.job.window) and page < last and self.within_pages(page):
            yield self._list(page + 1)

    def _unread(self, key: str, status: str | None) -> bool:
        if self.job.window is not None:
            return status is None
        return status == GONE or (status is None and key not in self._before)

    def _detail(self, number: int) -> Request:
        return self.ask(
            f"/grp_comp/view/G{number}",
            self.parse_detail,
            priority=1,
            meta={"detail": True, "genuine": "ts-d-question"},
            cb_kwargs={"number": number},
        )

    def parse_detail(self, response: Response, number: int) -> Iterator[Mention | Gone]:
        """Read one group; one about others is remembered, so that it is not opened again."""
        html, key = decode(response.body), native_id(number)
        page = Selector(text=html, type="html")
        question = page.css(tousu.QUESTION)
        if not question:
            if response.status in MISSING or tousu.says_gone(html):
                yield from self.gone(key, response)
                return
            raise LayoutChanged(f"{tousu.QUESTION} is not on the page")
        mention = self._mention(response, page, question, number)
        self.recognised(response)
        self._now[key] = None
        if not self._ours(mention):
            self.count("mentions/off_topic")
        elif self.job.window is None or _within(self.job.window, mention):
            yield mention

    def _mention(self, response: Response, page: Selector, question: Any, number: int) -> Mention:
        labels = tousu.labels(question)
        published = tousu.published(question, self.job.clock())
        author = tousu.text(question, "div.ts-q-user span.u-name")
        text, steps = tousu.steps(page, published, author)
        members = 1 + sum(step["what"] == tousu.JOINED for step in steps)
        return Mention(
            source=self.name,
            native_id=native_id(number),
            kind=SourceKind.COMPLAINT,
            url=self.public(f"/grp_comp/view/G{number}"),
            title=tousu.text(question, "h1.article"),
            text=text,
            author=author,
            outlet="黑猫投诉",
            status=labels.get("投诉进度", ""),
            published_at=published,
            fetched_at=self.job.clock(),
            extra={**tousu.facts(question, labels), "members": members, "steps": steps},
            capture=self.page(response),
        )

    def _ours(self, mention: Mention) -> bool:
        said = f"{mention.title}\n{mention.text}\n{mention.extra['company']}"
        return any(tousu.names(said, target) for target in self.job.targets)

    def watermark(self) -> dict[str, Any]:
        """Add the groups that were opened, the newest first; a page not read is not among them."""
        kept = [*self._now, *(key for key in self._before if key not in self._now)]
        return {**super().watermark(), "groups": kept[:REMEMBERED]}


def native_id(number: int) -> str:
    """Return what a complaint's ``extra.group`` calls the group: G and hexadecimal digits."""
    return f"G{number:x}"


def _number(row: dict[str, Any]) -> int:
    found = _NUMBER.search(url := dig_words(row, "url"))
    if found is None:
        raise LayoutChanged(f"list.url leads to no group: {url!r}")
    return int(found[1])


def _within(window: Any, mention: Mention) -> bool:
    since, until = window
    return mention.published_at is not None and since <= mention.published_at < until
