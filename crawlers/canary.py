"""A fixed old record of each source, read again now and then: it must read as it was stored.

It is compared and never stored. Where it reads otherwise, our reader or the site's layout has
drifted: old records do not change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from data.model import Gone, Mention
from data.privacy import mask

EVERY = timedelta(days=7)
_SLACK = timedelta(days=1)
MARK = "canary"
"""Its place in the watermark: id, when it was last read, and what differs (""  nothing)."""
ALL = ("title", "text", "outlet")
TOLD_BY_SEARCH = ("title", "outlet")
"""A search shows whichever part of a text it likes."""


class Canary:
    """Which record it is, whether it is to be read now, and what became of it."""

    def __init__(self, mark: Mapping[str, Any], now: datetime) -> None:
        self._mark: dict[str, Any] | None = mark.get(MARK)
        self._now = now

    def due(
        self, oldest: Callable[[], Mention | None], find: Callable[[str], Mention | None]
    ) -> Mention | None:
        """Return the record as it is stored, if it is to be read now; choose one at first.

        One that read otherwise is read at every run until it reads as it should.
        """
        if self._mark is None:
            chosen = oldest()
            self._mark = None if chosen is None else self._as_mark(chosen.native_id, "")
            return None
        read_at = datetime.fromisoformat(self._mark["read_at"])
        if not self._mark["differs"] and self._now - read_at < EVERY:
            return None
        return find(self._mark["id"])

    def compare(
        self, stored: Mention, found: Iterable[Any], names: Sequence[str], *, must: bool
    ) -> None:
        """Compare what was read with what is stored; ``must``: its page has to show it."""
        items = list(found)
        if any(isinstance(item, Gone) and not item.but for item in items):
            self._mark = None  # the next run chooses another
            return
        read = [m for m in items if isinstance(m, Mention) and m.native_id == stored.native_id]
        if read:
            self.said(stored, differences(stored, read[0], names))
        elif must:
            self.said(stored, "it is not on its page")
        else:
            self.said(stored, "")

    def said(self, stored: Mention, differs: str) -> None:
        """Note what became of it: "" when it reads as it was stored."""
        self._mark = self._as_mark(stored.native_id, differs)

    @property
    def differs(self) -> str:
        """What an operator must know, "" while all is well."""
        if not self._mark or not self._mark["differs"]:
            return ""
        return f"the fixed record {self._mark['id']} reads otherwise: {self._mark['differs']}"

    def mark(self) -> dict[str, Any]:
        """Return its part of the watermark."""
        return {MARK: self._mark}

    def _as_mark(self, native_id: str, differs: str) -> dict[str, Any]:
        return {"id": native_id, "read_at": self._now.isoformat(), "differs": differs}


def differences(stored: Mention, read: Mention, names: Sequence[str]) -> str:
    """Return the fields that read otherwise, as a sentence; "" when none does."""
    found = [name for name in names if mask(getattr(read, name)) != mask(getattr(stored, name))]
    if bool(stored.author) and not read.author:
        found.append("author")
    before, now = stored.published_at, read.published_at
    if before is not None and (now is None or abs(now - before) > _SLACK):
        found.append("published_at")
    return f"{', '.join(found)}" if found else ""
