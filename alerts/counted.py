"""Counts per hour kept between two looks: read whole once, then only days that can have changed.

Without it each look reads five weeks of hours again; what is said is the same (a test compares).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from alerts.baseline import Baseline, Past
from alerts.detect import WINDOWS
from alerts.series import (
    ALL,
    DAY,
    HOUR,
    NEGATIVE,
    Floats,
    Usual,
    dense,
    midnight,
    source_series,
)
from data.settings import Burst
from data.store import health, series

FAIR_SHARE = 0.1
"""Of the negative mentions: a source that brings less may be silent unnoticed."""
_SPARE = 3
"""Days kept beyond those needed, so that a step back in time does not read everything again."""


@dataclass(frozen=True, slots=True)
class Silent:
    """Which sources are not to be taken at their word: ``now``, and in which stretches before."""

    now: frozenset[str] = frozenset()
    stretches: frozenset[tuple[str, datetime, datetime]] = frozenset()

    @classmethod
    def read(cls, conn: Connection, start: datetime, span: tuple[datetime, datetime]) -> Silent:
        """Read the stretches since ``start``; those that touch ``span`` are of now."""
        found = health.gaps(conn, start, span[1])
        now = {one.source for one in found if one.ended_at is None or one.ended_at > span[0]}
        over = {(one.source, one.since, one.ended_at) for one in found
                if one.ended_at is not None and one.source not in now}  # fmt: skip
        return cls(frozenset(now), frozenset(over))

    def holes(self, found: Counted, name: str) -> NDArray[np.bool_] | None:
        """Return which hours of a series are no observation, (days, 24); None if all are.

        A source's own series has a hole where the source was silent; one of all sources where one
        was that usually brings a fair share of everything.
        """
        own = name.removeprefix("source:") if name.startswith("source:") else ""
        holes = np.zeros(found.counts[ALL].size, dtype=np.bool_)
        for source, since, until in self.stretches:
            if source == own or (not own and _share(found, source) >= FAIR_SHARE):
                begin = max(int((since - found.start) // HOUR), 0)
                holes[begin : max(-int((found.start - until) // HOUR), 0)] = True
        return holes.reshape(-1, 24) if holes.any() else None


def _share(found: Counted, source: str) -> float:
    negative = found.counts[NEGATIVE].sum()
    own = found.counts.get(source_series(source))
    return float(own.sum() / negative) if own is not None and negative else 0.0


@dataclass(slots=True)
class Counted:
    """One lender's counts from a Shanghai midnight on, and what was learnt from them.

    ``counts`` are (days, 24) per series, without the sources that are silent now.
    """

    start: datetime
    counts: dict[str, Floats]
    silent: Silent = field(default_factory=Silent)
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
) -> Counted:
    """Return the counts that a look over ``span`` needs; of ``known`` only changed days are read.

    Whatever changed since ``known`` lies in ``span``.
    """
    first = midnight(span[0])
    # two more: for windows that begin the day before, and for sums that reach back to another
    start = first - DAY * (policy.history_days + 2)
    days = int((midnight(span[1]) - start) / DAY) + 1
    silent = Silent.read(conn, start, span)
    if known is None or known.start > start or known.end <= first or known.silent != silent:
        return Counted(start, _read(conn, lender, start, days, group_of, silent.now), silent)
    begin = max(known.start, start - DAY * _SPARE)
    kept, whole = int((first - begin) / DAY), int((start - begin) / DAY) + days
    skipped = int((begin - known.start) / DAY)
    fresh = _read(conn, lender, first, whole - kept, group_of, silent.now)
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
            name: Baseline(
                values,
                past,
                least,
                hours,
                Learnt(found, rule, name),
                found.silent.holes(found, name),
            )
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
