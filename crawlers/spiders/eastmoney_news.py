"""东方财富 news search: JSONP, one keyword a search, newest first."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from scrapy.http import Request, Response

from crawlers.pages import dig, dig_words, read_json, rows, words
from crawlers.search import Found, SearchSpider
from crawlers.times import parse
from data.errors import LayoutChanged
from data.model import Mention


class EastmoneyNews(SearchSpider):
    """Targets are keywords."""

    name = "eastmoney_news"
    page_size = 50

    def search(self, keyword: str, page: int) -> Request:
        """Return the request for one page of a search."""
        asked = {
            "uid": "",
            "keyword": keyword,
            "type": ["cmsArticleWebOld"],
            "client": "web",
            "clientType": "web",
            "clientVersion": "curr",
            "param": {
                "cmsArticleWebOld": {
                    "searchScope": "default",
                    "sort": "time",
                    "pageIndex": page,
                    "pageSize": self.page_size,
                    "preTag": "<em>",
                    "postTag": "</em>",
                }
            },
        }
        text = json.dumps(asked, ensure_ascii=False, separators=(",", ":"))
        return self.ask(
            f"/search/jsonp?cb=cb&param={quote(text)}",
            self.parse_search,
            meta={"json": True},
            cb_kwargs={"keyword": keyword, "page": page},
        )

    def read(self, response: Response) -> Found:
        """Read the articles of a page."""
        articles = rows(read_json(response.body), "result", "cmsArticleWebOld")
        return Found([self._mention(response, row) for row in articles])

    def _mention(self, response: Response, row: dict[str, Any]) -> Mention:
        code = dig_words(row, "code")
        if not code.isdigit():
            raise LayoutChanged(f"code is no number: {code!r}")
        url = words(row, "url") or f"http://finance.eastmoney.com/a/{code}.html"
        return self.news(
            response,
            native_id=code,
            url=f"http:{url}" if url.startswith("//") else url,
            title=dig_words(row, "title"),
            text=words(row, "content"),
            outlet=words(row, "mediaName"),
            published_at=parse(dig(row, "date"), self.job.clock()),
        )
