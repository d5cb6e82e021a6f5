"""Counts per hour as arrays, silent stretches as gaps, and what is usual for an hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from data.model import SHANGHAI, Sentiment
from data.settings import Burst
from data.store.series import Hour, HourTag

Floats = NDArray[np.float64]
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ALL, NEGATIVE, SEVERE = "all", "negative", "severe"
FULL_HISTORY_DAYS = 7
"""With fewer days of history the seasonal rule gives way to a cautious one."""
LEAST_HISTORY_DAYS = 2
"""With fewer, counts say nothing; the severity rule still works."""
YOUNG = 1.25
"""In the first week an hour is loud from so many times the loudest so far."""
CUT = 3.5
"""Robust deviations above its hour of day at which a past hour is cut before it teaches."""
EXCEPTION = 0.05
"""Share of hours up to which loud ones are exceptions, and teach nothing."""
_SILENCE = 14.0
"""A zero stretch is a gap where this many mentions were due: by chance once in a million."""


def midnight(moment: datetime) -> datetime:
    """Return the start, in UTC, of the Shanghai day that holds ``moment``."""
    local = moment.astimezone(SHANGHAI)
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def group_series(group: str) -> str:
    """Return the name of the series of one group of allegations."""
    return f"group:{group}"


def source_series(source: str) -> str:
    """Return the name of the series of one source's negative mentions."""
    return f"source:{source}"


def dense(
    hours: Sequence[Hour],
    tags: Sequence[HourTag],
    group_of: Mapping[str, str],
    start: datetime,
    days: int,
) -> dict[str, Floats]:
    """Return counts of shape (days, 24) per series: all, negative, severe, source:… and group:….

    ``start`` is a Shanghai midnight. An allegation that ``group_of`` does not know is left out.
    """
    shape = (days, 24)
    series = {name: np.zeros(shape) for name in (ALL, NEGATIVE, SEVERE)}
    for row in hours:
        place = _place(row.hour, start)
        series[ALL][place] += row.n
        series[SEVERE][place] += row.severe
        if row.sentiment == Sentiment.NEGATIVE:
            series[NEGATIVE][place] += row.n
            own = series.setdefault(source_series(row.source), np.zeros(shape))
            own[place] += row.n
    for tag in tags:
        group = group_of.get(tag.allegation)
        if group is not None:
            counts = series.setdefault(group_series(group), np.zeros(shape))
            counts[_place(tag.hour, start)] += tag.n
    return series


