"""Which sources must not be taken at their word, and since when: blocked, changed, failing, silent.

Written by the crawl stage in the transaction that closes a run. Whoever counts mentions asks here:
``muted`` for rules about volume, ``gaps`` to draw a gap where a zero would lie, ``open_now`` to
tell the operator.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, select, update

from data.store.schema import observation, source_health
from data.store.upsert import insert


class Condition(StrEnum):
    """What is wrong with a source."""

    BLOCKED = "blocked"  # it refuses us, or may not be read (any more)
    CHANGED = "changed"  # its pages are not those we learnt
    FAILING = "failing"  # errors or kills, twice in a row
    SILENT = "silent"  # it answers as ever, but nothing new comes for unusually long


@dataclass(frozen=True, slots=True)
class Concern:
    """A condition as one run shows it. ``since``: from then on the source's numbers are a gap."""

    condition: Condition
    since: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A condition of a source from ``since`` until ``ended_at``; None while it lasts."""

    source: str
    condition: Condition
    since: datetime
    noticed_at: datetime
    ended_at: datetime | None
    note: str


def note(conn: Connection, source: str, concerns: Sequence[Concern], now: datetime) -> None:
    """Open a stretch for each new concern, and end those that are none any more."""
    now_open = {s.condition for s in open_now(conn) if s.source == source}
    seen = {concern.condition: concern for concern in concerns}
    for condition, concern in seen.items():
        values = {"source": source, "condition": condition.value, "since": concern.since,
                  "noticed_at": now, "ended_at": None, "note": concern.note}  # fmt: skip
        if condition in now_open:
            _update(conn, source, condition, {"note": concern.note})
        else:
            conn.execute(source_health.insert().values(values))
    for condition in now_open - seen.keys():
        _update(conn, source, condition, {"ended_at": now})


def open_now(conn: Connection) -> list[Stretch]:
    """Return what is wrong now, oldest first: what an operator must be told."""
    query = select(source_health).where(source_health.c.ended_at.is_(None))
    return [_stretch(row) for row in conn.execute(query.order_by(source_health.c.id))]


def muted(conn: Connection, at: datetime) -> set[str]:
    """Return the sources whose volume at a moment says nothing; rules about volume leave them out.

    A silent source is muted too: its zero may be true, and may as well be a page that no longer
    shows what is new.
    """
    query = select(source_health.c.source).where(
        source_health.c.since <= at,
        source_health.c.ended_at.is_(None) | (source_health.c.ended_at > at),
    )
    return set(conn.execute(query).scalars())


def gaps(
    conn: Connection, since: datetime, until: datetime, source: str | None = None
) -> list[Stretch]:
    """Return the stretches that touch a span of time, oldest first, to be drawn as gaps."""
    query = select(source_health).where(
        source_health.c.since < until,
        source_health.c.ended_at.is_(None) | (source_health.c.ended_at > since),
    )
    if source is not None:
        query = query.where(source_health.c.source == source)
    rows = conn.execute(query.order_by(source_health.c.since, source_health.c.id))
    return [_stretch(row) for row in rows]


# ------------------------------------------------------------------------------ what runs saw
def observe(
    conn: Connection, run_id: int, source: str, at: datetime, seen: Mapping[str, Any], keep: int
) -> None:
    """Remember what a good run saw; of a source's runs the newest ``keep`` are remembered."""
    values = {"run_id": run_id, "source": source, "at": at, "seen": dict(seen)}
    conn.execute(insert(conn, observation).values(values).on_conflict_do_nothing())
    newest = select(observation.c.run_id).where(observation.c.source == source)
    newest = newest.order_by(observation.c.run_id.desc()).limit(keep)
    old = delete(observation).where(observation.c.source == source)
    conn.execute(old.where(observation.c.run_id.not_in(newest)))


def observed(conn: Connection, source: str, limit: int) -> list[tuple[datetime, dict[str, Any]]]:
    """Return what the newest good runs of a source saw, newest first, with their times."""
    query = select(observation).where(observation.c.source == source)
    rows = conn.execute(query.order_by(observation.c.run_id.desc()).limit(limit))
    return [(row.at, row.seen) for row in rows]


def unlearn(conn: Connection, source: str) -> None:
    """Forget what is usual for a source, because it has changed and we now read it as it is."""
    conn.execute(delete(observation).where(observation.c.source == source))


def _update(conn: Connection, source: str, condition: Condition, values: dict[str, Any]) -> None:
    conn.execute(
        update(source_health)
        .where(
            source_health.c.source == source,
            source_health.c.condition == condition.value,
            source_health.c.ended_at.is_(None),
        )
        .values(values)
    )


def _stretch(row: Any) -> Stretch:
    return Stretch(
        row.source, Condition(row.condition), row.since, row.noticed_at, row.ended_at, row.note
    )
