"""Who looked behind a mask, when and why: written before the page is read, never changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from data.store.schema_people import unmasking


@dataclass(frozen=True, slots=True)
class Unmasking:
    """One look at what is behind the masks of a mention; ``sha256`` names the page."""

    mention_id: int
    at: datetime
    by: str
    why: str
    sha256: str


def add(conn: Connection, new: Unmasking) -> None:
    """Write a look down. Raises ValueError without a reason."""
    if not new.why.strip():
        raise ValueError("looking behind a mask needs a reason")
    values = {name: getattr(new, name) for name in ("mention_id", "at", "by", "sha256")}
    conn.execute(insert(unmasking).values(**values, why=new.why.strip()))


def of(conn: Connection, mention_id: int) -> tuple[Unmasking, ...]:
    """Return who looked at a mention, the newest first."""
    c = unmasking.c
    query = select(c.mention_id, c.at, c.by, c.why, c.sha256).where(c.mention_id == mention_id)
    return tuple(Unmasking(*row) for row in conn.execute(query.order_by(c.id.desc())))