def _place(hour: datetime, start: datetime) -> tuple[int, int]:
    return divmod(int((hour - start) // HOUR), 24)


def trailing(counts: Floats, hours: int) -> Floats:
    """Return the sums of the last ``hours`` hours, shape (days, 24); NaN where one was a gap."""
    if hours == 1:
        return counts
    padded = np.concatenate([np.full(hours - 1, np.nan), counts.ravel()])
    sums: Floats = np.lib.stride_tricks.sliding_window_view(padded, hours).sum(axis=1)
    return sums.reshape(counts.shape)


def gaps_in(counts: Floats) -> NDArray[np.bool_]:
    """Tell which hours of (days, 24) counts are no observation but a hole.

    A hole is the time before the first mention, and every run of zeros in which 14 mentions were
    due by the hours of day before it: a source's outage, not a quiet night.
    """
    flat = counts.ravel()
    gaps = np.zeros(flat.shape, dtype=bool)
    seen = np.flatnonzero(flat)
    if not seen.size:
        return np.ones(counts.shape, dtype=bool)
    gaps[: seen[0]] = True
    for begin, end in zip(seen[:-1] + 1, seen[1:], strict=True):
        if end - begin >= 3 and _due(flat, int(seen[0]), int(begin), int(end)) > _SILENCE:  # noqa: PLR2004
            gaps[begin:end] = True
    return gaps.reshape(counts.shape)


def _due(flat: Floats, first: int, begin: int, end: int) -> float:
    """Return how many mentions the hours ``begin`` to ``end`` would usually have held."""
    past = flat[first:begin]
    if past.size < 24 * LEAST_HISTORY_DAYS:
        return 0.0
    of_day = (np.arange(first, begin)) % 24
    sums = np.bincount(of_day, weights=past, minlength=24)
    mean = sums / np.maximum(np.bincount(of_day, minlength=24), 1)
    return float(mean[np.arange(begin, end) % 24].sum())


@dataclass(frozen=True, slots=True, eq=False)
class Usual:
    """What is usual for one series on one day: 24 values each, in mentions an hour.

    ``low`` to ``high`` holds nine ordinary hours of ten. ``days`` is how much history stands
    behind it.
    """

    expected: Floats
    low: Floats
    high: Floats
    threshold: Floats
    days: float


def usual(history: Floats, weekend: NDArray[np.bool_], today: bool, policy: Burst) -> Usual:
    """Learn from the days before: ``history`` is (days, 24) with NaN gaps, ``weekend`` (days,).

    The threshold is the smallest count whose mean tail score, of the raw count and of its
    distance from the expected one, reaches ``-log10(policy.rarity)``; a tail is exponential above
    the series' own 99 % quantile (the detector ``bucketed`` scored on the Numenta Anomaly
    Benchmark's tweets is of this kind). Bursts of the past are cut down before they teach.
    """
    known = ~np.isnan(history)
    days = float(known.sum()) / 24
    if days < FULL_HISTORY_DAYS:
        return _cautious(history, known, days, policy)
    tame = _tamed(history)
    known = ~np.isnan(tame)
    expected = _profile(tame, weekend == today)
    of_row = np.where(weekend[:, None] == today, expected, _profile(tame, weekend != today))
    spread = np.sqrt(expected + 1.0)
    z = ((tame - of_row) / np.sqrt(of_row + 1.0))[known]
    low, high = np.quantile(z, [0.05, 0.95])
    threshold = _threshold(tame[known], z, expected, spread, -np.log10(policy.rarity))
    return Usual(
        expected=expected,
        low=np.maximum(np.floor(expected + low * spread), 0.0),
        high=np.maximum(np.ceil(expected + high * spread), 1.0),
        threshold=np.maximum(np.ceil(threshold), float(policy.minimum)),
        days=days,
    )


def _cautious(history: Floats, known: NDArray[np.bool_], days: float, policy: Burst) -> Usual:
    """Ask in the first week for more than any hour so far, and twice the minimum."""
    seen = history[known]
    mean = float(seen.mean()) if seen.size else 0.0
    loudest = float(seen.max()) if seen.size else 0.0
    high = max(2.0 * policy.minimum, np.ceil(YOUNG * loudest))
    enough = days >= LEAST_HISTORY_DAYS
    level = np.full(24, high if enough else np.inf)
    return Usual(np.full(24, mean), np.zeros(24), np.full(24, loudest), level, days)


def _tamed(history: Floats) -> Floats:
    """Take hours far above their hour of day out, so that a past crisis does not hide the next.

    Where they are many they are no exception: then they are cut down, and slowly teach.
    """
    middle = _smooth(np.median(_filled(history), axis=0, keepdims=True))
    middle = np.maximum(middle, np.nanmean(np.minimum(history, middle + 1.0)))
    spread = np.sqrt(middle + 1.0)
    z = (history - middle) / spread
    wide = max(1.0, 1.4826 * float(np.nanmedian(np.abs(z))))
    most = np.ceil(middle + CUT * wide * spread)
    beyond = history > most
    few = beyond.mean() < EXCEPTION
    tame: Floats = np.where(beyond, np.nan if few else most, history)
    return tame


def _profile(history: Floats, rows: NDArray[np.bool_]) -> Floats:
    """Return the mean by hour of day over the chosen days, smoothed and drawn to all days' mean."""
    overall = _filled(history).mean(axis=0)
    chosen = history[rows]
    count = (~np.isnan(chosen)).sum(axis=0)
    mean: Floats = (np.nansum(chosen, axis=0) + 2.0 * overall) / (count + 2.0)
    return _smooth(mean)


def _filled(history: Floats) -> Floats:
    """Put the overall mean where nothing was observed, so that no hour of day is empty."""
    return np.nan_to_num(history, nan=float(np.nanmean(history)))


def _smooth(values: Floats) -> Floats:
    """Blend each hour with its neighbours (the day is a ring): one hour holds little."""
    blended: Floats = (
        0.25 * np.roll(values, 1, axis=-1) + 0.5 * values + 0.25 * np.roll(values, -1, axis=-1)
    )
    return blended


def _threshold(counts: Floats, z: Floats, expected: Floats, spread: Floats, score: float) -> Floats:
    """Return, by hour, the count at which the mean of the two exponential tails is ``score``."""
    (q1, b1), (q2, b2) = _tail(counts, 0.5), _tail(z, 0.3)
    start, scale = expected + q2 * spread, b2 * spread
    beyond = (score - 2.0) * np.log(10.0)
    level = (2.0 * beyond + q1 / b1 + start / scale) / (1.0 / b1 + 1.0 / scale)
    raised: Floats = np.maximum(level, start)
    return raised


def _tail(values: Floats, least: float) -> tuple[float, float]:
    """Return the 99 % quantile and the mean excess above it, at least ``least``."""
    quantile = float(np.quantile(values, 0.99))
    above = values[values > quantile]
    return quantile, max(float((above - quantile).mean()) if above.size else 0.0, least)
