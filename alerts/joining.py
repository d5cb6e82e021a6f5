"""A person splits an incident: what the mentions taken out are about, in their own words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from alerts.policy import policy_of
from alerts.profile import headline, profile
from data.errors import InputError
from data.model import Incident, IncidentState, Level
from data.settings import Settings
from data.store import incidents, joining, signals


def split(
    conn: Connection,
    settings: Settings,
    incident_id: int,
    mention_ids: Sequence[int],
    by: str,
    now: datetime,
    why: str,
) -> int:
    """Take mentions out into an incident of their own and return its number. Raises InputError."""
    old = incidents.get(conn, incident_id)
    if old is None:
        raise InputError(f"incident {incident_id}: there is none with this number")
    known = policy_of(settings).allegations
    items = sorted(signals.items(conn, old.lender, mention_ids).values(), key=lambda i: i.at)
    about = profile(items, known)
    key = f"{about.group or 'negative'}@{about.place}"
    into = Incident(
        lender=old.lender,
        key=key,
        title=headline(key, about, known, len(items), "zh"),
        level=Level.BLUE,
        state=IncidentState.OPEN,
        opened_at=items[0].at if items else now,
        last_at=items[-1].at if items else now,
    )
    return joining.split(conn, incident_id, mention_ids, into, by, now, why)
