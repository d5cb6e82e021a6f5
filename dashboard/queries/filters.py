"""What a reader asks of the feed and the desk, as conditions, and the quickest way to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal_column, or_, select

from data.facts.places import province_of
from data.model import SHANGHAI, Sentiment, SourceKind
from data.store import search
from data.store.schema import copy, label, mention, verdict, verdict_product, verdict_tag
from data.store.search import Query

RARE = 3_000
"""What a search finds no more often than this is looked up once, and then goes by its ids."""
WALKED = 20_000
"""Newest rows that are asked one by one whether they hold what is too common to gather."""
LED = 50_000
"""Counting what one index finds stops here: more are met on the way back through time."""
STRETCHES = (30, 240)
"""Days back from the newest mention that are looked through before all of time is."""
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

    @property
    def around(self) -> tuple[str, ...]:
        """The provinces asked for, or those of the cities: an index knows these."""
        found = {province_of(city) for city in self.cities}
        return self.provinces or (() if "" in found else tuple(sorted(found)))


def rare(conn: Connection, asked: Filter) -> Sequence[int] | None:
    """Return the ids that a search finds, where they are few; None: no search, or too many."""
    words = search.query(asked.words)
    if not words or search.common(conn, words):
        return None
    ids = conn.execute(search.found(conn, words).limit(RARE + 1)).scalars().all()
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
        (verdict.c.province, asked.around),
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
            verdict_tag.c.lender == asked.lender,
            verdict_tag.c.allegation.in_(charges),
            *days(asked, verdict_tag.c.published_at),  # its index holds them by time
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
    return found + days(asked)


def _sparse(asked: Filter) -> list[ColumnElement[str]]:
    """Return the columns that are asked for and mostly empty: said again for their indexes."""
    return [
        column
        for column, values in (
            (verdict.c.province, asked.around),
            (verdict.c.collector, asked.collectors),
        )
        if values
    ]


def common(conn: Connection, asked: Filter) -> Query | None:
    """Return a search too common to gather; None: it is not, or nothing is searched.

    Then a page looks for it among the newest WALKED rows that meet all else, and says so.
    """
    words = search.query(asked.words)
    return words if search.common(conn, words) else None


def moment(
    conn: Connection, limit: int, found: int | None, total: int | None = None
) -> ColumnElement[Any]:
    """Return the time of a row, for a query that wants the newest ``limit`` of the dated ones.

    ``found`` is how many can qualify at most, as ``fewest`` says, ``total`` how many do, where that
    was counted. SQLite keeps no statistics and walks back through all of time, however rare what it
    looks for; where few rows can qualify, the plus sign (its documented way) keeps it from the
    index on time: it looks those up and sorts them. Of a million, ``n`` look-ups cost as much as
    the walk to ``limit`` of ``n`` when n² is limit × 200,000, as measured. PostgreSQL takes what is
    asked for to fall together by chance, and walks as far for what hardly ever does; there a sum
    that changes nothing keeps it from that.
    """
    at = verdict.c.published_at
    if conn.dialect.name == "sqlite":
        few = found is not None and found**2 <= limit * 200_000
        return literal_column("+verdict.published_at", at.type) if few else at
    few = total is not None and total <= 2 * limit
    return literal_column("(verdict.published_at + interval '0')", at.type) if few else at


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
        yield search.found(conn, words)
    for column, values in (
        (verdict.c.source, asked.sources),
        (verdict.c.province, asked.around),
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


def stretches(conn: Connection, asked: Filter) -> Iterator[Filter]:
    """Yield a filter for the last month, then for the last eight, then as it was asked.

    For whoever wants so many of the newest: where two sets of allegations must meet, PostgreSQL
    expects that they seldom do and gathers both for all of time. What a stretch has enough of need
    not be asked further for; as each is eight times as long, all cost little more than the last.
    """
    met = asked.allegations and asked.touching and asked.dated != "undated"
    if conn.dialect.name == "postgresql" and met and not (asked.words or asked.first_day):
        last = select(func.max(verdict.c.published_at)).where(verdict.c.lender == asked.lender)
        newest: datetime = conn.execute(last).scalar() or datetime.max.replace(tzinfo=SHANGHAI)
        for back in STRETCHES:
            first = (newest - timedelta(days=back)).astimezone(SHANGHAI).date()
            yield replace(asked, first_day=first)
    yield asked


def days(
    asked: Filter, at: ColumnElement[datetime | None] = verdict.c.published_at
) -> list[ColumnElement[bool]]:
    """Return the range of days as conditions; with one, the undated cannot qualify."""
    conditions = []
    if asked.first_day:
        start = datetime.combine(asked.first_day, time(), SHANGHAI)
        conditions.append(at >= start)
    if asked.last_day:
        end = datetime.combine(asked.last_day + timedelta(days=1), time(), SHANGHAI)
        conditions.append(at < end)
    return conditions


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
