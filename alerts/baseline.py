"""What is usual at any moment of a walk through time, per series; learnt only from days before."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from alerts.series import DAY, HOUR, Floats, Usual, gaps_in, trailing, usual
from data.model import SHANGHAI
from data.settings import Burst


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is usual for the window that ends at a moment, in mentions."""

    expected: float
    low: float
    high: float
    threshold: float
    days: float


@dataclass(slots=True, eq=False)
class Past:
    """The days before each day, and their gaps, which all series of a lender share.

    ``everything`` are the (days, 24) counts of all mentions, from the Shanghai midnight ``start``.
    """

    everything: Floats
    start: datetime
    history_days: int
    _gaps: dict[int, NDArray[np.bool_]] = field(default_factory=dict)

    def of(self, day: int) -> slice:
        """Return the rows a day learns from, and one more for windows that begin in it."""
        return slice(max(0, day - self.history_days - 1), day)

    def gaps(self, day: int) -> NDArray[np.bool_]:
        """Return which of those hours are no observation."""
        if day not in self._gaps:
            self._gaps[day] = gaps_in(self.everything[self.of(day)])
        return self._gaps[day]

    def weekend(self, day: int) -> bool:
        """Tell whether a day is a Saturday or Sunday."""
        return (self.start + day * DAY).astimezone(SHANGHAI).weekday() >= 5  # noqa: PLR2004


class Days(Protocol):
    """A memory of what was learnt for each day that outlives one look."""

    def get(self, day: int) -> Usual | None:
        """Return what is known of a day, None if nothing is."""

    def keep(self, day: int, value: Usual) -> None:
        """Remember it."""


@dataclass(slots=True, eq=False)
class Baseline:
    """One series and what is usual for it. A day is learnt when it is asked for, and kept.

    ``counts`` is (days, 24), mentions an hour; what is usual is said for windows of ``hours``.
    """

    counts: Floats
    past: Past
    policy: Burst
    hours: int = 1
    learnt: Days | None = None
    holes: NDArray[np.bool_] | None = None  # (days, 24): hours that are no observation
    _days: dict[int, Usual] = field(default_factory=dict)

    def thresholds(self, ends: NDArray[np.float64]) -> Floats:
        """Return the threshold of the window before each of ``ends`` (seconds since the epoch)."""
        return np.ceil(self._blend("threshold", ends) - 1e-9)

    def bounds(self, end: datetime) -> Bounds:
        """Return all that is usual for the window that ends at ``end``."""
        ends = np.array([end.timestamp()])
        return Bounds(
            expected=round(float(self._blend("expected", ends)[0]), 2),
            low=float(np.floor(self._blend("low", ends)[0] + 1e-9)),
            high=float(np.ceil(self._blend("high", ends)[0] - 1e-9)),
            threshold=float(self.thresholds(ends)[0]),
            days=round(self._day(int((end - self.past.start) / DAY)).days, 1),
        )

    def _blend(self, name: str, ends: NDArray[np.float64]) -> Floats:
        """Weigh the two clock hours with which a window ending at each of ``ends`` could end."""
        place = (ends - self.past.start.timestamp()) / HOUR.total_seconds()
        begun = np.floor(place).astype(int)
        part = place - begun
        before = self._at(name, begun - 1)
        # a window that ends on the full hour needs one clock hour only, and 0 * inf is NaN
        running = np.where(part > 0, self._at(name, begun), 0.0)
        blended: Floats = (1 - part) * before + part * running
        return blended

    def _at(self, name: str, hours: NDArray[np.int_]) -> Floats:
        return np.array([getattr(self._day(h // 24), name)[h % 24] for h in hours.tolist()])

    def _day(self, number: int) -> Usual:
        """Return what is usual on a day, counted from ``start``; the last day stands for later."""
        day = min(number, len(self.counts) - 1)
        if day not in self._days:
            found = self.learnt.get(day) if self.learnt else None
            self._days[day] = found or self._learn(day)
        return self._days[day]

    def _learn(self, day: int) -> Usual:
        rows = self.past.of(day)
        gaps = self.past.gaps(day)
        if self.holes is not None:
            gaps = gaps | self.holes[rows]
        seen = np.where(gaps, np.nan, self.counts[rows])
        history = trailing(seen, self.hours)[-self.past.history_days :]
        weekend = [self.past.weekend(n) for n in range(day - len(history), day)]
        today = self.past.weekend(day)
        found = usual(history, np.array(weekend, dtype=bool), today, self.policy)
        if self.learnt is not None:
            self.learnt.keep(day, found)
        return found
