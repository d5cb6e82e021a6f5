"""澎湃新闻 search: JSON for a posted keyword, newest first."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from scrapy.http import Request, Response

from crawlers.pages import count, dig, dig_words, read_json, rows, words
from crawlers.search import Found, SearchSpider
from crawlers.times import parse
from data.errors import Refused
from data.model import Mention

_BY_TIME = 1  # 3, the site's own choice, sorts by relevance
_HUMAN = "https://www.thepaper.cn/newsDetail_forward_"


class Thepaper(SearchSpider):
    """Targets are keywords."""

    name = "thepaper"
    page_size = 10

    def search(self, keyword: str, page: int) -> Request:
        """Return the request for one page of a search."""
        asked = {
            "word": keyword,
            "orderType": _BY_TIME,
            "pageNum": page,
            "pageSize": self.page_size,
            "searchType": 1,
        }
        return self.post(
            "/search/web/news",
            asked,
            self.parse_search,
            cb_kwargs={"keyword": keyword, "page": page},
        )

    def read(self, response: Response) -> Found:
        """Read the articles of a page."""
        answer = read_json(response.body)
        if (code := dig(answer, "code")) != HTTPStatus.OK:
            raise Refused(f"the search answers with code {code}: {words(answer, 'desc')}")
        return Found([self._mention(response, row) for row in rows(answer, "data", "list")])

    def _mention(self, response: Response, row: dict[str, Any]) -> Mention:
        article = dig_words(row, "contId")
        section = words(row, "nodeInfo", "name")
        return self.news(
            response,
            native_id=article,
            url=_HUMAN + article,
            title=dig_words(row, "name"),
            text=words(row, "summary"),
            outlet="澎湃新闻",
            reach=count(row.get("praiseTimes")),
            # pubTime says "3小时前"; the number says when
            published_at=parse(dig(row, "pubTimeLong"), self.job.clock()),
            extra={"section": section} if section else {},
        )
