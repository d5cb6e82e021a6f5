"""Verdicts: the assessment that counts for each mention and lender, and the hourly counts of them.

Whoever writes verdicts (``assessments`` for what code found, ``labels`` for what people corrected)
takes the old ones back first, in the same transaction, so nothing is counted twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, delete, select

from data.model import SHANGHAI, Assessment, Mention, Sentiment
from data.store.schema import (
    daily_place,
    hourly,
    hourly_tag,
    verdict,
    verdict_product,
    verdict_tag,
)
from data.store.stated import products, stated
from data.store.upsert import insert

SEVERE = 4
"""From this severity on a mention counts as severe in the hourly table."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """What one verdict adds to the hourly tables."""

    lender: str
    published_at: datetime | None
    source: str
    sentiment: str
    severity: int
    tags: tuple[str, ...]
    place: tuple[str, str]  # province and city


def forget(conn: Connection, ids: Sequence[int], lender: str | None = None) -> None:
    """Take the verdicts on these mentions back, and what they had added to the counts.

    ``lender`` leaves the verdicts for other lenders alone.
    """
    if not ids:
        return
    ours: list[ColumnElement[bool]] = [verdict.c.mention_id.in_(ids)]
    tagged: list[ColumnElement[bool]] = [verdict_tag.c.mention_id.in_(ids)]
    if lender is not None:
        ours.append(verdict.c.lender == lender)
        tagged.append(verdict_tag.c.lender == lender)
    tags: dict[tuple[str, int], list[str]] = {}
    for row in conn.execute(select(verdict_tag).where(*tagged)):
        tags.setdefault((row.lender, row.mention_id), []).append(row.allegation)
    old = [
        _Counted(row.lender, row.published_at, row.source, row.sentiment, row.severity,
                 tuple(tags.get((row.lender, row.mention_id), ())), (row.province, row.city))
        for row in conn.execute(select(verdict).where(*ours))
    ]  # fmt: skip
    if old:
        _count(conn, old, -1)
        conn.execute(delete(verdict).where(*ours))
        conn.execute(delete(verdict_tag).where(*tagged))
        named: list[ColumnElement[bool]] = [verdict_product.c.mention_id.in_(ids)]
        if lender is not None:
            named.append(verdict_product.c.lender == lender)
        conn.execute(delete(verdict_product).where(*named))


def judge(conn: Connection, found: Sequence[tuple[int, Assessment, Mention]]) -> None:
    """Let these assessments, by id, be the verdicts on their mentions, and count them."""
    if not found:
        return
    said = {i: stated(a.facts) for i, a, _ in found}
    verdicts = [
        {"lender": a.lender, "mention_id": m.id, "assessment_id": i, "published_at": m.published_at,
         "source": m.source, "kind": m.kind.value, "sentiment": a.sentiment.value,
         "score": a.score, "severity": a.severity, **asdict(said[i])}
        for i, a, m in found
    ]  # fmt: skip
    conn.execute(verdict.insert(), verdicts)
    tags = [
        {"lender": a.lender, "allegation": tag, "mention_id": m.id, "published_at": m.published_at}
        for _, a, m in found
        for tag in a.tags
    ]
    if tags:
        conn.execute(verdict_tag.insert(), tags)
    named = [
        {"lender": a.lender, "product": product, "mention_id": m.id,
         "published_at": m.published_at, "sentiment": a.sentiment.value, "severity": a.severity}
        for _, a, m in found
        for product in products(a.facts)
    ]  # fmt: skip
    if named:
        conn.execute(verdict_product.insert(), named)
    new = [
        _Counted(a.lender, m.published_at, m.source, a.sentiment.value, a.severity, a.tags,
                 (said[i].province, said[i].city))
        for i, a, m in found
    ]  # fmt: skip
    _count(conn, new, 1)


def _count(conn: Connection, counted: Sequence[_Counted], sign: int) -> None:
    _count_hours(conn, counted, sign)
    _count_places(conn, counted, sign)


def _count_places(conn: Connection, counted: Iterable[_Counted], sign: int) -> None:
    places: Counter[tuple[str, date, str, str]] = Counter()
    negative: Counter[tuple[str, date, str, str]] = Counter()
    for c in counted:
        if c.published_at is None or not c.place[0]:
            continue
        key = (c.lender, c.published_at.astimezone(SHANGHAI).date(), *c.place)
        places[key] += sign
        negative[key] += sign * (c.sentiment == Sentiment.NEGATIVE)
    rows = [
        {"lender": k[0], "day": k[1], "province": k[2], "city": k[3], "n": n,
         "negative": negative[k]}
        for k, n in sorted(places.items())
    ]  # fmt: skip
    if rows:
        t, add = daily_place.c, insert(conn, daily_place)
        grow = {"n": t.n + add.excluded.n, "negative": t.negative + add.excluded.negative}
        keys = [t.lender, t.day, t.province, t.city]
        conn.execute(add.on_conflict_do_update(index_elements=keys, set_=grow), rows)


def _count_hours(conn: Connection, counted: Iterable[_Counted], sign: int) -> None:
    mentions: Counter[tuple[str, datetime, str, str]] = Counter()
    severe: Counter[tuple[str, datetime, str, str]] = Counter()
    tags: Counter[tuple[str, datetime, str, str]] = Counter()
    for c in counted:
        if c.published_at is None:
            continue
        hour = c.published_at.replace(minute=0, second=0, microsecond=0)
        mentions[c.lender, hour, c.source, c.sentiment] += sign
        severe[c.lender, hour, c.source, c.sentiment] += sign * (c.severity >= SEVERE)
        for tag in c.tags:
            tags[c.lender, hour, c.source, tag] += sign
    rows = [
        {"lender": k[0], "hour": k[1], "source": k[2], "sentiment": k[3], "n": n,
         "severe": severe[k]}
        for k, n in sorted(mentions.items())
    ]  # fmt: skip
    if rows:
        add = insert(conn, hourly)
        grow = {"n": hourly.c.n + add.excluded.n, "severe": hourly.c.severe + add.excluded.severe}
        keys = [hourly.c.lender, hourly.c.hour, hourly.c.source, hourly.c.sentiment]
        conn.execute(add.on_conflict_do_update(index_elements=keys, set_=grow), rows)
    rows = [
        {"lender": k[0], "hour": k[1], "source": k[2], "allegation": k[3], "n": n}
        for k, n in sorted(tags.items())
    ]
    if rows:
        add = insert(conn, hourly_tag)
        keys = [hourly_tag.c.lender, hourly_tag.c.hour, hourly_tag.c.source,
                hourly_tag.c.allegation]  # fmt: skip
        grow = {"n": hourly_tag.c.n + add.excluded.n}
        conn.execute(add.on_conflict_do_update(index_elements=keys, set_=grow), rows)
