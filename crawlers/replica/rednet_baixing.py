"""红网百姓呼声 as it answers: a search that works, a list that only seems to, replies."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any

from aiohttp import web

from crawlers.replica.faults import FAULT, Kind
from crawlers.replica.searching import Searched
from crawlers.replica.shelf import Shelf, published
from data.model import SHANGHAI
from data.scenarios.format import Planned

_CODES = {"未办理": 0, "已办理": 1, "办理中": 2, "最新回应": 3}


class RednetBaixing(Searched):
    """The letters of a scenario, by keyword."""

    slug = "rednet_baixing"

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the site that we speak."""
        return [
            web.post("/front/msg/index", self.index),
            web.post("/front/msg/list", self.everything),
            web.get("/front/msg/detail", self.detail),
        ]

    async def index(self, request: web.Request) -> web.Response:
        """Answer one page of a search, newest first."""
        asked = await request.json()
        return self._page(request, self.shelf(str(asked["search"])), asked)

    async def everything(self, request: web.Request) -> web.Response:
        """Answer one page of all letters, whatever is searched for."""
        asked = await request.json()
        return self._page(request, Shelf((p for _, p in self._items), self._clock), asked)

    def _page(self, request: web.Request, shelf: Shelf, asked: dict[str, Any]) -> web.Response:
        items = shelf.page(int(asked["page"]), int(asked["page_num"]))
        fault = request.get(FAULT)
        letters = [] if fault is Kind.EMPTY else [self._line(item) for item in items]
        name = "list" if fault is Kind.RENAMED else "rows"
        return web.json_response({"status": "1", "data": {"total": len(shelf), name: letters}})

    async def detail(self, request: web.Request) -> web.Response:
        """Answer one letter with the replies that are there."""
        item = self.visible(request.query["id"])
        if item is None:
            raise web.HTTPNotFound
        words = escape(item.mention.text, quote=False).replace("\n", "<br/>")
        name = "body" if request.get(FAULT) is Kind.RENAMED else "content"
        replies = [
            {
                "content": f"<p>{escape(step['text'])}</p>",
                "reply_time": _clock_of(datetime.fromisoformat(step["at"])),
                "name": step["by"],
            }
            for step in self._replies(item)
        ]
        data = self._line(item) | {name: f"<p>{words}</p>", "reply": replies, "comment": []}
        return web.json_response({"status": "1", "data": data})

    def _replies(self, item: Planned) -> list[dict[str, str]]:
        now = self._clock()
        steps = item.mention.extra.get("steps", ())
        return [step for step in steps if datetime.fromisoformat(step["at"]) <= now]

    def _line(self, item: Planned) -> dict[str, Any]:
        mention, replies = item.mention, self._replies(item)
        complete = len(replies) == len(mention.extra.get("steps", ()))
        return {
            "id": int(mention.native_id),
            "title": mention.title,
            "created_at": _clock_of(published(item)),
            "type_name": mention.extra.get("issue", ""),
            "nickname": mention.author,
            "city_id": 430100,
            "area_id": 430102,
            "is_reply": _CODES[mention.status] if complete else _CODES["未办理"],
            "reply_name": replies[-1]["by"] if replies else "",
            "reply_time": _clock_of(datetime.fromisoformat(replies[-1]["at"])) if replies else "",
            "click_num": mention.reach,
        }


def _clock_of(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
