"""Where we read: the last runs of each source, its newest mention, and when it was silent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from data.model import Outcome
from data.store.schema import hourly, run, source_state, verdict

CRAWL = "crawl"
"""The stage under which crawls are recorded."""
GOOD = (Outcome.OK, Outcome.EMPTY)
"""A run that could read; an empty page is an answer too."""
NEWEST_WITHIN = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Ran:
    """One crawl of a source."""

    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome
    counts: Mapping[str, int]
    note: str


@dataclass(frozen=True, slots=True)
class Place:
    """A source with its last runs (newest first), newest mention and day's count."""

    source: str
    runs: tuple[Ran, ...]
    newest_at: datetime | None
    today: int
    next_at: datetime | None
    last_ok_at: datetime | None

    @property
    def outcome(self) -> Outcome | None:
        """How the last finished run ended; None before the first."""
        return next((ran.outcome for ran in self.runs if ran.outcome is not Outcome.RUNNING), None)

    @property
    def well(self) -> bool:
        """Tell whether the source could be read last time, or was never tried."""
        return self.outcome is None or self.outcome in GOOD


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which a source could not be read; ``until`` is None while it lasts."""

    source: str
    since: datetime
    until: datetime | None
    outcome: Outcome


def places(conn: Connection, lender: str, now: datetime, ticks: int = 7) -> tuple[Place, ...]:
    """Return every source that was ever read or ever spoke, by name."""
    runs = _last_runs(conn, ticks)
    spoken = _newest(conn, lender, now)
    today = _today(conn, lender, now)
    states = {row.source: row for row in conn.execute(select(source_state))}
    names = sorted({*runs, *spoken, *states})
    return tuple(
        Place(
            name,
            tuple(runs.get(name, ())),
            spoken.get(name),
            today.get(name, 0),
            states[name].next_at if name in states else None,
            states[name].last_ok_at if name in states else None,
        )
        for name in names
    )


def gaps(conn: Connection, since: datetime) -> tuple[Gap, ...]:
    """Return when each source could not be read, from its last good run to its next good one."""
    before = func.lag(run.c.outcome).over(partition_by=run.c.source, order_by=run.c.id)
    told = (
        select(
            run.c.source, run.c.started_at, run.c.ended_at, run.c.outcome, before.label("before")
        )
        .where(run.c.stage == CRAWL, run.c.started_at >= since, run.c.ended_at.is_not(None))
        .subquery()
    )
    turns = (
        select(told)
        .where((told.c.before.is_(None)) | (told.c.outcome != told.c.before))
        .order_by(told.c.source, told.c.started_at)
    )
    found: list[Gap] = []
    for row in conn.execute(turns):
        open_gap = found[-1] if found and found[-1].until is None else None
        still = open_gap is not None and open_gap.source == row.source
        if row.outcome in GOOD and still and open_gap:
            found[-1] = Gap(row.source, open_gap.since, row.ended_at, open_gap.outcome)
        elif row.outcome not in GOOD and not still:
            found.append(Gap(row.source, row.started_at, None, Outcome(row.outcome)))
    return tuple(found)


def _last_runs(conn: Connection, ticks: int) -> dict[str, list[Ran]]:
    rank = func.row_number().over(partition_by=run.c.source, order_by=run.c.id.desc())
    ranked = select(run, rank.label("rank")).where(run.c.stage == CRAWL).subquery()
    chosen = select(ranked).where(ranked.c.rank <= ticks).order_by(ranked.c.source, ranked.c.rank)
    found: dict[str, list[Ran]] = defaultdict(list)
    for row in conn.execute(chosen):
        found[row.source].append(
            Ran(row.started_at, row.ended_at, Outcome(row.outcome), row.counts, row.note)
        )
    return found


def _newest(conn: Connection, lender: str, now: datetime) -> dict[str, datetime]:
    """Return each source's newest mention; the hourly table says where to look."""
    last = (
        select(hourly.c.source, func.max(hourly.c.hour))
        .where(hourly.c.lender == lender, hourly.c.hour >= now - NEWEST_WITHIN)
        .group_by(hourly.c.source)
    )
    found: dict[str, datetime] = {}
    for source, hour in conn.execute(last).all():
        exact = select(func.max(verdict.c.published_at)).where(
            verdict.c.lender == lender,
            verdict.c.source == source,
            verdict.c.published_at >= hour,
            verdict.c.published_at < hour + timedelta(hours=1),
        )
        found[source] = conn.execute(exact).scalar_one() or hour
    return found


def _today(conn: Connection, lender: str, now: datetime) -> dict[str, int]:
    counted = (
        select(hourly.c.source, func.sum(hourly.c.n))
        .where(
            hourly.c.lender == lender, hourly.c.hour > now - timedelta(days=1), hourly.c.hour <= now
        )
        .group_by(hourly.c.source)
    )
    return {source: int(n) for source, n in conn.execute(counted)}
