"""Silences: what somebody decided not to be told, with a reason and an end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from data.model import Silence
from data.store.schema import silence


def add(conn: Connection, new: Silence) -> int:
    """Write a silence and return its number."""
    values = {
        "lender": new.lender,
        "topic": new.topic,
        "starts_at": new.starts_at,
        "ends_at": new.ends_at,
        "by": new.by,
        "reason": new.reason,
    }
    return int(conn.execute(silence.insert().values(values).returning(silence.c.id)).scalar_one())


def current(conn: Connection, now: datetime) -> list[Silence]:
    """Return the silences that have not ended, the first to end first."""
    query = select(silence).where(silence.c.ends_at > now)
    return [_silence(row) for row in conn.execute(query.order_by(silence.c.ends_at))]


def end(conn: Connection, number: int, now: datetime) -> bool:
    """End a silence now; False if none with this number runs."""
    runs = (silence.c.id == number) & (silence.c.ends_at > now)
    return bool(conn.execute(update(silence).where(runs).values(ends_at=now)).rowcount)


def _silence(row: Row[Any]) -> Silence:
    return Silence(row.lender, row.topic, row.starts_at, row.ends_at, row.by, row.reason, row.id)
