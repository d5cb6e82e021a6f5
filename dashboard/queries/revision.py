"""Has anything changed since the last look? The newest ids answer in well under a millisecond."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from data.store import schema

_GROWING = (
    schema.mention,
    schema.assessment,
    schema.label,
    schema.case_note,
    schema.incident_event,
    schema.outbox,
    schema.run,
    schema.fact_change,
)


def revision(conn: Connection) -> tuple[int, ...]:
    """Return the newest id of each table that grows; equal means nothing was added."""
    newest = [select(func.max(table.c.id)).scalar_subquery() for table in _GROWING]
    return tuple(value or 0 for value in conn.execute(select(*newest)).one())
