"""The base of sources that are searched by keyword: JSON in, Mentions out, newest first.

A subclass says how a page is asked for (``search``) and how it is read (``read``).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

from scrapy.http import Request, Response

from crawlers.source import Listed, SourceSpider
from data.errors import LayoutChanged
from data.fold import fold
from data.model import Gone, Mention, SourceKind


@dataclass(frozen=True, slots=True)
class Found:
    """What a page of a search holds; ``total`` is what the site counts, None if it does not."""

    mentions: Sequence[Mention]
    total: int | None = None


class SearchSpider(SourceSpider):
    """A search for each target. What does not hold the keyword is dropped: searches are fuzzy."""

    list_is_all = True
    absence_tells = True
    page_size: ClassVar[int]

    def begin(self) -> Iterator[Request]:
        """Start one search per keyword."""
        for keyword in self.job.targets:
            yield self.search(keyword, 1)

    def search(self, keyword: str, page: int) -> Request:
        """Return the request for one page, counted from 1."""
        raise NotImplementedError

    def reread(self, mention: Mention) -> Iterator[Request]:
        """Yield a search for a mention's own title, where there is a search for words."""
        if self.ages or not self.absence_tells:
            yield from super().reread(mention)
        else:
            yield self.search(mention.title, 1).replace(callback=self.parse_hits, cb_kwargs={})

    def parse_hits(self, response: Response) -> Sequence[Mention]:
        """Return what a search finds, as it is."""
        self.here(response)
        return self.read(response).mentions

    def read(self, response: Response) -> Found:
        """Return what a page holds. Raises LayoutChanged, Refused."""
        raise NotImplementedError

    def fits(self, mention: Mention, keyword: str) -> bool:
        """Tell whether a mention is about what was asked for."""
        return holds(mention, keyword)

    def parse_search(
        self, response: Response, keyword: str, page: int
    ) -> Iterator[Mention | Gone | Request]:
        """Yield the mentions that fit; edited ones come again within the overlap."""
        self.here(response)
        found = self.read(response)
        before, after = (page - 1) * self.page_size, page * self.page_size
        if not found.mentions and found.total is not None and found.total > before:
            raise LayoutChanged("the list is empty although it counts items")
        by_id = {mention.native_id: mention for mention in found.mentions}
        listed = [
            Listed(i, m.published_at, m.status, off_topic=not self.fits(m, keyword))
            for i, m in by_id.items()
        ]
        self.recognised(response)
        self.count("mentions/off_topic", sum(line.off_topic for line in listed))
        if found.total is not None:
            self.outlook(keyword, found.total - after)
        in_order = newest_first(listed)
        wanted, go_on = self.sift(keyword, listed, by_time=in_order and self.absence_tells)
        if not in_order:
            self.count("pages/unordered")
            self.absence.distrust(keyword)
            go_on = True
        yield from self.follow([by_id[line.native_id] for line in wanted])
        more = len(found.mentions) >= self.page_size
        if found.total is not None:
            more = after < found.total
        last = not (go_on and more and self.within_pages(page))
        yield from self.compare(keyword, listed, response, last=last, end=not more)
        if not last:
            yield self.following(keyword, page, found.mentions)

    def following(self, keyword: str, page: int, mentions: Sequence[Mention]) -> Request:  # noqa: ARG002 - for those whose pages are windows
        """Return the request for what comes after a page that held ``mentions``."""
        return self.search(keyword, page + 1)

    def follow(self, wanted: Sequence[Mention]) -> Iterator[Mention | Request]:
        """Yield what to do about the mentions of a page; here, to keep them as they are."""
        yield from wanted

    def post(
        self, path: str, values: Mapping[str, Any], callback: Callable[..., Any], **options: Any
    ) -> Request:
        """Return a request that sends JSON and expects JSON."""
        return self.ask(
            path,
            callback,
            method="POST",
            body=json.dumps(values, ensure_ascii=False, separators=(",", ":")),
            headers={"Content-Type": "application/json", **options.pop("headers", {})},
            meta={"json": True, **options.pop("meta", {})},
            **options,
        )

    def news(self, response: Response, **fields: Any) -> Mention:
        """Return a piece of news that this page told of."""
        now = self.job.clock()
        return Mention(
            source=self.name,
            kind=SourceKind.NEWS,
            fetched_at=now,
            capture=self.page(response),
            **fields,
        )


def newest_first(listed: Sequence[Listed]) -> bool:
    """Tell whether a page is in the order that lets us stop at what is old.

    What a site means by its orders is stated nowhere. Where a page is out of order, age says
    nothing about the pages behind it, and only the end of the list or the cap ends the reading.
    """
    times = [line.published_at for line in listed if line.published_at is not None]
    return all(later >= earlier for later, earlier in pairwise(times))


def holds(mention: Mention, keyword: str) -> bool:
    """Tell whether a keyword stands in a title or text, in whichever script and width."""
    return fold(keyword) in fold(f"{mention.title} {mention.text}")
