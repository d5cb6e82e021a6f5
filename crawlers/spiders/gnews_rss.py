"""Google News as a feed: a keyword's newest hundred, each with its publisher."""

from __future__ import annotations

from math import ceil
from typing import Any
from urllib.parse import urlencode

from crawlers.feeds import FeedSpider
from data.errors import Refused

_PLACEHOLDERS = ("该提要不可用", "This feed is not available")
_DAY = 86_400


class GnewsRss(FeedSpider):
    """Targets are keywords. Links are opaque on purpose: they are kept, never resolved."""

    name = "gnews_rss"

    def feed(self, target: str) -> str:
        """Return the feed of a keyword, as far back as was not read before."""
        floor = self.floor(target)
        back = ceil((self.job.clock() - floor).total_seconds() / _DAY) if floor else 0
        words = f"{target} when:{back}d" if back else target
        asked = {"q": words, "hl": "zh-CN", "gl": "CN", "ceid": "CN:zh-Hans"}
        return f"/rss/search?{urlencode(asked)}"

    def entries(self, entries: list[Any]) -> list[Any]:
        """Drop the placeholder. Raises Refused when there is nothing besides it."""
        kept = [e for e in entries if e.get("title", "").strip() not in _PLACEHOLDERS]
        if entries and not kept:
            raise Refused("the feed says that it is not available")
        return super().entries(kept)

    def title(self, entry: Any, outlet: str) -> str:
        """Return the title without the publisher that is hung on it."""
        return super().title(entry, outlet).removesuffix(f" - {outlet}")

    def text(self, entry: Any) -> str:  # noqa: ARG002 - see below
        """Return nothing: the description is the title once more, as a link."""
        return ""
