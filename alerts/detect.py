"""Signals: a burst, a grave mention, a regulator's notice. Pure, and causal by publication time."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

from alerts.baseline import Baseline, Bounds
from alerts.series import ALL, DAY, FULL_HISTORY_DAYS, NEGATIVE, SEVERE, group_series, source_series
from alerts.voices import authors, texts
from data.model import Sentiment, Signal, SourceKind
from data.store.signals import Item, Mark

BURST, SWELL, SEVERITY = "burst", "swell", "severity"
REGULATOR, HOTLIST = "regulator", "hotlist"
WINDOWS = {BURST: timedelta(hours=1), SWELL: timedelta(hours=6)}
"""The two volume rules: one hour for what breaks out, six for what builds up slowly."""
VERSION = 1
"""Of the rules below; a change of their numbers is a new version."""
STEP = timedelta(minutes=30)
HOLD = timedelta(hours=6)
"""A burst that goes on is one burst: it speaks again after this, or when it is LOUDER."""
LOUDER = 1.5
RARE, UNUSUAL = (0.07, 0.02), (0.35, 0.10)
"""How likely an ordinary day may be as grave: (one mention alone, several of them).

Less than 0.07 is less than once in a fortnight, 0.35 twice a week. Several are held to a stricter
number, because a count that slides through the day has several chances.
"""
RARE_DAYS = 28


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """When the mentions of one series were published: seconds (sorted) and ids, one length."""

    times: NDArray[np.float64]
    ids: NDArray[np.int64]

    def counts(self, ends: NDArray[np.float64], window: timedelta) -> NDArray[np.int64]:
        """Return how many lie in the window that ends with each of ``ends``."""
        return self._before(ends) - self._before(ends - window.total_seconds())

    def within(self, end: datetime, window: timedelta) -> list[int]:
        """Return the ids in the window that ends with ``end``."""
        ends = np.array([end.timestamp()])
        begin = self._before(ends - window.total_seconds())[0]
        return [int(i) for i in self.ids[begin : self._before(ends)[0]]]

    def _before(self, moments: NDArray[np.float64]) -> NDArray[np.int64]:
        return np.searchsorted(self.times, moments, side="right").astype(np.int64)


def tracks(
    marks: Sequence[Mark],
    tags: Iterable[tuple[str, int, datetime]],
    group_of: Mapping[str, str],
    severe_from: int,
) -> dict[str, Track]:
    """Sort verdicts into the series that are watched: all, negative, severe, each source and group.

    Only negative or severe mentions count in a group: praise for a refund is no complaint.
    """
    found: dict[str, dict[int, float]] = {ALL: {}, NEGATIVE: {}, SEVERE: {}}
    against = set()
    for mark in marks:
        when = mark.at.timestamp()
        found[ALL][mark.mention_id] = when
        if mark.negative:
            found.setdefault(source_series(mark.source), {})[mark.mention_id] = when
            found[NEGATIVE][mark.mention_id] = when
        if mark.severity >= severe_from:
            found[SEVERE][mark.mention_id] = when
        if mark.negative or mark.severity >= severe_from:
            against.add(mark.mention_id)
    for allegation, mention_id, at in tags:
        group = group_of.get(allegation)
        if group is not None and mention_id in against:
            found.setdefault(group_series(group), {})[mention_id] = at.timestamp()
    return {name: _track(times) for name, times in found.items()}


def _track(times: Mapping[int, float]) -> Track:
    ordered = sorted(times.items(), key=lambda pair: (pair[1], pair[0]))
    return Track(
        times=np.array([when for _, when in ordered], dtype=np.float64),
        ids=np.array([mention_id for mention_id, _ in ordered], dtype=np.int64),
    )


def steps(since: datetime, now: datetime) -> list[datetime]:
    """Return the moments to look at: each full half hour in ``(since, now)``, and ``now``."""
    grid = int(STEP.total_seconds())
    first = int(since.timestamp()) // grid + 1
    last = int(np.ceil(now.timestamp() / grid))
    full = [datetime.fromtimestamp(n * grid, tz=now.tzinfo) for n in range(first, last)]
    return [*full, now]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A window with enough posts; whether enough people spoke in it is not known yet."""

    rule: str
    series: str
    at: datetime
    ids: tuple[int, ...]
    bounds: Bounds


