"""How rare is this half hour here? One detector for counts of any size, calibrated by their past.

A series is cut into half hours. Each is looked at in three ways: its plain count, its distance
from what the same time of day usually holds, and its rise over the three hours before. Each way is
scored by how rarely this very series was so high in its last twenty days, and the three are
averaged; so one threshold fits a lender with no mention an hour and one with a hundred. The
method is that of extremes over a threshold (an exponential tail above a high quantile, as in
Siffer et al., "Anomaly Detection in Streams with Extreme Value Theory", KDD 2017), here without
any change of the past by what was found. Pure and causal.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from alerts.tail import QUANTILE, fit

Floats = NDArray[np.float64]
BUCKET = timedelta(minutes=30)
PER_DAY = 48
MEMORY = 20 * PER_DAY
"""Half hours that tell what is rare."""
SEASON_DAYS = 14
"""Days that tell what is usual at a time of day."""
RISE = 6
"""Half hours before, over which a rise is measured."""
QUIET = 24
"""A burst is told once: a half hour scores only if none of so many before it scored as much."""
WEIGHTS = {"count": 0.5, "season": 0.1, "rise": 0.4}
_OTHER_DAYS = 0.25
"""What a weekday says of a weekend, and the reverse, beside a day of the same sort."""
_NEIGHBOURS = ((0, 0.5), (-1, 0.25), (1, 0.25))


def scores(counts: Floats, first: int) -> Floats:
    """Return the anomaly score of each half hour, shape of ``counts``; 0 where nothing stands out.

    ``counts`` are sums of consecutive half hours, NaN where nothing was observed; ``first`` is the
    number of the first one since the epoch, which gives its time of day and its weekday. A score
    of 2.5 means: about once in 10^2.5 half hours.
    """
    views = {
        "count": counts,
        "season": counts - usual(counts, first),
        "rise": counts - before(counts),
    }
    mixed = sum(WEIGHTS[name] * rarity(view) for name, view in views.items())
    raw = np.asarray(mixed, dtype=np.float64)
    raw[:PER_DAY] = 0.0
    return records(raw)


def usual(counts: Floats, first: int) -> Floats:
    """Return what the days before hold at each time of day; NaN on the first day.

    Square roots are averaged, so that one wild day does not set the measure.
    """
    size = len(counts)
    here = np.arange(size)
    weekend = ((first + here) // PER_DAY + 3) % 7 >= 5  # noqa: PLR2004 - day 0 was a Thursday
    roots = np.sqrt(counts)
    total, weight = np.zeros(size), np.zeros(size)
    for days in range(1, SEASON_DAYS + 1):
        then = here - days * PER_DAY
        alike = np.where(weekend[np.maximum(then, 0)] == weekend, 1.0, _OTHER_DAYS)
        for offset, share in _NEIGHBOURS:
            place = then + offset
            value = roots[np.maximum(place, 0)]
            part = np.where((place >= 0) & ~np.isnan(value), share * alike, 0.0)
            total += part * np.nan_to_num(value)
            weight += part
    known = weight > 0
    mean = np.divide(total, weight, out=np.full(size, np.nan), where=known)
    squared: Floats = mean**2
    return squared


def before(counts: Floats) -> Floats:
    """Return the mean of the half hours just before each; NaN where none was observed."""
    padded = np.concatenate([np.full(RISE, np.nan), counts[:-1]])
    windows = np.lib.stride_tricks.sliding_window_view(padded, RISE)
    known = (~np.isnan(windows)).sum(axis=1)
    sums = np.nansum(windows, axis=1)
    mean: Floats = np.divide(sums, known, out=np.full(len(counts), np.nan), where=known > 0)
    return mean


def rarity(values: Floats) -> Floats:
    """Return -log10 of how rarely the past was so high; 0 with less than a day of past."""
    found = np.zeros(len(values))
    seen = np.flatnonzero(~np.isnan(values))
    known = values[seen]
    for number in range(PER_DAY, len(seen)):
        place = seen[number]
        oldest = np.searchsorted(seen, place - MEMORY)
        past = known[oldest:number]
        if past.size >= PER_DAY // 2:
            found[place] = fit(past, QUANTILE).score(float(values[place]), past)
    return found


def records(raw: Floats) -> Floats:
    """Keep a score only where no half hour of the last ``QUIET`` scored as much: one burst once."""
    padded = np.concatenate([np.full(QUIET, -1.0), raw])
    recent = np.lib.stride_tricks.sliding_window_view(padded, QUIET)[: len(raw)].max(axis=1)
    kept: Floats = np.where(raw > recent, raw, 0.0)
    return kept
