"""GDELT DOC 2.0 as it answers: windows of time, spaces in Chinese titles, errors in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from crawlers.replica.faults import FAULT, Kind
from crawlers.replica.searching import Searched
from crawlers.replica.shelf import published
from data.scenarios.format import Planned

_MOST = 250
_SHORTEST = 3
_STAMP = "%Y%m%d%H%M%S"
_TOKEN = re.compile(r"[一-鿿]{1,2}|[^一-鿿\s]+")


class GdeltDoc(Searched):
    """The articles of a scenario, by phrase and window of time."""

    slug = "gdelt_doc"

    def routes(self) -> list[web.RouteDef]:
        """Return the paths of the site that we speak."""
        return [web.get("/api/v2/doc/doc", self.search)]

    async def search(self, request: web.Request) -> web.Response:
        """Answer one window, newest first."""
        query = request.query
        words, _, _ = query["query"].partition(" sourcelang:")
        phrases = re.findall('"([^"]+)"', words)
        if " OR " in words and not words.startswith("("):
            return web.Response(text="Queries containing OR'd terms must be surrounded by ().")
        if any(len(phrase) < _SHORTEST for phrase in phrases):
            return web.Response(text="The specified phrase is too short.")
        since, until = (_moment(query[name]) for name in ("startdatetime", "enddatetime"))
        items = [item for item in self._found(phrases) if since <= published(item) <= until]
        articles = [_article(item) for item in items[: min(int(query["maxrecords"]), _MOST)]]
        name = "items" if request.get(FAULT) is Kind.RENAMED else "articles"
        return web.json_response({name: articles} if articles else {})

    def _found(self, phrases: Sequence[str]) -> list[Planned]:
        """Return what any of the phrases finds, each once, newest first."""
        found = {
            item.mention.native_id: item
            for phrase in phrases
            for item in self.shelf(phrase).visible()
        }
        return sorted(found.values(), key=published, reverse=True)


def _moment(stamp: str) -> datetime:
    return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)


def _article(item: Planned) -> dict[str, Any]:
    mention = item.mention
    return {
        "url": mention.url,
        "url_mobile": "",
        "title": " ".join(_TOKEN.findall(mention.title)),
        "seendate": f"{published(item).astimezone(UTC):%Y%m%dT%H%M%SZ}",
        "socialimage": "",
        "domain": mention.outlet,
        "language": "Chinese",
        "sourcecountry": mention.extra.get("country", ""),
    }
