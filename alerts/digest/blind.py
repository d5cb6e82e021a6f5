"""When a source could not be read: from its last good run to its next good one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from alerts.digest.period import Period
from data.model import Outcome
from data.store.schema import run

LOOK_BACK = timedelta(days=35)
"""A source that was silent before this is told as silent from the period's beginning."""
_GOOD = {Outcome.OK.value, Outcome.EMPTY.value}


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which a source was not read, cut to the period; ``outcome`` says why."""

    source: str
    since: datetime
    until: datetime
    outcome: str

    @property
    def minutes(self) -> int:
        """Its length."""
        return round((self.until - self.since).total_seconds() / 60)


def gaps(conn: Connection, period: Period) -> tuple[list[Gap], int]:
    """Return the gaps inside a period, longest first, and how many sources were tried."""
    c = run.c
    query = (
        select(c.source, c.started_at, c.ended_at, c.outcome)
        .where(
            c.stage == "crawl",
            c.source != "",
            c.started_at >= period.since - LOOK_BACK,
            c.started_at < period.until,
            c.ended_at.is_not(None),
        )
        .order_by(c.source, c.started_at, c.id)
    )
    rows = conn.execute(query).all()
    by_source: dict[str, list[tuple[datetime, datetime, str]]] = {}
    for source, started, ended, outcome in rows:
        by_source.setdefault(source, []).append((started, ended, outcome))
    found = [gap for source, ran in by_source.items() for gap in _of(source, ran, period)]
    return sorted(found, key=lambda g: (-g.minutes, g.source, g.since)), len(by_source)


def _of(
    source: str, ran: Iterable[tuple[datetime, datetime, str]], period: Period
) -> Iterable[Gap]:
    since: datetime | None = None
    why = ""
    for started, ended, outcome in ran:
        if outcome in _GOOD and since is not None:
            yield from _cut(Gap(source, since, ended, why), period)
            since = None
        elif outcome not in _GOOD and since is None:
            since, why = started, outcome
    if since is not None:
        yield from _cut(Gap(source, since, period.until, why), period)


def _cut(gap: Gap, period: Period) -> Iterable[Gap]:
    since, until = max(gap.since, period.since), min(gap.until, period.until)
    if since < until:
        yield Gap(gap.source, since, until, gap.outcome)
