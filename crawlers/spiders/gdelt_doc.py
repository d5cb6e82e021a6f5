"""GDELT DOC 2.0: titles of articles from all over the world, in windows of time.

API: https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/ (JSON article list). It looks back
three months, gives 250 articles at most, and states its errors in words with status 200.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from scrapy.http import Request, Response

from crawlers.addresses import page_id
from crawlers.pages import decode, dig, dig_words, plain, read_json, rows, words
from crawlers.search import Found, SearchSpider
from crawlers.times import parse
from data.errors import LayoutChanged, Refused
from data.model import Mention

_REACH = timedelta(days=90)
_SHORTEST = 3
_COMPANIONS = ("消费金融", "消金", "金融", "贷款")
"""Said after a name that is too short to be asked for alone."""
_STAMP = "%Y%m%d%H%M%S"
_BETWEEN_TOKENS = re.compile(r"(?<=[^\x00-\x7f])\s+(?=\S)|(?<=\S)\s+(?=[^\x00-\x7f])")


class GdeltDoc(SearchSpider):
    """Targets are keywords. A page is a window of time; a full one leads to the one before it."""

    name = "gdelt_doc"
    absence_tells = False  # it tells of its index, not of the sites
    page_size = 250

    def search(self, keyword: str, page: int) -> Request:
        """Return the request for the window that ends now, or where a back-fill ends."""
        until = self.job.window[1] if self.job.window else self.job.clock()
        return self._window(keyword, page, until)

    def _window(self, keyword: str, page: int, until: datetime) -> Request:
        since = self.floor(keyword) or self.job.clock() - _REACH
        if self.job.window:
            since = self.job.window[0]
        asked = {
            "query": f"{phrases(keyword)} sourcelang:chinese",
            "mode": "artlist",
            "format": "json",
            "maxrecords": self.page_size,
            "sort": "datedesc",
            "startdatetime": f"{since.astimezone(UTC):{_STAMP}}",
            "enddatetime": f"{until.astimezone(UTC):{_STAMP}}",
        }
        return self.ask(
            f"/api/v2/doc/doc?{urlencode(asked)}",
            self.parse_search,
            meta={"json": True},
            cb_kwargs={"keyword": keyword, "page": page},
        )

    def following(self, keyword: str, page: int, mentions: Sequence[Mention]) -> Request:
        """Return the request for the window that ends with the oldest of this one."""
        times = [m.published_at for m in mentions if m.published_at is not None]
        return self._window(keyword, page + 1, min(times, default=self.job.clock()))

    def read(self, response: Response) -> Found:
        """Read the articles of a window; ``{}`` says that there are none."""
        text = decode(response.body).strip()
        if not text.startswith("{"):
            raise Refused(f"the answer is a sentence: {plain(text)[:120]}")
        answer = read_json(response.body)
        articles = rows(answer, "articles") if answer else []
        titled = [self._mention(response, row) for row in articles if words(row, "title")]
        if articles and not titled:
            raise LayoutChanged("no article has a title")
        return Found(titled)

    def _mention(self, response: Response, row: dict[str, Any]) -> Mention:
        url = dig_words(row, "url")
        return self.news(
            response,
            native_id=page_id(url),
            url=url,
            title=_BETWEEN_TOKENS.sub("", words(row, "title")),
            text="",
            outlet=words(row, "domain"),
            published_at=parse(dig(row, "seendate"), self.job.clock()),
            extra={"country": words(row, "sourcecountry")},
        )


def phrases(keyword: str) -> str:
    """Return a keyword as the API takes it: quoted, and with company when it is too short."""
    if len(keyword) >= _SHORTEST:
        return f'"{keyword}"'
    return "(" + " OR ".join(f'"{keyword}{word}"' for word in _COMPANIONS) + ")"
