"""What a person does to an incident. Each action asks the viewer's right again; no Streamlit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from dashboard.viewer import Right, Viewer
from data.errors import TingfengError
from data.model import IncidentState
from data.store import incidents
from data.store.db import Store
from data.store.schema import incident


class NotAllowed(TingfengError):
    """The viewer lacks the right for what was asked."""


class TooLate(TingfengError):
    """Somebody else, or the alarm itself, has moved the incident on meanwhile."""


def acknowledge(store: Store, viewer: Viewer, key: int, now: datetime) -> None:
    """Take an open incident on: it is acknowledged and has an owner. Raises NotAllowed, TooLate."""
    must(viewer, Right.ACT)
    with store.write() as conn:
        values = {"state": IncidentState.ACKNOWLEDGED.value, "owner": viewer.name}
        _move(conn, key, (IncidentState.OPEN,), values)
        incidents.add_events(conn, key, [incidents.Event(now, viewer.name, "acknowledged")])


def close(store: Store, viewer: Viewer, key: int, now: datetime, why: str) -> None:
    """Close an incident, saying why. Raises NotAllowed, TooLate; ValueError without a reason."""
    must(viewer, Right.ACT)
    if not why.strip():
        raise ValueError("closing an incident needs a reason")
    with store.write() as conn:
        values = {"state": IncidentState.CLOSED.value, "closed_at": now}
        _move(conn, key, (IncidentState.OPEN, IncidentState.ACKNOWLEDGED), values)
        said = incidents.Event(now, viewer.name, "closed", {"why": why.strip()})
        incidents.add_events(conn, key, [said])


def must(viewer: Viewer, right: Right) -> None:
    """Ask the viewer's right again: a hidden button is no permission. Raises NotAllowed."""
    if not viewer.may(right):
        raise NotAllowed(f"{viewer.name} may not do this; ask {_WHO[right]} to do it")


_WHO = {
    Right.READ: "an administrator",
    Right.ACT: "an analyst",
    Right.CASE: "somebody of compliance",
    Right.ADMIN: "an administrator",
}


def _move(
    conn: Connection, key: int, states: tuple[IncidentState, ...], values: dict[str, Any]
) -> None:
    """Change an incident only from one of these states, so that two clicks do not both count."""
    here = (incident.c.id == key) & incident.c.state.in_([state.value for state in states])
    if conn.execute(update(incident).where(here).values(values)).rowcount != 1:
        raise TooLate(f"incident {key} is no longer where it was; reload the page to see it")
