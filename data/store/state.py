"""How far each stage and source has come, when a source is next due, and who works now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from data.holder import is_gone, me
from data.store.db import Store
from data.store.schema import lease as lease_table
from data.store.schema import source_state, stage_state
from data.store.upsert import insert

LEASE = timedelta(minutes=15)
"""How long a worker on another host keeps a stage after its last sign of life."""


def watermark(conn: Connection, source: str) -> dict[str, Any]:
    """Return what a source's spider wrote when it last finished well; {} at first."""
    query = select(source_state.c.watermark).where(source_state.c.source == source)
    found: dict[str, Any] | None = conn.execute(query).scalar_one_or_none()
    return found or {}


def set_watermark(
    conn: Connection, source: str, value: Mapping[str, Any], ok_at: datetime | None = None
) -> None:
    """Move a source's watermark; the caller does so only after a run that ended well."""
    values: dict[str, Any] = {"watermark": dict(value)}
    if ok_at is not None:
        values["last_ok_at"] = ok_at
    _set_source(conn, source, values)


def set_next(conn: Connection, source: str, next_at: datetime | None) -> None:
    """Say when a source may be read next: its schedule, or a back-off after a refusal."""
    _set_source(conn, source, {"next_at": next_at})


def next_at(conn: Connection, source: str) -> datetime | None:
    """Return the time before which a source must not be read; None means now."""
    query = select(source_state.c.next_at).where(source_state.c.source == source)
    return conn.execute(query).scalar_one_or_none()


def last_ok_at(conn: Connection, source: str) -> datetime | None:
    """Return when a source last finished well: behind that, what we know of it is whole."""
    query = select(source_state.c.last_ok_at).where(source_state.c.source == source)
    return conn.execute(query).scalar_one_or_none()


def _set_source(conn: Connection, source: str, values: Mapping[str, Any]) -> None:
    statement = insert(conn, source_state).values({"watermark": {}, "source": source, **values})
    conn.execute(
        statement.on_conflict_do_update(index_elements=[source_state.c.source], set_=dict(values))
    )


def stage_value(conn: Connection, stage: str, key: str) -> Any:
    """Return what a stage remembered under a key, or None."""
    query = select(stage_state.c.value).where(
        stage_state.c.stage == stage, stage_state.c.key == key
    )
    return conn.execute(query).scalar_one_or_none()


def set_stage_value(conn: Connection, stage: str, key: str, value: Any) -> None:
    """Remember something for a stage; any JSON value."""
    statement = insert(conn, stage_state).values(stage=stage, key=key, value=value)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=[stage_state.c.stage, stage_state.c.key], set_={"value": value}
        )
    )


@contextmanager
def lease(store: Store, name: str, now: datetime) -> Iterator[bool]:
    """Hold a stage for one worker; yield False, and do not wait, if somebody else has it.

    A holder on this host that died is taken over at once; one elsewhere when its time is up.
    """
    with store.write() as conn:
        held = _acquire(conn, name, now)
    try:
        yield held
    finally:
        if held:
            with store.write() as conn:
                mine = (lease_table.c.name == name) & (lease_table.c.holder == me())
                conn.execute(delete(lease_table).where(mine))


def _acquire(conn: Connection, name: str, now: datetime) -> bool:
    row = conn.execute(select(lease_table).where(lease_table.c.name == name)).one_or_none()
    if row is not None and row.until > now and not is_gone(row.holder):
        return False
    values = {"holder": me(), "until": now + LEASE}
    statement = insert(conn, lease_table).values(name=name, **values)
    free = (lease_table.c.until <= now) if row is None else (lease_table.c.holder == row.holder)
    taken = conn.execute(
        statement.on_conflict_do_update(
            index_elements=[lease_table.c.name], set_=values, where=free
        )
    )
    return bool(taken.rowcount)
