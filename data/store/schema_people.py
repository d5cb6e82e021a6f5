"""The tables of what people decided: labels, cases, searches; and who they are."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
)

from data.store.columns import Id, Json, Moment, metadata, row_id

label = Table(  # appended, never changed: data/store/corrections.py
    "label",
    metadata,
    row_id(),
    Column("lender", String(64), nullable=False),
    Column("mention_id", Id, ForeignKey("mention.id"), nullable=False),
    Column("revision", Integer, nullable=False),  # the wording that the person saw
    Column("at", Moment, nullable=False),
    Column("by", String(64), nullable=False),
    Column("what", String(16), nullable=False),
    Column("allegation", String(64), nullable=False),
    Column("value", String(16), nullable=False),
    Column("field", String(5), nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("quote", Text, nullable=False),
    Column("note", Text, nullable=False),
    Index("ix_label_mention_id_lender", "mention_id", "lender"),
    Index("ix_label_lender_at", "lender", "at"),
)

case_file = Table(
    "case_file",
    metadata,
    row_id(),
    Column("lender", String(64), nullable=False),
    Column("title", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("owner", String(64), nullable=False),
    Column("received_at", Moment, nullable=False),  # deadlines run from receipt
    Column("due_days", SmallInteger, nullable=False),  # 15, 30 or 60
    Column("closed_at", Moment),
    Column("finding", String(16), nullable=False),
    CheckConstraint("due_days IN (15, 30, 60)", name="due_days"),
    Index("ix_case_file_lender_state", "lender", "state", "id"),
)

case_item = Table(
    "case_item",
    metadata,
    Column("case_id", Id, ForeignKey("case_file.id"), primary_key=True),
    Column("mention_id", Id, ForeignKey("mention.id"), primary_key=True),
    Column("revision", Integer, nullable=False),  # the wording that was taken into the case
    Index("ix_case_item_mention_id", "mention_id"),
)

case_note = Table(  # a case's history, appended
    "case_note",
    metadata,
    row_id(),
    Column("case_id", Id, ForeignKey("case_file.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(64), nullable=False),
    Column("what", String(16), nullable=False),
    Column("detail", Json, nullable=False),
    Index("ix_case_note_case_id", "case_id", "id"),
)

saved_search = Table(
    "saved_search",
    metadata,
    Column("lender", String(64), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("by", String(64), nullable=False),
    Column("at", Moment, nullable=False),
    Column("address", Text, nullable=False),  # the filters as the page's address writes them
)

account = Table(  # of those who sign in at our own door
    "account",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("password", Text, nullable=False),  # argon2id, with its salt and cost
    Column("must_change", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("failures", SmallInteger, nullable=False),
    Column("locked_until", Moment),
    Column("changed_at", Moment, nullable=False),
)

session = Table(  # who is signed in; the token itself is only in the browser
    "session",
    metadata,
    Column("token", String(64), primary_key=True),  # its SHA-256
    Column("name", String(64), ForeignKey("account.name"), nullable=False),
    Column("ends_at", Moment, nullable=False),
    Index("ix_session_name", "name"),
)

fact_change = Table(  # appended, never changed: data/store/changes.py
    "fact_change",
    metadata,
    row_id(),
    Column("at", Moment, nullable=False),
    Column("by", String(80), nullable=False),
    Column("name", String(32), nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("note", Text, nullable=False),
    Index("ix_fact_change_name_id", "name", "id"),
)

unmasking = Table(  # who looked behind a mask, and why; appended, never changed
    "unmasking",
    metadata,
    row_id(),
    Column("mention_id", Id, ForeignKey("mention.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", String(64), nullable=False),
    Column("why", Text, nullable=False),
    Column("sha256", String(64), nullable=False),  # of the page that was read
    Index("ix_unmasking_mention_id", "mention_id", "id"),
)
