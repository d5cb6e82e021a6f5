"""人民网 search: JSON for a posted keyword, over plain HTTP, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from scrapy.http import Request, Response

from crawlers.pages import dig, dig_number, dig_words, read_json, rows, words
from crawlers.search import Found, SearchSpider
from crawlers.times import parse
from data.errors import Refused
from data.model import Mention

_BY_TIME = 2


class PeopleSearch(SearchSpider):
    """Targets are keywords."""

    name = "people_search"
    page_size = 10

    def search(self, keyword: str, page: int) -> Request:
        """Return the request for one page of a search."""
        asked: dict[str, Any] = {
            "key": keyword,
            "page": page,
            "limit": self.page_size,
            "hasTitle": True,
            "hasContent": True,
            "sortType": _BY_TIME,
            "searchType": 0,
        }
        since, until = self.job.window or (self.floor(keyword), self.job.clock())
        if since is not None:
            asked |= {"startTime": _milliseconds(since), "endTime": _milliseconds(until)}
        return self.post(
            "/search-platform/front/search",
            asked,
            self.parse_search,
            cb_kwargs={"keyword": keyword, "page": page},
        )

    def read(self, response: Response) -> Found:
        """Read the articles of a page."""
        answer = read_json(response.body)
        if (code := str(dig(answer, "code"))) != "0":  # a string on this site
            raise Refused(f"the search answers with code {code}")
        articles = rows(answer, "data", "records")
        mentions = [self._mention(response, row) for row in articles]
        return Found(mentions, dig_number(answer, "data", "total"))

    def _mention(self, response: Response, row: dict[str, Any]) -> Mention:
        return self.news(
            response,
            native_id=dig_words(row, "id"),
            url=dig_words(row, "url"),
            title=dig_words(row, "title"),
            text=words(row, "content"),
            outlet=words(row, "source") or words(row, "belongsName") or "人民网",
            published_at=parse(dig(row, "displayTime"), self.job.clock()),
        )


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
