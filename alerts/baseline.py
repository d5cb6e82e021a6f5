"""What is usual at any moment of a walk through time, per series; learnt only from days before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from alerts.series import DAY, HOUR, Floats, Usual, usual
from data.model import SHANGHAI
from data.settings import Burst


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is usual for the hour that ends at a moment, in mentions."""

    expected: float
    low: float
    high: float
    threshold: float
    days: float


@dataclass(frozen=True, slots=True, eq=False)
class Baseline:
    """One series' usual values hour by hour from ``start``; flat arrays of one length."""

    start: datetime
    expected: Floats
    low: Floats
    high: Floats
    threshold: Floats
    days: Floats

    def thresholds(self, ends: NDArray[np.float64]) -> Floats:
        """Return the threshold of the hour before each of ``ends`` (seconds since the epoch)."""
        return np.ceil(self._blend(self.threshold, ends) - 1e-9)

    def bounds(self, end: datetime) -> Bounds:
        """Return all that is usual for the hour that ends at ``end``."""
        ends = np.array([end.timestamp()])
        return Bounds(
            expected=round(float(self._blend(self.expected, ends)[0]), 2),
            low=float(np.floor(self._blend(self.low, ends)[0] + 1e-9)),
            high=float(np.ceil(self._blend(self.high, ends)[0] - 1e-9)),
            threshold=float(self.thresholds(ends)[0]),
            days=round(float(self._blend(self.days, ends)[0]), 1),
        )

    def _blend(self, values: Floats, ends: NDArray[np.float64]) -> Floats:
        """Weigh the two clock hours that an hour ending at each of ``ends`` lies in."""
        place = (ends - self.start.timestamp()) / HOUR.total_seconds()
        begun = np.floor(place).astype(int)
        part = place - begun
        last = len(values) - 1
        before = values[np.clip(begun - 1, 0, last)]
        # an hour that ends on the full hour lies in one clock hour only, and 0 * inf is NaN
        running = np.where(part > 0, values[np.clip(begun, 0, last)], 0.0)
        blended: Floats = (1 - part) * before + part * running
        return blended


def baselines(
    series: Mapping[str, Floats], start: datetime, first: int, policy: Burst
) -> dict[str, Baseline]:
    """Return the baseline of each (days, 24) series, valid from day number ``first`` on.

    ``start`` is the Shanghai midnight at which the series begin; each day learns from the
    ``policy.history_days`` before it.
    """
    days = next(iter(series.values())).shape[0]
    dates = [(start + n * DAY).astimezone(SHANGHAI) for n in range(days)]
    weekend = np.array([date.weekday() >= 5 for date in dates])  # noqa: PLR2004
    return {
        name: _baseline(
            start + first * DAY,
            [_usual(counts, weekend, day, policy) for day in range(first, days)],
        )
        for name, counts in series.items()
    }


def _usual(counts: Floats, weekend: NDArray[np.bool_], day: int, policy: Burst) -> Usual:
    past = slice(max(0, day - policy.history_days), day)
    return usual(counts[past], weekend[past], bool(weekend[day]), policy)


def _baseline(start: datetime, days: list[Usual]) -> Baseline:
    return Baseline(
        start=start,
        expected=np.concatenate([day.expected for day in days]),
        low=np.concatenate([day.low for day in days]),
        high=np.concatenate([day.high for day in days]),
        threshold=np.concatenate([day.threshold for day in days]),
        days=np.repeat([day.days for day in days], 24),
    )
