"""Case files: complaints that somebody answers for, with a deadline and a history.

Deadlines run from receipt (银行业保险业消费投诉处理管理办法): 15 days, complex cases 30, specially
complex ones 60 with an approval above; each extension needs a reason and is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from data.errors import TingfengError
from data.store.schema import case_file, case_item, case_note, mention
from data.store.upsert import insert

DUE_DAYS = (15, 30, 60)


class CaseState(StrEnum):
    """Whether somebody still works on it."""

    OPEN = "open"
    CLOSED = "closed"


class Finding(StrEnum):
    """What a closed case came to."""

    SUBSTANTIATED = "substantiated"
    PARTLY = "partly"
    REFUTED = "refuted"
    OTHER = "other"  # not about us, withdrawn, a duplicate: the reason says which


class CaseMoved(TingfengError):
    """Somebody else has changed the case meanwhile."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case file with its size. ``due_at`` is the end of the period that runs now."""

    id: int
    lender: str
    title: str
    state: CaseState
    owner: str
    received_at: datetime
    due_days: int
    closed_at: datetime | None
    finding: str
    items: int

    @property
    def due_at(self) -> datetime:
        """When the complainant must have an answer."""
        return self.received_at + timedelta(days=self.due_days)


@dataclass(frozen=True, slots=True)
class Note:
    """One line of a case's history: opened added note owner extended closed reopened."""

    at: datetime
    by: str
    what: str
    detail: Mapping[str, Any]


def open_case(conn: Connection, lender: str, mention_id: int, by: str, now: datetime) -> int:
    """Open a case on a mention and return its id; it is received when it was published.

    An undated mention is received when we first saw it.
    """
    c = mention.c
    row = conn.execute(
        select(c.title, c.text, c.published_at, c.first_seen_at).where(c.id == mention_id)
    ).one()
    values = {
        "lender": lender,
        "title": (row.title or row.text)[:200],
        "state": CaseState.OPEN.value,
        "owner": by,
        "received_at": min(row.published_at or row.first_seen_at, now),
        "due_days": DUE_DAYS[0],
        "finding": "",
    }
    key = int(
        conn.execute(case_file.insert().values(values).returning(case_file.c.id)).scalar_one()
    )
    _note(conn, key, by, now, "opened", {})
    add(conn, key, mention_id, by, now)
    return key


def add(conn: Connection, key: int, mention_id: int, by: str, now: datetime) -> bool:
    """Add a mention to an open case; False if it was in it. Raises CaseMoved."""
    _must(conn, key, CaseState.OPEN)
    revision = select(mention.c.revision).where(mention.c.id == mention_id).scalar_subquery()
    values = {"case_id": key, "mention_id": mention_id, "revision": revision}
    statement = insert(conn, case_item).values(values).on_conflict_do_nothing()
    added = conn.execute(statement.returning(case_item.c.mention_id)).first() is not None
    if added:
        _note(conn, key, by, now, "added", {"mention": mention_id})
    return added


def note(conn: Connection, key: int, by: str, now: datetime, text: str) -> None:
    """Write something down."""
    if not text.strip():
        raise ValueError("a note needs words")
    _note(conn, key, by, now, "note", {"text": text.strip()})


def assign(conn: Connection, key: int, by: str, now: datetime, owner: str) -> None:
    """Give an open case to somebody. Raises CaseMoved."""
    _change(conn, key, CaseState.OPEN, {"owner": owner.strip()[:64]})
    _note(conn, key, by, now, "owner", {"to": owner.strip()[:64]})


def extend(conn: Connection, key: int, by: str, now: datetime, days: int, why: str) -> None:
    """Give an open case the next period, with the reason and who approved. Raises CaseMoved."""
    if not why.strip():
        raise ValueError("an extension needs a reason")
    before = conn.execute(select(case_file.c.due_days).where(case_file.c.id == key)).scalar_one()
    if days not in DUE_DAYS or days <= before:
        raise ValueError(f"{days} days are no extension of {before}")
    _change(conn, key, CaseState.OPEN, {"due_days": days})
    _note(conn, key, by, now, "extended", {"from": before, "to": days, "why": why.strip()})


