"""What each digest said: a period and scope has revisions; the newest holds, none is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from data.store.schema import digest


@dataclass(frozen=True, slots=True)
class Digest:
    """One revision. ``hash`` is of its figures: an equal hash is the same digest."""

    period: str
    scope: str
    revision: int
    made_at: datetime
    hash: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the archive."""

    period: str
    revision: int
    made_at: datetime


def latest(conn: Connection, period: str, scope: str) -> Digest | None:
    """Return the newest revision, or None."""
    c = digest.c
    query = select(digest).where(c.period == period, c.scope == scope)
    return _digest(conn.execute(query.order_by(c.revision.desc()).limit(1)).one_or_none())


def get(conn: Connection, period: str, scope: str, revision: int) -> Digest | None:
    """Return one revision, or None."""
    c = digest.c
    query = select(digest).where(c.period == period, c.scope == scope, c.revision == revision)
    return _digest(conn.execute(query).one_or_none())


def archive(conn: Connection, scope: str) -> list[Entry]:
    """Return all revisions of all periods, the newest period first, newest revision first."""
    c = digest.c
    query = select(c.period, c.revision, c.made_at).where(c.scope == scope)
    rows = conn.execute(query.order_by(c.period.desc(), c.revision.desc()))
    return [Entry(*row) for row in rows]


def scopes(conn: Connection) -> tuple[str, ...]:
    """Return the scopes that have a digest."""
    return tuple(sorted(conn.execute(select(digest.c.scope).distinct()).scalars()))


def put(conn: Connection, new: Digest) -> None:
    """Write a new revision; it must not be there yet."""
    values = {
        "period": new.period,
        "scope": new.scope,
        "revision": new.revision,
        "made_at": new.made_at,
        "hash": new.hash,
        "content": dict(new.content),
    }
    conn.execute(digest.insert().values(values))


def _digest(row: Row[Any] | None) -> Digest | None:
    if row is None:
        return None
    return Digest(row.period, row.scope, row.revision, row.made_at, row.hash, row.content)
