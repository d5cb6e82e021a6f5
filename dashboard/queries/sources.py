"""Where we read: the last runs of each source, its newest mention, and when it was silent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from data.model import Outcome
from data.store import health
from data.store.health import Condition, Stretch
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
    wrong: tuple[Stretch, ...] = ()  # what must not be taken at its word now

    @property
    def outcome(self) -> Outcome | None:
        """How the last finished run ended; None before the first."""
        return next((ran.outcome for ran in self.runs if ran.outcome is not Outcome.RUNNING), None)

    @property
    def well(self) -> bool:
        """Tell whether the source could be read last time, or was never tried, and is as usual."""
        return not self.wrong and (self.outcome is None or self.outcome in GOOD)


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch in which a source's numbers say nothing; ``until`` is None while it lasts."""

    source: str
    since: datetime
    until: datetime | None
    condition: Condition


def places(
    conn: Connection, lender: str, now: datetime, ticks: int = 7, also: Sequence[str] = ()
) -> tuple[Place, ...]:
    """Return every source that was ever read or ever spoke, and those in ``also``, by name."""
    runs = _last_runs(conn, ticks)
    spoken = _newest(conn, lender, now)
    today = _today(conn, lender, now)
    states = {row.source: row for row in conn.execute(select(source_state))}
    wrong = defaultdict(list)
    for stretch in health.open_now(conn):
        wrong[stretch.source].append(stretch)
    names = sorted({*runs, *spoken, *states, *wrong, *also})
    return tuple(
        Place(
            name,
            tuple(runs.get(name, ())),
            spoken.get(name),
            today.get(name, 0),
            states[name].next_at if name in states else None,
            states[name].last_ok_at if name in states else None,
            tuple(wrong[name]),
        )
        for name in names
    )


def gaps(conn: Connection, since: datetime, until: datetime) -> tuple[Gap, ...]:
    """Return the stretches inside a span in which a source's numbers say nothing, by source.

    What overlaps (blocked, then silent) is one gap, called by how it began.
    """
    by_source: dict[str, list[Gap]] = defaultdict(list)
    for stretch in health.gaps(conn, since, until):
        found = by_source[stretch.source]
        last = found[-1] if found else None
        if last is not None and (last.until is None or stretch.since <= last.until):
            ends = (
                None
                if None in {last.until, stretch.ended_at}
                else max(filter(None, (last.until, stretch.ended_at)))
            )
            found[-1] = replace(last, until=ends)
        else:
            found.append(Gap(stretch.source, stretch.since, stretch.ended_at, stretch.condition))
    return tuple(gap for name in sorted(by_source) for gap in by_source[name])


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
