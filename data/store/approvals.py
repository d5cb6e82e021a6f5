"""Who allowed a source to be read, and who took it back: a history, never overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from data.store.schema import approval

APPROVED, WITHDRAWN = "approved", "withdrawn"


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about a source. ``robots`` is what robots.txt said at that moment."""

    source: str
    at: datetime
    by: str
    decision: str
    basis: str
    robots: Mapping[str, Any] = field(default_factory=dict)

    @property
    def allows(self) -> bool:
        """Tell whether the source may be read by this decision."""
        return self.decision == APPROVED


def record(conn: Connection, decision: Decision) -> None:
    """Add a decision to a source's history."""
    conn.execute(
        approval.insert().values(
            source=decision.source,
            at=decision.at,
            by=decision.by,
            decision=decision.decision,
            basis=decision.basis,
            robots=dict(decision.robots),
        )
    )


def current(conn: Connection, source: str) -> Decision | None:
    """Return the decision that holds for a source; None when nobody has decided here."""
    found = history(conn, source, limit=1)
    return found[0] if found else None


def history(conn: Connection, source: str, limit: int = 50) -> list[Decision]:
    """Return the decisions about a source, newest first."""
    query = select(approval).where(approval.c.source == source).order_by(approval.c.id.desc())
    return [
        Decision(row.source, row.at, row.by, row.decision, row.basis, row.robots)
        for row in conn.execute(query.limit(limit))
    ]


def allowed(conn: Connection) -> set[str]:
    """Return the sources whose newest decision allows them to be read."""
    newest = select(func.max(approval.c.id)).group_by(approval.c.source)
    query = select(approval.c.source).where(
        approval.c.id.in_(newest), approval.c.decision == APPROVED
    )
    return set(conn.execute(query).scalars())
