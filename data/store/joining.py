"""What a person corrects about incidents: two are one story, or one is two; and how it spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from data.errors import InputError
from data.model import Incident, IncidentState
from data.store import incidents
from data.store.incidents import Event
from data.store.schema import incident, incident_mention, mention, signal

MERGED, SPLIT = "merged", "split"


@dataclass(frozen=True, slots=True)
class Reached:
    """A source that a story reached: when, with which mention, and how many it has."""

    source: str
    at: datetime
    mention_id: int
    mentions: int


def spread(conn: Connection, incident_id: int) -> list[Reached]:
    """Return the sources in the order in which the story reached them; the first began it.

    What is older than the mention that began the story was swept in with it, and counts nowhere.
    """
    c, of = mention.c, incident_mention.c
    at = func.coalesce(c.published_at, c.first_seen_at)
    began = (
        select(at)
        .join(incident, incident.c.first_mention_id == c.id)
        .where(incident.c.id == incident_id)
    )
    since = conn.execute(began).scalar_one_or_none()
    query = (
        select(c.source, at.label("at"), c.id)
        .join(incident_mention, of.mention_id == c.id)
        .where(of.incident_id == incident_id)
        .order_by(at, c.id)
    )
    if since is not None:
        query = query.where(at >= since)
    found: dict[str, Reached] = {}
    for row in conn.execute(query):
        known = found.get(row.source) or Reached(row.source, row.at, row.id, 0)
        found[row.source] = replace(known, mentions=known.mentions + 1)
    return list(found.values())


def merge(conn: Connection, keep: int, other: int, by: str, now: datetime, why: str) -> None:
    """Put all of ``other`` into ``keep`` and close it; later mentions of its kind go to ``keep``.

    The graver level of the two holds. Raises InputError where that cannot be.
    """
    here, there = _unfinished(conn, keep), _unfinished(conn, other)
    if keep == other or here.lender != there.lender:
        raise InputError(
            f"incident {other}: it cannot go into {keep}; name two incidents of one lender"
        )
    incidents.add_mentions(conn, keep, incidents.mention_ids(conn, other))
    _leave(conn, other, incidents.mention_ids(conn, other))
    conn.execute(update(signal).where(signal.c.incident_id == other).values(incident_id=keep))
    level = max(here.level, there.level)
    values = {
        "level": int(level),
        "last_at": max(here.last_at, there.last_at),
        "revision": here.revision + 1,
        "first_mention_id": _earlier(conn, here.first_mention, there.first_mention),
    }
    conn.execute(update(incident).where(incident.c.id == keep).values(values))
    closed = {"state": IncidentState.CLOSED.value, "closed_at": now}
    conn.execute(update(incident).where(incident.c.id == other).values(closed))
    told = {"from": other, "key": there.key, "why": _words(why)}
    events = [Event(now, by, MERGED, told)]
    if level > here.level:
        events.append(Event(now, by, "rose", {"from": int(here.level), "to": int(level)}))
    incidents.add_events(conn, keep, events)
    incidents.add_events(conn, other, [Event(now, by, MERGED, {"into": keep, "why": _words(why)})])


def _earlier(conn: Connection, one: int, other: int) -> int | None:
    """Return which of two mentions came first; None where neither is known."""
    at = func.coalesce(mention.c.published_at, mention.c.first_seen_at)
    query = select(mention.c.id).where(mention.c.id.in_([one, other])).order_by(at, mention.c.id)
    return conn.execute(query.limit(1)).scalar_one_or_none()


def split(
    conn: Connection,
    incident_id: int,
    mention_ids: Sequence[int],
    into: Incident,
    by: str,
    now: datetime,
    why: str,
) -> int:
    """Take mentions out into a new incident ``into`` and return its number.

    It begins at the level of the old one: only a person lowers. Raises InputError where the
    mentions are not some, but not all, of the incident's.
    """
    old = _unfinished(conn, incident_id)
    members, wanted = set(incidents.mention_ids(conn, incident_id)), set(mention_ids)
    if not wanted or not wanted < members:
        raise InputError(
            f"incident {incident_id}: name some, but not all, of its mentions to split off"
        )
    if any(one.key == into.key and one.closed_at is None
           for one in incidents.lately(conn, old.lender, now)):  # fmt: skip
        raise InputError(
            f"incident {incident_id}: {into.key} runs already; merge into that one instead"
        )
    number = incidents.insert(conn, replace(into, level=old.level, revision=1))
    ids = sorted(wanted)
    incidents.add_mentions(conn, number, ids)
    _leave(conn, incident_id, ids)
    if old.first_mention in wanted:  # the oldest that stays, until something new comes
        conn.execute(
            update(incident).where(incident.c.id == incident_id).values(first_mention_id=None)
        )
    detail = {"from": incident_id, "level": int(old.level), "mentions": len(ids)}
    opened = Event(into.opened_at, by, "opened", {**detail, "condition": {}})
    told = Event(now, by, SPLIT, {"from": incident_id, "why": _words(why)})
    incidents.add_events(conn, number, [opened, told])
    gone = Event(now, by, SPLIT, {"into": number, "mentions": len(ids), "why": _words(why)})
    incidents.add_events(conn, incident_id, [gone])
    return number


def _leave(conn: Connection, incident_id: int, ids: Sequence[int]) -> None:
    c = incident_mention.c
    gone = (c.incident_id == incident_id) & c.mention_id.in_(ids)
    conn.execute(delete(incident_mention).where(gone))


def _unfinished(conn: Connection, incident_id: int) -> Incident:
    found = incidents.get(conn, incident_id)
    if found is None or found.closed_at is not None:
        raise InputError(
            f"incident {incident_id}: it is closed, or there is none with this number; "
            "name one that runs"
        )
    return found


def _words(why: str) -> str:
    if not why.strip():
        raise InputError("why: it is empty; say in a few words why")
    return why.strip()
