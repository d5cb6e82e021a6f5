"""How fast each channel may be used: a token bucket in the store, shared by all processes.

In any minute at most ``burst + per_minute`` messages leave, however the processes' calls fall.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from data.store.schema import pace
from data.store.upsert import insert

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """How many messages may go at once, and how many are added a minute."""

    burst: int
    per_minute: float


def left(conn: Connection, channel: str, rate: Rate, now: datetime) -> int:
    """Return how many messages may go now; 0 while the channel is paused.

    The row is held until the transaction ends, so that nobody else counts the same tokens.
    """
    first = insert(conn, pace).values(channel=channel, tokens=float(rate.burst), at=now)
    conn.execute(first.on_conflict_do_nothing())
    row = conn.execute(select(pace).where(pace.c.channel == channel).with_for_update()).one()
    since = max(now - row.at, timedelta(0))  # another process's clock may be ahead
    tokens = min(float(rate.burst), row.tokens + rate.per_minute * (since / MINUTE))
    values = {"tokens": tokens, "at": max(now, row.at)}
    conn.execute(update(pace).where(pace.c.channel == channel).values(values))
    paused = row.paused_until is not None and row.paused_until > now
    return 0 if paused else int(tokens + 1e-9)


def spend(conn: Connection, channel: str) -> None:
    """Take one token; the caller has asked ``left`` in the same transaction."""
    fewer = pace.c.tokens - 1.0
    conn.execute(update(pace).where(pace.c.channel == channel).values(tokens=fewer))


def pause(conn: Connection, channel: str, until: datetime) -> None:
    """Leave a channel alone until a moment, as it asked for."""
    values = {"tokens": 0.0, "at": until, "paused_until": until}
    statement = insert(conn, pace).values(channel=channel, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=[pace.c.channel], set_=values))


def paused_until(conn: Connection, channel: str, now: datetime) -> datetime | None:
    """Return until when a channel is to be left alone; None if it may be used."""
    query = select(pace.c.paused_until).where(pace.c.channel == channel)
    until: datetime | None = conn.execute(query).scalar_one_or_none()
    return until if until is not None and until > now else None
