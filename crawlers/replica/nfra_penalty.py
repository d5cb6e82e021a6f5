"""国家金融监督管理总局 as it answers: JSON around an HTML table in one of three shapes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zlib import crc32

from aiohttp import web

from crawlers.replica.faults import FAULT, Kind
from crawlers.replica.shelf import Clock, Shelf, published
from data.model import SHANGHAI
from data.scenarios.format import Planned

_NEW = ("序号", "当事人名称", "主要违法违规行为", "行政处罚内容", "作出决定机关")
_NUMBERED = ("序号", "当事人名称", "行政处罚决定书\n文号", *_NEW[2:])
COLUMNS = ("4113", "4114", "4115", "4293")


class NfraPenalty:
    """The penalty notices of a scenario; mentions of one doc_id are rows of one notice."""

    slug = "nfra_penalty"

    def __init__(self, planned: Iterable[Planned], clock: Clock) -> None:
        notices: dict[str, list[Planned]] = defaultdict(list)
        for item in planned:
            notices[str(item.mention.extra["doc_id"])].append(item)
        by_column: dict[str, list[Planned]] = defaultdict(list)
        for items in notices.values():
            by_column[column(items[0])].append(max(items, key=lambda item: item.visible_at))
        self._columns = {name: Shelf(heads, clock) for name, heads in by_column.items()}
        self._notices = notices
        self._clock = clock

    @staticmethod
    def targets(_planned: Iterable[Planned], _names: tuple[str, ...], _address: str) -> list[str]:
        """Leave it at the registry's columns."""
        return []

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the site that we speak."""
        return [
            web.get("/cbircweb/DocInfo/SelectDocByItemIdAndChild", self.select),
            web.get("/cbircweb/DocInfo/SelectByDocId", self.document),
            web.get("/cn/view/pages/ItemDetail.html", self.human_page),
        ]

    async def select(self, request: web.Request) -> web.Response:
        """Answer one page of a column."""
        query = request.query
        size, page = min(int(query["pageSize"]), 100), int(query["pageIndex"])
        shelf = self._columns.get(query["itemId"])
        rows = [_line(item) for item in shelf.page(page, size)] if shelf else []
        fault = request.get(FAULT)
        if fault is Kind.EMPTY:
            rows = []
        name = "list" if fault is Kind.RENAMED else "rows"
        return _answer({"total": len(shelf) if shelf else 0, name: rows})

    async def document(self, request: web.Request) -> web.Response:
        """Answer one notice with its table."""
        items = self._visible(request.query.get("docId", ""))
        if not items:
            return web.json_response({"rptCode": 500, "msg": "失败", "data": None})
        clob = table(items)
        if request.get(FAULT) is Kind.RENAMED:
            clob = clob.replace("当事人", "主体").replace("处罚", "惩戒")
        return _answer(
            _line(items[0])
            | {
                "indexNo": "",
                "documentNo": "",
                "docSource": items[0].mention.outlet,
                "docClob": clob,
                "remark2": "",
                "attachmentInfoVOList": [],
            }
        )

    async def human_page(self, request: web.Request) -> web.Response:
        """Answer the page people see: GB18030, with the charset in the meta tag only."""
        items = self._visible(request.query.get("docId", ""))
        if not items:
            raise web.HTTPNotFound
        page = (
            '<html><head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">'
            f"<title>{escape(items[0].mention.title)}</title></head><body>{table(items)}</body></html>"
        )
        return web.Response(body=page.encode("gb18030"), content_type="text/html")

    def _visible(self, doc_id: str) -> Sequence[Planned]:
        items = self._notices.get(doc_id, ())
        return items if items and max(i.visible_at for i in items) <= self._clock() else ()


def column(item: Planned) -> str:
    """Return the column a notice stands in, as its address says: ``itemId=4114``."""
    asked = parse_qs(urlsplit(item.mention.url).query)
    return asked.get("itemId", [COLUMNS[1]])[0]


def table(items: Sequence[Planned]) -> str:
    """Return the notice's table: old pairs, five columns, or six with broken headers."""
    rows = [item.mention.extra for item in items]
    shape = crc32(str(rows[0]["doc_id"]).encode()) % 3
    if shape == 0 and len(rows) == 1:
        return _pairs(rows[0])
    return _grid(_NUMBERED if shape == 1 else _NEW, rows)


def _pairs(row: Mapping[str, Any]) -> str:
    pairs = (
        ("行政处罚决定书文号", "某金罚决字〔2026〕1号"),
        ("被处罚当事人姓名或名称", row["party"]),
        ("法定代表人（主要负责人）姓名", "—"),
        ("主要违法违规事实（案由）", row["violation"]),
        ("行政处罚依据", "《中华人民共和国银行业监督管理法》"),
        ("行政处罚决定", row["penalty"]),
        ("作出处罚决定的机关名称", row["authority"]),
        ("作出处罚决定的日期", "2026年1月1日"),
    )
    lines = "".join(f"<tr><td>{_p(n)}</td><td>{_p(v)}</td></tr>" for n, v in pairs)
    return f"<div><table border='1'><tbody>{lines}</tbody></table></div>"


def _grid(headers: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    head = "".join(f"<td>{_p(header)}</td>" for header in headers)
    lines = [f"<tr>{head}</tr>"]
    for at, row in enumerate(rows, 1):
        cells = [str(at), row["party"], row["violation"], row["penalty"], row["authority"]]
        if len(headers) == len(_NUMBERED):
            cells.insert(2, f"某金罚决字〔2026〕{at}号")
        lines.append("<tr>" + "".join(f"<td>{_p(cell)}</td>" for cell in cells) + "</tr>")
    return f"<table><tbody>{''.join(lines)}</tbody></table>"


def _p(words: object) -> str:
    return f"<p><span>{escape(str(words))}</span></p>"


def _line(item: Planned) -> dict[str, Any]:
    mention, doc_id = item.mention, str(item.mention.extra["doc_id"])
    at = f"{published(item).astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    return {
        "docId": int(doc_id) if doc_id.isdigit() else doc_id,
        "docSubtitle": mention.title,
        "docTitle": f"{mention.title[:5]}\n{mention.title[5:]}",
        "publishDate": at,
        "builddate": at,
        "docSummary": "",
        "itemName": "行政处罚",
        "docFileUrl": "",
        "pdfFileUrl": "",
        "generaltype": "0",
        "datafrom": "",
        "solicitFlag": "0",
        "docUuid": f"00000000-0000-0000-0000-{doc_id[-12:]:0>12}",
    }


def _answer(data: Mapping[str, Any]) -> web.Response:
    return web.json_response({"rptCode": 200, "msg": "成功", "data": data})
