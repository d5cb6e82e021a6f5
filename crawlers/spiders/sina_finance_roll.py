"""新浪财经 roll: one feed of everything, newest first; what names no lender is passed over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scrapy.http import Request, Response

from crawlers.addresses import page_id
from crawlers.pages import dig, dig_words, read_json, rows, words
from crawlers.search import Found, SearchSpider, holds
from crawlers.times import parse
from data.errors import Refused
from data.model import Mention

_FINANCE = "2516"


class SinaFinanceRoll(SearchSpider):
    """Targets are names; the feed is not asked for them, its filter is not to be relied upon."""

    name = "sina_finance_roll"
    page_size = 50

    def begin(self) -> Iterator[Request]:
        """Read the one feed."""
        yield self.search(_FINANCE, 1)

    def search(self, keyword: str, page: int) -> Request:
        """Return the request for one page of a feed (lid)."""
        return self.ask(
            f"/api/roll/get?pageid=153&lid={keyword}&k=&num={self.page_size}&page={page}",
            self.parse_search,
            meta={"json": True},
            cb_kwargs={"keyword": keyword, "page": page},
        )

    def reread(self, mention: Mention) -> Iterator[Request]:  # noqa: ARG002 - see below
        """Yield nothing: a feed of everything finds no single line."""
        return iter(())

    def read(self, response: Response) -> Found:
        """Read the lines of a page."""
        answer = dig(read_json(response.body), "result")
        if (code := dig(answer, "status", "code")) != 0:
            raise Refused(f"the feed answers with code {code}")
        lines = [self._mention(response, row) for row in rows(answer, "data")]
        return Found(
            lines, None if lines else 1
        )  # it counts nothing, but is never empty at its top

    def fits(self, mention: Mention, keyword: str) -> bool:  # noqa: ARG002 - the feed's number
        """Tell whether a line names one of the targets."""
        return any(holds(mention, name) for name in self.job.targets)

    def _mention(self, response: Response, row: dict[str, Any]) -> Mention:
        url = dig_words(row, "url")
        return self.news(
            response,
            native_id=page_id(url),
            url=url,
            title=dig_words(row, "title"),
            text=words(row, "intro") or words(row, "summary"),
            outlet=words(row, "media_name") or "新浪财经",
            published_at=parse(dig(row, "ctime"), self.job.clock()),
        )
