"""What an incident is made of: near-identical texts folded, and the steps of the response."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from dashboard.alike import READ, folded
from dashboard.queries.incidents import Happened, same
from data.store import schema
from data.store.schema import incident_mention, mention, verdict

LOOKED_AT = 300
"""Texts of one incident that are compared: it costs up to the square of their number."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A mention that says nearly the same as another one."""

    id: int
    source: str
    published_at: datetime | None
    url: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """Near-identical texts: the one that speaks, and its copies."""

    id: int
    copies: tuple[Copy, ...]


def clusters(conn: Connection, lender: str, key: int, limit: int = 8) -> tuple[Cluster, ...]:
    """Return the texts that speak for an incident, each with its near copies.

    The first text comes first, then the gravest; LOOKED_AT texts are compared.
    """
    c, at = mention.c, mention.c.published_at
    held = select(incident_mention.c.mention_id).where(incident_mention.c.incident_id == key)
    base = (
        select(c.id, c.source, at, c.url, func.substr(c.text, 1, READ).label("text"), c.title)
        .select_from(mention.join(verdict, same(lender)))
        .where(verdict.c.mention_id.in_(held))
    )
    first = base.where(at.is_not(None)).order_by(at, c.id).limit(1)
    worst = -verdict.c.severity  # no plain column: an index on it would be walked from its end
    grave = base.order_by(worst, verdict.c.score, at, c.id).limit(LOOKED_AT)
    rows = {row.id: row for row in (*conn.execute(first), *conn.execute(grave))}
    groups = folded((row.id, row.text or row.title) for row in rows.values())
    return tuple(
        Cluster(leader, tuple(Copy(*rows[one][:4]) for one in copies))
        for leader, *copies in groups[:limit]
    )


def steps(conn: Connection, key: int) -> dict[str, Happened]:
    """Return the steps of the playbook that are done, by their id: who ticked them and when."""
    found: dict[str, Happened] = {}
    t = schema.incident_event
    chosen = select(t.c.at, t.c.by, t.c.what, t.c.detail).where(
        t.c.incident_id == key, t.c.what.in_(("step", "step_undone"))
    )
    for row in conn.execute(chosen.order_by(t.c.id)):
        step = str(row.detail.get("step", ""))
        if row.what == "step":
            found[step] = Happened(*row)
        else:
            found.pop(step, None)
    return found
