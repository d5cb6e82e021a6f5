"""Who changed which file of facts, when, and what it said before: appended, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from data.store.schema import fact_change


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a file; ``before`` is "" for the first wording we ever saw."""

    id: int
    at: datetime
    by: str  # a person, or file: and the owner of a file that was changed outside
    name: str  # lenders, levels, telling
    before: str
    after: str
    note: str


def seen(conn: Connection, name: str, text: str, by: str, now: datetime, note: str = "") -> bool:
    """Write down what a file says now, unless it says what it last said; tells whether it did."""
    c = fact_change.c
    last = select(c.after).where(c.name == name).order_by(c.id.desc()).limit(1)
    before = conn.execute(last).scalar_one_or_none()
    if before == text:
        return False
    values = {"at": now, "by": by, "name": name, "before": before or "", "after": text,
              "note": note}  # fmt: skip
    conn.execute(fact_change.insert().values(values))
    return True


def listed(conn: Connection, limit: int = 50) -> tuple[Change, ...]:
    """Return the newest changes first."""
    query = select(fact_change).order_by(fact_change.c.id.desc()).limit(limit)
    return tuple(Change(*row) for row in conn.execute(query))
