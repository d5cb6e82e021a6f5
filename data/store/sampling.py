"""Mentions of a span of time, spread evenly over it, to try things on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select

from data.store.schema import mention, verdict


@dataclass(frozen=True, slots=True)
class Sample:
    """The ids that were drawn, newest first, and of how many."""

    ids: Sequence[int]
    of: int


def drawn(
    conn: Connection, since: datetime, until: datetime, most: int, *, assessed: bool = False
) -> Sample:
    """Draw at most ``most`` mentions of ``[since, until)``, each as far from the next.

    What states no time counts as published when it was first seen. ``assessed`` leaves out what is
    about no company.
    """
    c = mention.c
    dated = and_(c.published_at >= since, c.published_at < until)
    seen = and_(c.published_at.is_(None), c.first_seen_at >= since, c.first_seen_at < until)
    chosen = or_(dated, seen)
    if assessed:
        chosen &= c.id.in_(select(verdict.c.mention_id))
    at = func.coalesce(c.published_at, c.first_seen_at)
    query = select(c.id).where(chosen).order_by(at.desc(), c.id.desc())
    ids = list(conn.execute(query).scalars())
    of = len(ids)
    if of > most:
        ids = [ids[place * of // most] for place in range(most)]
    return Sample(ids, of)
