"""黑猫投诉's group complaints as they answer: a list of addresses, and pages with who joined."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from aiohttp import web

from crawlers.replica.faults import FAULT, Kind
from crawlers.replica.heimao_public import HeimaoPublic, page_of
from crawlers.replica.shelf import Clock, Shelf, published
from data.model import SHANGHAI
from data.scenarios.format import Planned

PAGE_SIZE = 10
LIE = 40
"""Added to item_count: the pager claims more than it can show."""


class HeimaoGroups(HeimaoPublic):
    """The group complaints of a scenario, of all companies."""

    slug = "heimao_groups"

    def __init__(self, planned: Iterable[Planned], clock: Clock) -> None:
        items = list(planned)
        self._groups = Shelf(items, clock)
        self._by_sn = {str(_number(item)): item for item in items}
        self._clock = clock

    @staticmethod
    def targets(planned: Iterable[Planned], names: tuple[str, ...], _address: str) -> list[str]:
        """Return the names that are searched for."""
        return list(names) or sorted({str(item.mention.extra["company"]) for item in planned})

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the site that we speak."""
        return [
            web.get("/api/grp_comp/feed", self.feed),
            web.get(r"/grp_comp/view/G{sn:\d+}", self.view),
        ]

    async def feed(self, request: web.Request) -> web.Response:
        """Answer one page of the list: ``list`` here, not ``lists``, and nothing but addresses."""
        count, page = len(self._groups), int(request.query["page"])
        fault = request.get(FAULT)
        shown = [] if fault is Kind.EMPTY else self._groups.page(page, PAGE_SIZE)
        pager = {
            "current": page,
            "page_amount": -(-count // PAGE_SIZE),
            "item_count": count + LIE if count else 0,
        }
        name = "lists" if fault is Kind.RENAMED else "list"
        groups = [{"url": f"//tousu.sina.com.cn/grp_comp/view/G{_number(it)}"} for it in shown]
        data: dict[str, Any] = {"pager": pager, name: groups}
        return web.json_response({"result": {"status": {"code": 0, "msg": "ok"}, "data": data}})

    def _page(self, item: Planned) -> str:
        mention, extra = item.mention, item.mention.extra
        company = escape(str(extra.get("company", "")))
        href = f"/company/view/?couid={extra.get('couid', '')}"
        link = f'<a suda-uatrack="key=complaint_company" href="{href}">{company}</a>'
        lines = [
            ("投诉编号", f"G{_number(item)}"),
            ("投诉对象", link),
            ("投诉问题", escape(str(extra.get("issue", "")))),
            ("投诉要求", escape(str(extra.get("appeal", "")))),
            ("投诉进度", f"<b>{self._status(item)}</b>"),
        ]
        steps = "".join(self._step(mention, step) for step in reversed(self._steps(item)))
        at = published(item).astimezone(SHANGHAI)
        return page_of(mention.title, mention.author, at, lines, steps)


def _number(item: Planned) -> int:
    return int(item.mention.native_id[1:], 16)
