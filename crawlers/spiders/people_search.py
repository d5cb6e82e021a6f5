"""人民网 search: JSON for a posted keyword, over plain HTTP, newest first."""

from __future__ import annotations

from typing import Any

from scrapy.http import Request, Response

from crawlers.pages import dig, plain, read_json, rows
from crawlers.search import Found, SearchSpider
from crawlers.times import parse
from data.errors import Refused
from data.model import Mention


class PeopleSearch(SearchSpider):
    """Targets are keywords."""

    name = "people_search"
    page_size = 10

    def search(self, keyword: str, page: int) -> Request:
        """Return the request for one page of a search."""
        asked = {
            "key": keyword,
            "page": page,
            "limit": self.page_size,
            "hasTitle": True,
            "hasContent": True,
            "sortType": 0,
            "searchType": 0,
        }
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
        return Found(mentions, int(dig(answer, "data", "total")))

    def _mention(self, response: Response, row: dict[str, Any]) -> Mention:
        outlet = row.get("source") or row.get("belongsName") or "人民网"
        return self.news(
            response,
            native_id=str(dig(row, "id")),
            url=str(dig(row, "url")),
            title=plain(str(dig(row, "title"))),
            text=plain(str(row.get("content") or "")),
            outlet=plain(str(outlet)),
            published_at=parse(dig(row, "displayTime"), self.job.clock()),
        )
