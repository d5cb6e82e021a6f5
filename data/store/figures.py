"""A few figures of the whole store, for people and programs that only want to know how much."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from data.model import Level
from data.store import work
from data.store.schema import incident, mention, outbox


def summary(conn: Connection) -> dict[str, Any]:
    """Return counts of mentions, assessed mentions, incidents by level, delivered alerts."""
    rows = conn.execute(select(incident.c.level, func.count()).group_by(incident.c.level))
    levels: dict[int, int] = {row[0]: row[1] for row in rows}
    mentions = conn.execute(select(func.count()).select_from(mention)).scalar_one()
    sent = select(func.count()).select_from(outbox)
    sent = sent.where(outbox.c.state == "sent", outbox.c.incident_id.is_not(None))
    return {
        "mentions": mentions,
        "assessed": mentions - work.count(conn, "assess"),
        "incidents": {level.name.lower(): levels.get(level, 0) for level in Level},
        "alerts_delivered": conn.execute(sent).scalar_one(),
    }


def since(conn: Connection, moment: datetime) -> dict[str, int]:
    """Return how many mentions came, incidents opened and alerts went out since a moment."""
    counted = {
        "mentions": (mention, mention.c.first_seen_at),
        "incidents": (incident, incident.c.opened_at),
        "sent": (outbox, outbox.c.sent_at),
    }
    found = {}
    for name, (table, column) in counted.items():
        query = select(func.count()).select_from(table).where(column >= moment)
        found[name] = int(conn.execute(query).scalar_one())
    return found
