"""A person asks the running watch to read a source now: who, when, and what came of it.

The watch (`tingfeng run`) says every few seconds that it is at work, so that nobody waits for a
process that is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select

from data.errors import Refused
from data.holder import is_gone, me
from data.model import Outcome
from data.store import runs, state
from data.store.schema import stage_state

_ASKED, _WATCH = "asked", "watch"
BEAT = timedelta(seconds=15)
_SILENT = 4 * BEAT
KEPT = 20
"""Requests of a source that are remembered."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request: by whom, when, and how the crawl that answered it ended."""

    source: str
    at: datetime
    by: str
    done_at: datetime | None = None
    outcome: str = ""


def ask(conn: Connection, source: str, by: str, now: datetime) -> Asked:
    """Ask for a source to be read at the next tick; one who asks again joins who waits already.

    Raises Refused while a site that said no is left alone.
    """
    if rest := rests_until(conn, source, now):
        raise Refused(f"{source} refused us; it is left alone until {rest:%Y-%m-%d %H:%M} UTC")
    before = history(conn, source)
    if before and before[0].done_at is None:
        return before[0]
    asked = Asked(source, now, by)
    _write(conn, source, [asked, *before])
    return asked


def waiting(conn: Connection) -> dict[str, datetime]:
    """Return the sources that somebody waits for, with when each was asked for."""
    query = select(stage_state.c.key).where(stage_state.c.stage == _ASKED)
    newest = (history(conn, source)[:1] for source in conn.execute(query).scalars().all())
    return {asked.source: asked.at for one in newest for asked in one if asked.done_at is None}


def answered(
    conn: Connection, source: str, begun: datetime, now: datetime, outcome: Outcome
) -> None:
    """Say how the crawl that began then ended; what was asked for later still waits."""
    found = history(conn, source)
    if not any(asked.done_at is None and asked.at <= begun for asked in found):
        return
    told = [
        replace(asked, done_at=now, outcome=outcome.value)
        if asked.done_at is None and asked.at <= begun
        else asked
        for asked in found
    ]
    _write(conn, source, told)


def history(conn: Connection, source: str) -> list[Asked]:
    """Return who asked for a source, newest first."""
    kept = state.stage_value(conn, _ASKED, source) or []
    return [_asked(source, values) for values in kept]


def rests_until(conn: Connection, source: str, now: datetime) -> datetime | None:
    """Return until when a source that refused us is left alone; None when it may be asked."""
    last = runs.latest(conn, source=source, limit=1)
    until = state.next_at(conn, source)
    refused = bool(last) and last[0].outcome is Outcome.REFUSED and last[0].counts.get("requests")
    return until if refused and until is not None and until > now else None


# ------------------------------------------------------------------------------ is anybody there?
def beat(conn: Connection, now: datetime) -> None:
    """Say that this process watches."""
    state.set_stage_value(conn, _WATCH, "beat", {"at": now.isoformat(), "holder": me()})


def rest(conn: Connection) -> None:
    """Say that this process watches no longer."""
    if (state.stage_value(conn, _WATCH, "beat") or {}).get("holder") == me():
        conn.execute(delete(stage_state).where(stage_state.c.stage == _WATCH))


def watched(conn: Connection, now: datetime) -> bool:
    """Tell whether a `tingfeng run` is at work: it said so lately and has not died since."""
    said = state.stage_value(conn, _WATCH, "beat")
    if said is None or is_gone(said["holder"]):
        return False
    return now - datetime.fromisoformat(said["at"]) <= _SILENT


def _asked(source: str, values: Mapping[str, Any]) -> Asked:
    done = values.get("done_at")
    return Asked(
        source,
        datetime.fromisoformat(values["at"]),
        values["by"],
        datetime.fromisoformat(done) if done else None,
        values.get("outcome", ""),
    )


def _write(conn: Connection, source: str, found: list[Asked]) -> None:
    values = [
        {"at": one.at.isoformat(), "by": one.by, "outcome": one.outcome,
         "done_at": one.done_at.isoformat() if one.done_at else None}
        for one in found[:KEPT]
    ]  # fmt: skip
    state.set_stage_value(conn, _ASKED, source, values)
