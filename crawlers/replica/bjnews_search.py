"""新京报 as it answers: a search without times, and the articles, which state theirs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from crawlers.replica.faults import FAULT, Kind
from crawlers.replica.pages import article_page
from crawlers.replica.searching import Searched
from data.scenarios.format import Planned

_PAGE_SIZE = 10


class BjnewsSearch(Searched):
    """The articles of a scenario, by keyword."""

    slug = "bjnews_search"

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of both hosts that we speak."""
        return [
            web.get("/bjnews/getlist", self.search),
            web.get(r"/detail/{number:\d+}.html", self.article),
        ]

    async def search(self, request: web.Request) -> web.Response:
        """Answer one page of a search, newest first."""
        keyword = request.query["bwsk"]
        items = self.shelf(keyword).page(int(request.query["page"]), _PAGE_SIZE)
        name = "rows" if request.get(FAULT) is Kind.RENAMED else "data"
        hits = [_hit(item, keyword) for item in items]
        return web.json_response({"status": True, "data": {name: hits}})

    async def article(self, request: web.Request) -> web.Response:
        """Answer one article."""
        path = f"/detail/{request.match_info['number']}.html"
        item = next((p for _, p in self._items if urlsplit(p.mention.url).path == path), None)
        if item is None or item.visible_at > self._clock():
            raise web.HTTPNotFound
        body = "body" if request.get(FAULT) is Kind.RENAMED else "contentStr"
        return article_page(item, body)


def _hit(item: Planned, keyword: str) -> dict[str, Any]:
    title = item.mention.title.replace(keyword, f"<em>{keyword}</em>")
    return {
        "_source": {"detail_url": {"pc_url": item.mention.url}},
        "highlight": {"title": [title]},
    }
