"""Pages that the replica's news sites share."""

from __future__ import annotations

import json
from html import escape

from aiohttp import web

from crawlers.replica.shelf import published
from data.model import SHANGHAI
from data.scenarios.format import Planned


def article_page(item: Planned, body: str) -> web.Response:
    """Return an article that says in JSON-LD what it is; ``body`` is the id of its words."""
    mention, at = item.mention, published(item).astimezone(SHANGHAI)
    said = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": mention.title,
        "datePublished": at.isoformat(),
        "author": {"@type": "Person", "name": mention.author or "示例记者"},
        "publisher": {"@type": "Organization", "name": mention.outlet},
    }
    script = json.dumps(said, ensure_ascii=False).replace("</", "<\\/")
    words = "".join(f"<p>{escape(line)}</p>" for line in mention.text.split("\n"))
    page = (
        f'<!DOCTYPE html><html lang="zh"><head><meta charset="utf-8"><title>{escape(mention.title)}'
        f'</title><script type="application/ld+json">{script}</script></head><body>'
        '<nav><a href="/">首页</a><a href="/finance/">财经频道</a></nav>'
        f"<article><h1>{escape(mention.title)}</h1>"
        f'<div class="time">{at:%Y-%m-%d}</div><div id="{body}">{words}</div></article>'
        "<footer><p>本站内容未经许可不得转载</p></footer></body></html>"
    )
    return web.Response(text=page, content_type="text/html", charset="utf-8")
