"""东方财富股吧: the list of posts is JSON inside a script, and so is each post's text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from scrapy.http import Request, Response

from crawlers.pages import (
    count,
    decode,
    dig,
    dig_number,
    dig_words,
    json_after,
    plain,
    rows,
    words,
)
from crawlers.source import MISSING, Listed, SourceSpider
from crawlers.times import parse
from data.errors import LayoutChanged
from data.model import Gone, Mention, SourceKind

PAGE_SIZE = 80


class EastmoneyGuba(SourceSpider):
    """Targets are bar codes, usually the listed parent's."""

    name = "eastmoney_guba"
    ages = tuple(timedelta(hours=hours) for hours in (6, 24, 72))

    def begin(self) -> Iterator[Request]:
        """Start at the first page of each bar."""
        for code in self.job.targets:
            yield self._list(code, 1)

    def _list(self, code: str, page: int) -> Request:
        return self.ask(
            f"/list,{code}_{page}.html",
            self.parse_list,
            meta={"genuine": "article_list"},
            cb_kwargs={"code": code, "page": page},
        )

    def parse_list(self, response: Response, code: str, page: int) -> Iterator[Request]:
        """Follow the posts not read before, newest first."""
        self.here(response)
        answer = json_after(decode(response.body), "article_list=")
        posts = rows(answer, "re")
        total = dig_number(answer, "count")
        if not posts and total > (page - 1) * PAGE_SIZE:
            raise LayoutChanged("the list is empty although it counts posts")
        by_id = {dig_words(post, "post_id"): post for post in posts}
        listed = [
            Listed(post_id, parse(dig(post, "post_publish_time"), self.job.clock()))
            for post_id, post in by_id.items()
        ]
        self.recognised(response)
        self.outlook(code, total - page * PAGE_SIZE)
        wanted, go_on = self.sift(code, listed)
        for line in wanted:
            yield self._detail(code, by_id[line.native_id])
        if go_on and page * PAGE_SIZE < total and self.within_pages(page):
            yield self._list(code, page + 1)

    def _detail(self, code: str, post: dict[str, Any]) -> Request:
        told = {
            "title": words(post, "post_title"),
            "author": words(post, "user_nickname"),
            "reach": count(post.get("post_click_count")),
            "published_at": parse(dig(post, "post_publish_time"), self.job.clock()),
        }
        return self._ask(code, str(post["post_id"]), told)

    def revisit(self, mention: Mention) -> Iterator[Request]:
        """Read the text of a stored post again; its title is what the list told."""
        code = mention.url.rpartition("/news,")[2].partition(",")[0]
        names = ("title", "reach", "published_at")
        told = {name: getattr(mention, name) for name in names}
        yield self._ask(code, mention.native_id, told)

    def _ask(self, code: str, post_id: str, told: dict[str, Any]) -> Request:
        return self.ask(
            f"/news,{code},{post_id}.html",
            self.parse_detail,
            priority=1,
            meta={"detail": True, "genuine": "post_content"},
            cb_kwargs={"code": code, "post_id": post_id, "told": told},
        )

    def parse_detail(
        self, response: Response, code: str, post_id: str, told: dict[str, Any]
    ) -> Iterator[Mention | Gone]:
        """Read one post; the list has told all but its text."""
        if response.status in MISSING:
            yield from self.gone(post_id, response)
            return
        content = json_after(decode(response.body), '"post_content":')
        self.recognised(response)
        text = plain(str(content or ""))
        if not told["title"] and not text:
            self.count("pages/wordless")  # a picture and nothing else
            return
        yield Mention(
            source=self.name,
            native_id=post_id,
            kind=SourceKind.POST,
            url=self.public(f"/news,{code},{post_id}.html"),
            text=text,
            outlet="东方财富股吧",
            fetched_at=self.job.clock(),
            capture=self.page(response),
            **told,
        )
