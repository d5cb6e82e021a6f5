"""Incidents: what is open, why it fired, how it spread, what was done and who was told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from data.model import IncidentState, Level
from data.store import schema
from data.store.schema import incident, incident_mention, mention, verdict


@dataclass(frozen=True, slots=True)
class Told:
    """An incident with its size: mentions and the sources they came from."""

    id: int
    lender: str
    title: str
    level: Level
    state: IncidentState
    opened_at: datetime
    level_at: datetime  # when it reached its level: its clocks run from here
    last_at: datetime
    closed_at: datetime | None
    owner: str
    mentions: int
    sources: tuple[str, ...]
    key: str = ""  # what joins: a group and a place
    done: frozenset[str] = frozenset()  # responded, stated


@dataclass(frozen=True, slots=True)
class Fired:
    """A signal: what was counted, what was expected, where the line was."""

    rule: str
    version: int
    series: str
    at: datetime
    window: timedelta
    value: float
    expected: float
    threshold: float
    severity: int
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of an incident's history."""

    at: datetime
    by: str
    what: str
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One row of the outbox: to which channel, in which state, and why."""

    channel: str
    level: Level
    reason: str
    subject: str
    state: str
    attempt: int
    unsure: bool
    created_at: datetime
    sent_at: datetime | None
    reply: str


@dataclass(frozen=True, slots=True)
class Spread:
    """A mention as a point in the spread: when, where, how bad."""

    id: int
    source: str
    published_at: datetime
    sentiment: str
    severity: int
    title: str


def unfinished(conn: Connection, lender: str) -> tuple[Told, ...]:
    """Return the incidents nobody has closed, gravest and newest first."""
    chosen = select(incident).where(
        incident.c.lender == lender, incident.c.state != IncidentState.CLOSED
    )
    return _told(conn, chosen.order_by(incident.c.level.desc(), incident.c.last_at.desc()))


def closed(conn: Connection, lender: str, limit: int = 50) -> tuple[Told, ...]:
    """Return the incidents closed last."""
    chosen = select(incident).where(
        incident.c.lender == lender, incident.c.state == IncidentState.CLOSED
    )
    return _told(conn, chosen.order_by(incident.c.last_at.desc()).limit(limit))


def since(conn: Connection, lender: str, start: datetime) -> tuple[Told, ...]:
    """Return the incidents opened since, oldest first: the flags on the trend."""
    chosen = select(incident).where(incident.c.lender == lender, incident.c.opened_at >= start)
    return _told(conn, chosen.order_by(incident.c.opened_at))


def one(conn: Connection, key: int) -> Told | None:
    """Return an incident, whosever it is, or None."""
    return next(iter(_told(conn, select(incident).where(incident.c.id == key))), None)


def signals(conn: Connection, key: int, limit: int = 20) -> tuple[Fired, ...]:
    """Return the newest signals of an incident, newest first."""
    t = schema.signal
    chosen = select(t).where(t.c.incident_id == key).order_by(t.c.at.desc(), t.c.id.desc())
    return tuple(
        Fired(
            row.rule,
            row.version,
            row.series,
            row.at,
            timedelta(seconds=row.window_seconds),
            row.value,
            row.expected,
            row.threshold,
            row.severity,
            row.detail,
        )
        for row in conn.execute(chosen.limit(limit))
    )


def history(conn: Connection, key: int, limit: int = 100) -> tuple[Happened, ...]:
    """Return what happened to an incident, newest first."""
    t = schema.incident_event
    chosen = select(t.c.at, t.c.by, t.c.what, t.c.detail).where(t.c.incident_id == key)
    return tuple(
        Happened(*row) for row in conn.execute(chosen.order_by(t.c.id.desc()).limit(limit))
    )


def messages(conn: Connection, key: int, limit: int = 100) -> tuple[Message, ...]:
    """Return what was said about an incident, or not said and why, newest first."""
    t = schema.outbox
    chosen = select(t).where(t.c.incident_id == key).order_by(t.c.id.desc()).limit(limit)
    return tuple(
        Message(
            row.channel,
            Level(row.level),
            row.reason,
            row.subject,
            row.state,
            row.attempt,
            row.unsure,
            row.created_at,
            row.sent_at,
            row.reply,
        )
        for row in conn.execute(chosen)
    )


def spread(conn: Connection, lender: str, key: int, limit: int = 1000) -> tuple[Spread, ...]:
    """Return an incident's dated mentions as points in time, oldest first."""
    chosen = (
        select(
            mention.c.id,
            mention.c.source,
            mention.c.published_at,
            verdict.c.sentiment,
            verdict.c.severity,
            func.substr(mention.c.title, 1, 120),
        )
        .select_from(incident_mention.join(mention).join(verdict, same(lender)))
        .where(incident_mention.c.incident_id == key, mention.c.published_at.is_not(None))
        .order_by(mention.c.published_at, mention.c.id)
        .limit(limit)
    )
    return tuple(Spread(*row) for row in conn.execute(chosen))


def same(lender: str) -> Any:
    """Return the condition that joins a mention with the lender's verdict on it."""
    return (verdict.c.mention_id == mention.c.id) & (verdict.c.lender == lender)


_BEGINS = ("opened", "rose", "told")
"""The clocks run from the last of these: nobody can be late before it could be known."""


_ANSWERS = ("responded", "stated")
"""What stops a clock."""


def _told(conn: Connection, chosen: Any) -> tuple[Told, ...]:
    rows = conn.execute(chosen).all()
    counted = (
        select(incident_mention.c.incident_id, mention.c.source, func.count())
        .select_from(incident_mention.join(mention))
        .where(incident_mention.c.incident_id.in_([row.id for row in rows]))
        .group_by(incident_mention.c.incident_id, mention.c.source)
        .order_by(func.min(mention.c.published_at), mention.c.source)
    )
    event = schema.incident_event.c
    risen = (
        select(event.incident_id, func.max(event.at))
        .where(event.incident_id.in_([row.id for row in rows]), event.what.in_(_BEGINS))
        .group_by(event.incident_id)
    )
    rose = {row[0]: row[1] for row in conn.execute(risen)}
    answered = (
        select(event.incident_id, event.what)
        .where(event.incident_id.in_([row.id for row in rows]), event.what.in_(_ANSWERS))
        .distinct()
    )
    done: dict[int, list[str]] = {}
    for incident_id, what in conn.execute(answered):
        done.setdefault(incident_id, []).append(what)
    sizes: dict[int, dict[str, int]] = {}
    for key, source, n in conn.execute(counted):
        sizes.setdefault(key, {})[source] = n
    return tuple(
        Told(
            row.id,
            row.lender,
            row.title,
            Level(row.level),
            IncidentState(row.state),
            row.opened_at,
            rose.get(row.id, row.opened_at),
            row.last_at,
            row.closed_at,
            row.owner,
            sum(sizes.get(row.id, {}).values()),
            tuple(sizes.get(row.id, {})),
            row.key,
            frozenset(done.get(row.id, ())),
        )
        for row in rows
    )
