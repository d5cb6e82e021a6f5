"""Bing News as a feed: links through a click counter, the medium in an element of its own."""

from __future__ import annotations

from urllib.parse import quote
from xml.sax.saxutils import escape

from aiohttp import web

from crawlers.replica.feeds import entry, rss
from crawlers.replica.searching import Searched
from data.scenarios.format import Planned

_MOST = 100
_SPACES = {"News": "https://www.bing.com/news/search?format=rss"}


class BingNewsRss(Searched):
    """The articles of a scenario, by keyword."""

    slug = "bing_news_rss"

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the site that we speak."""
        return [web.get("/news/search", self.search)]

    async def search(self, request: web.Request) -> web.Response:
        """Answer the newest articles of a search."""
        items = self.shelf(request.query["q"]).visible()
        return rss(request, map(_entry, items[:_MOST]), _SPACES)


def _entry(item: Planned) -> str:
    mention = item.mention
    counted = (
        f"http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&url={quote(mention.url, '')}&c=1"
    )
    return entry(
        item,
        counted,
        mention.title,
        f"<description>{escape(mention.text)}</description>",
        f"<News:Source>{escape(mention.outlet)}</News:Source>",
    )
