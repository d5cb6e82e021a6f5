"""What detection reads (times, tags, a few whole mentions) and the signals it writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Select, func, or_, select

from data.model import EvidenceStatus, Sentiment, Signal, SourceKind
from data.store.schema import copy, evidence, mention, verdict, verdict_tag
from data.store.schema import signal as signal_table
from data.store.upsert import insert

CHUNK = 5_000
"""Ids in one statement: below SQLite's limit of bound values."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The few bytes of a verdict that counting needs."""

    mention_id: int
    at: datetime
    source: str
    negative: bool
    severity: int


@dataclass(frozen=True, slots=True)
class Item:
    """A mention as one lender's verdict sees it. ``at`` is its publication, or its discovery."""

    mention_id: int
    lender: str
    at: datetime
    dated: bool
    source: str
    kind: SourceKind
    sentiment: Sentiment
    severity: int
    author: str
    outlet: str
    url: str
    title: str
    text: str
    allegations: frozenset[str]
    first_id: int = 0  # the mention whose words it repeats, itself if new; 0: too short to tell
    city: str = ""
    collector: str = ""

    @property
    def negative(self) -> bool:
        """Whether it speaks against the lender."""
        return self.sentiment is Sentiment.NEGATIVE


def marks(
    conn: Connection, lender: str, since: datetime, until: datetime, severity: int = 0
) -> list[Mark]:
    """Return the dated verdicts in ``[since, until)`` from a severity on, in order of time."""
    c = verdict.c
    query = select(c.mention_id, c.published_at, c.source, c.sentiment, c.severity).where(
        c.lender == lender, c.published_at >= since, c.published_at < until
    )
    if severity:
        query = query.where(c.severity.in_(range(severity, 6)))  # one stretch of the index each
    rows = conn.execute(query.order_by(c.published_at, c.mention_id))
    negative = Sentiment.NEGATIVE.value
    return [
        Mark(r.mention_id, r.published_at, r.source, r.sentiment == negative, r.severity)
        for r in rows
    ]


def tags(
    conn: Connection, lender: str, since: datetime, until: datetime
) -> list[tuple[str, int, datetime]]:
    """Return (allegation, mention id, time) of the dated verdicts in ``[since, until)``."""
    c = verdict_tag.c
    query = select(c.allegation, c.mention_id, c.published_at).where(
        c.lender == lender, c.published_at >= since, c.published_at < until
    )
    return [(row.allegation, row.mention_id, row.published_at) for row in conn.execute(query)]


def born(conn: Connection, first_ids: Iterable[int]) -> dict[int, datetime]:
    """Return when each wording was first published, by the id of its first mention."""
    at = func.min(func.coalesce(mention.c.published_at, mention.c.first_seen_at))
    query = (
        select(copy.c.first_id, at)
        .join(mention, mention.c.id == copy.c.mention_id)
        .where(copy.c.first_id.in_(sorted(set(first_ids))))
        .group_by(copy.c.first_id)
    )
    return {row[0]: row[1] for row in conn.execute(query)}


def near(
    conn: Connection,
    lender: str,
    kin: tuple[Sequence[int], Sequence[str]],
    since: datetime,
    until: datetime,
    limit: int = 2_000,
) -> list[int]:
    """Return the newest negative mentions in ``(since, until]`` of some wordings, or from cities.

    ``kin`` is the ids of the wordings' first mentions, and the cities.
    """
    v = verdict.c
    first_ids, cities = kin
    query = (
        select(v.mention_id)
        .outerjoin(copy, copy.c.mention_id == v.mention_id)
        .where(v.lender == lender, v.published_at > since, v.published_at <= until)
        .where(v.sentiment == Sentiment.NEGATIVE.value)
        .where(or_(copy.c.first_id.in_(first_ids), v.city.in_(cities)))
        .order_by(v.published_at.desc())
    )
    return list(conn.execute(query.limit(limit)).scalars())


