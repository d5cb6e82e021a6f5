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
        "first_mention_id": new.first_mention or None,
    }
    added = conn.execute(incident.insert().values(values).returning(incident.c.id))
    return int(added.scalar_one())


def progress(conn: Connection, now_is: Incident, *, rose: bool) -> None:
    """Write what detection may change: never the owner, and the level only when it rose.

    A person's lower level, acknowledgement or closing, made meanwhile, stays.
    """
    values: dict[str, Any] = {
        "key": now_is.key,
        "title": now_is.title,
        "last_at": now_is.last_at,
        "revision": now_is.revision,
        "first_mention_id": now_is.first_mention or None,
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


def newest_event(conn: Connection) -> int:
    """Return the number of the newest event that changed an incident; 0 without any.

    What was said about one changes nothing in it.
    """
    c = incident_event.c
    query = select(c.id).where(c.what != "told").order_by(c.id.desc()).limit(1)
    return int(conn.execute(query).scalar_one_or_none() or 0)


def histories(conn: Connection, ids: Sequence[int]) -> dict[int, list[Event]]:
    """Return the histories of several incidents, by incident."""
    c = incident_event.c
    query = select(c.incident_id, c.at, c.by, c.what, c.detail).where(c.incident_id.in_(ids))
    found: dict[int, list[Event]] = {i: [] for i in ids}
    for number, *row in conn.execute(query.order_by(c.id)):
        found[number].append(Event(*row))
    return found


def members(conn: Connection, ids: Sequence[int]) -> dict[int, list[int]]:
    """Return the mention ids of several incidents, by incident, ascending."""
    c = incident_mention.c
    query = select(c.incident_id, c.mention_id).where(c.incident_id.in_(ids))
    found: dict[int, list[int]] = {i: [] for i in ids}
    for number, mention_id in conn.execute(query.order_by(c.mention_id)):
        found[number].append(mention_id)
    return found


def mention_ids(conn: Connection, incident_id: int) -> list[int]:
    """Return the ids of an incident's mentions, ascending."""
    c = incident_mention.c
    query = select(c.mention_id).where(c.incident_id == incident_id).order_by(c.mention_id)
    return list(conn.execute(query).scalars())


def hold(conn: Connection, incident_id: int) -> None:
    """Let nobody else change an incident until the transaction ends."""
    conn.execute(select(incident.c.id).where(incident.c.id == incident_id).with_for_update())


def note(
    conn: Connection, incident_id: int, what: str, by: str, at: datetime, detail: Mapping[str, Any]
) -> None:
    """Write what a person did; who acknowledges an open incident owns it."""
    add_events(conn, incident_id, [Event(at, by, what, detail)])
    if what == IncidentState.ACKNOWLEDGED.value:
        open_ = (incident.c.id == incident_id) & (incident.c.state == IncidentState.OPEN.value)
        values = {"state": IncidentState.ACKNOWLEDGED.value, "owner": by}
        conn.execute(update(incident).where(open_).values(values))


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


def running(conn: Connection, since: datetime, level: Level = Level.BLUE) -> list[int]:
    """Return the ids of what nobody has closed and had a sign since a moment, oldest first.

    Only those from a level on.
    """
    c = incident.c
    query = select(c.id).where(c.closed_at.is_(None), c.last_at >= since, c.level >= int(level))
    return list(conn.execute(query.order_by(c.id)).scalars())


def open_from(conn: Connection, lender: str, level: Level) -> list[Incident]:
    """Return a lender's unclosed incidents from a level on, oldest first, without their counts."""
    c = incident.c
    chosen = _INCIDENT.where(c.lender == lender, c.closed_at.is_(None), c.level >= int(level))
    return [_incident(row, {}, 0) for row in conn.execute(chosen.order_by(c.id))]


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
    untold = [row.id for row in rows if not row.first_mention_id]
    first = _first(conn, untold) if untold else {}
    return [_incident(row, counted.get(row.id, {}), first.get(row.id, 0)) for row in rows]


def _first(conn: Connection, ids: Sequence[int]) -> dict[int, int]:
    """Return the oldest mention of each incident."""
    c, of = mention.c, incident_mention.c
    order = (func.coalesce(c.published_at, c.first_seen_at), c.id)
    place = func.row_number().over(partition_by=of.incident_id, order_by=order)
    ordered = (
        select(of.incident_id, of.mention_id, place.label("place"))
        .join(mention, c.id == of.mention_id)
        .where(of.incident_id.in_(ids))
        .subquery()
    )
    query = select(ordered.c.incident_id, ordered.c.mention_id).where(ordered.c.place == 1)
    return {row.incident_id: row.mention_id for row in conn.execute(query)}


def _incident(row: Row[Any], sources: Mapping[str, int], first: int) -> Incident:
    return Incident(
        lender=row.lender,
        key=row.key,
        title=row.title,
        level=Level(row.level),
        state=IncidentState(row.state),
        opened_at=row.opened_at,
        last_at=row.last_at,
        first_mention=row.first_mention_id or first,
        mentions=sum(sources.values()),
        sources=tuple(sources),
        owner=row.owner,
        closed_at=row.closed_at,
        id=row.id,
        revision=row.revision,
    )
