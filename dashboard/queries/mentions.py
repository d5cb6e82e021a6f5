"""The feed: who said what about a lender, newest first, fifty at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, cast

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from data.model import SHANGHAI, Evidence, EvidenceStatus, Sentiment, SourceKind
from data.store import search
from data.store.schema import evidence, label, mention, verdict, verdict_tag

TEXT_LIMIT = 20_000
"""Characters of one text that a page shows; the rest is told by its length."""
COUNT_LIMIT = 10_000
"""Counting stops here: nobody reads further, and a count of everything is slow."""
RARE = 2_000
"""A phrase in no more mentions than this is looked up by their ids."""

Dated = Literal["all", "dated", "undated"]


@dataclass(frozen=True, slots=True)
class Filter:
    """What the reader wants to see. Empty tuples mean no restriction; days are Shanghai's."""

    lender: str
    words: str = ""
    sources: tuple[str, ...] = ()
    kinds: tuple[SourceKind, ...] = ()
    sentiments: tuple[Sentiment, ...] = ()
    allegations: tuple[str, ...] = ()
    touching: tuple[str, ...] = ()  # one of these too: what the chosen clauses forbid
    statuses: tuple[str, ...] = ()  # as the platform words them
    severities: tuple[int, ...] = ()
    severity: int = 0  # at least
    labelled: bool | None = None
    dated: Dated = "all"
    first_day: date | None = None
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A mention with what we think of it now. ``text`` is cut at TEXT_LIMIT of ``text_size``."""

    id: int
    source: str
    kind: str
    url: str
    outlet: str
    status: str
    published_at: datetime | None
    first_seen_at: datetime
    title: str
    text: str
    text_size: int
    sentiment: str
    score: float
    severity: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ended: the last row's time (None among the undated) and its mention id."""

    published_at: datetime | None
    id: int

    def __str__(self) -> str:
        """Write it for an address."""
        return f"{self.published_at.isoformat() if self.published_at else ''}~{self.id}"

    @classmethod
    def parse(cls, written: str) -> Cursor | None:
        """Read it from an address; anything else than a cursor is the first page."""
        moment, _, key = written.partition("~")
        try:
            at = datetime.fromisoformat(moment) if moment else None
            return cls(at, int(key)) if at is None or at.tzinfo else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and where the next ones begin (None: there are no more)."""

    rows: tuple[Shown, ...]
    following: Cursor | None


def page(conn: Connection, asked: Filter, after: Cursor | None = None, limit: int = 50) -> Page:
    """Return up to ``limit`` mentions after the cursor: dated newest first, then the undated."""
    rows: list[Any] = []
    if asked.dated != "undated" and (after is None or after.published_at is not None):
        rows += conn.execute(_dated(conn, asked, after).limit(limit + 1)).all()
        after = None
    if asked.dated != "dated" and not _days(asked) and len(rows) <= limit:
        rows += conn.execute(_undated(conn, asked, after).limit(limit + 1 - len(rows))).all()
    shown = _shown(conn, rows[:limit])
    last = shown[-1] if len(rows) > limit else None
    return Page(shown, Cursor(last.published_at, last.id) if last else None)


def count(conn: Connection, asked: Filter) -> int:
    """Return how many there are, at most COUNT_LIMIT + 1."""
    condition = and_(*conditions(conn, asked))
    if asked.dated != "all":
        undated = verdict.c.published_at.is_(None)
        condition = and_(condition, undated if asked.dated == "undated" else ~undated)
    whole = asked.statuses or search.query(asked.words)
    source = verdict.join(mention) if whole else verdict
    some = select(verdict.c.mention_id).select_from(source).where(condition)
    counted = some.limit(COUNT_LIMIT + 1).subquery()
    return conn.execute(select(func.count()).select_from(counted)).scalar_one()


def by_ids(conn: Connection, lender: str, ids: Sequence[int]) -> tuple[Shown, ...]:
    """Return these mentions as the lender's verdicts see them, oldest first, undated last."""
    chosen = _columns().where(verdict.c.lender == lender, verdict.c.mention_id.in_(ids))
    at = verdict.c.published_at
    return _shown(conn, conn.execute(chosen.order_by(at.is_(None), at, mention.c.id)).all())


def sources(conn: Connection, lender: str) -> tuple[str, ...]:
    """Return the sources that ever spoke about the lender."""
    found = select(verdict.c.source).where(verdict.c.lender == lender).distinct()
    return tuple(sorted(conn.execute(found).scalars()))


