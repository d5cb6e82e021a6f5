"""东方财富 news search: JSONP, one keyword a search, newest first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from scrapy.http import Request, Response

from crawlers.pages import dig, plain, read_json, rows
from crawlers.source import Listed, SourceSpider
from crawlers.times import parse
from data.errors import LayoutChanged
from data.fold import fold
from data.model import Mention, SourceKind

PAGE_SIZE = 50


class EastmoneyNews(SourceSpider):
    """Targets are keywords. The search is fuzzy: what does not hold the keyword is dropped."""

    name = "eastmoney_news"
    list_is_all = True

    def begin(self) -> Iterator[Request]:
        """Start one search per keyword."""
        for keyword in self.job.targets:
            yield self._search(keyword, 1)

    def _search(self, keyword: str, page: int) -> Request:
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
                    "pageSize": PAGE_SIZE,
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

    def parse_search(
        self, response: Response, keyword: str, page: int
    ) -> Iterator[Mention | Request]:
        """Yield the articles that hold the keyword; edited ones come again within the overlap."""
        self.here(response)
        answer = rows(read_json(response.body), "result", "cmsArticleWebOld")
        articles = {str(dig(row, "code")): self._mention(response, row) for row in answer}
        self.recognised(response)
        listed = [
            Listed(code, m.published_at, off_topic=fold(keyword) not in fold(f"{m.title} {m.text}"))
            for code, m in articles.items()
        ]
        self.count("mentions/off_topic", sum(line.off_topic for line in listed))
        wanted, go_on = self.sift(keyword, listed)
        for line in wanted:
            yield articles[line.native_id]
        if go_on and len(answer) >= PAGE_SIZE and self.within_pages(page):
            yield self._search(keyword, page + 1)

    def _mention(self, response: Response, row: dict[str, Any]) -> Mention:
        code = str(dig(row, "code"))
        if not code.isdigit():
            raise LayoutChanged(f"code is no number: {code!r}")
        url = str(row.get("url") or f"http://finance.eastmoney.com/a/{code}.html")
        return Mention(
            source=self.name,
            native_id=code,
            kind=SourceKind.NEWS,
            url=f"http:{url}" if url.startswith("//") else url,
            title=plain(str(dig(row, "title"))),
            text=plain(str(dig(row, "content"))),
            outlet=plain(str(row.get("mediaName") or "")),
            published_at=parse(dig(row, "date"), self.job.clock()),
            fetched_at=self.job.clock(),
            capture=self.page(response),
        )
