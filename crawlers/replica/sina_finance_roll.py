"""新浪财经 roll as it answers: everything there is, times as strings, a keyword for nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from aiohttp import web

from crawlers.replica.faults import FAULT, Kind
from crawlers.replica.shelf import Clock, Shelf, published
from data.scenarios.format import Planned

_BETWEEN = 2
"""Lines about nothing of ours before each planned one."""


class SinaFinanceRoll:
    """The articles of a scenario among many that name nobody."""

    slug = "sina_finance_roll"

    def __init__(self, planned: Iterable[Planned], clock: Clock) -> None:
        self._shelf = Shelf(planned, clock)

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the site that we speak."""
        return [web.get("/api/roll/get", self.roll)]

    @staticmethod
    def targets(_planned: Iterable[Planned], names: tuple[str, ...], _address: str) -> list[str]:
        """Return the names; the feed is the same for everyone."""
        return list(names)

    async def roll(self, request: web.Request) -> web.Response:
        """Answer one page of the feed, newest first."""
        size, page = min(int(request.query["num"]), 50), int(request.query["page"])
        lines = [line for item in self._shelf.visible() for line in _with_others(item)]
        shown = lines[(page - 1) * size : page * size]
        fault = request.get(FAULT)
        name = "list" if fault is Kind.RENAMED else "data"
        data = [] if fault is Kind.EMPTY else shown
        return web.json_response({"result": {"status": {"code": 0}, name: data}})


def _with_others(item: Planned) -> list[dict[str, Any]]:
    mention, at = item.mention, published(item)
    others = [
        _line(
            f"沪指午后小幅波动，第{number}次播报",
            "成交平稳。",
            f"{mention.url.removesuffix('.shtml')}-{number}.shtml",
            int((at + timedelta(seconds=number)).timestamp()),
            "示例快讯",
        )
        for number in range(_BETWEEN, 0, -1)
    ]
    ours = _line(mention.title, mention.text, mention.url, int(at.timestamp()), mention.outlet)
    return [*others, ours]


def _line(title: str, intro: str, url: str, ctime: int, media: str) -> dict[str, Any]:
    return {
        "title": title,
        "intro": intro,
        "summary": "",
        "url": url,
        "ctime": str(ctime),
        "media_name": media,
    }
