"""黑猫投诉 as it answers: signed lists, masked names, steps without a year."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from html import escape
from typing import Any

from aiohttp import web

from crawlers.replica.faults import FAULT, Kind
from crawlers.replica.shelf import Clock, Shelf, published, stated
from crawlers.signing import signature
from data.model import SHANGHAI
from data.scenarios.format import Planned

SIGNING_KEY = "$REPLICACONST12345%"
"""The replica's own constant; the site's is in no file of this project."""
PAGE_SIZE = 10  # whatever is asked for
SUMMARY = 148  # characters, about 445 bytes
LIE = 1000
"""Added to item_count: the pager claims more than it can show."""
_CODES = {"通过审核": 1, "待分配": 3, "处理中": 4, "已回复": 6, "已完成": 7, "已关闭": 8}
_BY_STEP = {"回复": "已回复", "确认完成": "已完成", "自动完成": "已完成"}
_FIRST = ("发起投诉", "发起集体投诉")


class HeimaoPublic:
    """The complaints of a scenario."""

    slug = "heimao_public"

    def __init__(self, planned: Iterable[Planned], clock: Clock) -> None:
        items = list(planned)
        by_company = defaultdict(list)
        for item in items:
            by_company[str(item.mention.extra["couid"])].append(item)
        self._companies = {couid: Shelf(group, clock) for couid, group in by_company.items()}
        self._by_sn = {item.mention.native_id: item for item in items}
        self._clock = clock

    @staticmethod
    def targets(planned: Iterable[Planned], _names: tuple[str, ...], _address: str) -> list[str]:
        """Return the companies."""
        return sorted({str(item.mention.extra["couid"]) for item in planned})

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the site that we speak."""
        return [
            web.get("/api/company/received_complaints", self.received_complaints),
            web.get("/complaint/view/{sn}/", self.view),
        ]

    async def received_complaints(self, request: web.Request) -> web.Response:
        """Answer one page of a company's complaints, if the signature is right."""
        query = request.query
        values = [query.get(name, "") for name in ("couid", "type", "page_size", "page")]
        expected = signature(SIGNING_KEY, query.get("ts", ""), query.get("rs", ""), values)
        if query.get("signature") != expected:
            return web.json_response({"result": {"status": {"code": 10001, "msg": "签名错误"}}})
        shelf = self._companies.get(query["couid"])
        count = len(shelf) if shelf else 0
        page = int(query["page"])
        items = shelf.page(page, PAGE_SIZE) if shelf else []
        pager = {
            "current": page,
            "page_amount": -(-count // PAGE_SIZE),
            "item_count": count + LIE if count else 0,
        }
        complaints: list[Any] | None = [self._line(item) for item in items] or None
        fault = request.get(FAULT)
        if fault is Kind.EMPTY:
            complaints = []
        name = "complaint_list" if fault is Kind.RENAMED else "complaints"
        data = {"pager": pager, name: complaints}
        return web.json_response({"result": {"status": {"code": 0, "msg": "ok"}, "data": data}})

    def _line(self, item: Planned) -> dict[str, Any]:
        mention, extra = item.mention, item.mention.extra
        company = masked(str(extra.get("company", "")), mention.native_id)
        title = mention.title.replace(company, f'<span class="code-red">{company}</span>', 1)
        text = mention.text
        main = {
            "sn": mention.native_id,
            "title": title,
            "summary": text if len(text) <= SUMMARY else text[:SUMMARY] + "...",
            "cotitle": f'<span class="code-red">{company}</span>',
            "couid": str(extra["couid"]),
            "issue": extra.get("issue", ""),
            "appeal": extra.get("appeal", ""),
            "cost": extra.get("cost", ""),
            "status": _CODES.get(self._status(item), 4),
            "timestamp": str(int(published(item).timestamp())),
            "url": f"//tousu.sina.com.cn/complaint/view/{mention.native_id}/?sld={'0' * 32}",
            "uid": str(6_000_000_000 + int(mention.native_id) % 1_000_000),
            "comment_id": f"k{mention.native_id[-7:]}",
            "field": "48",
            "evaluate_u": None,
        }
        return {"main": main, "author": {"title": mention.author, "wb_profile": "//weibo.com/u/0"}}

    async def view(self, request: web.Request) -> web.Response:
        """Answer one complaint's page; an unknown one exists as an error page with status 200."""
        item = self._by_sn.get(request.match_info["sn"])
        if item is None or item.visible_at > self._clock():
            return _html('<div class="error">投诉单不存在</div>')
        page = self._page(item)
        if request.get(FAULT) is Kind.RENAMED:
            page = page.replace("ts-d-question", "complaint-question")
        return _html(page)

    def _page(self, item: Planned) -> str:
        mention, extra = item.mention, item.mention.extra
        at = published(item).astimezone(SHANGHAI)
        company = masked(str(extra.get("company", "")), mention.native_id)
        lines = [("投诉编号", mention.native_id), ("投诉对象", _link(company, extra["couid"]))]
        issue = [("投诉问题", escape(str(extra["issue"])))] if extra.get("issue") else []
        lines += issue
        lines += [("投诉要求", escape(str(extra.get("appeal", ""))))]
        if extra.get("cost") not in (None, ""):
            lines += [("涉诉金额", escape(f"{extra['cost']}元"))]
        lines += [("投诉进度", f"<b>{self._status(item)}</b>")]
        steps = "".join(self._step(mention, step) for step in reversed(self._steps(item)))
        group = _group(str(extra.get("group", "")))
        return page_of(mention.title, mention.author, at, lines, steps, group)

    def _step(self, mention: Any, step: Mapping[str, Any]) -> str:
        what = str(step["what"])
        first = what in _FIRST
        by = mention.author if first or step["by"] in {"消费者", "用户"} else str(step["by"])
        words = mention.text if first else str(step.get("text", ""))
        at = stated(datetime.fromisoformat(str(step["at"]))).astimezone(SHANGHAI)
        kind = "ts-d-cont" if first else "ts-reply"
        inner = escape(words).replace("\n", "<br>")
        body = f'<div class="{kind}"><p>{inner}</p></div>' if words else ""
        return (
            f'<div class="ts-d-item"><span class="u-name">{escape(by)}</span>'
            f'<span class="u-status">{escape(what)}</span>'
            f'<span class="u-date">{at:%m-%d %H:%M:%S}</span>{body}</div>\n'
        )

    def _steps(self, item: Planned) -> list[Mapping[str, Any]]:
        """Return the steps whose time has come, oldest first, the complaint itself among them."""
        now = self._clock()
        steps = list(item.mention.extra.get("steps", ()))
        if not any(step["what"] in _FIRST for step in steps):
            begun = {"by": "消费者", "what": "发起投诉", "at": published(item).isoformat()}
            steps.insert(0, begun)
        shown = [step for step in steps if datetime.fromisoformat(step["at"]) <= now]
        return sorted(shown or steps[:1], key=lambda step: datetime.fromisoformat(step["at"]))

    def _status(self, item: Planned) -> str:
        """Return the status that the visible steps make: a reply that is not there yet is none."""
        planned = item.mention.extra.get("steps", ())
        shown = self._steps(item)
        if len(shown) >= len(planned) and item.mention.status:
            return item.mention.status
        reached = [_BY_STEP[str(s["what"])] for s in shown if str(s["what"]) in _BY_STEP]
        return reached[-1] if reached else "处理中"


def page_of(
    title: str,
    author: str,
    at: datetime,
    lines: Iterable[tuple[str, str]],
    steps: str,
    more: str = "",
) -> str:
    """Return the page of a complaint, or of a group's."""
    listed = "".join(f"<li><label>{name}：</label>{value}</li>" for name, value in lines)
    return (
        f'<div class="ts-d-question"><h1 class="article">{escape(title)}</h1>\n'
        f'<div class="ts-q-user clearfix"><span class="u-name">{escape(author)}</span>'
        f'<span class="u-date">于{at.year}年{at.month}月{at.day}日 {at:%H:%M:%S} '
        f'于黑猫投诉平台发起</span></div>\n<ul class="ts-q-list">{listed}</ul>{more}</div>\n'
        f'<div class="ts-d-steplist">{steps}</div>'
    )


def masked(company: str, sn: str) -> str:
    """Return the name, in one complaint of ten with its middle starred, as the site does."""
    chosen = int(sn) % 10 == 0
    return f"{company[0]}*{company[2:]}" if chosen and company[2:] else company


def _group(number: str) -> str:
    if not number:
        return ""
    href = f"//tousu.sina.com.cn/grp_comp/view/G{int(number[1:], 16)}"
    return f'<a data-sudaclick="relategroupts_view" href="{href}">查看集体投诉</a>'


def _link(company: str, couid: object) -> str:
    return (
        f'<a suda-uatrack="key=complaint_company" href="/company/view/?couid={couid}">'
        f"{escape(company)}</a>"
    )


def _html(body: str) -> web.Response:
    page = (
        '<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>投诉详情</title></head>\n<body>'
        f'<div class="nav"><a href="/">首页</a><a href="/login">登录</a></div>\n{body}\n'
        '<div class="footer">本页内容由用户自行发布</div></body></html>'
    )
    return web.Response(text=page, content_type="text/html", charset="utf-8")