def alleged_before(
    conn: Connection,
    lender: str,
    what: tuple[Sequence[str], str, str],
    since: datetime,
    until: datetime,
) -> int:
    """Return how many mentions in ``[since, until)`` alleged one of some things in a city.

    ``what`` is the allegations, the city and the collector; "" is any collector.
    """  # fmt: skip
    allegations, city, collector = what
    v, t = verdict.c, verdict_tag.c
    query = (
        select(func.count(v.mention_id.distinct()))
        .join(verdict_tag, (t.mention_id == v.mention_id) & (t.lender == v.lender))
        .where(v.lender == lender, v.city == city, t.allegation.in_(allegations))
        .where(v.published_at >= since, v.published_at < until)
    )
    if collector:
        query = query.where(v.collector == collector)
    return int(conn.execute(query).scalar_one())


def count(conn: Connection, lenders: Sequence[str], since: datetime, until: datetime) -> int:
    """Return how many negative mentions about some lenders were published in ``(since, until]``."""
    c = verdict.c
    query = select(func.count()).where(
        c.lender.in_(lenders), c.published_at > since, c.published_at <= until,
        c.sentiment == Sentiment.NEGATIVE.value,
    )  # fmt: skip
    return int(conn.execute(query).scalar_one())


def first(conn: Connection, lender: str) -> datetime | None:
    """Return when the lender's history begins: its oldest dated verdict."""
    query = select(func.min(verdict.c.published_at)).where(verdict.c.lender == lender)
    return conn.execute(query).scalar_one_or_none()


def earliest(conn: Connection, lender: str, ids: Sequence[int]) -> datetime | None:
    """Return the oldest publication among some mentions about a lender."""
    c = verdict.c
    oldest = select(func.min(c.published_at)).where(c.lender == lender)
    found = [
        conn.execute(oldest.where(c.mention_id.in_(some))).scalar_one_or_none()
        for some in chunks(ids)
    ]
    return min(filter(None, found), default=None)


def items_between(conn: Connection, lender: str, since: datetime, until: datetime) -> list[Item]:
    """Return the dated mentions in ``[since, until)`` that speak against a lender, by time."""
    c = verdict.c
    query = select(c.mention_id).where(
        c.lender == lender, c.published_at >= since, c.published_at < until, _AGAINST
    )
    found = items(conn, lender, conn.execute(query).scalars())
    return sorted(found.values(), key=lambda item: (item.at, item.mention_id))


def items(
    conn: Connection, lender: str, ids: Iterable[int], *, against: bool = False
) -> dict[int, Item]:
    """Return the mentions among ``ids`` that have a verdict for the lender, by id.

    ``against`` leaves out what is neither negative nor severe, unless it is from a regulator or a
    hot-search list.
    """
    found: dict[int, Item] = {}
    for some in chunks(sorted(set(ids))):
        named: dict[int, set[str]] = {}
        c = verdict_tag.c
        pairs = select(c.mention_id, c.allegation).where(c.lender == lender, c.mention_id.in_(some))
        for pair in conn.execute(pairs):
            named.setdefault(pair.mention_id, set()).add(pair.allegation)
        query = _ITEM.where(verdict.c.lender == lender, verdict.c.mention_id.in_(some))
        if against:
            query = query.where(_AGAINST)
        for row in conn.execute(query):
            found[row.mention_id] = _item(row, frozenset(named.get(row.mention_id, ())))
    return found


def quotes(conn: Connection, lender: str, ids: Iterable[int]) -> dict[int, list[tuple[str, str]]]:
    """Return (allegation, quoted words) of each mention's newest assessment, by mention id."""
    found: dict[int, list[tuple[str, str]]] = {}
    for some in chunks(sorted(set(ids))):
        query = (
            select(verdict.c.mention_id, evidence.c.allegation, evidence.c.quote)
            .join(evidence, evidence.c.assessment_id == verdict.c.assessment_id)
            .where(verdict.c.lender == lender, verdict.c.mention_id.in_(some))
            .where(evidence.c.status != EvidenceStatus.CLAIMED.value)
            .order_by(verdict.c.mention_id, evidence.c.ordinal)
        )
        for row in conn.execute(query):
            found.setdefault(row.mention_id, []).append((row.allegation, row.quote))
    return found


