"""What happened since somebody looked last: incidents that opened, rose or closed; sick sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from data.store import health, state
from data.store.db import Store
from data.store.schema import incident, incident_event

STAGE = "looked"
"""Under this and a person's name the store keeps when they looked."""
AWAY = timedelta(minutes=30)
"""Whoever was away for less is still on the same visit."""


@dataclass(frozen=True, slots=True)
class News:
    """What changed, in counts."""

    opened: int = 0
    rose: int = 0
    closed: int = 0
    ill: int = 0  # sources that fell ill

    def __bool__(self) -> bool:
        """Tell whether anything did."""
        return bool(self.opened or self.rose or self.closed or self.ill)


def looked(store: Store, name: str, now: datetime) -> datetime | None:
    """Note that a person looks now; returns when their visit before this one ended, or None.

    Looks less than AWAY apart are one visit.
    """
    with store.read() as conn:
        kept = state.stage_value(conn, STAGE, name) or {}
    last = _moment(kept.get("last"))
    before = _moment(kept.get("before"))
    if last is not None and now - last < timedelta(minutes=1):
        return before
    if last is not None and now - last >= AWAY:
        before = last
    with store.write() as conn:
        value = {"last": now.isoformat(), "before": before.isoformat() if before else None}
        state.set_stage_value(conn, STAGE, name, value)
    return before


def news(conn: Connection, lender: str, since: datetime, until: datetime) -> News:
    """Return what changed about a lender's incidents, and which sources fell ill, in between."""
    e = incident_event.c
    counted = (
        select(e.what, func.count(e.incident_id.distinct()))
        .join(incident, incident.c.id == e.incident_id)
        .where(
            incident.c.lender == lender,
            e.at > since,
            e.at <= until,
            e.what.in_(("opened", "rose", "closed")),
        )
        .group_by(e.what)
    )
    found: dict[str, int] = {row[0]: row[1] for row in conn.execute(counted)}
    began = {gap.source for gap in health.gaps(conn, since, until) if gap.since >= since}
    return News(found.get("opened", 0), found.get("rose", 0), found.get("closed", 0), len(began))


def _moment(written: object) -> datetime | None:
    return datetime.fromisoformat(written) if isinstance(written, str) else None
