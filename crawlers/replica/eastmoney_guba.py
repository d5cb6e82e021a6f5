"""东方财富股吧 as it answers: pages whose data stands in a script."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from html import escape
from typing import Any

from aiohttp import web

from crawlers.replica.faults import FAULT, Kind
from crawlers.replica.shelf import Clock, Shelf, published
from data.model import SHANGHAI
from data.scenarios.format import Planned

PAGE_SIZE = 80


class EastmoneyGuba:
    """The forum posts of a scenario, by bar."""

    slug = "eastmoney_guba"

    def __init__(self, planned: Iterable[Planned], clock: Clock) -> None:
        items = list(planned)
        by_bar = defaultdict(list)
        for item in items:
            by_bar[bar(item)].append(item)
        self._bars = {code: Shelf(group, clock) for code, group in by_bar.items()}
        self._by_id = {item.mention.native_id: item for item in items}
        self._clock = clock

    @staticmethod
    def targets(planned: Iterable[Planned], _names: tuple[str, ...], _address: str) -> list[str]:
        """Return the bars."""
        return sorted({bar(item) for item in planned})

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the site that we speak."""
        return [
            web.get(r"/list,{code:\w+}_{page:\d+}.html", self.list_page),
            web.get(r"/news,{code:\w+},{post_id:\d+}.html", self.post),
        ]

    async def list_page(self, request: web.Request) -> web.Response:
        """Answer one page of a bar."""
        code = request.match_info["code"]
        shelf = self._bars.get(code)
        items = shelf.page(int(request.match_info["page"]), PAGE_SIZE) if shelf else []
        fault = request.get(FAULT)
        posts = [] if fault is Kind.EMPTY else [_line(item, code) for item in items]
        answer = {
            "bar_code": code,
            "bar_name": "示例吧",
            "count": len(shelf) if shelf else 0,
            "rows" if fault is Kind.RENAMED else "re": posts,
        }
        return _html("股吧", f"var article_list={_script(answer)};", "帖子列表")

    async def post(self, request: web.Request) -> web.Response:
        """Answer one post."""
        item = self._by_id.get(request.match_info["post_id"])
        if item is None or item.visible_at > self._clock():
            raise web.HTTPNotFound
        content = escape(item.mention.text, quote=False).replace("\n", "<br>")
        post = {**_line(item, bar(item)), "post_content": f"<p>{content}</p>"}
        if request.get(FAULT) is Kind.RENAMED:
            post["content"] = post.pop("post_content")
        script = f"var post_article={_script({'rc': 1, 'post': post})};"
        return _html(item.mention.title, script, item.mention.title)


def bar(item: Planned) -> str:
    """Return the code of the bar a post stands in: ``…/news,CODE,ID.html``."""
    return item.mention.url.rpartition("/news,")[2].partition(",")[0]


def _line(item: Planned, code: str) -> dict[str, Any]:
    mention = item.mention
    at = published(item).astimezone(SHANGHAI)
    return {
        "post_id": int(mention.native_id),
        "post_title": mention.title,
        "stockbar_code": code,
        "user_id": "1000000000000001",
        "user_nickname": mention.author,
        "post_click_count": mention.reach,
        "post_comment_count": 3,
        "post_forward_count": 0,
        "post_publish_time": f"{at:%Y-%m-%d %H:%M:%S}",
        "post_last_time": f"{at + timedelta(hours=1):%Y-%m-%d %H:%M:%S}",
        "post_type": 0,
        "post_state": 0,
        "post_has_pic": False,
        "post_has_video": False,
        "post_from_num": 3,
    }


def _script(value: object) -> str:
    return json.dumps(value, ensure_ascii=False).replace("</", "<\\/")


def _html(title: str, script: str, heading: str) -> web.Response:
    page = (
        f"<!DOCTYPE html><html><head><title>{escape(title)}</title></head><body>"
        f"<h1>{escape(heading)}</h1><script>{script}</script></body></html>"
    )
    return web.Response(text=page, content_type="text/html", charset="utf-8")