def put(conn: Connection, signal: Signal, incident_id: int | None) -> bool:
    """Write a signal and its incident; False if it was written before."""
    values = {
        "rule": signal.rule,
        "version": signal.version,
        "lender": signal.lender,
        "series": signal.series,
        "at": signal.at,
        "window_seconds": int(signal.window.total_seconds()),
        "value": signal.value,
        "expected": signal.expected,
        "threshold": signal.threshold,
        "severity": signal.severity,
        "detail": dict(signal.detail),
        "incident_id": incident_id,
    }
    statement = insert(conn, signal_table).values(**values).on_conflict_do_nothing()
    return conn.execute(statement.returning(signal_table.c.id)).first() is not None


def between(conn: Connection, lender: str, since: datetime, until: datetime) -> list[Signal]:
    """Return a lender's signals with ``since <= at <= until``, in order of time."""
    c = signal_table.c
    query = select(signal_table).where(c.lender == lender, c.at >= since, c.at <= until)
    return [_signal(row) for row in conn.execute(query.order_by(c.at, c.id))]


def of_incident(conn: Connection, incident_id: int) -> list[Signal]:
    """Return the signals of one incident, in order of time."""
    c = signal_table.c
    query = select(signal_table).where(c.incident_id == incident_id).order_by(c.at, c.id)
    return [_signal(row) for row in conn.execute(query)]


def last_alarm(conn: Connection, incident_id: int) -> datetime | None:
    """Return when a rule last held in an incident: usual grave mentions are no alarm."""
    c = signal_table.c
    query = select(c.at, c.detail).where(c.incident_id == incident_id).order_by(c.at.desc())
    return next((row.at for row in conn.execute(query) if row.detail.get("unusual", True)), None)


def of_incidents(conn: Connection, ids: Sequence[int]) -> dict[int, list[Signal]]:
    """Return the signals of several incidents, by incident, in order of time."""
    c = signal_table.c
    query = select(signal_table).where(c.incident_id.in_(ids)).order_by(c.at, c.id)
    found: dict[int, list[Signal]] = {i: [] for i in ids}
    for row in conn.execute(query):
        found[row.incident_id].append(_signal(row))
    return found


def chunks(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    """Cut ids into statements that both engines accept."""
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


_AGAINST = or_(
    verdict.c.sentiment == Sentiment.NEGATIVE.value,
    verdict.c.severity > 0,
    verdict.c.kind.in_([SourceKind.REGULATOR.value, SourceKind.HOTLIST.value]),
)
_ITEM: Select[Any] = (
    select(
        verdict.c.mention_id,
        verdict.c.lender,
        verdict.c.published_at,
        mention.c.first_seen_at,
        verdict.c.source,
        verdict.c.kind,
        verdict.c.sentiment,
        verdict.c.severity,
        mention.c.author,
        mention.c.outlet,
        mention.c.url,
        mention.c.title,
        mention.c.text,
        verdict.c.city,
        verdict.c.collector,
        copy.c.first_id,
    )
    .join(mention, mention.c.id == verdict.c.mention_id)
    .outerjoin(copy, copy.c.mention_id == verdict.c.mention_id)
)


def _item(row: Row[Any], allegations: frozenset[str]) -> Item:
    return Item(
        mention_id=row.mention_id,
        lender=row.lender,
        at=row.published_at or row.first_seen_at,
        dated=row.published_at is not None,
        source=row.source,
        kind=SourceKind(row.kind),
        sentiment=Sentiment(row.sentiment),
        severity=row.severity,
        author=row.author,
        outlet=row.outlet,
        url=row.url,
        title=row.title,
        text=row.text,
        allegations=allegations,
        first_id=row.first_id or 0,
        city=row.city,
        collector=row.collector,
    )


def _signal(row: Row[Any]) -> Signal:
    return Signal(
        rule=row.rule,
        version=row.version,
        lender=row.lender,
        series=row.series,
        at=row.at,
        window=timedelta(seconds=row.window_seconds),
        value=row.value,
        expected=row.expected,
        threshold=row.threshold,
        severity=row.severity,
        detail=row.detail,
    )
