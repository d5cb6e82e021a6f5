"""The base of sources that are feeds, RSS or Atom: Scrapy fetches the bytes, feedparser reads."""

from __future__ import annotations

import calendar
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from scrapy.http import Request, Response

from crawlers.addresses import canonical, digest
from crawlers.pages import clean, decode, plain
from crawlers.search import holds
from crawlers.source import Listed, SourceSpider
from crawlers.times import parse
from data.errors import LayoutChanged
from data.model import Gone, Mention, SourceKind

_END = re.compile(
    r"</(?:\w+:)?(?:rss|feed|rdf)\s*>\s*(?:<!--.*?-->\s*)*$", re.IGNORECASE | re.DOTALL
)


_CHARACTER = re.compile(r"&#(?:[xX](?P<hex>[0-9a-fA-F]{1,8})|(?P<dec>\d{1,9}));")

_HALVES = range(0xD800, 0xE000)


class FeedSpider(SourceSpider):
    """A feed for each target. Feeds have no pages: what drops out between two reads is lost."""

    list_is_all = True

    def begin(self) -> Iterator[Request]:
        """Fetch the feed of each target."""
        for target in self.job.targets:
            yield self.ask(
                self.feed(target),
                self.parse_feed,
                meta={"json": True},  # anything but HTML
                cb_kwargs={"target": target},
            )

    def feed(self, target: str) -> str:
        """Return the path or address of a target's feed."""
        raise NotImplementedError

    def fits(self, mention: Mention, target: str) -> bool:
        """Tell whether an entry is about what was asked for."""
        return holds(mention, target)

    def parse_feed(self, response: Response, target: str) -> Iterator[Mention | Gone]:
        """Yield the entries that fit; edited ones come again within the overlap."""
        self.here(response)
        entries = self.entries(entries_of(response.body))
        by_id = {m.native_id: m for m in (self.mention(response, e) for e in entries)}
        listed = [
            Listed(i, m.published_at, off_topic=not self.fits(m, target)) for i, m in by_id.items()
        ]
        self.recognised(response)
        self.count("mentions/off_topic", sum(line.off_topic for line in listed))
        wanted, _ = self.sift(target, listed)
        yield from (by_id[line.native_id] for line in wanted)
        yield from self.compare(target, listed, response, last=True, end=False)

    def entries(self, entries: list[Any]) -> list[Any]:
        """Return the entries that are some: none without words."""
        return [e for e in entries if e.get("title", "").strip() or e.get("summary", "").strip()]

    def mention(self, response: Response, entry: Any) -> Mention:
        """Return what an entry tells."""
        link, outlet = self.link(entry), self.outlet(response, entry)
        return Mention(
            source=self.name,
            native_id=entry_id(entry, link, outlet),
            kind=SourceKind.NEWS,
            url=link or response.url,
            title=self.title(entry, outlet),
            text=self.text(entry),
            author=clean(entry.get("author", "")),
            outlet=outlet,
            published_at=self.time(entry),
            fetched_at=self.job.clock(),
            capture=self.page(response),
        )

    def link(self, entry: Any) -> str:
        """Return the address of what an entry leads to."""
        return str(entry.get("link", ""))

    def outlet(self, response: Response, entry: Any) -> str:
        """Return the medium that an entry comes from."""
        named = entry.get("source", {}).get("title", "")
        return plain(named) or (urlsplit(self.link(entry) or response.url).hostname or "")

    def title(self, entry: Any, outlet: str) -> str:  # noqa: ARG002 - for those that repeat it
        """Return the title of an entry."""
        return plain(entry.get("title", ""))

    def text(self, entry: Any) -> str:
        """Return what an entry says below its title: all of it if the feed has all."""
        contents = [part.get("value", "") for part in entry.get("content", ())]
        return plain(max([*contents, entry.get("summary", "")], key=len))

    def time(self, entry: Any) -> datetime | None:
        """Return when an entry was published; without a zone it is Shanghai's."""
        said = entry.get("published") or entry.get("updated")
        if moment := parse(said, self.job.clock()):
            return moment
        other = entry.get("published_parsed") or entry.get("updated_parsed")
        return datetime.fromtimestamp(calendar.timegm(other), UTC) if other else None


def entries_of(body: bytes) -> list[Any]:
    """Return the entries of a feed. Raises LayoutChanged (no feed, or half of one)."""
    import feedparser  # it takes its time, and only crawls of feeds need it

    text = _CHARACTER.sub(_possible, decode(body)).strip()
    said = {"content-type": "application/xml; charset=utf-8"}  # whatever the feed claims
    found = feedparser.parse(BytesIO(text.encode("utf-8")), response_headers=said)
    if not found.get("version"):
        raise LayoutChanged("this is no RSS or Atom feed")
    if not _END.search(text):
        raise LayoutChanged("the feed is cut off")
    return list(found.entries)


def _possible(reference: re.Match[str]) -> str:
    """Return a reference to a character that exists; half of a pair breaks feedparser."""
    code = int(reference["hex"], 16) if reference["hex"] else int(reference["dec"])
    return "" if code in _HALVES or code > sys.maxunicode else reference[0]


def entry_id(entry: Any, link: str, outlet: str) -> str:
    """Return what tells an entry from others: its guid, its address, or title and source."""
    guid = entry.get("id", "")
    if guid and "://" not in guid:
        guid = f"{urlsplit(link).hostname or outlet} {guid}"  # unique within its site only
    return digest(guid or (canonical(link) if link else f"{entry.get('title', '')} {outlet}"))
