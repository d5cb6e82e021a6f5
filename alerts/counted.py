"""Counts per hour kept between two looks: read whole once, then only days that can have changed.

Without it each look reads five weeks of hours again; what is said is the same (a test compares).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from sqlalchemy import Connection

from alerts.baseline import Baseline, Past
from alerts.detect import WINDOWS
from alerts.series import ALL, DAY, HOUR, Floats, Usual, dense, midnight
from data.settings import Burst
from data.store import series

_SPARE = 3
"""Days kept beyond those needed, so that a step back in time does not read everything again."""


@dataclass(slots=True)
class Counted:
    """One lender's counts from a Shanghai midnight on, and what was learnt from them.

    ``counts`` are (days, 24) per series, without the sources in ``without``.
    """

    start: datetime
    counts: dict[str, Floats]
    without: frozenset[str] = frozenset()
    usual: dict[tuple[str, str, datetime], Usual] = field(default_factory=dict)

    @property
    def days(self) -> int:
        """How many days are kept."""
        return len(self.counts[ALL])

    @property
    def end(self) -> datetime:
        """The midnight after the last day."""
        return self.start + DAY * self.days


def counted(
    conn: Connection,
    lender: str,
    span: tuple[datetime, datetime],
    policy: Burst,
    group_of: Mapping[str, str],
    known: Counted | None = None,
    without: Collection[str] = (),
) -> Counted:
    """Return the counts that a look over ``span`` needs; of ``known`` only changed days are read.

    Whatever changed since ``known`` lies in ``span``.
    """
    first = midnight(span[0])
    # two more: for windows that begin the day before, and for sums that reach back to another
    start = first - DAY * (policy.history_days + 2)
    days = int((midnight(span[1]) - start) / DAY) + 1
    silent = frozenset(without)
    if known is None or known.start > start or known.end <= first or known.without != silent:
        return Counted(start, _read(conn, lender, start, days, group_of, silent), silent)
    begin = max(known.start, start - DAY * _SPARE)
    kept, whole = int((first - begin) / DAY), int((start - begin) / DAY) + days
    skipped = int((begin - known.start) / DAY)
    fresh = _read(conn, lender, first, whole - kept, group_of, silent)
    counts = {}
    for name in known.counts.keys() | fresh.keys():
        values = np.zeros((whole, 24))
        if name in known.counts:
            values[:kept] = known.counts[name][skipped : skipped + kept]
        if name in fresh:
            values[kept:] = fresh[name]
        counts[name] = values
    usual = {place: value for place, value in known.usual.items() if begin < place[2] <= first}
    return Counted(begin, counts, silent, usual)


def _read(
    conn: Connection,
    lender: str,
    start: datetime,
    days: int,
    group_of: Mapping[str, str],
    without: Collection[str],
) -> dict[str, Floats]:
    end = start + DAY * days
    hours = series.hourly(conn, lender, start, end)
    tags = series.hourly_tags(conn, lender, start, end)
    return dense(
        [row for row in hours if row.source not in without],
        [row for row in tags if row.source not in without],
        group_of,
        start,
        days,
    )


def baselines(found: Counted, policy: Burst) -> dict[str, dict[str, Baseline]]:
    """Return what is usual for each series, by volume rule."""
    past = Past(found.counts[ALL], found.start, policy.history_days)
    by_rule: dict[str, dict[str, Baseline]] = {}
    for rule, window in WINDOWS.items():
        hours = max(int(window / HOUR), 1)
        least = policy if hours == 1 else policy.model_copy(update={"minimum": 2 * policy.minimum})
        by_rule[rule] = {
            name: Baseline(values, past, least, hours, learnt=Learnt(found, rule, name))
            for name, values in found.counts.items()
        }
    return by_rule


@dataclass(frozen=True, slots=True)
class Learnt:
    """The part of what was learnt that belongs to one rule and series, by day."""

    of: Counted
    rule: str
    series: str

    def get(self, day: int) -> Usual | None:
        """Return what was learnt for a day, counted from the start of the counts."""
        return self.of.usual.get((self.rule, self.series, self.of.start + DAY * day))

    def keep(self, day: int, value: Usual) -> None:
        """Remember what was learnt for a day."""
        self.of.usual[self.rule, self.series, self.of.start + DAY * day] = value
