"""A news site as there are many: a list page by page, a sitemap, articles, links to elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import urlsplit

from aiohttp import web

from crawlers.replica.faults import FAULT, Kind
from crawlers.replica.pages import article_page
from crawlers.replica.shelf import Clock, Shelf, published
from data.scenarios.format import Planned

_PAGE_SIZE = 20


class ArticleSite:
    """The articles of a scenario; the last part of ``url`` is the path they stand under."""

    slug = "article"

    def __init__(self, planned: Iterable[Planned], clock: Clock) -> None:
        items = list(planned)
        self._shelf = Shelf(items, clock)
        self._by_name = {_name(item): item for item in items}
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the site that we speak."""
        return [
            web.get("/news/", self.list_page),
            web.get("/sitemap.xml", self.sitemap),
            web.get(r"/news/{name:[\w-]+}.html", self.article),
        ]

    @staticmethod
    def targets(_planned: Iterable[Planned], _names: tuple[str, ...], address: str) -> list[str]:
        """Return the list and the sitemap, which lead to the same articles."""
        return [f"{address}/news/", f"{address}/sitemap.xml"]

    async def list_page(self, request: web.Request) -> web.Response:
        """Answer one page of the list, newest first."""
        page = int(request.query.get("page", "1"))
        items = self._shelf.page(page, _PAGE_SIZE)
        links = "".join(
            f'<li><a href="{_name(item)}.html">{escape(item.mention.title)}</a></li>'
            for item in items
        )
        if request.get(FAULT) is Kind.RENAMED:
            links = links.replace("<a href", "<span data-to").replace("</a>", "</span>")
        more = page * _PAGE_SIZE < len(self._shelf)
        following = f'<a href="?page={page + 1}">下一页</a>' if more else ""
        html = (
            "<!DOCTYPE html><html><head><meta charset='utf-8'><title>要闻</title></head><body>"
            "<nav><a href='/'>首页</a><a href='./'>要闻</a></nav>"
            f"<ul>{links}</ul>{following}"
            "<a href='https://elsewhere.invalid/a/1.html'>友情链接：别处的一篇长长的文章</a></body></html>"
        )
        return web.Response(text=html, content_type="text/html", charset="utf-8")

    async def sitemap(self, request: web.Request) -> web.Response:
        """Answer every article with its time."""
        here = f"{request.url.origin()}/{self.slug}"
        entries = "".join(
            f"<url><loc>{here}/news/{_name(item)}.html</loc>"
            f"<lastmod>{published(item).isoformat()}</lastmod></url>"
            for item in self._shelf.visible()
        )
        root = "urls" if request.get(FAULT) is Kind.RENAMED else "urlset"
        space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        text = f'<?xml version="1.0" encoding="UTF-8"?><{root} {space}>{entries}</{root}>'
        return web.Response(text=text, content_type="application/xml", charset="utf-8")

    async def article(self, request: web.Request) -> web.Response:
        """Answer one article."""
        item = self._by_name.get(request.match_info["name"])
        if item is None or item.visible_at > self._clock():
            raise web.HTTPNotFound
        return article_page(item, "text")


def _name(item: Planned) -> str:
    return urlsplit(item.mention.url).path.rpartition("/")[2].removesuffix(".html")
