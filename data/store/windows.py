"""Windows of old days that a back-fill reads; one that is done stays done after a kill."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from data.store.schema import backfill_window
from data.store.upsert import insert

Window = tuple[datetime, datetime]
"""From (included) and until (not included)."""


def plan(conn: Connection, source: str, since: datetime, until: datetime, days: float) -> None:
    """Write down the windows between two moments, at most ``days`` long, newest first.

    What was planned before for the same stretch stays, done or not.
    """
    step, end, rows = timedelta(days=days), until, []
    while end > since:
        begin = max(since, end - step)
        rows.append({"source": source, "since": begin, "until": end, "done_at": None})
        end = begin
    if rows:
        conn.execute(insert(conn, backfill_window).on_conflict_do_nothing(), rows)


def between(
    conn: Connection, source: str, since: datetime, until: datetime
) -> list[tuple[Window, datetime | None]]:
    """Return a source's windows between two moments, newest first, and when each was done."""
    query = select(backfill_window).where(
        backfill_window.c.source == source,
        backfill_window.c.since >= since,
        backfill_window.c.until <= until,
    )
    rows = conn.execute(query.order_by(backfill_window.c.until.desc()))
    return [((row.since, row.until), row.done_at) for row in rows]


def done(conn: Connection, source: str, windows: Sequence[Window], now: datetime) -> None:
    """Mark windows as read to their end."""
    for since, until in windows:
        conn.execute(
            update(backfill_window)
            .where(
                backfill_window.c.source == source,
                backfill_window.c.since == since,
                backfill_window.c.until == until,
            )
            .values(done_at=now)
        )
