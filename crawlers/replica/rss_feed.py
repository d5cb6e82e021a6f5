"""An RSSHub of one's own: routes that answer with feeds, here one for all items."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

from aiohttp import web

from crawlers.replica.feeds import entry, rss
from crawlers.replica.shelf import Clock, Shelf
from data.scenarios.format import Planned

_MOST = 100


class RssFeed:
    """The items of a scenario under one route."""

    slug = "rss_feed"

    def __init__(self, planned: Iterable[Planned], clock: Clock) -> None:
        self._shelf = Shelf(planned, clock)

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the site that we speak."""
        return [web.get("/example/news", self.news)]

    @staticmethod
    def targets(_planned: Iterable[Planned], _names: tuple[str, ...], address: str) -> list[str]:
        """Return the address of the feed."""
        return [f"{address}/example/news"]

    async def news(self, request: web.Request) -> web.Response:
        """Answer the newest items."""
        return rss(request, map(_entry, self._shelf.page(1, _MOST)))


def _entry(item: Planned) -> str:
    mention = item.mention
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in mention.text.split("\n"))
    return entry(
        item,
        mention.url,
        mention.title,
        f"<guid>{escape(mention.url)}</guid>",
        f"<description>{escape(paragraphs)}</description>",
        f"<source url='https://example.invalid/'>{escape(mention.outlet)}</source>",
    )
