"""Any RSS or Atom feed, a self-hosted RSSHub among them."""

from __future__ import annotations

from crawlers.feeds import FeedSpider
from data.model import Mention


class RssFeed(FeedSpider):
    """Targets are addresses of feeds, or routes of the RSSHub that base_url names."""

    name = "rss_feed"
    absence_tells = True

    def feed(self, target: str) -> str:
        """Return the target: it is an address, or a path below base_url."""
        return target

    def fits(self, mention: Mention, target: str) -> bool:  # noqa: ARG002 - chosen as a whole
        """Keep every entry: whoever names a feed wants it."""
        return True
