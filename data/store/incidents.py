"""Incidents, their mentions and their history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select, update

from data.model import Incident, IncidentState, Level
from data.store.schema import incident, incident_event, incident_mention, mention, signal
from data.store.upsert import insert as upsert


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an incident. ``by`` is a person, or a rule and its version."""

    at: datetime
    by: str
    what: str  # opened rose spread doubled late closed reopened acknowledged …
    detail: Mapping[str, Any] = field(default_factory=dict)


def insert(conn: Connection, new: Incident) -> int:
    """Write a new incident and return its id; the key must not be open already."""
    values = {
        "lender": new.lender,
        "key": new.key,
        "title": new.title,
        "level": int(new.level),
        "state": new.state.value,
        "opened_at": new.opened_at,
        "last_at": new.last_at,
        "closed_at": new.closed_at,
        "owner": new.owner,
        "revision": new.revision,
    }
    added = conn.execute(incident.insert().values(values).returning(incident.c.id))
    return int(added.scalar_one())


def progress(conn: Connection, now_is: Incident, *, rose: bool) -> None:
    """Write what detection may change: never the owner, and the level only when it rose.

    A person's lower level, acknowledgement or closing, made meanwhile, stays.
    """
    values: dict[str, Any] = {
        "title": now_is.title,
        "last_at": now_is.last_at,
        "revision": now_is.revision,
    }
    if rose:
        values["level"] = int(now_is.level)
    conn.execute(update(incident).where(incident.c.id == now_is.id).values(values))
    if now_is.closed_at is not None:
        closing = {"state": IncidentState.CLOSED.value, "closed_at": now_is.closed_at}
        still_open = (incident.c.id == now_is.id) & incident.c.closed_at.is_(None)
        conn.execute(update(incident).where(still_open).values(closing))


def add_mentions(conn: Connection, incident_id: int, mention_ids: Sequence[int]) -> None:
    """Put mentions into an incident; one that is in it already stays once."""
    if mention_ids:
        rows = [{"incident_id": incident_id, "mention_id": i} for i in mention_ids]
        conn.execute(upsert(conn, incident_mention).on_conflict_do_nothing(), rows)


def add_events(conn: Connection, incident_id: int, events: Iterable[Event]) -> None:
    """Append to an incident's history."""
    rows = [
        {"incident_id": incident_id, "at": e.at, "by": e.by, "what": e.what,
         "detail": dict(e.detail)}
        for e in events
    ]  # fmt: skip
    if rows:
        conn.execute(incident_event.insert(), rows)


def events(conn: Connection, incident_id: int) -> list[Event]:
    """Return an incident's history as it was written."""
    c = incident_event.c
    query = select(c.at, c.by, c.what, c.detail).where(c.incident_id == incident_id)
    return [Event(*row) for row in conn.execute(query.order_by(c.id))]


def mention_ids(conn: Connection, incident_id: int) -> list[int]:
    """Return the ids of an incident's mentions, ascending."""
    c = incident_mention.c
    query = select(c.mention_id).where(c.incident_id == incident_id).order_by(c.mention_id)
    return list(conn.execute(query).scalars())


def newest(conn: Connection, incident_id: int) -> datetime | None:
    """Return the newest publication or dated signal of an incident; None if nothing has a date."""
    said = (
        select(func.max(mention.c.published_at))
        .join(incident_mention, incident_mention.c.mention_id == mention.c.id)
        .where(incident_mention.c.incident_id == incident_id)
    )
    found = [conn.execute(said).scalar_one_or_none()]
    query = select(signal.c.at, signal.c.detail).where(signal.c.incident_id == incident_id)
    found += [row.at for row in conn.execute(query) if row.detail.get("dated", True)]
    return max((at for at in found if at is not None), default=None)


def running(conn: Connection, since: datetime) -> list[int]:
    """Return the ids of what nobody has closed and had a sign since a moment, oldest first."""
    c = incident.c
    query = select(c.id).where(c.closed_at.is_(None), c.last_at >= since)
    return list(conn.execute(query.order_by(c.id)).scalars())


def get(conn: Connection, incident_id: int) -> Incident | None:
    """Return one incident with its counts, or None."""
    found = _with_counts(conn, _INCIDENT.where(incident.c.id == incident_id))
    return found[0] if found else None


def lately(conn: Connection, lender: str, since: datetime) -> list[Incident]:
    """Return a lender's incidents that are open or were closed since a moment, oldest first."""
    query = _INCIDENT.where(
        incident.c.lender == lender,
        or_(incident.c.closed_at.is_(None), incident.c.closed_at >= since),
    )
    return _with_counts(conn, query.order_by(incident.c.id))


_INCIDENT = select(incident)


def _with_counts(conn: Connection, query: Select[Any]) -> list[Incident]:
    rows = conn.execute(query).all()
    ids = [row.id for row in rows]
    c = mention.c
    joined = incident_mention.join(mention, c.id == incident_mention.c.mention_id)
    at = func.coalesce(c.published_at, c.first_seen_at)
    by_source = (
        select(incident_mention.c.incident_id, c.source, func.count(), func.min(at))
        .select_from(joined)
        .where(incident_mention.c.incident_id.in_(ids))
        .group_by(incident_mention.c.incident_id, c.source)
        .order_by(func.min(at))
    )
    counted: dict[int, dict[str, int]] = {}
    for row in conn.execute(by_source):
        counted.setdefault(row[0], {})[row[1]] = row[2]
    first = {i: _first(conn, i) for i in ids}
    return [_incident(row, counted.get(row.id, {}), first[row.id]) for row in rows]


def _first(conn: Connection, incident_id: int) -> int:
    c = mention.c
    query = (
        select(c.id)
        .join(incident_mention, incident_mention.c.mention_id == c.id)
        .where(incident_mention.c.incident_id == incident_id)
        .order_by(func.coalesce(c.published_at, c.first_seen_at), c.id)
        .limit(1)
    )
    return conn.execute(query).scalar_one_or_none() or 0


def _incident(row: Row[Any], sources: Mapping[str, int], first: int) -> Incident:
    return Incident(
        lender=row.lender,
        key=row.key,
        title=row.title,
        level=Level(row.level),
        state=IncidentState(row.state),
        opened_at=row.opened_at,
        last_at=row.last_at,
        first_mention=first,
        mentions=sum(sources.values()),
        sources=tuple(sources),
        owner=row.owner,
        closed_at=row.closed_at,
        id=row.id,
        revision=row.revision,
    )
