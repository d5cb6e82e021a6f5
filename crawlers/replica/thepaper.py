"""澎湃新闻 search as it answers: a posted keyword, highlights in font tags, two kinds of time."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from crawlers.replica.faults import FAULT, Kind
from crawlers.replica.searching import Searched
from crawlers.replica.shelf import published
from data.scenarios.format import Planned


class Thepaper(Searched):
    """The articles of a scenario, by keyword."""

    slug = "thepaper"

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the site that we speak."""
        return [web.post("/search/web/news", self.search)]

    async def search(self, request: web.Request) -> web.Response:
        """Answer one page of a search, newest first."""
        asked = await request.json()
        keyword = str(asked.get("word") or "")
        if not keyword:
            return web.json_response({"code": 10001, "desc": "搜索词不能为空"})
        items = self.shelf(keyword).page(int(asked["pageNum"]), int(asked["pageSize"]))
        name = "contents" if request.get(FAULT) is Kind.RENAMED else "list"
        articles = [_article(item, keyword) for item in items]
        return web.json_response({"code": 200, "data": {name: articles}})


def _article(item: Planned, keyword: str) -> dict[str, Any]:
    mention = item.mention
    return {
        "contId": mention.native_id,
        "name": mention.title.replace(keyword, f"<font>{keyword}</font>"),
        "summary": mention.text,
        "pubTime": "3小时前",  # for people, and wrong for all who do not read it at once
        "pubTimeLong": int(published(item).timestamp() * 1000),
        "nodeInfo": {"name": mention.extra.get("section", "")},
        "praiseTimes": str(mention.reach),
        "interactionNum": "3",
    }
