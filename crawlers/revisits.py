"""Which stored items to read again: at set ages, so that edits and withdrawals are noticed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from data.model import Mention

MOST = 60
"""Items read again in one crawl; the next one reads the others."""
_UNTIL = "visited_until"

Stored = Callable[[datetime, datetime], Sequence[Mention]]
Chosen = Callable[[Mention, timedelta], bool]


class Revisits:
    """Finds what came to one of the ``ages`` since the last good run.

    Nothing is remembered per item: the ages that lie between two runs say what is due.
    """

    def __init__(self, mark: Mapping[str, Any], now: datetime) -> None:
        before = mark.get(_UNTIL)
        self._since = datetime.fromisoformat(before) if before else now
        self._until = now

    def due(self, stored: Stored, ages: Sequence[timedelta], chosen: Chosen) -> list[Mention]:
        """Return what is due, the longest due first: MOST, and what is due with the last."""
        found: dict[int, tuple[datetime, Mention]] = {}
        for age in ages:
            for mention in stored(self._since - age, self._until - age):
                born = mention.published_at or mention.fetched_at
                if chosen(mention, age):
                    found[mention.id] = (max(self._since, born + age), mention)
        waiting = sorted(found.values(), key=lambda pair: pair[0])
        if len(waiting) > MOST:
            last = waiting[MOST - 1][0]
            rest = [at for at, _ in waiting if at > last]
            self._until = min(rest, default=self._until)  # the next run begins with these
            waiting = [pair for pair in waiting if pair[0] <= last]
        return [mention for _, mention in waiting]

    def mark(self) -> dict[str, str]:
        """Return how far all that was due has been read."""
        return {_UNTIL: self._until.isoformat()}
