"""人民网 search as it answers: a posted keyword, a code that is a string, epoch milliseconds."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from crawlers.replica.faults import FAULT, Kind
from crawlers.replica.searching import Searched
from crawlers.replica.shelf import Shelf, published
from data.scenarios.format import Planned

_FAR = 10**14


class PeopleSearch(Searched):
    """The articles of a scenario, by keyword."""

    slug = "people_search"

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the site that we speak."""
        return [web.post("/search-platform/front/search", self.search)]

    async def search(self, request: web.Request) -> web.Response:
        """Answer one page of a search, newest first."""
        asked = await request.json()
        keyword = str(asked["key"])
        since, until = asked.get("startTime", 0), asked.get("endTime") or _FAR
        fault = request.get(FAULT)
        shelf = Shelf(
            (p for p in self.shelf(keyword).visible() if since <= _milliseconds(p) <= until),
            self._clock,
        )
        items = shelf.page(int(asked["page"]), int(asked["limit"]))
        records = [] if fault is Kind.EMPTY else [_record(item, keyword) for item in items]
        name = "list" if fault is Kind.RENAMED else "records"
        return web.json_response({"code": "0", "data": {"total": len(shelf), name: records}})


def _milliseconds(item: Planned) -> int:
    return int(published(item).timestamp() * 1000)


def _record(item: Planned, keyword: str) -> dict[str, Any]:
    mention, at = item.mention, _milliseconds(item)
    marked = f"<em>{keyword}</em>"
    return {
        "id": int(mention.native_id),
        "title": mention.title.replace(keyword, marked),
        "url": mention.url,
        "author": "",
        "displayTime": at,
        "inputTime": at,
        "source": mention.outlet,
        "belongsName": "财经",
        "content": mention.text.replace(keyword, marked),
        "contentOriginal": mention.text,
        "originUrl": "",
        "domain": "finance.people.com.cn",
    }
