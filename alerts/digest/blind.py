"""When a source must not be taken at its word: what its health says, cut to the period."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, func, select

from alerts.digest.period import Period
from data.store import health
from data.store.schema import run


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which a source's numbers are too low; ``why`` is how it began."""

    source: str
    since: datetime
    until: datetime
    why: str

    @property
    def minutes(self) -> int:
        """Its length."""
        return round((self.until - self.since).total_seconds() / 60)


def gaps(conn: Connection, period: Period) -> tuple[list[Gap], int]:
    """Return the gaps inside a period, longest first, and how many sources were read in it.

    Conditions that overlap (blocked, then silent) are one gap.
    """
    by_source: dict[str, list[Gap]] = {}
    for one in health.gaps(conn, period.since, period.until):
        since = max(one.since, period.since)
        until = min(one.ended_at or period.until, period.until)
        if since < until:
            gap = Gap(one.source, since, until, one.condition.value)
            by_source.setdefault(one.source, []).append(gap)
    found = [gap for several in by_source.values() for gap in _joined(several)]
    return sorted(found, key=lambda g: (-g.minutes, g.source, g.since)), _read(conn, period)


def _joined(several: Iterable[Gap]) -> list[Gap]:
    found: list[Gap] = []
    for gap in sorted(several, key=lambda g: (g.since, g.until)):
        if found and gap.since <= found[-1].until:
            found[-1] = replace(found[-1], until=max(found[-1].until, gap.until))
        else:
            found.append(gap)
    return found


def _read(conn: Connection, period: Period) -> int:
    c = run.c
    tried = select(func.count(c.source.distinct())).where(
        c.stage == "crawl",
        c.source != "",
        c.started_at >= period.since,
        c.started_at < period.until,
        c.ended_at.is_not(None),
    )
    return int(conn.execute(tried).scalar_one())
