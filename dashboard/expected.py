"""What an hour usually brings: the median and a range, by hour of the day, from earlier weeks.

For reading a curve, not for raising an alarm: the alert's own numbers are in its signals.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles

HISTORY = timedelta(days=28)
"""How far back the usual is learnt."""
LEAST_DAYS = 7
"""Fewer earlier days than this say nothing about the usual."""
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Usual:
    """The middle and the range that four of five earlier counts lie in."""

    low: float
    middle: float
    high: float


def by_hour(
    counts: Mapping[datetime, int],
    hours: Sequence[datetime],
    first: datetime | None,
    unknown: Collection[datetime] = (),
) -> dict[datetime, Usual]:
    """Return the usual count for each of ``hours``, from the same hour of up to 28 earlier days.

    ``counts`` holds hours with mentions; an hour from ``first`` (when listening began) on that is
    missing in it had none, unless it is ``unknown``: nobody listened. An hour with fewer than 7
    earlier days gets no expectation.
    """
    found = {}
    for hour in hours:
        earlier = [hour - n * _DAY for n in range(1, HISTORY.days + 1)]
        heard = [at for at in earlier if first is not None and at >= first and at not in unknown]
        known = [counts.get(at, 0) for at in heard]
        if len(known) >= LEAST_DAYS:
            found[hour] = usual(known)
    return found


def by_day(
    counts: Mapping[datetime, int],
    until: datetime,
    first: datetime | None,
    unknown: Collection[datetime] = (),
) -> Usual | None:
    """Return the usual count of 24 hours that end with the hour ``until``, from 28 earlier days.

    A day with an hour that is ``unknown`` counts for nothing.
    """
    totals = []
    for n in range(1, HISTORY.days + 1):
        end = until - n * _DAY
        if first is None or end - _DAY < first:
            break
        hours = [end - k * _HOUR for k in range(24)]
        if not any(hour in unknown for hour in hours):
            totals.append(sum(counts.get(hour, 0) for hour in hours))
    return usual(totals) if len(totals) >= LEAST_DAYS else None


def usual(counts: Sequence[int]) -> Usual:
    """Return the median and the 10 % and 90 % points of at least two counts."""
    tenths = quantiles(counts, n=10, method="inclusive")
    return Usual(tenths[0], median(counts), tenths[-1])