def candidates(
    rule: str,
    found: Mapping[str, Track],
    usual: Mapping[str, Baseline],
    moments: Sequence[datetime],
) -> list[Candidate]:
    """Return the windows whose plain count reaches the threshold."""
    ends = np.array([moment.timestamp() for moment in moments], dtype=np.float64)
    window = WINDOWS[rule]
    loud: list[Candidate] = []
    for name, track in found.items():
        if name not in usual or not track.times.size:
            continue
        baseline = usual[name]
        counts = track.counts(ends, window)
        places = np.flatnonzero(counts >= baseline.policy.minimum)  # most days need no learning
        for place in places[counts[places] >= baseline.thresholds(ends[places])]:
            at = moments[int(place)]
            ids = tuple(track.within(at, window))
            loud.append(Candidate(rule, name, at, ids, baseline.bounds(at)))
    return loud


def in_order(loud: Iterable[Candidate]) -> list[Candidate]:
    """Order windows by time; all talk comes last, when what is negative has found its story."""
    return sorted(loud, key=lambda c: (c.at, c.series == ALL, c.rule, c.series))


@dataclass(slots=True)
class Heard:
    """The windows lately reported per rule and series, so that one burst is reported once."""

    values: dict[tuple[str, str], list[tuple[datetime, float]]] = field(default_factory=dict)

    def add(self, signal: Signal) -> None:
        """Remember a reported burst."""
        self.values.setdefault((signal.rule, signal.series), []).append((signal.at, signal.value))

    def covers(self, rule: str, series: str, at: datetime, value: float) -> bool:
        """Tell whether this window is part of a burst that was reported, and not much louder."""
        return any(
            when == at or (abs(when - at) < HOLD and value < LOUDER * known)
            for when, known in self.values.get((rule, series), ())
        )


def bursts(
    loud: Iterable[Candidate], items: Mapping[int, Item], lender: str, heard: Heard
) -> Iterator[Signal]:
    """Yield a signal for each candidate in which enough different people say different things."""
    for candidate in loud:
        if heard.covers(candidate.rule, candidate.series, candidate.at, len(candidate.ids)):
            continue
        signal = burst(candidate, [items[i] for i in candidate.ids if i in items], lender)
        if signal.value < signal.threshold:
            continue
        if not heard.covers(signal.rule, signal.series, signal.at, signal.value):
            heard.add(signal)
            yield signal


def burst(candidate: Candidate, spoken: Sequence[Item], lender: str) -> Signal:
    """Return the numbers of one window as a signal; the caller compares value and threshold."""
    people, wordings = authors(spoken), texts(spoken)
    bounds = candidate.bounds
    negative = sum(item.negative for item in spoken)
    return Signal(
        rule=candidate.rule,
        version=VERSION,
        lender=lender,
        series=candidate.series,
        at=candidate.at,
        window=WINDOWS[candidate.rule],
        value=float(min(people, wordings)),
        expected=bounds.expected,
        threshold=bounds.threshold,
        severity=max((item.severity for item in spoken), default=0),
        mention_ids=candidate.ids,
        detail={
            "low": bounds.low,
            "high": bounds.high,
            "history_days": bounds.days,
            "posts": len(spoken),
            "authors": people,
            "texts": wordings,
            "negative_share": round(negative / len(spoken), 3) if spoken else 0.0,
            "sources": dict(Counter(item.source for item in spoken).most_common()),
        },
    )


