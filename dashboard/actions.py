"""What a person does to an incident. Each action asks the viewer's right again; no Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from dashboard.viewer import Right, Viewer
from data.errors import TingfengError
from data.model import IncidentState, Level
from data.store import incidents, joining, judgements
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


def assign(store: Store, viewer: Viewer, key: int, now: datetime, owner: str) -> None:
    """Give an unfinished incident to somebody; an open one counts as looked at."""
    must(viewer, Right.ACT)
    name = _words(owner, "an owner")[:64]
    with store.write() as conn:
        values = {"state": IncidentState.ACKNOWLEDGED.value, "owner": name}
        _move(conn, key, UNFINISHED, values)
        _tell(conn, key, viewer, now, "assigned", to=name)


def note(store: Store, viewer: Viewer, key: int, now: datetime, text: str) -> None:
    """Write something into the history; also of a closed incident."""
    must(viewer, Right.ACT)
    with store.write() as conn:
        _tell(conn, key, viewer, now, "noted", note=_words(text, "a note"))


def respond(store: Store, viewer: Viewer, key: int, now: datetime, text: str) -> None:
    """Say what was answered, and to whom: the clock of the first response stops."""
    must(viewer, Right.ACT)
    with store.write() as conn:
        _move(conn, key, UNFINISHED, {"state": IncidentState.ACKNOWLEDGED.value})
        _tell(conn, key, viewer, now, "responded", note=_words(text, "a response"))


def publish(store: Store, viewer: Viewer, key: int, now: datetime, text: str) -> None:
    """Say which statement went out: the last clock stops."""
    must(viewer, Right.ACT)
    with store.write() as conn:
        _move(conn, key, UNFINISHED, {"state": IncidentState.ACKNOWLEDGED.value})
        _tell(conn, key, viewer, now, "stated", note=_words(text, "a statement"))


def lower(store: Store, viewer: Viewer, key: int, now: datetime, to: Level, why: str) -> None:
    """Lower an incident's level, saying why; it rises again by itself where facts ask for it."""
    must(viewer, Right.ACT)
    reason = _words(why, "a reason")
    with store.write() as conn:
        level = conn.execute(select(incident.c.level).where(incident.c.id == key)).scalar_one()
        if to >= level:
            raise TooLate(
                f"incident {key} is not above {to.name.lower()}; reload the page to see it"
            )
        _move(conn, key, UNFINISHED, {"level": int(to)})
        _tell(conn, key, viewer, now, "lowered", **{"from": level, "to": int(to), "why": reason})


def merge(store: Store, viewer: Viewer, key: int, now: datetime, other: int, why: str) -> None:
    """Put all of another incident into this one and close that: they are one story.

    Raises InputError where that cannot be.
    """
    must(viewer, Right.ACT)
    reason = _words(why, "a reason")
    with store.write() as conn:
        joining.merge(conn, key, other, viewer.name, now, reason)


def split(
    store: Store,
    viewer: Viewer,
    key: int,
    now: datetime,
    mentions: Sequence[int],
    title: str,
    why: str,
) -> int:
    """Take mentions out into an incident of their own with this title; returns its number.

    Raises InputError where they are not some, but not all, of the incident's.
    """
    must(viewer, Right.ACT)
    reason, name = _words(why, "a reason"), _words(title, "a new incident")[:TITLE]
    with store.write() as conn:
        old = incidents.get(conn, key)
        if old is None:
            raise TooLate(f"incident {key} is gone; reload the page to see it")
        new = replace(
            old, id=0, key=f"split:{key}-{min(mentions, default=0)}", title=name, opened_at=now,
            last_at=now, state=IncidentState.OPEN, owner="", first_mention=0,
        )  # fmt: skip
        return joining.split(conn, key, mentions, new, viewer.name, now, reason)


TITLE = 120
"""Characters of a title that a person gives."""


def tick(store: Store, viewer: Viewer, key: int, now: datetime, step: str, done: bool) -> None:
    """Say that a step of the playbook is done, or is not done after all."""
    must(viewer, Right.ACT)
    with store.write() as conn:
        _tell(conn, key, viewer, now, "step" if done else "step_undone", step=step)


def judge(store: Store, viewer: Viewer, key: int, now: datetime, verdict: str) -> None:
    """Say whether the alert was useful, false or late; the newest word counts."""
    must(viewer, Right.ACT)
    with store.write() as conn:
        judgements.judge(conn, key, verdict, viewer.name, now)


UNFINISHED = (IncidentState.OPEN, IncidentState.ACKNOWLEDGED)


def _words(text: str, what: str) -> str:
    if not text.strip():
        raise ValueError(f"{what} needs words")
    return text.strip()


def _tell(
    conn: Connection, key: int, viewer: Viewer, now: datetime, what: str, **detail: Any
) -> None:
    incidents.add_events(conn, key, [incidents.Event(now, viewer.name, what, detail)])


def must(viewer: Viewer, right: Right) -> None:
    """Ask the viewer's right again: a hidden button is no permission. Raises NotAllowed."""
    if not viewer.may(right):
        who = viewer.name or "whoever is not signed in"
        raise NotAllowed(f"{who} may not do this; ask {_WHO[right]} to do it")


_WHO = {
    Right.NONE: "an administrator",
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
