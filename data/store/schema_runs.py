"""The tables of what was done: runs, how far each source and stage has come, who works now."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from data.store.columns import Id, Json, Moment, metadata, row_id

run = Table(
    "run",
    metadata,
    row_id(),
    Column("stage", String(16), nullable=False),
    Column("source", String(64), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("outcome", String(16), nullable=False),
    Column("holder", String(80), nullable=False),  # host and process: is it still alive?
    Column("counts", Json, nullable=False),
    Column("note", Text, nullable=False),
    Index("ix_run_stage_source_started_at", "stage", "source", "started_at"),
)

approval = Table(  # a history: the newest row of a source decides
    "approval",
    metadata,
    row_id(),
    Column("source", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(64), nullable=False),
    Column("decision", String(16), nullable=False),  # approved withdrawn
    Column("basis", Text, nullable=False),
    Column("robots", Json, nullable=False),  # what robots.txt said then
    Index("ix_approval_source_id", "source", "id"),
)

backfill_window = Table(  # old days to be read, and those that were
    "backfill_window",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("since", Moment, primary_key=True),
    Column("until", Moment, primary_key=True),
    Column("done_at", Moment),
)

source_state = Table(
    "source_state",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("watermark", Json, nullable=False),  # the spider's own words; moves after ok only
    Column("next_at", Moment),  # not before: schedule, or back-off
    Column("last_ok_at", Moment),
)

stage_state = Table(  # how far a stage has come
    "stage_state",
    metadata,
    Column("stage", String(32), primary_key=True),
    Column("key", String(120), primary_key=True),
    Column("value", Json, nullable=False),
)

lease = Table(  # one stage, one worker
    "lease",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("until", Moment, nullable=False),
)

observation = Table(  # what a good run saw: from it we learn what is usual
    "observation",
    metadata,
    Column("run_id", Id, ForeignKey("run.id"), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("seen", Json, nullable=False),  # crawlers/observing.py
    Index("ix_observation_source_run_id", "source", "run_id"),
)

source_health = Table(  # a stretch in which a source must not be taken at its word
    "source_health",
    metadata,
    row_id(),
    Column("source", String(64), nullable=False),
    Column("condition", String(16), nullable=False),  # blocked changed failing silent
    Column("since", Moment, nullable=False),  # from then on its numbers are no zero, but a gap
    Column("noticed_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("note", Text, nullable=False),
    Index("ix_source_health_source_ended_at", "source", "ended_at"),
)
Index(  # one open stretch of a kind
    "uq_source_health_open",
    source_health.c.source,
    source_health.c.condition,
    unique=True,
    sqlite_where=source_health.c.ended_at.is_(None),
    postgresql_where=source_health.c.ended_at.is_(None),
)