class Grave:
    """When grave mentions were published, by least severity: how usual is a day like this?"""

    def __init__(self, marks: Iterable[Mark], first: datetime | None) -> None:
        """Sort the marks; ``first`` is when the lender's history begins, None without any."""
        chosen = sorted((m.at, m.severity) for m in marks)
        self.first = first
        self._times = {
            least: [at for at, severity in chosen if severity >= least] for least in range(1, 6)
        }

    def count(self, severity: int, after: datetime, until: datetime) -> int:
        """Return how many at least this severe lie in ``(after, until]``."""
        times = self._times[max(severity, 1)]
        return bisect_right(times, until) - bisect_right(times, after)

    def a_day(self, severity: int, at: datetime) -> tuple[float, float]:
        """Return how many a day were usual before the day that ends at ``at``, and days known.

        In the first week all that was seen so far counts, today included, and one more in a week
        that we did not see: a short past does not make a thing rare.
        Later a single day counts for no more than thrice the middle one and one: a past crisis
        does not make the next grave mention usual.
        """
        known = (at - self.first) / DAY if self.first else 0.0
        if known < FULL_HISTORY_DAYS:
            before = self.count(severity, at - DAY * RARE_DAYS, at) - 1
            known, seen = max(known, 0.0), max(before, 0)
            return max(seen / max(known, 1.0), (seen + 1) / (known + FULL_HISTORY_DAYS)), known
        days = int(min(known - 1, RARE_DAYS))
        counts = np.array(
            [self.count(severity, at - DAY * (n + 1), at - DAY * n) for n in range(1, days + 1)]
        )
        most = 3 * float(np.median(counts)) + 1
        return float(np.minimum(counts, most).mean()), float(days)


def severe(item: Item, grave: Grave) -> Signal:
    """Return the signal of one grave mention, and how usual so grave a day is.

    ``value`` is the number at least as severe in the day that ends with the item; ``expected``
    that of a usual day of the four weeks before; from ``threshold`` on the day is unusual, from
    ``detail["rare_from"]`` on it is rare.
    """
    a_day, days = grave.a_day(item.severity, item.at)
    value = max(grave.count(item.severity, item.at - DAY, item.at), 1)
    threshold, rare = least(a_day, UNUSUAL), least(a_day, RARE)
    return Signal(
        rule=SEVERITY,
        version=VERSION,
        lender=item.lender,
        series=f"mention:{item.mention_id}",
        at=item.at,
        window=DAY,
        value=float(value),
        expected=round(a_day, 2),
        threshold=float(threshold),
        severity=item.severity,
        mention_ids=(item.mention_id,),
        detail={
            "unusual": item.dated and value >= threshold,
            "rare": item.dated and value >= rare,
            "rare_from": rare,
            "history_days": round(days, 1),
            "dated": item.dated,
            "sources": {item.source: 1},
        },
    )


def least(a_day: float, chances: tuple[float, float]) -> int:
    """Return the smallest count that a Poisson day of this mean reaches too seldom."""
    alone, several = chances
    if -np.expm1(-a_day) < alone:
        return 1
    return max(int(poisson.isf(several, a_day)) + 1, 2)


def notice(item: Item) -> Signal | None:
    """Return the signal of a text that is an alarm by where it stands; None for any other.

    That is a regulator's text that names the lender, or an entry of a hot-search list, unless it
    praises.
    """
    rule = _STANDING.get(item.kind)
    if rule is None or item.sentiment is Sentiment.POSITIVE:
        return None
    return Signal(
        rule=rule,
        version=VERSION,
        lender=item.lender,
        series=f"mention:{item.mention_id}",
        at=item.at,
        window=DAY,
        value=1.0,
        expected=0.0,
        threshold=1.0,
        severity=item.severity,
        mention_ids=(item.mention_id,),
        detail={"outlet": item.outlet, "dated": item.dated, "sources": {item.source: 1}},
    )


_STANDING = {SourceKind.REGULATOR: REGULATOR, SourceKind.HOTLIST: HOTLIST}
