"""The outbox: what is to be said, kept until it was said; at least once, never silently lost.

A row is ``waiting`` until a worker takes it (``sending``), then ``sent``, ``waiting`` again, or
``dead``. ``quiet`` rows were never to be sent: they keep the reason. A row found in ``sending``
whose worker is gone may have arrived: it is marked ``unsure`` and its repeat says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select, update

from data.holder import is_gone, me
from data.model import Level, Notification, Reason
from data.store.schema import outbox
from data.store.upsert import insert

WAITING, SENDING, SENT, DEAD, QUIET = "waiting", "sending", "sent", "dead", "quiet"
LEASE = timedelta(minutes=5)
"""How long a worker on another host may hold one row; longer than any channel's time-out."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One row of the outbox: what is to be said, and what became of it."""

    what: Notification
    state: str
    unsure: bool
    sent_at: datetime | None
    reply: str


def put(conn: Connection, new: Notification, state: str, note: str = "") -> bool:
    """Write a row; False if its key is there already. A quiet row's ``note`` says more of why."""
    values = {
        "key": new.key,
        "incident_id": new.incident_id or None,
        "revision": new.revision,
        "channel": new.channel,
        "level": int(new.level),
        "reason": new.reason.value,
        "subject": new.subject,
        "body": dict(new.body),
        "state": state,
        "attempt": new.attempt,
        "unsure": False,
        "created_at": new.created_at,
        "due_at": new.due_at,
        "reply": note,
    }
    statement = insert(conn, outbox).values(**values).on_conflict_do_nothing()
    return conn.execute(statement.returning(outbox.c.id)).first() is not None


@dataclass(frozen=True, slots=True)
class Due:
    """A row that may be sent now."""

    id: int
    channel: str
    level: Level
    reason: Reason


def due(conn: Connection, now: datetime) -> list[Due]:
    """Return the rows that may be sent now: the gravest first, then the oldest."""
    c = outbox.c
    ready = or_(and_(c.state == WAITING, c.due_at <= now), c.state == SENDING)
    query = select(c.id, c.channel, c.level, c.reason).where(ready)
    rows = conn.execute(query.order_by(c.level.desc(), c.created_at, c.id))
    return [Due(row.id, row.channel, Level(row.level), Reason(row.reason)) for row in rows]


def take(conn: Connection, row_id: int, now: datetime) -> Letter | None:
    """Hold a row for sending, written before the call; None if it is held or done by another.

    A row left in ``sending`` by a worker that is gone, or past its lease, is taken over and
    marked unsure: the message may have arrived.
    """
    c = outbox.c
    row = conn.execute(select(outbox).where(c.id == row_id)).one_or_none()
    if row is None or row.state not in {WAITING, SENDING}:
        return None
    left_behind = row.state == SENDING
    if left_behind and not _free(row, now):
        return None
    mine = (c.id == row_id) & (c.state == row.state) & (c.attempt == row.attempt)
    values = {
        "state": SENDING,
        "attempt": row.attempt + 1,
        "unsure": row.unsure or left_behind,
        "leased_by": me(),
        "lease_until": now + LEASE,
    }
    if not conn.execute(update(outbox).where(mine).values(values)).rowcount:
        return None
    return _letter(conn.execute(select(outbox).where(c.id == row_id)).one())


def _free(row: Row[Any], now: datetime) -> bool:
    if row.leased_by is None or row.lease_until is None or row.lease_until <= now:
        return True
    return row.leased_by != me() and is_gone(row.leased_by)


def sent(conn: Connection, row_id: int, now: datetime, reply: str) -> None:
    """Note that the channel took it, and what it answered."""
    _end(conn, row_id, {"state": SENT, "sent_at": now, "reply": reply})


def later(conn: Connection, row_id: int, due_at: datetime, reply: str, *, unsure: bool) -> None:
    """Put a row back for a later try; ``unsure`` if it may have arrived, and it stays so."""
    values: dict[str, Any] = {"state": WAITING, "due_at": due_at, "reply": reply}
    if unsure:
        values["unsure"] = True
    _end(conn, row_id, values)


def dead(conn: Connection, row_id: int, reply: str) -> None:
    """Give a row up, and keep why."""
    _end(conn, row_id, {"state": DEAD, "reply": reply})


def drop(conn: Connection, row_id: int, reply: str) -> None:
    """Do not send a row after all, and keep why."""
    _end(conn, row_id, {"state": QUIET, "reply": reply})


def _end(conn: Connection, row_id: int, values: Mapping[str, Any]) -> None:
    free = {"leased_by": None, "lease_until": None}
    conn.execute(update(outbox).where(outbox.c.id == row_id).values({**values, **free}))


def of_incident(conn: Connection, incident_id: int) -> list[Letter]:
    """Return everything that was (not) said about an incident, in order."""
    query = select(outbox).where(outbox.c.incident_id == incident_id).order_by(outbox.c.id)
    return [_letter(row) for row in conn.execute(query)]


def by_keys(conn: Connection, keys: Sequence[str]) -> dict[str, Letter]:
    """Return the rows with these keys."""
    query = select(outbox).where(outbox.c.key.in_(keys))
    return {row.key: _letter(row) for row in conn.execute(query)}


def counts(conn: Connection) -> dict[str, int]:
    """Return how many rows are in each state."""
    query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
    return {row[0]: row[1] for row in conn.execute(query)}


def oldest_unsent(conn: Connection) -> datetime | None:
    """Return when the oldest row was written that still has to be sent."""
    query = select(func.min(outbox.c.created_at)).where(outbox.c.state.in_([WAITING, SENDING]))
    return conn.execute(query).scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class Stuck:
    """A channel with messages that are due and not out: since when, how many, the gravest."""

    channel: str
    since: datetime
    messages: int
    subject: str


def stuck(conn: Connection, now: datetime) -> list[Stuck]:
    """Return what waits by channel; a message that only collects what follows does not count."""
    c = outbox.c
    waits = and_(c.state == WAITING, or_(c.attempt > 0, c.due_at <= now))
    query = (
        select(c.channel, c.created_at, c.subject)
        .where(or_(waits, c.state == SENDING))
        .order_by(c.channel, c.level.desc(), c.created_at)
    )
    found: dict[str, list[Any]] = {}
    for row in conn.execute(query):
        found.setdefault(row.channel, []).append(row)
    return [
        Stuck(name, min(row.created_at for row in rows), len(rows), rows[0].subject)
        for name, rows in found.items()
    ]


def _letter(row: Row[Any]) -> Letter:
    what = Notification(
        key=row.key,
        incident_id=row.incident_id or 0,
        revision=row.revision,
        channel=row.channel,
        level=Level(row.level),
        reason=Reason(row.reason),
        subject=row.subject,
        body=row.body,
        created_at=row.created_at,
        due_at=row.due_at,
        attempt=row.attempt,
        id=row.id,
    )
    return Letter(what, row.state, row.unsure, row.sent_at, row.reply)
