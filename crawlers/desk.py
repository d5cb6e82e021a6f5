"""Where one crawl meets the store: what is known, what is kept, what is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from crawlers import gate
from crawlers.pages import lasting
from data.errors import EvidenceError
from data.evidence import Archive, Page, Place, verify
from data.facts.sources import SourceFact
from data.keys import pseudonym_key
from data.model import Capture, Gone, Mention
from data.settings import Settings
from data.store import captures, mentions
from data.store.db import Store

CAPTURES = "captures"
"""The folder under ``var`` that holds the pages as received."""


class Desk:
    """Keeps pages in the archive first and says so in the store after: never the other way."""

    ENOUGH = 200
    """Pages without a mention that wait for a transaction of their own."""

    def __init__(
        self, store: Store, settings: Settings, fact: SourceFact, clock: Callable[[], datetime]
    ) -> None:
        self._store, self._fact, self.clock = store, fact, clock
        self._key = pseudonym_key(settings)
        self._settings = settings
        self._glance = store.glance()
        self._archive: Archive | None = None
        self._waiting: dict[captures.Key, Capture] = {}

    def known(self, native_ids: Sequence[str]) -> dict[str, str]:
        """Return the status of those ids that are stored."""
        with self._glance() as conn:
            return mentions.known(conn, self._fact.slug, native_ids)

    def keep(self, page: Page) -> Capture:
        """Keep a page as received; the same bytes of the same page are kept once."""
        capture = _capture(self._fact.slug, page)
        if not self._settings.retention.captures_days:
            return capture
        key = captures.key(capture)
        if key in self._waiting:
            return self._waiting[key]
        with self._glance() as conn:
            before = captures.find(conn, *key)
        if before is not None and before.file:
            return before
        place = self._opened().add(page)
        kept = replace(capture, file=place.file, offset=place.offset, length=place.length)
        self._waiting[key] = kept
        if len(self._waiting) >= self.ENOUGH:
            self.save(())
        return kept

    def save(self, batch: Sequence[Mention]) -> mentions.Saved:
        """Save mentions and the places of their pages in one transaction."""
        if self._archive is not None:
            self._archive.sync()
        with self._store.write() as conn:
            captures.put(conn, self._waiting.values())
            saved = mentions.save(conn, batch, self.clock(), self._key)
        self._waiting.clear()
        return saved

    def lose(self, items: Sequence[Gone]) -> int:
        """Say of stored mentions that they are shown no longer; return how many are new so."""
        self.save(())  # the pages that say so
        with self._store.write() as conn:
            return mentions.gone(conn, items, self.clock())

    def held(self, url: str) -> tuple[Page, Capture] | None:
        """Return the newest good answer of an address, unaltered, if the archive has it."""
        with self._glance() as conn:
            capture = captures.newest(conn, self._fact.slug, lasting(url))
        if capture is None:
            return None
        place = Place(capture.file, capture.offset, capture.length)
        try:
            return verify(self._settings.var / CAPTURES, place, capture.sha256), capture
        except EvidenceError:  # then it is fetched and kept anew
            return None

    def oldest(self) -> Mention | None:
        """Return this source's oldest mention that is not gone."""
        with self._store.read() as conn:
            return mentions.oldest(conn, self._fact.slug)

    def find(self, native_id: str) -> Mention | None:
        """Return a stored mention of this source."""
        with self._store.read() as conn:
            return mentions.find(conn, self._fact.slug, native_id)

    def stored(self, since: datetime, until: datetime) -> list[Mention]:
        """Return this source's mentions of a span of time."""
        with self._store.read() as conn:
            return mentions.published(conn, self._fact.slug, since, until)

    def report(self) -> dict[str, Any]:
        """Return what the parent should know besides the statistics: nothing, it is stored."""
        return {}

    def close(self) -> None:
        """Save what waits and close the archive."""
        if self._waiting:
            self.save(())
        self._glance.close()
        if self._archive is not None:
            self._archive.close()

    def _opened(self) -> Archive:
        if self._archive is None:
            about = {
                "software": gate.user_agent(self._settings.crawl),
                "operator": self._settings.crawl.contact.strip(),
                "format": "WARC File Format 1.0",
                "description": f"pages of {self._fact.slug} as received",
            }
            folder = self._settings.var / CAPTURES
            self._archive = Archive(folder, self._fact.slug, self.clock(), about)
        return self._archive


def _capture(source: str, page: Page) -> Capture:
    return Capture(
        source, lasting(page.url), page.status, page.fetched_at, page.sha256, len(page.body)
    )
