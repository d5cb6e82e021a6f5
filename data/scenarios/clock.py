"""When things are written: the shape of a day and a week in Shanghai, and how a story spreads."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from data.model import SHANGHAI
from data.scenarios.chance import poisson

# Relative weight of each hour of the day.
_COMPLAINTS = (
    3,
    2,
    1,
    1,
    1,
    1,
    2,
    5,
    11,
    16,
    18,
    15,
    11,
    12,
    16,
    17,
    16,
    13,
    10,
    10,
    12,
    13,
    10,
    6,
)
_POSTS = (6, 3, 2, 1, 1, 1, 3, 7, 11, 14, 14, 13, 14, 13, 14, 14, 13, 12, 13, 15, 17, 18, 16, 11)
_NEWS = (1, 0, 0, 0, 0, 1, 5, 11, 17, 18, 17, 14, 9, 10, 13, 15, 16, 15, 11, 8, 7, 5, 3, 2)
_NOTICES = (0, 0, 0, 0, 0, 0, 0, 0, 3, 12, 12, 8, 1, 2, 9, 12, 12, 6, 1, 0, 0, 0, 0, 0)
HOURS = {
    "heimao_public": _COMPLAINTS,
    "eastmoney_guba": _POSTS,
    "eastmoney_news": _NEWS,
    "nfra_penalty": _NOTICES,
}
WEEKEND = {
    "heimao_public": 0.72,
    "eastmoney_guba": 0.85,
    "eastmoney_news": 0.42,
    "nfra_penalty": 0.0,
}
"""What is left of a working day's volume on a Saturday or Sunday."""

_FREE_DAYS = {6, 7}

HALF_LIFE = timedelta(hours=3.6)
"""Half of the reposts of one story come within this time (median of 3,000 Weibo cascades)."""
LONGEST = timedelta(days=4)
"""What comes later is a few stragglers, and no longer part of the story."""
_SPREAD = 1.7  # of the logarithm: a tenth within 25 minutes, three quarters within 12 hours


def days(starts_at: datetime, ends_at: datetime) -> Iterator[date]:
    """Name every Shanghai date that the stretch touches."""
    day = starts_at.astimezone(SHANGHAI).date()
    while day <= ends_at.astimezone(SHANGHAI).date():
        yield day
        day += timedelta(days=1)


def moment(rng: Random, day: date, hours: Sequence[int]) -> datetime:
    """Draw a moment (UTC) of a Shanghai day, with each hour's weight."""
    hour = rng.choices(range(24), hours)[0]
    at = datetime.combine(day, time(hour, rng.randrange(60), rng.randrange(60)), SHANGHAI)
    return at.astimezone(UTC)


def ordinary(
    rng: Random, source: str, starts_at: datetime, ends_at: datetime, per_day: float
) -> Iterator[datetime]:
    """Draw the moments at which a source carries something, day by day.

    The daily count varies a little more than chance alone would have it, as real counts do.
    """
    for day in days(starts_at, ends_at):
        mean = per_day * (WEEKEND[source] if day.isoweekday() in _FREE_DAYS else 1.0)
        count = poisson(rng, mean * rng.gammavariate(60, 1 / 60)) if mean else 0
        for _ in range(count):
            at = moment(rng, day, HOURS[source])
            if starts_at <= at < ends_at:
                yield at


def cascade(rng: Random, starts_at: datetime, count: int) -> list[datetime]:
    """Draw the moments of a story's echoes, in order."""
    middle = math.log(HALF_LIFE.total_seconds())
    delays = sorted(rng.lognormvariate(middle, _SPREAD) for _ in range(count))
    echoes = [timedelta(seconds=round(delay)) for delay in delays]
    return [starts_at + echo for echo in echoes if echo < LONGEST]


def surge(
    rng: Random, starts_at: datetime, busy: timedelta, every: timedelta, fade: timedelta
) -> list[datetime]:
    """Draw a steady run of arrivals that then fades, in the end to a twentieth of its pace.

    Somebody watches a demo for a few minutes: with exponential pauses nothing came for three.
    """
    found, at = [], starts_at
    while at < starts_at + busy + fade:
        found.append(at)
        faded = max(timedelta(), at - starts_at - busy) / fade if fade else 0.0
        pause = rng.gammavariate(6, every.total_seconds() / 6)  # steadier than pure chance
        at += timedelta(seconds=round(pause * 20**faded, 3))
    return found
