"""What the replica's feeds share: a scenario's items as RSS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from aiohttp import web

from crawlers.replica.faults import FAULT, Kind
from crawlers.replica.shelf import published
from data.scenarios.format import Planned


def rss(
    request: web.Request, entries: Iterable[str], spaces: Mapping[str, str] = {}
) -> web.Response:
    """Return a feed of these entries; ``spaces`` are its extra namespaces."""
    named = "".join(f" xmlns:{name}={quoteattr(url)}" for name, url in spaces.items())
    root = "html5" if request.get(FAULT) is Kind.RENAMED else "rss"
    text = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<{root} version="2.0"{named}><channel>'
        f"<title>示例</title><link>https://example.invalid/</link>\n{''.join(entries)}"
        f"</channel></{root}>\n"
    )
    return web.Response(text=text, content_type="application/rss+xml", charset="utf-8")


def entry(item: Planned, link: str, title: str, *more: str) -> str:
    """Return one entry; ``more`` are elements of its own."""
    day = format_datetime(published(item), usegmt=True)
    return (
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link>"
        f"<pubDate>{day}</pubDate>{''.join(more)}</item>\n"
    )
