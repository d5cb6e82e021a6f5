"""What each stage still has to do: a queue of mention ids per stage, kept in the store."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Select, delete, func, literal, select

from data.store.schema import mention, pending
from data.store.upsert import insert


def take(conn: Connection, stage: str, limit: int) -> list[int]:
    """Return the oldest ids of a stage's queue; they stay until ``done``."""
    query = select(pending.c.mention_id).where(pending.c.stage == stage)
    return list(conn.execute(query.order_by(pending.c.mention_id).limit(limit)).scalars())


def put(conn: Connection, stage: str, ids: Sequence[int]) -> None:
    """Queue ids for a stage; one that is queued already stays once."""
    if ids:
        rows = [{"stage": stage, "mention_id": i} for i in ids]
        conn.execute(insert(conn, pending).on_conflict_do_nothing(), rows)


def put_all(conn: Connection, stage: str) -> None:
    """Queue every mention, because the stage has learnt something new."""
    everything: Select[tuple[str, int]] = select(literal(stage), mention.c.id).where(
        mention.c.id > 0  # SQLite reads ON CONFLICT after a bare SELECT as a join
    )
    conn.execute(
        insert(conn, pending)
        .from_select(["stage", "mention_id"], everything)
        .on_conflict_do_nothing()
    )


def done(conn: Connection, stage: str, ids: Sequence[int]) -> None:
    """Take ids off a stage's queue."""
    if ids:
        conn.execute(delete(pending).where(pending.c.stage == stage, pending.c.mention_id.in_(ids)))


def count(conn: Connection, stage: str) -> int:
    """Return how many mentions wait for a stage."""
    query = select(func.count()).select_from(pending).where(pending.c.stage == stage)
    return conn.execute(query).scalar_one()
