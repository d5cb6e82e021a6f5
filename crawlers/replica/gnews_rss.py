"""Google News as a feed: opaque links, the publisher hung on the title, a placeholder."""

from __future__ import annotations

import re
from datetime import timedelta
from html import escape as html
from xml.sax.saxutils import escape, quoteattr

from aiohttp import web

from crawlers.replica.feeds import entry, rss
from crawlers.replica.searching import Searched
from crawlers.replica.shelf import published
from data.scenarios.format import Planned

_MOST = 100
_WHEN = re.compile(r"\s+when:(\d+)d$")
_PLACEHOLDER = "<item><title>该提要不可用</title><link>https://news.google.com/</link></item>"


class GnewsRss(Searched):
    """The articles of a scenario, by keyword; ``url`` ends in the opaque id."""

    slug = "gnews_rss"

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the site that we speak."""
        return [web.get("/rss/search", self.search)]

    async def search(self, request: web.Request) -> web.Response:
        """Answer the newest articles of a search, the placeholder first."""
        asked = request.query["q"]
        when = _WHEN.search(asked)
        items = self.shelf(_WHEN.sub("", asked)).visible()
        if when:
            since = self._clock() - timedelta(days=int(when[1]))
            items = [item for item in items if published(item) >= since]
        return rss(request, [_PLACEHOLDER, *map(_entry, items[:_MOST])] if items else [])


def _entry(item: Planned) -> str:
    mention = item.mention
    guid = mention.url.rpartition("/")[2]
    linked = f'<a href="{html(mention.url)}" target="_blank">{html(mention.title)}</a>'
    return entry(
        item,
        mention.url,
        f"{mention.title} - {mention.outlet}",
        f'<guid isPermaLink="false">{escape(guid)}</guid>',
        f"<description>{escape(linked)}</description>",
        f"<source url={quoteattr('https://news.example.cn')}>{escape(mention.outlet)}</source>",
    )
