"""The tables. Migrations in ``data/migrations`` must lead exactly here (a test compares).

Narrow tables next to the wide one: ``mention`` keeps what was said, ``verdict`` keeps what we think
of it now in a row of a few bytes, ``hourly`` and ``hourly_tag`` keep the counts that pages read.
Key columns come first and in key order: SQLite's quick_check is wrong about other orders.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from data.store.columns import Id, Json, Moment, metadata, row_id
from data.store.schema_people import (
    account,
    case_file,
    case_item,
    case_note,
    fact_change,
    label,
    saved_search,
    session,
    unmasking,
)
from data.store.schema_runs import (
    approval,
    backfill_window,
    lease,
    observation,
    run,
    source_health,
    source_state,
    stage_state,
)
from data.store.schema_told import digest, outbox, pace, silence

__all__ = [
    "Id",
    "Json",
    "Moment",
    "account",
    "approval",
    "assessment",
    "backfill_window",
    "capture",
    "case_file",
    "case_item",
    "case_note",
    "copy",
    "daily_place",
    "digest",
    "evidence",
    "fact_change",
    "hourly",
    "hourly_tag",
    "incident",
    "incident_event",
    "incident_mention",
    "label",
    "lease",
    "mention",
    "mention_revision",
    "metadata",
    "observation",
    "outbox",
    "pace",
    "pending",
    "run",
    "saved_search",
    "session",
    "signal",
    "silence",
    "source_health",
    "source_state",
    "stage_state",
    "template",
    "unmasking",
    "verdict",
    "verdict_product",
    "verdict_tag",
]

# ------------------------------------------------------------------------------ what was said
capture = Table(
    "capture",
    metadata,
    row_id(),
    Column("source", String(64), nullable=False),
    Column("url", Text, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("fetched_at", Moment, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("size", Integer, nullable=False),
    Column("file", Text),  # null: the page itself was not kept, or is kept no longer
    Column("offset", BigInteger),
    Column("length", Integer),
    UniqueConstraint("source", "url", "sha256"),
    Index("ix_capture_file", "file"),
)

mention = Table(
    "mention",
    metadata,
    row_id(),
    Column("source", String(64), nullable=False),
    Column("native_id", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("published_at", Moment),  # null: undated, in no volume series
    Column("first_seen_at", Moment, nullable=False),
    Column("fetched_at", Moment, nullable=False),
    Column("author", String(64), nullable=False),  # keyed pseudonym, never a name
    Column("outlet", String(200), nullable=False),
    Column("status", String(64), nullable=False),
    Column("reach", Integer, nullable=False),
    Column("digest", String(64), nullable=False),  # of title, text and status: did it change?
    Column("capture_id", Id, ForeignKey("capture.id")),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("extra", Json, nullable=False),
    UniqueConstraint("source", "native_id"),
    Index("ix_mention_published_at_id", "published_at", "id"),
    sqlite_autoincrement=True,  # an id is never given out twice
)

mention_revision = Table(
    "mention_revision",
    metadata,
    Column("mention_id", Id, ForeignKey("mention.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("replaced_at", Moment, nullable=False),  # this wording was public until then
    Column("status", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("capture_id", Id, ForeignKey("capture.id")),
)

pending = Table(
    "pending",
    metadata,
    Column("stage", String(16), primary_key=True),
    Column("mention_id", Id, ForeignKey("mention.id"), primary_key=True),
)

# ------------------------------------------------------------------------------ what we think
assessment = Table(
    "assessment",
    metadata,
    row_id(),
    Column("mention_id", Id, ForeignKey("mention.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("lender", String(64), nullable=False),
    Column("made_by", String(64), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("sentiment", String(3), nullable=False),
    Column("score", Float, nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("names", Json, nullable=False),
    Column("facts", Json, nullable=False, server_default="{}"),  # nlp/facts.py
    UniqueConstraint("mention_id", "revision", "lender", "made_by"),
    CheckConstraint("score BETWEEN -1 AND 1", name="score"),
    CheckConstraint("severity BETWEEN 0 AND 5", name="severity"),
)

evidence = Table(
    "evidence",
    metadata,
    Column("assessment_id", Id, ForeignKey("assessment.id"), primary_key=True),
    Column("ordinal", SmallInteger, primary_key=True),
    Column("allegation", String(64), nullable=False),
    Column("field", String(5), nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("quote", Text, nullable=False),
    Column("status", String(10), nullable=False, server_default="alleged"),
)

verdict = Table(  # the newest assessment, one row a lender
    "verdict",
    metadata,
    Column("lender", String(64), primary_key=True),
    Column("mention_id", Id, ForeignKey("mention.id"), primary_key=True),
    Column("assessment_id", Id, ForeignKey("assessment.id"), nullable=False),
    Column("published_at", Moment),
    Column("source", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("sentiment", String(3), nullable=False),
    Column("score", Float, nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("province", String(16), nullable=False, server_default=""),  # data/store/stated.py
    Column("city", String(32), nullable=False, server_default=""),
    Column("collector", String(64), nullable=False, server_default=""),
    Column("amount", Integer),  # yuan; null where the text names none
    Index("ix_verdict_lender_published_at", "lender", "published_at", "mention_id"),
    Index("ix_verdict_mention_id", "mention_id"),
    Index("ix_verdict_lender_source_published_at", "lender", "source", "published_at"),
    Index("ix_verdict_lender_severity_published_at", "lender", "severity", "published_at"),
)
for _name in ("province", "collector"):  # rare values, found without reading back through time
    _here = verdict.c[_name] != ""
    Index(f"ix_verdict_lender_{_name}_published_at", verdict.c.lender, verdict.c[_name],
          verdict.c.published_at, sqlite_where=_here, postgresql_where=_here)  # fmt: skip

verdict_tag = Table(
    "verdict_tag",
    metadata,
    Column("lender", String(64), primary_key=True),
    Column("allegation", String(64), primary_key=True),
    Column("mention_id", Id, ForeignKey("mention.id"), primary_key=True),
    Column("published_at", Moment),
    Index(
        "ix_verdict_tag_lender_allegation_published_at",
        "lender",
        "allegation",
        "published_at",
        "mention_id",
    ),
    Index("ix_verdict_tag_mention_id_lender_allegation", "mention_id", "lender", "allegation"),
)

verdict_product = Table(  # the products that a mention names; counted without the verdict
    "verdict_product",
    metadata,
    Column("lender", String(64), primary_key=True),
    Column("product", String(64), primary_key=True),
    Column("mention_id", Id, ForeignKey("mention.id"), primary_key=True),
    Column("published_at", Moment),
    Column("sentiment", String(3), nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Index("ix_verdict_product_lender_product_published_at", "lender", "product", "published_at",
          "sentiment", "severity", "mention_id"),
    Index("ix_verdict_product_mention_id", "mention_id"),
)  # fmt: skip

copy = Table(  # which mention says the same as which
    "copy",
    metadata,
    row_id(),  # grows with each placing, so that an index in memory can catch up
    Column("mention_id", Id, ForeignKey("mention.id"), nullable=False, unique=True),
    Column("first_id", Id, ForeignKey("mention.id"), nullable=False),  # itself: an original
    Column("sketch", LargeBinary(64), nullable=False),  # nlp/likeness.py
    Index("ix_copy_first_id", "first_id", "mention_id"),
    sqlite_autoincrement=True,  # a number is never given out twice
)

template = Table(  # what many accounts wrote, with blanks where they differ
    "template",
    metadata,
    Column("first_id", Id, ForeignKey("mention.id"), primary_key=True),
    Column("text", Text, nullable=False),
    Column("accounts", Integer, nullable=False),
    Column("mentions", Integer, nullable=False),
    Column("since", Moment),
    Column("until", Moment),
)

hourly = Table(  # kept in the transaction that writes verdicts
    "hourly",
    metadata,
    Column("lender", String(64), primary_key=True),
    Column("hour", Moment, primary_key=True),
    Column("source", String(64), primary_key=True),
    Column("sentiment", String(3), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("severe", Integer, nullable=False),  # of them, severity 4 and above
)

hourly_tag = Table(
    "hourly_tag",
    metadata,
    Column("lender", String(64), primary_key=True),
    Column("hour", Moment, primary_key=True),
    Column("source", String(64), primary_key=True),
    Column("allegation", String(64), primary_key=True),
    Column("n", Integer, nullable=False),
)

daily_place = Table(  # Shanghai's days: by the hour most places would be counted singly
    "daily_place",
    metadata,
    Column("lender", String(64), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("province", String(16), primary_key=True),
    Column("city", String(32), primary_key=True),
    Column("n", Integer, nullable=False),
    Column("negative", Integer, nullable=False),  # of them
)

# ------------------------------------------------------------------------------ what is unusual
incident = Table(
    "incident",
    metadata,
    row_id(),
    Column("lender", String(64), nullable=False),
    Column("key", String(120), nullable=False),
    Column("title", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Column("closed_at", Moment),
    Column("owner", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("first_mention_id", Id),  # who began it; null: the oldest
    CheckConstraint("level BETWEEN 1 AND 4", name="level"),
    Index("ix_incident_lender_state", "lender", "state", "last_at"),
)
Index(  # the join rule, held by the database
    "uq_incident_open",
    incident.c.lender,
    incident.c.key,
    unique=True,
    sqlite_where=incident.c.closed_at.is_(None),
    postgresql_where=incident.c.closed_at.is_(None),
)

incident_mention = Table(
    "incident_mention",
    metadata,
    Column("incident_id", Id, ForeignKey("incident.id"), primary_key=True),
    Column("mention_id", Id, ForeignKey("mention.id"), primary_key=True),
    Index("ix_incident_mention_mention_id", "mention_id"),
)

incident_event = Table(  # the history a person reads
    "incident_event",
    metadata,
    row_id(),
    Column("incident_id", Id, ForeignKey("incident.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(64), nullable=False),  # a person, or a rule and its version
    Column("what", String(32), nullable=False),
    Column("detail", Json, nullable=False),
    Index("ix_incident_event_incident_id", "incident_id", "id"),
)

signal = Table(
    "signal",
    metadata,
    row_id(),
    Column("rule", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("lender", String(64), nullable=False),
    Column("series", String(80), nullable=False),
    Column("at", Moment, nullable=False),
    Column("window_seconds", Integer, nullable=False),
    Column("value", Float, nullable=False),
    Column("expected", Float, nullable=False),
    Column("threshold", Float, nullable=False),
    Column("severity", SmallInteger, nullable=False),
    Column("detail", Json, nullable=False),
    Column("incident_id", Id, ForeignKey("incident.id")),
    UniqueConstraint("rule", "lender", "series", "at"),
    Index("ix_signal_incident_id", "incident_id"),
    Index("ix_signal_lender_at", "lender", "at"),
)
