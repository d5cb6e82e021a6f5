"""What a list showed before and shows no longer, for sources whose items have no page of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from data.model import Capture

STRIKES = 2
"""Good runs in a row that must miss an item: once, it may only have slipped between two pages."""
_FEW = 3  # of so many that were expected, all may be missing; of more, half at most


Memory = Mapping[str, Mapping[str, Sequence[Any]]]
"""By list and id: the time the list stated (ISO), and how often in a row it was missed."""


class Absence:
    """Compares what the lists of this run show with what they showed at the last good ones.

    Its memory stands in the watermark and reaches as far back as the overlap.
    """

    def __init__(self, before: Memory) -> None:
        self._before = before
        self._now: dict[str, dict[str, Sequence[Any]]] = {}
        self._pages: dict[str, list[tuple[datetime, Capture]]] = {}
        self._unordered: set[str] = set()

    def page(
        self, scope: str, shown: Mapping[str, datetime], oldest: datetime | None, capture: Capture
    ) -> None:
        """Note a page: the items of ours with their times, and the time of its oldest line."""
        here = self._now.setdefault(scope, {})
        here |= {native_id: (at.isoformat(), 0) for native_id, at in shown.items()}
        if oldest is not None:
            self._pages.setdefault(scope, []).append((oldest, capture))

    def distrust(self, scope: str) -> None:
        """Draw no conclusion from a list whose order does not tell what it must show."""
        self._unordered.add(scope)

    def end(
        self, scope: str, floor: datetime | None, *, exhausted: bool
    ) -> list[tuple[str, Capture]]:
        """Return what is gone from a list that was read to its end or back to ``floor``."""
        pages, here = self._pages.get(scope, []), self._now.setdefault(scope, {})
        before = self._before.get(scope, {})
        if not pages or floor is None:
            return []
        reached = floor if exhausted else max(floor, min(oldest for oldest, _ in pages))
        unseen = {i: entry for i, entry in before.items() if i not in here}
        missed: dict[str, Sequence[Any]] = {
            i: (stated, strikes + 1)
            for i, (stated, strikes) in unseen.items()
            if datetime.fromisoformat(stated) > reached
        }
        if scope in self._unordered or len(missed) > max(_FEW, self._expected(scope, missed) // 2):
            missed = {}  # as if nobody had looked
        gone = [i for i, (_, strikes) in missed.items() if strikes >= STRIKES]
        here |= {i: entry for i, entry in (unseen | missed).items() if i not in gone}
        return [(i, _where(datetime.fromisoformat(before[i][0]), pages)) for i in gone]

    def _expected(self, scope: str, missed: Mapping[str, Any]) -> int:
        here = self._now[scope]
        return len(missed) + sum(i in here for i in self._before.get(scope, {}))

    def memory(self, floors: Mapping[str, datetime]) -> Memory:
        """Return what to remember: of the lists read now only what is not older than a floor."""
        kept = dict(self._before)
        for scope, items in self._now.items():
            floor = floors[scope].isoformat() if scope in floors else ""
            kept[scope] = {i: entry for i, entry in items.items() if entry[0] >= floor}
        return kept


def _where(stated: datetime, pages: Sequence[tuple[datetime, Capture]]) -> Capture:
    """Return the page on which an item of that time would stand."""
    return next((page for oldest, page in pages if oldest <= stated), pages[-1][1])
