"""东方财富 news search as it answers: JSONP, highlights, a search that is none too strict."""

from __future__ import annotations

import json
from typing import Any

from aiohttp import web

from crawlers.replica.faults import FAULT, Kind
from crawlers.replica.searching import Searched
from crawlers.replica.shelf import published
from data.model import SHANGHAI
from data.scenarios.format import Planned


class EastmoneyNews(Searched):
    """The news of a scenario, by keyword."""

    slug = "eastmoney_news"

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the site that we speak."""
        return [web.get("/search/jsonp", self.search)]

    async def search(self, request: web.Request) -> web.Response:
        """Answer one page of a search, newest first."""
        asked = json.loads(request.query["param"])
        options = asked["param"]["cmsArticleWebOld"]
        keyword = str(asked["keyword"])
        size = min(int(options["pageSize"]), 100)
        tags = str(options["preTag"]), str(options["postTag"])
        items = self.shelf(keyword).page(int(options["pageIndex"]), size)
        articles = [_article(item, keyword, tags) for item in items]
        fault = request.get(FAULT)
        name = "cmsArticleWeb" if fault is Kind.RENAMED else "cmsArticleWebOld"
        answer = {"bizCode": "", "bizMsg": "", "code": 0, "result": {name: articles}}
        text = f"{request.query.get('cb', '')}({json.dumps(answer, ensure_ascii=False)})"
        return web.Response(text=text, content_type="application/javascript", charset="utf-8")


def _article(item: Planned, keyword: str, tags: tuple[str, str]) -> dict[str, Any]:
    mention = item.mention
    marked = keyword.join(tags)
    return {
        "code": mention.native_id,
        "title": mention.title.replace(keyword, marked),
        "content": mention.text.replace(keyword, marked),
        "date": f"{published(item).astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
        "mediaName": mention.outlet,
        "url": f"http://finance.eastmoney.com/a/{mention.native_id}.html",
        "image": "",
    }
