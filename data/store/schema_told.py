"""The tables of who was told: messages on their way, their pace, silences, digests."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
)

from data.store.columns import Id, Json, Moment, metadata, row_id

outbox = Table(
    "outbox",
    metadata,
    row_id(),
    Column("key", String(120), nullable=False, unique=True),
    Column("incident_id", Id, ForeignKey("incident.id")),  # null: a digest
    Column("revision", Integer, nullable=False),
    Column("channel", String(64), nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("reason", String(16), nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("state", String(16), nullable=False),  # waiting sending sent dead quiet
    Column("attempt", SmallInteger, nullable=False),
    Column("unsure", Boolean, nullable=False),  # it may have arrived: mark the repeat
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("leased_by", String(80)),
    Column("lease_until", Moment),
    Column("sent_at", Moment),
    Column("reply", Text, nullable=False),
    Index("ix_outbox_state_due_at", "state", "due_at"),
    Index("ix_outbox_incident_id", "incident_id", "id"),
)

pace = Table(  # how fast a channel may be used; shared by all processes
    "pace",
    metadata,
    Column("channel", String(64), primary_key=True),
    Column("tokens", Float, nullable=False),  # messages that may go now
    Column("at", Moment, nullable=False),  # when they were counted
    Column("paused_until", Moment),
)

silence = Table(  # somebody decided not to be told, with a reason and an end
    "silence",
    metadata,
    row_id(),
    Column("lender", String(64), nullable=False),  # "" is any
    Column("topic", String(120), nullable=False),  # begins an incident's key; "" is any
    Column("starts_at", Moment, nullable=False),
    Column("ends_at", Moment, nullable=False),
    Column("by", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_silence_ends_at", "ends_at"),
)

digest = Table(  # what a digest said; a changed number is a new revision, never a silent one
    "digest",
    metadata,
    Column("period", String(16), primary_key=True),
    Column("scope", String(64), primary_key=True),  # companies, a product or a province
    Column("revision", Integer, primary_key=True),
    Column("made_at", Moment, nullable=False),
    Column("hash", String(64), nullable=False),  # of the figures
    Column("content", Json, nullable=False),  # figures, pages and charts: alerts/digest
)
