"""What a list shows at a moment: sorted once, cut by the clock, never scanned per request."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from zlib import crc32

from crawlers.replica.faults import AHEAD, NOW_MET, SERVED_AT, Kind
from data.scenarios.format import Planned

Clock = Callable[[], datetime]


def published(item: Planned) -> datetime:
    """Return the time a source shows for an item."""
    return stated(item.mention.published_at or item.visible_at)


def stated(moment: datetime) -> datetime:
    """Return a time as the site's clock had it; a skewed one dates all that is young too late."""
    now = SERVED_AT.get()
    skewed = NOW_MET.get() is Kind.SKEWED and now is not None and now - moment < AHEAD
    return moment + AHEAD if skewed else moment


class Shelf:
    """The items of one list, newest first, of which those are shown whose time has come."""

    def __init__(self, items: Iterable[Planned], clock: Clock) -> None:
        self._items = sorted(items, key=lambda item: item.visible_at)
        self._times = [item.visible_at for item in self._items]
        self._clock = clock
        self._shown: list[Planned] = []

    def __len__(self) -> int:
        """Return how many items are visible now."""
        return bisect_right(self._times, self._clock())

    def visible(self) -> Sequence[Planned]:
        """Return what is visible now, newest first."""
        count = len(self)
        if count != len(self._shown):
            shown = self._items[:count]
            self._shown = sorted(shown, key=published, reverse=True)
        return self._shown

    def page(self, number: int, size: int) -> Sequence[Planned]:
        """Return one page, counted from 1; [] behind the last."""
        start = max(0, number - 1) * size
        met = NOW_MET.get()
        again = _AGAIN if met is Kind.DOUBLED else 0
        lines = self.visible()[max(0, start - again) : start + size]
        return sorted(lines, key=_any_order) if met is Kind.SHUFFLED else lines


_AGAIN = 3
"""Lines of the page before that a doubled page begins with."""


def _any_order(item: Planned) -> int:
    return crc32(item.mention.native_id.encode())
