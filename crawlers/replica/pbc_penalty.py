"""中国人民银行 as it answers: decision numbers in GB18030, a pager by TRS, broad tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from html import escape
from urllib.parse import urlsplit

from aiohttp import web

from crawlers.replica.faults import FAULT, Kind
from crawlers.replica.shelf import Clock, Shelf, published
from data.model import SHANGHAI
from data.scenarios.format import Planned

_PAGE_SIZE = 20
_HEADERS = (
    "序号",
    "当事人名称",
    "行政处罚决定书\n文号",
    "违法行为类型",
    "行政处罚内容",
    "作出行政处罚\n决定机关名称",
    "作出行政处罚决定日期",
    "公示期限",
    "备　注",
)
_COLUMN = "/zhengwugongkai/4081330/4081344/4081407/4081705"


class PbcPenalty:
    """The penalty notices of a scenario; mentions of one doc_id are rows of one notice."""

    slug = "pbc_penalty"

    def __init__(self, planned: Iterable[Planned], clock: Clock) -> None:
        self._notices: dict[str, list[Planned]] = defaultdict(list)
        for item in planned:
            self._notices[str(item.mention.extra["doc_id"])].append(item)
        heads = [max(items, key=lambda i: i.visible_at) for items in self._notices.values()]
        self._shelf = Shelf(heads, clock)
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the site that we speak."""
        return [
            web.get(f"{_COLUMN}/index.html", self.first_page),
            web.get(f"{_COLUMN}/d80f41dc-{{page:\\d+}}.html", self.later_page),
            web.get(f"{_COLUMN}/{{doc_id:\\d+}}/index.html", self.notice),
        ]

    @staticmethod
    def targets(_planned: Iterable[Planned], _names: tuple[str, ...], _address: str) -> list[str]:
        """Leave it at the registry's column."""
        return []

    async def first_page(self, request: web.Request) -> web.Response:
        """Answer the newest notices."""
        return self._list(request, 1)

    async def later_page(self, request: web.Request) -> web.Response:
        """Answer a later page; behind the last there is none."""
        return self._list(request, int(request.match_info["page"]))

    def _list(self, request: web.Request, page: int) -> web.Response:
        items = self._shelf.page(page, _PAGE_SIZE)
        if not items and page > 1:
            raise web.HTTPNotFound
        fault = request.get(FAULT)
        shown = () if fault is Kind.EMPTY else items
        lines = "".join(map(_line, shown))
        name = "list" if fault is Kind.RENAMED else "txtlist"
        last = page * _PAGE_SIZE >= len(self._shelf)
        following = f"{_COLUMN}/d80f41dc-{page + 1}.html"
        pager = "" if last else f'<a tagname="{following}" href="javascript:void(0)">下一页</a>'
        return _page(
            f'<ul class="{name}"><li><a href="/zhengwugongkai/4081330/index.html">行政处罚</a>'
            f"<span>2026-01-01</span></li>{lines}</ul>{pager}"
        )

    async def notice(self, request: web.Request) -> web.Response:
        """Answer one notice with its table."""
        items = self._notices.get(request.match_info["doc_id"], [])
        if not items or max(item.visible_at for item in items) > self._clock():
            raise web.HTTPNotFound
        html = _table(items)
        if request.get(FAULT) is Kind.RENAMED:
            html = html.replace("当事人", "主体").replace("处罚", "惩戒")
        return _page(html)


def _line(item: Planned) -> str:
    path = urlsplit(item.mention.url).path
    day = published(item).astimezone(SHANGHAI)
    title = escape(item.mention.title)
    return f'<li><a href="{path}" title="{title}">{title}</a><span>{day:%Y-%m-%d}</span></li>'


def _table(items: Sequence[Planned]) -> str:
    rows = ["<tr>" + "".join(f"<td>{escape(name)}</td>" for name in _HEADERS) + "</tr>"]
    for at, item in enumerate(items, 1):
        row = item.mention.extra
        cells = (
            at,
            row["party"],
            f"银罚决字〔2026〕{at}号",
            row["violation"],
            row["penalty"],
            row["authority"],
            "2026年9月8日",
            "五年",
            "",
        )
        rows.append("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in cells) + "</tr>")
    return f"<table><tbody>{''.join(rows)}</tbody></table>"


def _page(body: str) -> web.Response:
    html = (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
        f"<title>行政处罚信息公示</title></head><body>{body}</body></html>"
    )
    return web.Response(body=html.encode("gb18030"), content_type="text/html")
