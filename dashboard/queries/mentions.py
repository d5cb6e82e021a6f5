"""The feed: who said what about a lender, newest first, fifty at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    func,
    literal_column,
    or_,
    select,
)

from data.model import SHANGHAI, Evidence, EvidenceStatus, Sentiment, SourceKind
from data.store import search
from data.store.schema import copy, evidence, label, mention, verdict, verdict_product, verdict_tag

TEXT_LIMIT = 20_000
"""Characters of one text that a page shows; the rest is told by its length."""
COUNT_LIMIT = 10_000
"""Counting stops here: nobody reads further, and a count of everything is slow."""

RARE = 3_000
"""What a search finds no more often than this is looked up once, and then goes by its ids."""
WALKED = 20_000
"""Rows that are asked one by one whether a search finds them."""
LED = 50_000
"""Counting what one index finds stops here: more are met on the way back through time."""
AMOUNTS: Mapping[str, tuple[int, int]] = {
    "under_1000": (0, 1_000),
    "1000_5000": (1_000, 5_000),
    "5000_10000": (5_000, 10_000),
    "10000_50000": (10_000, 50_000),
    "over_50000": (50_000, 2**31 - 1),
}
"""Ranges of what a text says was borrowed or taken, in yuan: from, and up to but without."""

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
    provinces: tuple[str, ...] = ()
    cities: tuple[str, ...] = ()
    products: tuple[str, ...] = ()  # slugs
    collectors: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()  # names of AMOUNTS
    templates: tuple[int, ...] = ()  # data/store/templates.py
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
    ids = rare(conn, asked)
    found = fewest(conn, asked, ids)
    if found == 0:
        return Page((), None)
    if asked.dated != "undated" and (after is None or after.published_at is not None):
        keys = _among_newest(conn, asked, after, limit + 1) if ids is None else ()
        if len(keys) <= limit:
            chosen = _dated(asked, conditions(conn, asked, ids), after)
            ordered = chosen.order_by(*newest_first(conn, limit, found)).limit(limit + 1)
            keys = conn.execute(ordered).scalars().all()
        rows += _read(conn, asked, keys)
        after = None
    if asked.dated != "dated" and not _days(asked) and len(rows) <= limit:
        at, key = verdict.c.published_at, verdict.c.mention_id
        undated = _chosen(asked, [*conditions(conn, asked, ids), at.is_(None)])
        if after is not None:
            undated = undated.where(key < after.id)
        ordered = undated.order_by(key.desc()).limit(limit + 1 - len(rows))
        rows += _read(conn, asked, conn.execute(ordered).scalars().all())
    shown = _shown(conn, rows[:limit])
    last = shown[-1] if len(rows) > limit else None
    return Page(shown, Cursor(last.published_at, last.id) if last else None)


def _dated(asked: Filter, met: Sequence[ColumnElement[bool]], after: Cursor | None) -> Select[Any]:
    """Return the dated keys that meet the conditions, after the cursor."""
    at, key = verdict.c.published_at, verdict.c.mention_id
    chosen = _chosen(asked, [*met, at.is_not(None)])
    if after is None:
        return chosen
    return chosen.where(at <= after.published_at, or_(at < after.published_at, key < after.id))


def _among_newest(
    conn: Connection, asked: Filter, after: Cursor | None, limit: int
) -> Sequence[int]:
    """Return what a search finds among the newest WALKED rows, on PostgreSQL; else nothing.

    To gather all that match takes seconds where hundreds of thousands do; to ask the newest rows
    one by one does not, and a common phrase is soon found often enough.
    """
    words = search.query(asked.words)
    if conn.dialect.name != "postgresql" or not words:
        return ()
    at, key = verdict.c.published_at, verdict.c.mention_id
    rest = _dated(asked, conditions(conn, replace(asked, words="")), after)
    newest = rest.add_columns(at).order_by(at.desc(), key.desc()).limit(WALKED).subquery()
    c = newest.c
    found = select(c.mention_id).where(search.matching(conn, words, c.mention_id, one_by_one=True))
    ordered = found.order_by(c.published_at.desc(), c.mention_id.desc()).limit(limit)
    return conn.execute(ordered).scalars().all()


def count(conn: Connection, asked: Filter) -> int:
    """Return how many there are, at most COUNT_LIMIT + 1."""
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


def each(conn: Connection, column: ColumnElement[str], here: ColumnElement[bool]) -> Iterator[str]:
    """Yield the different values of a column in order, hopping along the index it stands in.

    DISTINCT would read every row: 140 ms of a million, where a hop takes a tenth of one.
    """
    after: list[ColumnElement[bool]] = []
    while (
        value := conn.execute(select(func.min(column)).where(here, *after)).scalar()
    ) is not None:
        yield str(value)
        after = [column > value]


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


def rare(conn: Connection, asked: Filter) -> Sequence[int] | None:
    """Return the ids that a search finds, where they are few; None: no search, or too many."""
    words = search.query(asked.words)
    if not words:
        return None
    found = select(mention.c.id).where(search.matching(conn, words)).limit(RARE + 1)
    ids = conn.execute(found).scalars().all()
    return ids if len(ids) <= RARE else None


def conditions(
    conn: Connection, asked: Filter, ids: Sequence[int] | None = None
) -> list[ColumnElement[bool]]:
    """Return what a row of ``verdict`` (joined with ``mention``) must meet to be shown.

    ``ids`` are what ``rare`` found for the search.
    """
    found: list[ColumnElement[bool]] = [verdict.c.lender == asked.lender]
    for column, values in (
        (verdict.c.source, asked.sources),
        (verdict.c.kind, asked.kinds),
        (verdict.c.sentiment, asked.sentiments),
        (verdict.c.severity, asked.severities),
        (mention.c.status, asked.statuses),
        (verdict.c.province, asked.provinces),
        (verdict.c.city, asked.cities),
        (verdict.c.collector, asked.collectors),
    ):
        if values:
            found.append(column.in_(values))
    found += [column != "" for column in _sparse(asked)]
    if asked.products:
        named = select(verdict_product.c.mention_id).where(
            verdict_product.c.lender == asked.lender, verdict_product.c.product.in_(asked.products)
        )
        found.append(verdict.c.mention_id.in_(named))
    if asked.amounts:
        spans = [AMOUNTS[name] for name in asked.amounts]
        amount = verdict.c.amount
        found.append(or_(*(and_(amount >= low, amount < high) for low, high in spans)))
    if asked.severity:
        found.append(verdict.c.severity >= asked.severity)
    for charges in filter(None, (asked.allegations, asked.touching)):
        tagged = select(verdict_tag.c.mention_id).where(
            verdict_tag.c.lender == asked.lender, verdict_tag.c.allegation.in_(charges)
        )
        found.append(verdict.c.mention_id.in_(tagged))
    if asked.templates:
        same = select(copy.c.mention_id).where(copy.c.first_id.in_(asked.templates))
        found.append(verdict.c.mention_id.in_(same))
    if asked.labelled is not None:
        corrected = select(label.c.mention_id).where(label.c.lender == asked.lender)
        has = verdict.c.mention_id.in_(corrected)
        found.append(has if asked.labelled else ~has)
    words = search.query(asked.words)
    if ids is not None:
        found.append(verdict.c.mention_id.in_(ids))
    elif words:
        found.append(search.matching(conn, words, verdict.c.mention_id))
    return found + _days(asked)


def _sparse(asked: Filter) -> list[ColumnElement[str]]:
    """Return the columns that are asked for and mostly empty: said again for their indexes."""
    return [
        column
        for column, values in (
            (verdict.c.province, asked.provinces),
            (verdict.c.collector, asked.collectors),
        )
        if values
    ]


def newest_first(conn: Connection, limit: int, found: int | None) -> tuple[ColumnElement[Any], ...]:
    """Return the order of time for a query that wants ``limit`` of the dated rows.

    ``found`` is how many can qualify at most, as ``fewest`` says. SQLite keeps no statistics and
    walks back through all of time, however rare what it looks for; where few rows can qualify, the
    plus sign (its documented way) tells it to look those up and sort them. Of a million, ``n``
    look-ups cost as much as the walk to ``limit`` of ``n`` when n² is limit × 200,000, as measured.
    """
    few = conn.dialect.name == "sqlite" and found is not None and found**2 <= limit * 200_000
    at = literal_column("+verdict.published_at") if few else verdict.c.published_at
    return (at.desc(), verdict.c.mention_id.desc())


def fewest(conn: Connection, asked: Filter, ids: Sequence[int] | None = None) -> int | None:
    """Return how many rows can qualify at most, as far as one index tells; None: no index does.

    PostgreSQL has its own statistics and is not asked.
    """
    counts = [] if ids is None else [len(ids)]
    if conn.dialect.name == "sqlite":
        for probe in _probes(conn, asked if ids is None else replace(asked, words="")):
            few = select(func.count()).select_from(probe.limit(LED).subquery())
            counts.append(conn.execute(few).scalar_one())
    return min(counts, default=None)


def _probes(conn: Connection, asked: Filter) -> Iterator[Select[Any]]:
    """Yield the rows of each condition that has an index of its own."""
    words = search.query(asked.words)
    if words:
        yield select(mention.c.id).where(search.matching(conn, words))
    for column, values in (
        (verdict.c.source, asked.sources),
        (verdict.c.province, asked.provinces),
        (verdict.c.collector, asked.collectors),
    ):
        if values:
            here = (verdict.c.lender == asked.lender, column.in_(values), column != "")
            yield select(verdict.c.published_at).where(*here)
    if asked.templates:
        yield select(copy.c.mention_id).where(copy.c.first_id.in_(asked.templates))
    for charges in filter(None, (asked.allegations, asked.touching)):
        yield select(verdict_tag.c.mention_id).where(
            verdict_tag.c.lender == asked.lender, verdict_tag.c.allegation.in_(charges)
        )


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