def close(conn: Connection, key: int, by: str, now: datetime, finding: Finding, why: str) -> None:
    """Close an open case with what it came to and why. Raises CaseMoved."""
    if not why.strip():
        raise ValueError("closing a case needs a reason")
    values = {"state": CaseState.CLOSED.value, "closed_at": now, "finding": finding.value}
    _change(conn, key, CaseState.OPEN, values)
    _note(conn, key, by, now, "closed", {"finding": finding.value, "why": why.strip()})


def reopen(conn: Connection, key: int, by: str, now: datetime, why: str) -> None:
    """Open a closed case again; its deadline still runs from receipt. Raises CaseMoved."""
    values = {"state": CaseState.OPEN.value, "closed_at": None, "finding": ""}
    _change(conn, key, CaseState.CLOSED, values)
    _note(conn, key, by, now, "reopened", {"why": why.strip()})


def listed(conn: Connection, lender: str, state: CaseState, limit: int = 200) -> tuple[Case, ...]:
    """Return a lender's cases: open ones by what is due first, closed ones by the newest."""
    c = case_file.c
    query = select(case_file).where(c.lender == lender, c.state == state.value)
    found = _cases(conn, conn.execute(query.order_by(c.id.desc()).limit(limit)).all())
    if state is CaseState.OPEN:
        return tuple(sorted(found, key=lambda case: case.due_at))
    return found


def get(conn: Connection, key: int) -> Case | None:
    """Return one case, or None."""
    found = _cases(conn, conn.execute(select(case_file).where(case_file.c.id == key)).all())
    return found[0] if found else None


def of_mention(conn: Connection, lender: str, mention_id: int) -> tuple[Case, ...]:
    """Return the cases that a mention is in."""
    held = select(case_item.c.case_id).where(case_item.c.mention_id == mention_id)
    query = select(case_file).where(case_file.c.lender == lender, case_file.c.id.in_(held))
    return _cases(conn, conn.execute(query.order_by(case_file.c.id)).all())


def items(conn: Connection, key: int) -> dict[int, int]:
    """Return a case's mentions: id, and the revision that was taken in."""
    query = select(case_item.c.mention_id, case_item.c.revision).where(case_item.c.case_id == key)
    return {row.mention_id: row.revision for row in conn.execute(query)}


def history(conn: Connection, key: int) -> tuple[Note, ...]:
    """Return what happened to a case, newest first."""
    c = case_note.c
    query = select(c.at, c.by, c.what, c.detail).where(c.case_id == key).order_by(c.id.desc())
    return tuple(Note(*row) for row in conn.execute(query))


def _note(
    conn: Connection, key: int, by: str, now: datetime, what: str, detail: Mapping[str, Any]
) -> None:
    values = {"case_id": key, "at": now, "by": by, "what": what, "detail": dict(detail)}
    conn.execute(case_note.insert().values(values))


def _change(conn: Connection, key: int, state: CaseState, values: Mapping[str, Any]) -> None:
    here = (case_file.c.id == key) & (case_file.c.state == state.value)
    if conn.execute(update(case_file).where(here).values(**values)).rowcount != 1:
        raise CaseMoved(f"case {key} is no longer {state.value}; reload the page to see it")


def _must(conn: Connection, key: int, state: CaseState) -> None:
    found = conn.execute(
        select(case_file.c.state).where(case_file.c.id == key)
    ).scalar_one_or_none()
    if found != state.value:
        raise CaseMoved(f"case {key} is no longer {state.value}; reload the page to see it")


def _cases(conn: Connection, rows: Any) -> tuple[Case, ...]:
    keys = [row.id for row in rows]
    sizes = (
        select(case_item.c.case_id, func.count())
        .where(case_item.c.case_id.in_(keys))
        .group_by(case_item.c.case_id)
    )
    counted: dict[int, int] = {row[0]: row[1] for row in conn.execute(sizes)}
    return tuple(_case(row, counted.get(row.id, 0)) for row in rows)


def _case(row: Row[Any], size: int) -> Case:
    return Case(
        id=row.id,
        lender=row.lender,
        title=row.title,
        state=CaseState(row.state),
        owner=row.owner,
        received_at=row.received_at,
        due_days=row.due_days,
        closed_at=row.closed_at,
        finding=row.finding,
        items=size,
    )
