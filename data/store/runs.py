"""Runs: what was executed, when, and how it ended. A vanished process is noticed, not guessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from data.holder import is_gone, me
from data.model import Outcome, Run
from data.store.schema import run


def start(conn: Connection, stage: str, source: str, now: datetime) -> int:
    """Open a run of a stage (``source`` is "" where there is none) and return its id."""
    bury(conn, now)
    values = {"stage": stage, "source": source, "started_at": now, "holder": me(),
              "outcome": Outcome.RUNNING.value, "counts": {}, "note": ""}  # fmt: skip
    run_id: int = conn.execute(run.insert().values(values).returning(run.c.id)).scalar_one()
    return run_id


def adopt(conn: Connection, run_id: int) -> None:
    """Make this process the one whose life decides whether the run lives."""
    conn.execute(update(run).where(run.c.id == run_id).values(holder=me()))


def finish(
    conn: Connection,
    run_id: int,
    now: datetime,
    outcome: Outcome,
    counts: Mapping[str, int],
    note: str = "",
) -> None:
    """Close a run with its outcome, its counts and a sentence for the operator."""
    values = {"ended_at": now, "outcome": outcome.value, "counts": dict(counts), "note": note}
    conn.execute(update(run).where(run.c.id == run_id).values(values))


def bury(conn: Connection, now: datetime) -> list[Run]:
    """Mark as killed each running run whose process is gone, and return them."""
    running = conn.execute(select(run).where(run.c.outcome == Outcome.RUNNING.value)).all()
    dead = [row for row in running if is_gone(row.holder)]
    for row in dead:
        finish(conn, row.id, now, Outcome.KILLED, row.counts, "the process ended without a word")
    return [_run(row) for row in dead]


def latest(
    conn: Connection, stage: str | None = None, source: str | None = None, limit: int = 20
) -> list[Run]:
    """Return the newest runs first, of one stage or source where given."""
    query = select(run).order_by(run.c.started_at.desc(), run.c.id.desc()).limit(limit)
    if stage is not None:
        query = query.where(run.c.stage == stage)
    if source is not None:
        query = query.where(run.c.source == source)
    return [_run(row) for row in conn.execute(query)]


def get(conn: Connection, run_id: int) -> Run | None:
    """Return one run."""
    row = conn.execute(select(run).where(run.c.id == run_id)).one_or_none()
    return None if row is None else _run(row)


def _run(row: Row[Any]) -> Run:
    return Run(
        stage=row.stage,
        source=row.source,
        started_at=row.started_at,
        ended_at=row.ended_at,
        outcome=Outcome(row.outcome),
        counts=row.counts,
        note=row.note,
        id=row.id,
    )
