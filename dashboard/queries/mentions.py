"""The feed: who said what about a lender, newest first, fifty at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    func,
    or_,
    select,
    union_all,
)

from dashboard.queries.filters import (
    WALKED,
    Filter,
    common,
    conditions,
    days,
    each,
    fewest,
    moment,
    rare,
    stretches,
)
from data.model import Evidence, EvidenceStatus
from data.store import search
from data.store.schema import evidence, mention, verdict

TEXT_LIMIT = 20_000
"""Characters of one text that a page shows; the rest is told by its length."""
COUNT_LIMIT = 10_000
"""Counting stops here: nobody reads further, and a count of everything is slow."""


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
class Tally:
    """How many there are, at most COUNT_LIMIT + 1; ``among`` so many of the newest, or all."""

    n: int
    among: int | None = None

    @property
    def whole(self) -> int | None:
        """The number, where it is that of all there are."""
        return self.n if self.among is None and self.n <= COUNT_LIMIT else None


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, and where the next ones begin (None: there are no more)."""

    rows: tuple[Shown, ...]
    following: Cursor | None


def page(
    conn: Connection, asked: Filter, after: Cursor | None = None, limit: int = 50,
    total: int | None = None, newest: Sequence[int] = (),
) -> Page:  # fmt: skip
    """Return up to ``limit`` mentions after the cursor: dated newest first, then the undated.

    ``total`` says how many there are, ``newest`` which come first, where that was counted.
    """
    if newest and after is None and (len(newest) > limit or len(newest) == total):
        return _page(conn, _read(conn, asked, newest[: limit + 1]), limit)
    rows, ids = list[Any](), rare(conn, asked)
    found = fewest(conn, asked, ids)
    if 0 in {found, total}:
        return Page((), None)
    if asked.dated != "undated" and (after is None or after.published_at is not None):
        keys = _among_newest(conn, asked, after, limit + 1) if ids is None else None
        if keys is None:
            at = moment(conn, limit, found, total)
            chosen = _dated(asked, conditions(conn, asked, ids), after, at)
            keys = conn.execute(chosen.limit(limit + 1)).scalars().all()
        rows += _read(conn, asked, keys)
        after = None
    if asked.dated != "dated" and not days(asked) and len(rows) <= limit and len(rows) != total:
        at, key = verdict.c.published_at, verdict.c.mention_id
        undated = _chosen(asked, [*conditions(conn, asked, ids), at.is_(None)])
        if after is not None:
            undated = undated.where(key < after.id)
        ordered = undated.order_by(key.desc()).limit(limit + 1 - len(rows))
        rows += _read(conn, asked, conn.execute(ordered).scalars().all())
    return _page(conn, rows, limit)


def _page(conn: Connection, rows: Sequence[Row[Any]], limit: int) -> Page:
    shown = _shown(conn, rows[:limit])
    last = shown[-1] if len(rows) > limit else None
    return Page(shown, Cursor(last.published_at, last.id) if last else None)


def _dated(
    asked: Filter,
    met: Sequence[ColumnElement[bool]],
    after: Cursor | None,
    at: ColumnElement[Any] = verdict.c.published_at,
) -> Select[Any]:
    """Return the dated keys that meet the conditions, after the cursor, newest first."""
    key = verdict.c.mention_id
    chosen = _chosen(asked, [*met, at.is_not(None)]).order_by(at.desc(), key.desc())
    if after is None:
        return chosen
    return chosen.where(at <= after.published_at, or_(at < after.published_at, key < after.id))


def _among_newest(
    conn: Connection, asked: Filter, after: Cursor | None, limit: int
) -> Sequence[int] | None:
    """Return what a search too common to gather finds among the newest rows.

    None: it is not so common, or that is not enough. To gather all that match takes seconds where
    hundreds of thousands do; to ask the newest rows one by one does not.
    """
    words = common(conn, asked)
    if words is None:
        return None
    at = verdict.c.published_at
    rest = _dated(asked, conditions(conn, replace(asked, words="")), after)
    newest = rest.add_columns(at).limit(WALKED).subquery()
    c = newest.c
    found = select(c.mention_id).where(search.matching(conn, words, c.mention_id, one_by_one=True))
    ordered = found.order_by(c.published_at.desc(), c.mention_id.desc()).limit(limit)
    keys = conn.execute(ordered).scalars().all()
    all_walked = len(keys) < limit and not conn.execute(rest.offset(WALKED).limit(1)).first()
    return keys if len(keys) == limit or all_walked else None


def tally(conn: Connection, asked: Filter) -> Tally:
    """Return how many there are; of a search too common to gather, among the newest WALKED."""
    words = common(conn, asked)
    if words is None:
        return Tally(count(conn, asked))
    at, met = verdict.c.published_at, conditions(conn, replace(asked, words=""))
    parts = []
    if asked.dated != "undated":
        parts.append(_dated(asked, met, None).limit(WALKED))
    if asked.dated != "dated":
        undated = _chosen(asked, [*met, at.is_(None)]).order_by(verdict.c.mention_id.desc())
        parts.append(undated.limit(WALKED))
    both = union_all(*(select(part.subquery()) for part in parts)).subquery()
    newest = select(both).limit(WALKED).subquery()
    hit = search.matching(conn, words, newest.c.mention_id, one_by_one=True)
    counted = select(func.count(), func.count().filter(hit)).select_from(newest)
    walked, n = conn.execute(counted).one()
    return Tally(n, WALKED if walked == WALKED and n <= COUNT_LIMIT else None)


def count(conn: Connection, asked: Filter) -> int:
    """Return how many there are, at most COUNT_LIMIT + 1."""
    for stretch in stretches(conn, asked):
        if (n := _count(conn, stretch)) > COUNT_LIMIT:
            break
    return n


def _count(conn: Connection, asked: Filter) -> int:
    condition = and_(*conditions(conn, asked, rare(conn, asked)))
    if asked.dated != "all":
        undated = verdict.c.published_at.is_(None)
        condition = and_(condition, undated if asked.dated == "undated" else ~undated)
    source = verdict.join(mention) if asked.statuses else verdict
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
    return tuple(each(conn, verdict.c.source, verdict.c.lender == lender))


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


def _chosen(asked: Filter, met: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Return the keys of what meets the conditions; the wide rows are read when it is known."""
    source = verdict.join(mention) if asked.statuses else verdict
    return select(verdict.c.mention_id).select_from(source).where(*met)


def _read(conn: Connection, asked: Filter, ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Return the rows of these keys in their order."""
    here = (verdict.c.lender == asked.lender, verdict.c.mention_id.in_(ids))
    rows = {row.id: row for row in conn.execute(_columns().where(*here))}
    return [rows[key] for key in ids]


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
