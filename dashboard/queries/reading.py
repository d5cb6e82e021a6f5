"""How a source is read: who allowed it, what a run usually sees, how it drifted, who asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Connection, func, select

from dashboard.expected import LEAST_DAYS, Usual, usual
from data.store import approvals, asking, health, state
from data.store.approvals import Decision
from data.store.asking import Asked
from data.store.health import Stretch
from data.store.schema import hourly

LEARNT_FROM = 14
"""Good runs that say what is usual."""
ENOUGH = 5
"""Fewer say nothing yet."""
BACK = timedelta(days=28)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Sight:
    """One thing that the last good run saw, and what earlier ones saw in the middle."""

    what: str  # lines (a list page), items (a run), or a field's name with ``filled``
    seen: float
    usual: float
    filled: bool = False  # shares between 0 and 1


@dataclass(frozen=True, slots=True)
class Canary:
    """A fixed old record that is read again weekly; ``differs`` is "" while it reads the same."""

    native_id: str
    read_at: datetime
    differs: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What the operator wants to know of a source beside how its runs went."""

    source: str
    decision: Decision | None  # the newest in the store; the settings may hold one of their own
    day: Usual | None  # mentions in 24 hours, by days without a gap
    sights: tuple[Sight, ...]
    drifts: tuple[Stretch, ...]  # of the last weeks, newest first
    canary: Canary | None


def readings(
    conn: Connection, lender: str, names: Sequence[str], now: datetime
) -> Mapping[str, Reading]:
    """Return the reading of each of these sources."""
    stretches = health.gaps(conn, now - BACK, now)
    days = _days(conn, lender, now, stretches)
    return {
        name: Reading(
            name,
            approvals.current(conn, name),
            usual(days[name]) if len(days[name]) >= LEAST_DAYS else None,
            _sights([seen for _, seen in health.observed(conn, name, LEARNT_FROM + 1)]),
            tuple(one for one in reversed(stretches) if one.source == name),
            _canary(state.watermark(conn, name)),
        )
        for name in names
    }


def allowed(conn: Connection) -> tuple[str, ...]:
    """Return the sources that somebody approved in the store."""
    return tuple(sorted(approvals.allowed(conn)))


def queue(
    conn: Connection, names: Sequence[str], now: datetime
) -> tuple[bool, Mapping[str, Sequence[Asked]]]:
    """Return whether a `tingfeng run` is at work, and who asked for each source, newest first.

    It changes without a new row that `revision` sees, so it must not be cached.
    """
    return asking.watched(conn, now), {name: asking.history(conn, name) for name in names}


def _days(
    conn: Connection, lender: str, now: datetime, stretches: Sequence[Stretch]
) -> Mapping[str, list[int]]:
    """Return each source's counts of the 28 days before the last one; a day with a gap is none."""
    hours = (
        select(hourly.c.source, hourly.c.hour, func.sum(hourly.c.n))
        .where(hourly.c.lender == lender, hourly.c.hour > now - BACK, hourly.c.hour <= now - _DAY)
        .group_by(hourly.c.source, hourly.c.hour)
    )
    sums: dict[tuple[str, int], int] = defaultdict(int)
    first: dict[str, int] = {}
    for source, hour, n in conn.execute(hours):
        back = (now - hour) // _DAY
        sums[source, back] += int(n)
        first[source] = max(first.get(source, 0), back)
    found: dict[str, list[int]] = defaultdict(list)
    for source, oldest in first.items():
        for back in range(1, oldest + 1):
            since, until = now - (back + 1) * _DAY, now - back * _DAY
            if not _cut(source, since, until, stretches):
                found[source].append(sums[source, back])
    return found


def _cut(source: str, since: datetime, until: datetime, stretches: Sequence[Stretch]) -> bool:
    return any(
        one.source == source
        and one.since < until
        and (one.ended_at is None or one.ended_at > since)
        for one in stretches
    )


def _sights(seen: Sequence[Mapping[str, Any]]) -> tuple[Sight, ...]:
    """Compare the newest good run with the middle of those before it."""
    if len(seen) <= ENOUGH:
        return ()
    last, past = seen[0], seen[1:]
    found = [
        Sight("lines", _per_list(last), median(map(_per_list, past))),
        Sight("items", float(last["items"]), median(float(old["items"]) for old in past)),
    ]
    full = [old["filled"] for old in past if old["items"]]
    if last["items"] and full:
        names = sorted({name for old in full for name in old})
        shares = [
            Sight(
                name,
                last["filled"].get(name, 0.0),
                median(old.get(name, 0.0) for old in full),
                filled=True,
            )
            for name in names
        ]
        found += [one for one in shares if one.usual - one.seen > 0.1][:3]  # noqa: PLR2004 - worth a word
    return tuple(found)


def _canary(watermark: Mapping[str, Any]) -> Canary | None:
    """Return what the crawl stage wrote of the source's canary into its watermark."""
    mark = watermark.get("canary")
    if not mark:
        return None
    return Canary(mark["id"], datetime.fromisoformat(mark["read_at"]), mark["differs"])


def _per_list(seen: Mapping[str, Any]) -> float:
    return float(seen["lines"]) / max(1, int(seen["lists"]))