def _columns() -> Select[Any]:
    return select(
        mention.c.id,
        mention.c.source,
        mention.c.kind,
        mention.c.url,
        mention.c.outlet,
        mention.c.status,
        mention.c.published_at,
        mention.c.first_seen_at,
        mention.c.title,
        func.substr(mention.c.text, 1, TEXT_LIMIT).label("text"),
        func.length(mention.c.text).label("text_size"),
        verdict.c.sentiment,
        verdict.c.score,
        verdict.c.severity,
        verdict.c.assessment_id,
    ).select_from(verdict.join(mention))


def _dated(conn: Connection, asked: Filter, after: Cursor | None) -> Select[Any]:
    at, key = verdict.c.published_at, verdict.c.mention_id
    chosen = _columns().where(*conditions(conn, asked), at.is_not(None))
    if after is not None:
        chosen = chosen.where(
            at <= after.published_at, or_(at < after.published_at, key < after.id)
        )
    return chosen.order_by(at.desc(), key.desc())


def _undated(conn: Connection, asked: Filter, after: Cursor | None) -> Select[Any]:
    key = verdict.c.mention_id
    chosen = _columns().where(*conditions(conn, asked), verdict.c.published_at.is_(None))
    if after is not None:
        chosen = chosen.where(key < after.id)
    return chosen.order_by(key.desc())


def conditions(conn: Connection, asked: Filter) -> list[ColumnElement[bool]]:
    """Return what a row of ``verdict`` (joined with ``mention``) must meet to be shown."""
    found: list[ColumnElement[bool]] = [verdict.c.lender == asked.lender]
    for column, values in (
        (verdict.c.source, asked.sources),
        (verdict.c.kind, asked.kinds),
        (verdict.c.sentiment, asked.sentiments),
        (verdict.c.severity, asked.severities),
        (mention.c.status, asked.statuses),
    ):
        if values:
            found.append(column.in_(values))
    if asked.severity:
        found.append(verdict.c.severity >= asked.severity)
    for charges in filter(None, (asked.allegations, asked.touching)):
        tagged = select(verdict_tag.c.mention_id).where(
            verdict_tag.c.lender == asked.lender, verdict_tag.c.allegation.in_(charges)
        )
        found.append(verdict.c.mention_id.in_(tagged))
    if asked.labelled is not None:
        corrected = select(label.c.mention_id).where(label.c.lender == asked.lender)
        has = verdict.c.mention_id.in_(corrected)
        found.append(has if asked.labelled else ~has)
    words = search.query(asked.words)
    if words:
        found.append(_searched(conn, words))
    return found + _days(asked)


def _searched(conn: Connection, words: search.Query) -> ColumnElement[bool]:
    """Return the condition of a search: a rare phrase is led by ids, a common one met in time.

    Walking back in time for a rare phrase would read every verdict: 1.1 s of 322,000.
    """
    condition = search.matching(conn, words)
    ids = conn.execute(select(mention.c.id).where(condition).limit(RARE + 1)).scalars().all()
    return verdict.c.mention_id.in_(ids) if len(ids) <= RARE else condition


def _days(asked: Filter) -> list[ColumnElement[bool]]:
    """Return the range of days as conditions; with one, the undated cannot qualify."""
    conditions = []
    if asked.first_day:
        start = datetime.combine(asked.first_day, time(), SHANGHAI)
        conditions.append(verdict.c.published_at >= start)
    if asked.last_day:
        end = datetime.combine(asked.last_day + timedelta(days=1), time(), SHANGHAI)
        conditions.append(verdict.c.published_at < end)
    return conditions


def _shown(conn: Connection, rows: Sequence[Any]) -> tuple[Shown, ...]:
    words = _evidence(conn, [row.assessment_id for row in rows])
    return tuple(Shown(**_fields(row), evidence=tuple(words[row.assessment_id])) for row in rows)


def _fields(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name != "assessment_id"}  # noqa: SLF001  # SQLAlchemy's public name


def _evidence(conn: Connection, assessments: Sequence[int]) -> dict[int, list[Evidence]]:
    found: dict[int, list[Evidence]] = defaultdict(list)
    chosen = select(evidence).where(
        evidence.c.assessment_id.in_(assessments), evidence.c.status != EvidenceStatus.CLAIMED.value
    )
    ordered = chosen.order_by(evidence.c.assessment_id, evidence.c.ordinal)
    for row in conn.execute(ordered).mappings():
        where = cast("Literal['title', 'text']", row["field"])
        found[row["assessment_id"]].append(
            Evidence(
                row["allegation"],
                where,
                row["start"],
                row["end"],
                row["quote"],
                EvidenceStatus(row["status"]),
            )
        )
    return found
